package main

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// problem is one thing that is wrong with a configuration.
type problem struct {
	line int // 0 where no line is to blame
	text string
}

func (p problem) String() string {
	if p.line == 0 {
		return p.text
	}
	return fmt.Sprintf("line %d: %s", p.line, p.text)
}

// configError tells all problems at once, in the order of lines.
func configError(name string, wrong []problem) error {
	slices.SortStableFunc(wrong, func(a, b problem) int { return a.line - b.line })
	return usageError("cannot use the configuration %q:%s", name, joinProblems(wrong))
}

// joinProblems writes one problem behind the text, several below it.
func joinProblems(wrong []problem) string {
	if len(wrong) == 1 {
		return " " + wrong[0].String()
	}
	var b strings.Builder
	for _, p := range wrong {
		fmt.Fprintf(&b, "\n  %s", p)
	}
	return b.String()
}

var (
	atLine       = regexp.MustCompile(`^line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type main\.(\w+)$`)
	wrongKind    = regexp.MustCompile("cannot unmarshal !!(\\w+)(?: `(.*)`)? into (\\S+)")
)

// explainSyntax says what is no YAML.
func explainSyntax(err error) string { return strings.TrimPrefix(err.Error(), "yaml: ") }

// explainTypes turns the decoder's words into the operator's: line, key, what is near it.
func explainTypes(err *yaml.TypeError) []problem { return explainTypesOf(err, sections()) }

// explainTypesOf does so for a file that has these sections.
func explainTypesOf(err *yaml.TypeError, all []section) []problem {
	var wrong []problem
	for _, e := range err.Errors {
		var p problem
		if m := atLine.FindStringSubmatch(e); m != nil {
			p.line, _ = strconv.Atoi(m[1])
			e = m[2]
		}
		if m := unknownField.FindStringSubmatch(e); m != nil {
			e = unknownKey(m[1], m[2], all)
		}
		p.text = wrongKind.ReplaceAllStringFunc(e, func(m string) string {
			part := wrongKind.FindStringSubmatch(m)
			return fmt.Sprintf("got %s, want %s", foundKind(part[1], part[2]), wantedKind(part[3]))
		})
		wrong = append(wrong, p)
	}
	return wrong
}

// unknownKey names the nearest key of the section, else the section where a
// key of this name belongs.
func unknownKey(key, within string, all []section) string {
	var near, elsewhere []string
	for _, s := range all {
		if s.typ.Name() == within {
			near = ownKeys(s.typ)
		} else if slices.Contains(ownKeys(s.typ), key) {
			elsewhere = append(elsewhere, s.where())
		}
	}
	text := fmt.Sprintf("unknown key %q", key)
	if hint := spelling.Hint(key, near); hint != "" {
		return text + hint
	}
	if len(elsewhere) > 0 {
		return text + fmt.Sprintf(" here (there is one %s)", strings.Join(elsewhere, " and "))
	}
	return text
}

// foundKind names a YAML value for people.
func foundKind(tag, value string) string {
	switch tag {
	case "seq":
		return "a list"
	case "map":
		return "a mapping"
	}
	return fmt.Sprintf("%q", value)
}

// wantedKind names a Go type for people.
func wantedKind(name string) string {
	switch {
	case strings.HasPrefix(name, "float"):
		return "a number"
	case strings.HasPrefix(name, "uint"):
		return "a whole number"
	case name == "bool":
		return "true or false"
	case strings.HasPrefix(name, "[]"):
		return "a list"
	case strings.HasPrefix(name, "main."), strings.HasPrefix(name, "map["):
		return "a mapping of keys to values"
	}
	return "a text"
}

// section is a struct of the configuration and the path of its key.
type section struct {
	path string // "" for the top level
	typ  reflect.Type
}

func (s section) where() string {
	if s.path == "" {
		return "at the top level"
	}
	return fmt.Sprintf("under %q", s.path)
}

// sections lists the top level and every mapping below it, those in lists included.
func sections() []section { return sectionsOf[config]() }

func sectionsOf[T any]() []section { return appendSections(nil, "", reflect.TypeFor[T]()) }

func appendSections(list []section, path string, t reflect.Type) []section {
	list = append(list, section{path, t})
	for i := range t.NumField() {
		f := t.Field(i)
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if key := f.Tag.Get("yaml"); key != "" && isSection(inner) {
			list = appendSections(list, strings.TrimPrefix(path+"."+key, "."), inner)
		}
	}
	return list
}

// isSection reports a type that holds keys of its own: one that does not read
// its node itself.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[yaml.Node]() && !reflect.PointerTo(t).Implements(reflect.TypeFor[yaml.Unmarshaler]())
}

// ownKeys lists the YAML keys of a struct.
func ownKeys(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" {
			names = append(names, key)
		}
	}
	return names
}
