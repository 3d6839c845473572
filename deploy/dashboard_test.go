package deploy

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// dashboard is what of Grafana's dashboard model these tests look at.
type dashboard struct {
	UID, Title string
	Templating struct {
		List []struct {
			Name, Type string
			Query      any
		}
	}
	Annotations struct {
		List []struct{ Name, Expr string }
	}
	Panels []dashboardPanel
}

// dashboardPanel is a panel, or a row that panels follow.
type dashboardPanel struct {
	ID                       int
	Type, Title, Description string
	Datasource               struct{ UID string }
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct {
		Defaults struct {
			Unit       string
			Min, Max   *float64
			Custom     struct{ Stacking struct{ Mode string } }
			Thresholds struct {
				Steps []struct {
					Color string
					Value *float64
				}
			}
		}
	}
	Targets []struct{ Expr, LegendFormat string }
}

func readDashboard(t *testing.T) *dashboard {
	t.Helper()
	b, err := os.ReadFile("grafana/earshot.json")
	if err != nil {
		t.Fatal(err)
	}
	d := &dashboard{}
	if err := json.Unmarshal(b, d); err != nil {
		t.Fatal(err)
	}
	if d.UID == "" || d.Title == "" || len(d.Panels) == 0 {
		t.Fatal("the dashboard has no uid, title or panels")
	}
	return d
}

// grafanaUnits are the identifiers that the dashboard may use: base units, as
// the metrics have them.
var grafanaUnits = map[string]bool{
	"none": true, "s": true, "percentunit": true, "bytes": true, "pps": true, "cps": true, "reqps": true,
}

func TestDashboard(t *testing.T) {
	d := readDashboard(t)
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("panel %q has the id %d of another", p.Title, p.ID)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, ok := taken[[2]int{x, y}]; ok {
					t.Fatalf("panels %q and %q overlap at %d, %d", other, p.Title, x, y)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q is beyond the right edge", p.Title)
		}
		if p.Type == "row" {
			continue
		}
		if p.Description == "" || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("panel %q has no description, not the data source of the variable, or no query", p.Title)
		}
		if !grafanaUnits[p.FieldConfig.Defaults.Unit] {
			t.Errorf("panel %q has unit %q, which is not one of the metrics' units", p.Title, p.FieldConfig.Defaults.Unit)
		}
	}
	var rows []string
	for _, p := range d.Panels {
		if p.Type == "row" {
			rows = append(rows, p.Title)
		}
	}
	if got, want := strings.Join(rows, ", "), "Overview, Segments, Codecs, SIP, Probe"; got != want {
		t.Errorf("rows are %s; want %s", got, want)
	}
}

var dashboardVariable = regexp.MustCompile(`\$(\w+)`)

// TestVariables: what queries use is defined, and what is defined is used.
func TestVariables(t *testing.T) {
	d := readDashboard(t)
	defined := map[string]bool{}
	for _, v := range d.Templating.List {
		defined[v.Name] = v.Type == "datasource" // the panels use it, not the queries
	}
	for _, q := range d.queries() {
		for _, m := range dashboardVariable.FindAllStringSubmatch(q.expr, -1) {
			if strings.HasPrefix(m[1], "__") {
				continue // Grafana's own
			}
			if _, ok := defined[m[1]]; !ok {
				t.Errorf("%s uses $%s, which is not defined", q.from, m[1])
			}
			defined[m[1]] = true
		}
	}
	for name, used := range defined {
		if !used {
			t.Errorf("no query uses $%s", name)
		}
	}
}

// promQuery is an expression and where it stands.
type promQuery struct{ from, expr string }

// queries lists all expressions of the dashboard, as they stand there.
func (d *dashboard) queries() []promQuery {
	var list []promQuery
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			list = append(list, promQuery{"panel " + p.Title, target.Expr})
		}
	}
	for _, a := range d.Annotations.List {
		list = append(list, promQuery{"annotation " + a.Name, a.Expr})
	}
	return list
}

// filled puts in what Grafana would with every variable at "All".
func filled(expr string) string {
	expr = strings.ReplaceAll(expr, "$__rate_interval", "1m")
	return dashboardVariable.ReplaceAllString(expr, ".*")
}
