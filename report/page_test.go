package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"earshot/dialog"
)

func page(t *testing.T, p *Page) string {
	t.Helper()
	var b strings.Builder
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fullPage holds everything that a page can show.
func fullPage() *Page {
	drawn := dialogue()
	drawn.ID, drawn.Findings = "c9", lossyCall().Findings
	drawn.Media = append(drawn.Media, steps())
	return &Page{Overview: overview(), Calls: []*dialog.CallRecord{drawn, goodCall(), failedCall(503, "Down")}, Loose: []*dialog.StreamRecord{loose(1)}}
}

// elements parses a page strictly, as XML: every tag closed, every attribute
// quoted. The page is HTML all the same; that it is both keeps it honest.
func elements(t *testing.T, text string) []xml.StartElement {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	var list []xml.StartElement
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			list = append(list, e.Copy())
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestPageIsWellFormedAndAccessible(t *testing.T) {
	list := elements(t, page(t, fullPage()))
	ids := map[string]bool{}
	for _, e := range list {
		if id := attribute(e, "id"); id != "" {
			if ids[id] {
				t.Errorf("two elements %q", id)
			}
			ids[id] = true
		}
	}
	seen := map[string]int{}
	for _, e := range list {
		seen[e.Name.Local]++
		switch e.Name.Local {
		case "html":
			if attribute(e, "lang") != "en" {
				t.Error("no language")
			}
		case "th":
			if attribute(e, "scope") == "" {
				t.Error("a th without a scope")
			}
		case "svg":
			if attribute(e, "role") != "img" {
				t.Error("an svg without a role")
			}
		}
		for id := range strings.FieldsSeq(attribute(e, "aria-labelledby")) {
			if !ids[id] {
				t.Errorf("nothing is called %q", id)
			}
		}
		if href := attribute(e, "href"); href != "" && !ids[strings.TrimPrefix(href, "#")] {
			t.Errorf("a link leads nowhere: %q", href)
		}
	}
	for name, want := range map[string]int{"svg": 3, "title": 1 + 3 + 1, "desc": 3, "table": 1, "main": 1, "h1": 1} {
		// title: the page's, each svg's, and that of the suspect interval
		if seen[name] != want {
			t.Errorf("%d elements %q, want %d", seen[name], name, want)
		}
	}
}

// The page fetches nothing and runs nothing.
func TestPageStandsAlone(t *testing.T) {
	text := page(t, fullPage())
	for _, e := range elements(t, text) {
		switch e.Name.Local {
		case "script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use", "audio", "video":
			t.Errorf("an element %q", e.Name.Local)
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "src" {
				t.Errorf("an attribute %s=%q", a.Name.Local, a.Value)
			}
		}
	}
	for _, banned := range []string{"http://", "https://", "//fonts", "@import", "javascript:"} {
		if strings.Contains(text, banned) {
			t.Errorf("%q in the page", banned)
		}
	}
	for _, url := range regexp.MustCompile(`url\([^)]*\)`).FindAllString(text, -1) {
		if !strings.HasPrefix(url, "url(#") {
			t.Errorf("the page refers to %s", url)
		}
	}
}

// Whatever a packet says stays text.
func TestPageKeepsMarkupOut(t *testing.T) {
	const evil = `"><script>alert(1)</script><svg onload=x>{{.}}'`
	p := fullPage()
	c := p.Calls[0]
	clean := len(elements(t, page(t, p)))
	c.From, c.To, c.FromURI, c.ToURI, c.Reason, c.Transport = evil, evil, evil, evil, evil, evil
	c.CallIDs, c.UserAgents, c.Offered, c.LegEvidence = []string{evil}, []string{evil}, []string{evil}, []string{evil}
	c.Transfers = []dialog.Transfer{{At: at(5), Kind: evil, Target: evil}}
	c.Findings[0] = dialog.Finding{Code: evil, Text: evil, Evidence: evil}
	c.Ladder[0].Label, c.Ladder[0].SDP = evil, evil
	c.Media[0].Codec, c.Media[0].MOS.Reason, c.Media[0].SSRC = new(evil), new(evil), evil
	c.Media[0].Trust, c.Media[0].TrustReason = "suspect", evil
	p.Overview.Files = []string{evil}
	text := page(t, p)
	for _, e := range elements(t, text) {
		if e.Name.Local == "script" || attribute(e, "onload") != "" {
			t.Fatalf("markup came through: %v", e)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("<script in the page")
	}
	if n := len(elements(t, text)); n < clean {
		t.Errorf("%d elements, fewer than the %d without", n, clean)
	}
}

// The worst calls are shown in full, the table has them all.
func TestPageIsBounded(t *testing.T) {
	p := &Page{}
	for i := range maxSections + 50 {
		c := goodCall()
		c.ID = fmt.Sprintf("good%d", i)
		p.Calls = append(p.Calls, c)
	}
	bad := lossyCall()
	p.Calls = append(p.Calls, bad)
	text := page(t, p)
	if n := strings.Count(text, `<section class="call"`); n != maxSections {
		t.Errorf("%d sections, want %d", n, maxSections)
	}
	if !strings.Contains(text, `<section class="call" id="call-c2"`) || !strings.Contains(text, `<a href="#call-c2"`) {
		t.Error("the bad call isn't shown in full")
	}
	if n := strings.Count(text, "<tr><th scope=\"row\">"); n != maxSections+51 {
		t.Errorf("%d rows, want %d", n, maxSections+51)
	}
	if !strings.Contains(text, "The 300 worst calls follow in full; 51 more are in the table alone.") {
		t.Error("nothing is said of the rest")
	}
}

func TestPageWithoutCalls(t *testing.T) {
	text := page(t, &Page{Loose: []*dialog.StreamRecord{loose(1)}})
	elements(t, text)
	if !strings.Contains(text, "No calls:") || !strings.Contains(text, "Streams of no call") {
		t.Error("nothing is said")
	}
}

// Equal records give equal pages, whatever the wall clock says.
func TestPageIsReproducible(t *testing.T) {
	p, q := fullPage(), fullPage()
	q.Overview.Elapsed *= 3
	if page(t, p) != page(t, q) {
		t.Error("two pages of the same records differ")
	}
}

// WCAG 2.1 AA 1.4.3: text stands out 4.5 to 1 from what is behind it; 1.4.11:
// bars and lines that carry meaning 3 to 1.
func TestPageContrast(t *testing.T) {
	style, err := pageFiles.ReadFile("page.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(style), -1)
	if len(blocks) != 3 {
		t.Fatalf("%d palettes, want light, dark and paper", len(blocks))
	}
	for i, block := range blocks {
		colors := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(block[1], -1) {
			colors[m[1]] = luminance(m[2])
		}
		contrast := func(a, b string) float64 {
			high, low := max(colors[a], colors[b]), min(colors[a], colors[b])
			return (high + 0.05) / (low + 0.05)
		}
		for _, behind := range [...]string{"bg", "panel"} {
			for _, text := range [...]string{"text", "muted", "link", "good", "fair", "bad"} {
				if c := contrast(text, behind); c < 4.5 {
					t.Errorf("palette %d: %s on %s has a contrast of %.2f", i, text, behind, c)
				}
			}
		}
		for _, bar := range [...]string{"lost", "late", "jitter", "rail", "grid", "b-good", "b-fair", "b-bad"} {
			if c := contrast(bar, "bg"); c < 3 {
				t.Errorf("palette %d: %s has a contrast of %.2f", i, bar, c)
			}
		}
	}
}

// luminance is WCAG's relative luminance of an sRGB colour.
func luminance(hex string) float64 {
	sum := 0.0
	for i, weight := range [...]float64{0.2126, 0.7152, 0.0722} {
		v, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8) // the pattern admits hex alone
		c := float64(v) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
