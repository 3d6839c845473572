package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"earshot/dialog"
	"earshot/report"
)

// docSection returns what stands under a heading of a page of docs, up to the
// next heading.
func docSection(t *testing.T, page, heading string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../docs", page))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n"+heading+"\n")
	if !found {
		t.Fatalf("%s has no heading %q", page, heading)
	}
	section, _, _ := strings.Cut(rest, "\n#")
	return section
}

var codeWord = regexp.MustCompile("`([^`]+)`")

// rowNames lists the code words in the first cells of a section's table.
func rowNames(t *testing.T, page, heading string) []string {
	t.Helper()
	var names []string
	for line := range strings.Lines(docSection(t, page, heading)) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		cell, _, _ := strings.Cut(line[1:], "|")
		for _, m := range codeWord.FindAllStringSubmatch(cell, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// sameNames holds a list of the documentation against one of the code.
func sameNames(t *testing.T, what string, documented, coded []string) {
	t.Helper()
	if len(coded) == 0 {
		t.Errorf("%s: found none in the code", what)
	}
	for _, name := range coded {
		if !slices.Contains(documented, name) {
			t.Errorf("%s: %q is not documented", what, name)
		}
	}
	for i, name := range documented {
		if !slices.Contains(coded, name) {
			t.Errorf("%s: %q is documented and does not exist", what, name)
		}
		if slices.Contains(documented[:i], name) {
			t.Errorf("%s: %q is documented twice", what, name)
		}
	}
}

// fill gives every field of a record a value, so that its line omits nothing.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[netip.AddrPort]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("json") != "-" {
				fill(v.Field(i))
			}
		}
	}
}

// paths lists the fields of a JSON value: a.b for objects, a[].b for lists of them.
func paths(v any, at string) []string {
	var list []string
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			path := strings.TrimPrefix(at+"."+name, ".")
			list = append(append(list, path), paths(inner, path)...)
		}
	case []any:
		if len(v) > 0 {
			list = paths(v[0], at+"[]")
		}
	}
	return list
}

func TestRecordsDocFields(t *testing.T) {
	call, stream, transaction := &dialog.CallRecord{}, &dialog.StreamRecord{}, &dialog.TransactionRecord{}
	for _, r := range []any{call, stream, transaction} {
		fill(reflect.ValueOf(r).Elem())
	}
	all := dialog.JSONOptions{Intervals: true}
	for name, line := range map[string][]byte{
		"call":        dialog.AppendJSON(nil, call, all),
		"stream":      dialog.AppendJSON(nil, stream, all),
		"transaction": dialog.AppendJSON(nil, transaction, all),
		"summary":     report.Overview{}.AppendJSON(nil),
	} {
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameNames(t, name, rowNames(t, "records.md", "## `"+name+"`"), paths(v, ""))
	}
}

// sources parses the Go files of a folder, tests left out.
func sources(t *testing.T, pattern string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// text is the value of a string literal.
func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// literals lists the string literals inside the variable or method that a
// folder declares under a name.
func literals(t *testing.T, pattern, name string) []string {
	t.Helper()
	var list []string
	collect := func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok {
			if s, ok := text(e); ok {
				list = append(list, s)
			}
		}
		return true
	}
	for _, f := range sources(t, pattern) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Name.Name == name {
					ast.Inspect(n, collect)
				}
			case *ast.ValueSpec:
				if n.Names[0].Name == name {
					ast.Inspect(n, collect)
				}
			}
			return true
		})
	}
	return list
}

// constants lists the values of dialog's string constants that a test accepts
// by name and type.
func constants(t *testing.T, accept func(name, kind string) bool) []string {
	t.Helper()
	var list []string
	for _, f := range sources(t, "../../dialog/*.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			kind := ""
			if id, ok := spec.Type.(*ast.Ident); ok {
				kind = id.Name
			}
			if s, ok := text(spec.Values[0]); ok && accept(spec.Names[0].Name, kind) {
				list = append(list, s)
			}
			return true
		})
	}
	return list
}

// findingCodes lists the codes that dialog can emit: its constants find…, and
// the findings that it writes out.
func findingCodes(t *testing.T) []string {
	codes := constants(t, func(name, _ string) bool { return strings.HasPrefix(name, "find") })
	for _, f := range sources(t, "../../dialog/*.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			if key, ok := kv.Key.(*ast.Ident); ok && key.Name == "Code" {
				if s, ok := text(kv.Value); ok {
					codes = append(codes, s)
				}
			}
			return true
		})
	}
	return codes
}

func TestRecordsDocValues(t *testing.T) {
	kind := func(want string) []string {
		return constants(t, func(_, kind string) bool { return kind == want })
	}
	evidence := constants(t, func(name, _ string) bool { return strings.HasPrefix(name, "evidence") })
	evidence[slices.Index(evidence, "header:")] += "NAME"

	skipped := append(literals(t, "../../capture/counters.go", "reasonNames"), literals(t, "../../pipeline/counters.go", "passedNames")...)
	skipped = append(slices.DeleteFunc(skipped, func(s string) bool { return s == "decoded" }), "rejected_rtp")
	refused := append(literals(t, "../../dialog/kpi.go", "refusalNames"), literals(t, "../../dialog/media.go", "totals")...)
	for _, name := range append(literals(t, "../../pipeline/summary.go", "Summary"), literals(t, "../../pipeline/summary.go", "add")...) {
		if name != "rejected_rtp" && !slices.Contains(refused, name) {
			refused = append(refused, name)
		}
	}
	for _, list := range []struct {
		heading string
		coded   []string
	}{
		{"### Dispositions", kind("Disposition")},
		{"### Ends of a call", kind("EndedBy")},
		{"### Bindings", kind("Binding")},
		{"### Evidence that joins legs", evidence},
		{"### Skipped packets", skipped},
		{"### Refused", refused},
		{"## Findings", findingCodes(t)},
		{"## Findings", dialog.FindingCodes()},
	} {
		sameNames(t, list.heading, rowNames(t, "records.md", list.heading), list.coded)
	}
}

// Each threshold of the findings' table is the configuration's default.
func TestRecordsDocThresholds(t *testing.T) {
	presets := map[string]float64{}
	for _, b := range new(config).bounds() {
		if key, ok := strings.CutPrefix(b.key, "findings."); ok {
			presets[key] = b.preset
		}
	}
	named := map[string]bool{}
	for line := range strings.Lines(docSection(t, "records.md", "## Findings")) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		for _, part := range strings.Split(cells[3], ";") {
			m := codeWord.FindStringSubmatch(part)
			if m == nil {
				continue
			}
			named[m[1]] = true
			v, err := strconv.ParseFloat(firstNumber.FindString(part), 64)
			if err != nil {
				t.Fatalf("%q: %v", part, err)
			}
			want, known := presets[m[1]]
			if strings.Contains(part, " s (") {
				v *= 1000
			}
			if !known || v != want {
				t.Errorf("%q: the default of %s is %v", part, m[1], want)
			}
		}
	}
	for key := range presets {
		if !named[key] {
			t.Errorf("no finding names the threshold %s", key)
		}
	}
}

var firstNumber = regexp.MustCompile(`[0-9.]+`)
