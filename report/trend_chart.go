package report

import (
	"fmt"
	"html/template"
	"strings"
)

// Measures of the chart of a month, px.
const (
	trendWidth  = 860
	trendLeft   = 56
	trendRight  = 844
	trendPanel  = 110
	trendTitle  = 34 // a panel's name, and the space above it
	trendHeight = 2*(trendPanel+trendTitle) + 56
)

// trendChart draws the share of impaired calls and the MOS of each day; nil
// where there was no call in any.
func trendChart(q *MonthQuality, title string) *sheetChart {
	if q.Total.Calls == 0 || len(q.Days) == 0 {
		return nil
	}
	c := &trend{days: q.Days, step: float64(trendRight-trendLeft) / float64(len(q.Days))}
	top := 1.0 // %
	for i := range q.Days {
		top = max(top, c.share(i))
	}
	c.top = niceAbove(top)
	text := trendWords(q)
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="trend-t trend-d">`, trendWidth, trendHeight, trendWidth, trendHeight)
	fmt.Fprintf(&c.b, `<title id="trend-t">%s</title><desc id="trend-d">%s</desc>`, template.HTMLEscapeString(title), template.HTMLEscapeString(text))
	c.shares()
	c.scores()
	c.axis()
	c.b.WriteString("</svg>")
	return &sheetChart{SVG: template.HTML(c.b.String()), Text: text} // every text in it is escaped, or a number
}

// trend is a chart that is being drawn.
type trend struct {
	b    strings.Builder
	days []QualityDay
	step float64 // px of a day
	top  float64 // of the axis of shares, percent
}

func (c *trend) share(i int) float64 {
	d := &c.days[i]
	if d.Calls == 0 {
		return 0
	}
	return 100 * float64(d.Impaired) / float64(d.Calls)
}

// niceAbove is the next of 1, 2, 5, 10, 20, 50 and 100.
func niceAbove(v float64) float64 {
	for _, nice := range []float64{1, 2, 5, 10, 20, 50} {
		if v <= nice {
			return nice
		}
	}
	return 100
}

// panel draws a panel's name and lines of its scale, and returns where a value lies.
func (c *trend) panel(n int, name string, low, high float64, format string, ticks ...float64) func(float64) float64 {
	top := float64(n*(trendPanel+trendTitle) + trendTitle)
	y := func(v float64) float64 { return top + trendPanel*(1-(min(max(v, low), high)-low)/(high-low)) }
	fmt.Fprintf(&c.b, `<text x="%d" y="%.0f" class="dim">%s</text>`, trendLeft, top-10, name)
	for _, v := range ticks {
		fmt.Fprintf(&c.b, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" class="grid"/><text x="%d" y="%.1f" class="end dim">%s</text>`,
			trendLeft, y(v), trendRight, y(v), trendLeft-8, y(v)+4, fmt.Sprintf(format, v))
	}
	return y
}

func (c *trend) shares() {
	y := c.panel(0, "Impaired calls, % of the day", 0, c.top, "%g", 0, c.top/2, c.top)
	for i := range c.days {
		x := trendLeft + (float64(i)+.15)*c.step
		switch share := c.share(i); {
		case c.days[i].Calls == 0:
			fmt.Fprintf(&c.b, `<text x="%.1f" y="%.1f" class="mid dim">%s</text>`, x+.35*c.step, y(0)-4, none)
		case share > 0:
			h := max(1, y(0)-y(share))
			fmt.Fprintf(&c.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="b-hurt"/>`, x, y(0)-h, .7*c.step, h)
		}
	}
}

// scores draws the median as a line with dots and the lowest 5 % as a broken
// one with squares: they differ without colour too.
func (c *trend) scores() {
	y := c.panel(1, "MOS-LQ: ● median, ■ the lowest 5 % do not exceed", 1, 5, "%.1f", 1, 2, 3, 4, 5)
	var median, low line
	for i := range c.days {
		x := trendLeft + (float64(i)+.5)*c.step
		d := &c.days[i]
		if d.MOSMedian == nil || d.MOSLowest5 == nil {
			median.pause()
			low.pause()
			continue
		}
		median.to(x, y(*d.MOSMedian))
		low.to(x, y(*d.MOSLowest5))
		fmt.Fprintf(&c.b, `<circle cx="%.1f" cy="%.1f" r="3.5" class="d-median"/><rect x="%.1f" y="%.1f" width="6" height="6" class="d-low"/>`,
			x, y(*d.MOSMedian), x-3, y(*d.MOSLowest5)-3)
	}
	fmt.Fprintf(&c.b, `<path d="%s" class="l-median"/><path d="%s" class="l-low"/>`, median.path(), low.path())
}

// line is a path that may have gaps.
type line struct {
	b      strings.Builder
	drawn  bool // the pen is down
	begins bool // something was drawn
}

func (l *line) to(x, y float64) {
	pen := "L"
	if !l.drawn {
		pen = "M"
	}
	fmt.Fprintf(&l.b, "%s%.1f %.1f", pen, x, y)
	l.drawn, l.begins = true, true
}

func (l *line) pause() { l.drawn = false }

func (l *line) path() string {
	if !l.begins {
		return "M0 0"
	}
	return l.b.String()
}

func (c *trend) axis() {
	bottom := float64(2 * (trendPanel + trendTitle))
	for i := range c.days {
		day := c.days[i].Day
		fmt.Fprintf(&c.b, `<text x="%.1f" y="%.1f" class="mid dim">%s</text>`, trendLeft+(float64(i)+.5)*c.step, bottom+18, strings.TrimPrefix(day[max(0, len(day)-2):], "0"))
	}
	fmt.Fprintf(&c.b, `<text x="%d" y="%.1f" class="mid dim">day of the month; %s: no calls</text>`, (trendLeft+trendRight)/2, bottom+40, none)
}

// trendWords is what the chart shows, for who does not see it.
func trendWords(q *MonthQuality) string {
	worst, days := -1, 0
	c := &trend{days: q.Days}
	for i := range q.Days {
		if q.Days[i].Calls == 0 {
			continue
		}
		days++
		if worst < 0 || c.share(i) > c.share(worst) {
			worst = i
		}
	}
	text := fmt.Sprintf("Quality by day: %s with calls; %s of %s impaired (%s)", plural(uint64(days), "day"), count(uint64(max(0, q.Total.Impaired))), plural(uint64(q.Total.Calls), "call"), q.Total.share())
	if worst >= 0 && q.Days[worst].Impaired > 0 {
		text += fmt.Sprintf(", most on %s: %s", q.Days[worst].Day, q.Days[worst].share())
	}
	if q.Total.MOSMedian != nil {
		text += fmt.Sprintf(". Median MOS-LQ %s, 5 %% of the calls at most %s", mosOrNone(q.Total.MOSMedian), mosOrNone(q.Total.MOSLowest5))
	}
	return text + "."
}
