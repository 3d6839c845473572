package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

var chartDir = flag.String("charts", "", "write charts into this folder, to be looked at")

// chartScene is a case whose course is made up: 70 minutes, impaired from the
// 21st to the 55th.
func chartScene() *alerting.Case {
	from := time.Date(2026, 1, 6, 8, 30, 0, 0, time.UTC)
	c := &alerting.Case{
		Number: 17, Subject: "Packet loss with G729 in segment trunk-b",
		Opened: from.Add(25 * time.Minute), Restored: from.Add(66 * time.Minute),
		Impact:      alerting.Impact{Calls: 120, CallsTotal: 312, Streams: 131},
		Factors:     []alerting.Factor{{Name: alerting.FactorSegment, Value: "trunk-b"}, {Name: alerting.FactorCodec, Value: "G729"}},
		Occurrences: []alerting.FaultSpell{{From: from.Add(21 * time.Minute), To: from.Add(55 * time.Minute)}},
		Course:      alerting.Course{From: from, StepS: 60},
	}
	for i := range 70 {
		in, out := alerting.Tally{12 + i%7, 0}, alerting.Tally{60 + i%11, i % 2}
		if i >= 21 && i < 55 {
			in[1] = 4 + i%5
		}
		if i >= 12 && i < 15 {
			in = alerting.Tally{}
		}
		c.Course.Inside, c.Course.Outside = append(c.Course.Inside, in), append(c.Course.Outside, out)
	}
	return c
}

// look writes a chart to the folder that the flag names.
func look(t *testing.T, name string, c *alerting.Case) (svg, picture []byte) {
	t.Helper()
	chart := ChartOf(c)
	svg, err := chart.SVG()
	if err != nil {
		t.Fatal(err)
	}
	if picture, err = chart.PNG(); err != nil {
		t.Fatal(err)
	}
	if *chartDir != "" {
		for end, text := range map[string][]byte{".svg": svg, ".png": picture} {
			if err := os.WriteFile(filepath.Join(*chartDir, name+end), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return svg, picture
}

// TestCaseChart: both faces are well-formed and always the same; the SVG holds
// what the chart says, and asks for nothing from elsewhere.
func TestCaseChart(t *testing.T) {
	svg, picture := look(t, "scene", chartScene())
	again, pictureAgain := look(t, "scene", chartScene())
	if !bytes.Equal(svg, again) || !bytes.Equal(picture, pictureAgain) {
		t.Error("the same case gives another chart")
	}
	var texts []string
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			texts = append(texts, string(token))
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "href" || strings.Contains(a.Value, "url(") {
					t.Errorf("%s refers to %q", token.Name.Local, a.Value)
				}
			}
		}
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{
		"Case 17: Packet loss with G729 in segment trunk-b",
		"120 of 312 calls were affected", "case opened 08:55", "began 08:51", "restored 09:36", "2026-01-06", "UTC", "09:00",
		"segment trunk-b, codec G729",
		// In minute 49 8 of 12 are affected, more than in any other; outside 1 of 60.
		"at most 67 %", "without at most 2 %",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the chart lacks %q", want)
		}
	}
	bounds, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || bounds.Width != caseWidth*pngScale || bounds.Height != caseHeight*pngScale {
		t.Errorf("picture of %dx%d, %v", bounds.Width, bounds.Height, err)
	}
	if len(picture) > 200<<10 {
		t.Errorf("the picture has %d octets", len(picture))
	}
}

// TestCaseChartInk: the line of the affected is where the shares say, in the
// picture: at full height there is vermilion, above it none.
func TestCaseChartInk(t *testing.T) {
	c := chartScene()
	for i := range c.Course.Inside {
		c.Course.Inside[i] = alerting.Tally{10, 5}
		c.Course.Outside[i] = alerting.Tally{}
	}
	c.Opened, c.Restored, c.Occurrences = time.Time{}, time.Time{}, nil
	_, picture := look(t, "half", c)
	shown, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	// The axis ends at 50 %, so the line lies on its top; below it is pale.
	at := func(x, y float64) (got ink) {
		r, g, b, _ := shown.At(int(x*pngScale), int(y*pngScale)).RGBA()
		return ink{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)}
	}
	middle := float64(caseLeft+caseRight) / 2
	for _, want := range []struct {
		y   float64
		ink ink
	}{{caseTop, inkVermilion}, {caseTop - 5, inkPaper}, {caseTop + casePlot*0.6, inkPale}} {
		if got := at(middle, want.y); got != want.ink {
			t.Errorf("at %g: got %v, want %v", want.y, got, want.ink)
		}
	}
}

// TestCaseChartNothing: without a course there is no chart.
func TestCaseChartNothing(t *testing.T) {
	if ChartOf(&alerting.Case{Number: 1}) != nil {
		t.Error("a chart of nothing")
	}
}

// TestCaseChartHostile: what a case says stays text, and a chart of anything
// can be drawn.
func TestCaseChartHostile(t *testing.T) {
	c := chartScene()
	c.Subject = "</text><script>alert(1)</script>\x00\xff " + strings.Repeat("loss ", 200)
	c.Factors[0].Value = `"><image href="http://evil.example/x"/>`
	svg, _ := look(t, "hostile", c)
	for _, bad := range []string{"<script", "<image"} {
		if bytes.Contains(svg, []byte(bad)) {
			t.Errorf("the SVG holds %q", bad)
		}
	}
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	day := chartScene()
	day.Course.StepS = 3600
	day.Occurrences[0].To = day.Course.From.Add(60 * time.Hour)
	day.Restored = day.Course.From.Add(71 * time.Hour)
	look(t, "days", day)
	one := chartScene()
	one.Course.Inside, one.Course.Outside = one.Course.Inside[30:31], one.Course.Outside[30:31]
	one.Opened, one.Restored = one.Course.From, time.Time{}
	look(t, "one", one)
}
