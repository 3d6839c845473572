package web

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"earshot/dialog"
)

// fields returns the JSON names of a type, of what it embeds and of what it
// holds of ours.
func fields(typ reflect.Type, found map[string]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || !strings.HasPrefix(typ.PkgPath(), "earshot/") {
		return
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			found[name] = true
		}
		if f.Tag.Get("json") != "-" {
			fields(f.Type, found)
		}
	}
}

// TestFieldsDocumented: docs/api.md names every field, path and state.
func TestFieldsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{dialog.StateTrying: true, dialog.StateRinging: true, dialog.StateAnswered: true, dialog.StateEnding: true}
	for _, body := range []any{Summary{}, CallList{}, StreamList{}, SegmentList{}, HistoryList{}, CaseList{}, CaseBody{}, AuditList{}, ChangeList{}, AlertList{}, TicketList{}} {
		fields(reflect.TypeOf(body), found)
	}
	for name := range found {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/api.md lacks %q", name)
		}
	}
	for path := range strings.SplitSeq(indexPage, "href=\"") {
		path, _, _ = strings.Cut(path, "\"")
		path, _, _ = strings.Cut(path, "?")
		if strings.HasPrefix(path, "/") && !strings.Contains(string(text), "`"+path+"`") {
			t.Errorf("docs/api.md lacks %q", path)
		}
	}
}
