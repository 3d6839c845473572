package alerting

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// docs/cases.md names every field of a case, every state and kind, every
// factor, severity, clock state and target.
func TestCaseDoc(t *testing.T) {
	text, err := os.ReadFile("../docs/cases.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for i, part := range strings.Split(string(text), "`") {
		if i%2 == 1 {
			named[part] = true
		}
	}
	want := func(kind, word string) {
		t.Helper()
		if !named[word] {
			t.Errorf("docs/cases.md does not name the %s `%s`", kind, word)
		}
	}
	for _, of := range []reflect.Type{reflect.TypeFor[Case](), reflect.TypeFor[Answer](), reflect.TypeFor[Update](), reflect.TypeFor[FieldChange](),
		reflect.TypeFor[Attachment](), reflect.TypeFor[CaseClock](), reflect.TypeFor[Impact](), reflect.TypeFor[FaultSpell](), reflect.TypeFor[Relation]()} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name != "goal" { // the goals are named themselves
				want("field", name)
			}
		}
	}
	for _, word := range constantsOf(t, "case.go", "fault.go") {
		want("word", word)
	}
	for s := Critical; s <= Low; s++ {
		want("severity", s.String())
	}
	for s := ClockRunning; s < clockStates; s++ {
		want("state of a clock", s.String())
	}
}

// constantsOf lists the texts of the typed constants of files: states, kinds,
// factors.
func constantsOf(t *testing.T, files ...string) []string {
	t.Helper()
	var list []string
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil {
				return true
			}
			for _, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					word, _ := strconv.Unquote(lit.Value)
					list = append(list, word)
				}
			}
			return true
		})
	}
	if len(list) < 30 {
		t.Fatalf("found only %d words in %v", len(list), files)
	}
	return list
}

// The targets of the page are those of the built-in plans.
func TestCaseDocPlans(t *testing.T) {
	text, err := os.ReadFile("../docs/cases.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, plan := 0, ""
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "`", "")
		}
		if cells[0] != "" {
			plan = cells[0]
		}
		p := BuiltinPlans()[plan]
		if p == nil {
			t.Errorf("there is no plan %q", plan)
			continue
		}
		for word := range strings.SplitSeq(cells[1], ", ") {
			s, err := ParseSeverity(word)
			if err != nil {
				t.Fatal(err)
			}
			rows++
			for g := range Goals {
				if got := p.Target(s, g).String(); got != cells[2+g] {
					t.Errorf("%s, %s, %s: the page says %s, the plan %s", plan, word, g, cells[2+g], got)
				}
			}
		}
	}
	if want := len(BuiltinPlans()) * (Severities - 1); rows != want {
		t.Errorf("the page has %d targets' rows, want %d", rows, want)
	}
}
