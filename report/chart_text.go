package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// blocks are the heights of a bar of one line.
const blocks = "▁▂▃▄▅▆▇█"

// Scale of a MOS, for the height of its bars.
const (
	mosLowest  = 1.0
	mosHighest = 4.5
)

const (
	chartName = 10 // columns of a row's name
	chartNote = 24 // columns of what is said beside it
	stretched = 60 // a short timeline is drawn up to this wide
)

// chartSlots is how many slots a terminal has room for.
func chartSlots(s Style) int { return max(10, s.columns()-chartName-chartNote) }

// write draws the chart, a line for each figure, over an axis of time.
func (c *chart) write(w io.Writer, s Style) {
	each := min(8, max(1, stretched/len(c.lost)))
	per := span(time.Duration(c.slotNS))
	c.counts(w, s, "lost", c.lost, each, per)
	c.counts(w, s, "late", c.late, each, per)
	if low, high, ok := bounds(c.jitter); ok {
		c.row(w, s, "jitter", c.jitter, 0, high, each, fmt.Sprintf("%s to %s ms", milliseconds(low), milliseconds(high)), nil)
	}
	if low, high, ok := bounds(c.mos); ok {
		c.row(w, s, "MOS-LQ", c.mos, mosLowest, mosHighest, each, fmt.Sprintf("%s to %s", score(low), score(high)), bandColor)
	} else {
		io.WriteString(w, pad("  MOS-LQ", chartName, false)+s.paint(faint, "not computable")+"\n")
	}
	c.axis(w, s, each*len(c.lost))
}

func bandColor(mos float64) color { return bandOf(&mos).color() }

func (c *chart) counts(w io.Writer, s Style, name string, values []float64, each int, per string) {
	_, high, _ := bounds(values)
	note := "none"
	if high > 0 {
		note = fmt.Sprintf("at most %.0f in %s", high, per)
	}
	c.row(w, s, name, values, 0, max(high, 1), each, note, func(v float64) color {
		if v > 0 {
			return bad
		}
		return faint
	})
}

// row draws one figure as bars. Slots in which the capture itself lost packets
// are hatched: nothing is known of them.
func (c *chart) row(w io.Writer, s Style, name string, values []float64, low, high float64, each int, note string, paint func(float64) color) {
	bars := []rune(blocks)
	var b strings.Builder
	b.WriteString(pad("  "+name, chartName, false))
	for i, v := range values {
		switch {
		case c.suspect[i]:
			b.WriteString(strings.Repeat("░", each))
		case math.IsNaN(v):
			b.WriteString(strings.Repeat(" ", each))
		default:
			bar := strings.Repeat(string(bars[height(v, low, high, len(bars))]), each)
			if paint != nil {
				bar = s.paint(paint(v), bar)
			}
			b.WriteString(bar)
		}
	}
	b.WriteString("  " + s.paint(faint, note) + "\n")
	io.WriteString(w, b.String())
}

// height is which of n bars stands for v. What is above the lowest value never
// looks like it.
func height(v, low, high float64, n int) int {
	if v <= low || high <= low {
		return 0
	}
	return min(n-1, max(1, int((v-low)/(high-low)*float64(n))))
}

// axis writes the times below the bars.
func (c *chart) axis(w io.Writer, s Style, wide int) {
	first, last := clockTime(c.start, false), clockTime(c.end(), false)
	line := first + " UTC"
	if gap := wide - len(first) - len(last); gap > 2 {
		line = first + strings.Repeat(" ", gap) + last + " UTC"
	}
	for _, suspect := range c.suspect {
		if suspect {
			line += "   ░ the capture lost packets"
			break
		}
	}
	io.WriteString(w, strings.Repeat(" ", chartName)+s.paint(faint, line)+"\n")
}
