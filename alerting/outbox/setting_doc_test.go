package outbox

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// docSection is a section of docs/configuration.md.
func docSection(t *testing.T, heading string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(page), "\n"+heading+"\n")
	if !found {
		t.Fatalf("there is no section %q", heading)
	}
	end := "\n## "
	if strings.HasPrefix(heading, "###") {
		end = "\n##"
	}
	section, _, _ = strings.Cut(section, end)
	return section
}

// docRow finds the keys that tables list.
var docRow = regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\|.*$")

// The page lists every key that all destinations have, with its preset and its
// bounds, and no other.
func TestDestinationsDocumented(t *testing.T) {
	rows := map[string]string{}
	section, _, _ := strings.Cut(docSection(t, "## Destinations"), "\n### ")
	for _, m := range docRow.FindAllStringSubmatch(section, -1) {
		rows[m[1]] = m[0]
	}
	d := newDraft(&yaml.Node{Kind: yaml.MappingNode}, testHouse())
	d.setting()
	d.client()
	filter := &yaml.Node{Kind: yaml.MappingNode}
	d.keys["filter"] = filter
	d.filter()
	known := slices.DeleteFunc(slices.Collect(maps.Keys(d.asked)), func(key string) bool { return key == "filter" })
	for i := range reflect.TypeFor[Filter]().NumField() {
		name := strings.ToLower(reflect.TypeFor[Filter]().Field(i).Name)
		known = append(known, "filter."+strings.TrimPrefix(name, "max"))
	}
	slices.Sort(known)
	if listed := slices.Sorted(maps.Keys(rows)); !slices.Equal(listed, known) {
		t.Errorf("the page lists\n%q, and known are\n%q", listed, known)
	}
	for key, want := range map[string]string{
		"attempts": "| 20 | 1 to 1000 |", "first_wait": "| 5s | 1s to 1h |", "longest_wait": "| 30m | 1s to 24h |", "per_minute": "| 60 | 1 to 6000 |",
		"comment_every": "| 15m | 1s to 24h |", "read_every": "| 5m | 10s to 24h |", "max_new": "| 10 | 1 to 10000 |", "timeout": "| 30s | 1s to 5m |",
	} {
		if !strings.Contains(rows[key], want) {
			t.Errorf("%s: got %q, want %q", key, rows[key], want)
		}
	}
}

// The page lists every kind with what is said about it.
func TestKindsDocumented(t *testing.T) {
	section := docSection(t, "### Kinds")
	for _, k := range kinds {
		if row := "| `" + k.name + "` | " + k.about + " |\n"; !strings.Contains(section, row) {
			t.Errorf("want the row %q", row)
		}
	}
	if rows := strings.Count(section, "\n| `"); rows != len(kinds) {
		t.Errorf("the page has %d kinds, want %d", rows, len(kinds))
	}
}

// The page lists every field that templates see, and every function.
func TestTemplatesDocumented(t *testing.T) {
	section := docSection(t, "### Templates")
	fields := func(typ reflect.Type, within string) {
		for i := range typ.NumField() {
			if name := typ.Field(i).Name; !strings.Contains(within, "`."+name+"`") {
				t.Errorf("%s.%s is not there", typ, name)
			}
		}
	}
	fields(reflect.TypeFor[view](), section)
	for i := range reflect.TypeFor[view]().NumField() {
		f := reflect.TypeFor[view]().Field(i)
		if f.Type.Kind() != reflect.Slice || f.Type.Elem().Kind() != reflect.Struct {
			continue
		}
		for line := range strings.Lines(section) {
			if cells := strings.Split(line, "|"); len(cells) > 2 && strings.Contains(cells[1], "`."+f.Name+"`") {
				fields(f.Type.Elem(), cells[2])
			}
		}
	}
	for name := range functions {
		if name != "printf" && !strings.Contains(section, "`"+name) {
			t.Errorf("function %s is not there", name)
		}
	}
}
