package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"earshot/dialog"
)

// Measures of a timeline on a page, px.
const (
	chartWidth    = 940
	chartLeft     = 64
	chartRight    = 32
	chartPanel    = 46
	chartMOSPanel = 112
	chartTitle    = 20 // a panel's name above it
	chartMaxSlots = 400
)

// chartView is a timeline as SVG: panels over one axis of time.
type chartView struct {
	ID, Title, Desc      string
	Width, Height        int
	Left, Right          int
	Panels               []panelView
	Ticks                []tickView // of time
	AxisY, TickY, LabelY int
	Suspect              []barView
	SuspectTop, PlotDeep int
}

// panelView is one figure over time.
type panelView struct {
	Name        string
	Top, Bottom int
	NameY       int
	Bars        []barView
	Ticks       []tickView
}

type barView struct {
	X, Y, W, H float64
	Class      string
}

type tickView struct {
	At    float64
	Text  string
	TextY float64
}

// view draws the chart.
func (c *chart) view(id, title string) *chartView {
	v := &chartView{
		ID: id, Title: "Timeline: " + title, Width: chartWidth, Left: chartLeft, Right: chartWidth - chartRight,
		Desc: fmt.Sprintf("packets lost, packets late, jitter and MOS, from %s to %s UTC in steps of %s",
			clockTime(c.start, false), clockTime(c.end(), false), span(time.Duration(c.slotNS))),
	}
	per := span(time.Duration(c.slotNS))
	y := 0
	y = v.counts(c, y, "Lost before this point, packets in "+per, c.lost, "lost", "none lost")
	y = v.counts(c, y, "Too late for an adaptive buffer, packets in "+per, c.late, "late", "none late")
	_, high, _ := bounds(c.jitter)
	y = v.panel(c, y, chartPanel, panelData{name: "Jitter, ms", values: c.jitter, high: nice(high), class: "jitter", empty: "not measured"})
	y = v.panel(c, y, chartMOSPanel, panelData{
		name: "MOS-LQ, lowest in " + per, values: c.mos, low: mosLowest, high: mosHighest, empty: "no score",
		ticks: []float64{mosLowest, 2, 3, mosFair, mosGood, mosHighest},
	})
	v.SuspectTop, v.PlotDeep = v.Panels[0].Top, y-v.Panels[0].Top
	v.AxisY, v.TickY, v.LabelY, v.Height = y, y+5, y+18, y+24
	v.times(c)
	for i, suspect := range c.suspect {
		if suspect {
			v.Suspect = append(v.Suspect, barView{X: v.x(c, i), W: v.x(c, i+1) - v.x(c, i)})
		}
	}
	return v
}

// x is where a slot begins.
func (v *chartView) x(c *chart, slot int) float64 {
	return tenth(chartLeft + float64(slot)*float64(chartWidth-chartLeft-chartRight)/float64(len(c.lost)))
}

// tenth keeps the page small: nobody sees a hundredth of a pixel.
func tenth(v float64) float64 { return math.Round(v*10) / 10 }

func (v *chartView) counts(c *chart, y int, name string, values []float64, class, empty string) int {
	_, high, _ := bounds(values)
	d := panelData{name: name, values: values, high: nice(high), class: class, empty: empty}
	if high <= 0 {
		d.values = nil
	}
	return v.panel(c, y, chartPanel, d)
}

// panelData is what one panel shows. Without a class its bars are those of
// their band.
type panelData struct {
	name, class, empty string
	values             []float64
	low, high          float64
	ticks              []float64
}

// panel adds a panel below y and returns its bottom. One without data is a line.
func (v *chartView) panel(c *chart, y, deep int, d panelData) int {
	if _, _, ok := bounds(d.values); !ok {
		v.Panels = append(v.Panels, panelView{Name: d.name + ": " + d.empty, Top: y + chartTitle, NameY: y + chartTitle - 6})
		return y + chartTitle + 2
	}
	p := panelView{Name: d.name, Top: y + chartTitle, Bottom: y + chartTitle + deep, NameY: y + chartTitle - 6}
	scale := float64(deep) / (d.high - d.low)
	at := func(value float64) float64 {
		return tenth(float64(p.Bottom) - (min(max(value, d.low), d.high)-d.low)*scale)
	}
	for i, value := range d.values {
		if math.IsNaN(value) || value <= d.low {
			continue
		}
		class := d.class
		if class == "" {
			class = bandOf(&value).String()
		}
		x, top := v.x(c, i), at(value)
		p.Bars = append(p.Bars, barView{X: x, Y: top, W: tenth(max(0.8, v.x(c, i+1)-x-0.8)), H: tenth(float64(p.Bottom) - top), Class: class})
	}
	if d.ticks == nil {
		d.ticks = []float64{d.low, d.high}
	}
	for _, t := range d.ticks {
		p.Ticks = append(p.Ticks, tickView{At: at(t), Text: strconv.FormatFloat(t, 'g', 4, 64), TextY: at(t) + 4})
	}
	v.Panels = append(v.Panels, p)
	return p.Bottom
}

// nice rounds the top of an axis up to 1, 2 or 5 times a power of ten.
func nice(high float64) float64 {
	if !(high > 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(high)))
	for _, m := range [...]float64{1, 2, 5} {
		if high <= m*power {
			return m * power
		}
	}
	return 10 * power
}

// times puts about six times on the axis, at round steps.
func (v *chartView) times(c *chart) {
	total := int64(c.end() - c.start)
	step := int64(time.Second)
	for _, s := range [...]time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
		10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour,
	} {
		step = int64(s)
		if total/step <= 8 {
			break
		}
	}
	if total <= 0 { // times that no clock has, of a file that somebody made
		return
	}
	const most = 100
	if total/step > most {
		step = total / 8 // longer than any capture of a call
	}
	wide := float64(chartWidth - chartLeft - chartRight)
	for at := (int64(c.start) + step - 1) / step * step; at <= int64(c.end()) && len(v.Ticks) <= most; at += step {
		v.Ticks = append(v.Ticks, tickView{
			At:   tenth(chartLeft + float64(at-int64(c.start))/float64(total)*wide),
			Text: clockTime(dialog.Time(at), false),
		})
	}
}
