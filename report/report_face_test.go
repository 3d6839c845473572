package report

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var update = flag.Bool("update", false, "rewrite docs/samples; review the difference line by line")

// face is what every report can be written as.
type face interface {
	JSON(w io.Writer) error
	Markdown(w io.Writer) error
	HTML(w io.Writer) error
}

func told(t testing.TB, write func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The samples of docs are what is made of the scenes of these tests, whose
// figures are reckoned by hand in TestMonthlyFigures and TestIncidentFigures.
func TestSamples(t *testing.T) {
	incident := NewIncident(closedCase(t), incidentTerms(t))
	monthly := NewMonthly(octoberTerms(t), octoberCases(t), octoberQuality())
	for name, write := range map[string]func(io.Writer) error{
		"incident.md": incident.Markdown, "incident.html": incident.HTML, "incident.json": incident.JSON,
		"monthly.md": monthly.Markdown, "monthly.html": monthly.HTML, "monthly.json": monthly.JSON,
	} {
		file := filepath.Join("..", "docs", "samples", name)
		got := told(t, write)
		if again := told(t, write); again != got {
			t.Errorf("%s: the same report has two texts", name)
		}
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is another one; run \"go test ./report -run Samples -update\" and review the difference", name)
		}
	}
}

// mayHold are the elements of a page that no stranger's text may add to.
var mayHold = []string{
	"html", "head", "meta", "title", "style", "body", "a", "header", "h1", "p", "main", "strong", "dl", "div", "dt", "dd", "section", "h2", "h3", "br",
	"table", "caption", "thead", "tbody", "tr", "th", "td", "footer",
	"svg", "desc", "text", "line", "rect", "circle", "path", "polyline", "polygon", "g", "defs", "pattern", "tspan",
}

// harmlessPage checks that a page holds only what its template does: no script,
// no element or attribute from elsewhere, nothing to fetch.
func harmlessPage(t testing.TB, name, page string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			if !slices.Contains(mayHold, tag.Data) {
				t.Errorf("%s: the page has an element %q", name, tag.Data)
			}
			for _, a := range tag.Attr {
				outside := (a.Key == "href" || a.Key == "src" || strings.Contains(a.Val, "url(")) && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "url(#")
				if outside || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: %s has %s=%q", name, tag.Data, a.Key, a.Val)
				}
			}
		}
	}
}

// liveMarkdown finds markup that a stranger's text made: anything that opens a
// tag, a link, an image or code. Reports have none of these of their own.
func liveMarkdown(text string) string {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++ // what follows is itself
		case '<', '`', '~', '&':
			return text[i:min(len(text), i+20)]
		case '[':
			if !strings.HasPrefix(text[max(0, i-2):], "**[To be filled in") && i >= 2 {
				return text[i:min(len(text), i+20)]
			}
		}
	}
	return ""
}
