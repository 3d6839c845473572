package main

import (
	"go/ast"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"earshot/mos"
)

const configPage = "configuration.md"

// Every key is documented with its default and its range, and no other.
func TestConfigurationDocKeys(t *testing.T) {
	sections := []string{"## Top level", "## Limits", "## Findings"}
	var documented []string
	for _, heading := range sections {
		documented = append(documented, rowNames(t, configPage, heading)...)
	}
	var known []string
	for i := range reflect.TypeFor[config]().NumField() {
		f := reflect.TypeFor[config]().Field(i)
		name := f.Tag.Get("yaml")
		known = append(known, name)
		if isSection(f.Type) {
			for _, inner := range keys(f.Type) {
				known = append(known, name+"."+inner)
			}
		}
	}
	sameNames(t, "configuration", documented, known)
	for _, b := range new(config).bounds() {
		section := sections[0]
		switch {
		case strings.HasPrefix(b.key, "limits."):
			section = sections[1]
		case strings.HasPrefix(b.key, "findings."):
			section = sections[2]
		}
		cells := rowOf(t, section, b.key)
		if !slices.Contains(cells, decimal(b.preset)) || !slices.Contains(cells, b.span()) {
			t.Errorf("%s: want a default of %s and a range of %s, got %q", b.key, decimal(b.preset), b.span(), cells)
		}
	}
	if row := strings.Join(rowOf(t, sections[0], "leg_headers"), "|"); !strings.Contains(row, "`"+strings.Join(defaultLegHeaders, "`, `")+"`") {
		t.Errorf("leg_headers: want %q, got %s", defaultLegHeaders, row)
	}
}

// rowOf returns the cells of a key's row.
func rowOf(t *testing.T, heading, key string) []string {
	t.Helper()
	for line := range strings.Lines(docSection(t, configPage, heading)) {
		if strings.HasPrefix(line, "| `"+key+"` ") {
			cells := strings.Split(line, "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			return cells
		}
	}
	t.Fatalf("no row for %s", key)
	return nil
}

// Each finding that a key's row names exists.
func TestConfigurationDocFindings(t *testing.T) {
	codes := findingCodes(t)
	for _, b := range new(config).bounds() {
		if !strings.HasPrefix(b.key, "findings.") {
			continue
		}
		for _, m := range codeWord.FindAllStringSubmatch(rowOf(t, "## Findings", b.key)[5], -1) {
			if !slices.Contains(codes, m[1]) {
				t.Errorf("%s: there is no finding %q", b.key, m[1])
			}
		}
	}
}

func TestConfigurationDocCodecKeys(t *testing.T) {
	var known []string
	for _, f := range sources(t, "../../mos/load.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || spec.Name.Name != "row" {
				return true
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				known = append(known, reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("yaml"))
			}
			return false
		})
	}
	sameNames(t, "codecs", rowNames(t, configPage, "## Codecs"), known)
}

// The examples of the page load, and say what the page says they do.
func TestConfigurationDocExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/" + configPage)
	if err != nil {
		t.Fatal(err)
	}
	var tables []*mos.CodecTable
	for i, block := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		file := configured(t, text)
		c, err := loadConfig(file)
		if err != nil {
			t.Fatalf("example %d: %v", i+1, err)
		}
		table, err := c.codecs(file)
		if err != nil {
			t.Fatalf("example %d: %v", i+1, err)
		}
		tables = append(tables, table)
	}
	for _, tt := range []struct {
		example int
		query   mos.Query
		ie, bpl float64
	}{
		{0, mos.Query{Encoding: "PCMA", ClockRate: 8000, FrameType: -1}, 0, 4.3},
		{2, mos.Query{Encoding: "PCMU", ClockRate: 8000, FrameType: -1}, 0, 4.3},
		{2, mos.Query{Encoding: "G729", ClockRate: 8000, FrameType: -1}, 11, 19},
		{3, mos.Query{Encoding: "PCMU", ClockRate: 8000, FrameType: -1}, 0, 25.1},
		{3, mos.Query{Encoding: "x-Voice", ClockRate: 16000, FrameType: -1, Kbps: 12}, 24, 10},
		{3, mos.Query{Encoding: "x-Voice", ClockRate: 16000, FrameType: -1, Kbps: 24}, 9, 12},
	} {
		got, err := tables[tt.example].Lookup(tt.query)
		if err != nil || got.Ie != tt.ie || got.Bpl != tt.bpl {
			t.Errorf("example %d, %s: got Ie %v, Bpl %v, %v; want %v and %v", tt.example+1, tt.query.Encoding, got.Ie, got.Bpl, err, tt.ie, tt.bpl)
		}
	}
}
