package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"earshot/alerting"
	"earshot/mos"
)

const configPage = "configuration.md"

// configSections are the headings whose tables list keys.
var configSections = []string{
	"## Top level", "## Limits", "## Findings", "## Captures", "## HEP in", "## HEP out",
	"## Peers and segments", "## Tenants", "## Alerting", "## Outbox", "## Evidence", "## Reports", "## Web", "## Metrics", "## Save", "## Records", "## Store", "## Log",
}

// Every key is documented with its default and its range, and no other.
func TestConfigurationDocKeys(t *testing.T) {
	var documented []string
	for _, heading := range configSections {
		documented = append(documented, rowNames(t, configPage, heading)...)
	}
	var known []string
	for _, s := range sections() {
		for _, key := range ownKeys(s.typ) {
			known = append(known, strings.TrimPrefix(s.path+"."+key, "."))
		}
	}
	sameNames(t, "configuration", documented, known)
	for _, b := range everyBound() {
		cells := rowOf(t, b.key)
		if b.preset >= b.from && !slices.Contains(cells, decimal(b.preset)) || !slices.Contains(cells, b.span()) {
			t.Errorf("%s: want a default of %s and a range of %s, got %q", b.key, decimal(b.preset), b.span(), cells)
		}
	}
	for key, want := range map[string][]string{
		"leg_headers": defaultLegHeaders, "log.level": logLevels, "log.format": logFormats,
		"save.rtp": keepWords, "save.memory_rtp": keepWords, "hep_out.network": hepNetworks,
		"web.listen": {listenPreset}, "hep.point": {hepPoint},
		"tenants.service": {presetService}, "tenants.plan": {presetPlan}, "tenants.environment": environments,
		"reports.kind": reportKinds, "reports.format": scheduleFormat, "reports.at": {presetReportAt},
	} {
		if row := strings.Join(rowOf(t, key), "|"); !strings.Contains(row, "`"+strings.Join(want, "`, `")+"`") {
			t.Errorf("%s: want %q, got %s", key, want, row)
		}
	}
}

// everyBound lists the numbers of a configuration that has an entry in every list.
func everyBound() []bound {
	c := &config{Captures: make([]captureConfig, 1), HEPOut: make([]hepOutConfig, 1), Segments: make([]segmentConfig, 1), Tenants: make([]tenantConfig, 1), Reports: make([]reportConfig, 1)}
	c.HEP.Ports, c.Segments[0].VLANs = make([]number, 1), make([]number, 1)
	return c.bounds()
}

// rowOf returns the cells of a key's row.
func rowOf(t *testing.T, key string) []string {
	t.Helper()
	for _, heading := range configSections {
		for line := range strings.Lines(docSection(t, configPage, heading)) {
			if strings.HasPrefix(line, "| `"+key+"` ") {
				cells := strings.Split(line, "|")
				for i := range cells {
					cells[i] = strings.TrimSpace(cells[i])
				}
				return cells
			}
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
		for _, m := range codeWord.FindAllStringSubmatch(rowOf(t, b.key)[5], -1) {
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

// The lists that alerting reads have the keys that the page has.
func TestConfigurationDocAlertingKeys(t *testing.T) {
	for heading, table := range map[string]string{"## Calendars": "calendarKeys", "## Plans": "planKeys", "## Maintenance": "maintenanceKeys"} {
		sameNames(t, heading, rowNames(t, configPage, heading), alertingTexts(t, table))
	}
	plans := docSection(t, configPage, "## Plans")
	for _, table := range []string{"escalationKeys", "followUpKeys", "goalNames"} {
		for _, key := range alertingTexts(t, table) {
			if !strings.Contains(plans, "`"+key) && !strings.Contains(plans, " "+key+":") {
				t.Errorf("## Plans: %q is not there", key)
			}
		}
	}
	for name := range alerting.BuiltinPlans() {
		if !strings.Contains(plans, "`"+name+"`") {
			t.Errorf("## Plans: the built-in plan %q is not there", name)
		}
	}
	for key, cell := range map[string]int{"calendars": alerting.MaxCalendars, "plans": alerting.MaxPlans, "maintenance": alerting.MaxMaintenance, "tenants": mostTenants} {
		if want := fmt.Sprintf("at most %d", cell); !slices.Contains(rowOf(t, key), want) {
			t.Errorf("%s: want a range of %q", key, want)
		}
	}
}

// alertingTexts reads a table of texts from the sources of alerting.
func alertingTexts(t *testing.T, table string) []string {
	t.Helper()
	var list []string
	for _, f := range sources(t, "../../alerting/*.go") {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Names[0].Name != table {
				return true
			}
			ast.Inspect(spec.Values[0], func(n ast.Node) bool {
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
					s, _ := strconv.Unquote(text.Value)
					list = append(list, s)
				}
				return true
			})
			return false
		})
	}
	if len(list) == 0 {
		t.Fatalf("found no table %s", table)
	}
	return list
}

// The examples of the page load, and say what the page says they do.
func TestConfigurationDocExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/" + configPage)
	if err != nil {
		t.Fatal(err)
	}
	var tables []*mos.CodecTable // of the examples that have codecs
	for i, block := range strings.Split(string(page), "```yaml\n")[1:] {
		text, _, _ := strings.Cut(block, "```")
		file := configured(t, text)
		c, err := loadConfig(file)
		if err != nil {
			t.Fatalf("example %d: %v", i+1, err)
		}
		if _, err := c.directory(); err != nil {
			t.Fatalf("example %d: %v", i+1, err)
		}
		table, err := c.codecs(file)
		if err != nil {
			t.Fatalf("example %d: %v", i+1, err)
		}
		if !c.Codecs.IsZero() {
			tables = append(tables, table)
		}
	}
	for _, tt := range []struct {
		example int
		query   mos.Query
		ie, bpl float64
	}{
		{0, mos.Query{Encoding: "PCMA", ClockRate: 8000, FrameType: -1}, 0, 4.3},
		{1, mos.Query{Encoding: "PCMU", ClockRate: 8000, FrameType: -1}, 0, 4.3},
		{1, mos.Query{Encoding: "G729", ClockRate: 8000, FrameType: -1}, 11, 19},
		{2, mos.Query{Encoding: "PCMU", ClockRate: 8000, FrameType: -1}, 0, 25.1},
		{2, mos.Query{Encoding: "x-Voice", ClockRate: 16000, FrameType: -1, Kbps: 12}, 24, 10},
		{2, mos.Query{Encoding: "x-Voice", ClockRate: 16000, FrameType: -1, Kbps: 24}, 9, 12},
	} {
		got, err := tables[tt.example].Lookup(tt.query)
		if err != nil || got.Ie != tt.ie || got.Bpl != tt.bpl {
			t.Errorf("codecs example %d, %s: got Ie %v, Bpl %v, %v; want %v and %v", tt.example+1, tt.query.Encoding, got.Ie, got.Bpl, err, tt.ie, tt.bpl)
		}
	}
}
