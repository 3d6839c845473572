package report

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// jsonKeys lists the keys of a type, and of what it holds of this package.
func jsonKeys(typ reflect.Type, found map[string]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ.PkgPath() != "earshot/report" {
		return
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		if !f.IsExported() {
			continue
		}
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			found[name] = true
		}
		jsonKeys(f.Type, found)
	}
}

// docs/reports.md names every key of both reports, and every finding that makes
// a call impaired.
func TestReportKeysDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	jsonKeys(reflect.TypeFor[Incident](), names)
	jsonKeys(reflect.TypeFor[Monthly](), names)
	if len(names) < 80 {
		t.Fatalf("found only %d keys", len(names))
	}
	for _, code := range HurtCodes() {
		names[code] = true
	}
	for name := range names {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/reports.md lacks %q", name)
		}
	}
}
