package report

import (
	"fmt"
	"strings"
	"time"

	"earshot/alerting"
)

// CaseChart is how the impairment of a case went over time, as a picture: which
// share of the traffic with the factors of the fault was affected, beside that
// of comparable traffic without one of them.
type CaseChart struct {
	course *alerting.Course
	title  string
	about  []string // a few lines that say what is shown
	spells []alerting.FaultSpell
	marks  []chartMark
	noun   string // of what is counted: "streams"
	factor string // what the factors are, in words
	from   time.Time
	to     time.Time
}

// chartMark is something that happened.
type chartMark struct {
	at   time.Time
	text string
}

// ChartOf prepares the chart of a case, as of what its course tells; nil where
// nothing was counted. What the case says is shown as it is: who wants it
// masked gives a masked one.
func ChartOf(c *alerting.Case) *CaseChart {
	if len(c.Course.Inside) == 0 || c.Course.StepS <= 0 {
		return nil
	}
	v := &CaseChart{course: &c.Course, noun: "calls", factor: factorWords(c.Factors), from: c.Course.From.UTC()}
	if c.Impact.Streams > 0 {
		v.noun = "streams"
	}
	v.to = v.from.Add(time.Duration(len(c.Course.Inside)) * c.Course.Step())
	for _, at := range []time.Time{c.Opened, c.Restored} { // often a little behind what was heard last
		if at.After(v.to) && at.Sub(v.to) < v.to.Sub(v.from)/3 {
			v.to = at.UTC().Add(c.Course.Step())
		}
	}
	v.title = fmt.Sprintf("Case %d: %s", c.Number, oneLine(c.Subject))
	v.about = []string{
		fmt.Sprintf("Share of %s affected, in pieces of %s. %d of %d calls were affected.", v.noun, pieceWords(c.Course.Step()), c.Impact.Calls, c.Impact.CallsTotal),
	}
	for _, s := range c.Occurrences {
		if s.To.IsZero() {
			s.To = v.to
		}
		if s.To.After(v.from) && s.From.Before(v.to) {
			v.spells = append(v.spells, s)
		}
	}
	if len(v.spells) > 0 {
		v.mark(v.spells[0].From, "began")
	}
	v.mark(c.Opened, "case opened")
	v.mark(c.Restored, "restored")
	v.mark(c.Closed, "closed")
	return v
}

// mark notes what happened, if it was within the chart's time.
func (v *CaseChart) mark(at time.Time, what string) {
	if !at.IsZero() && !at.Before(v.from) && !at.After(v.to) {
		v.marks = append(v.marks, chartMark{at.UTC(), what + " " + at.UTC().Format("15:04")})
	}
}

// factorWords says what the affected share.
func factorWords(factors []alerting.Factor) string {
	var list []string
	for _, f := range factors {
		list = append(list, strings.ReplaceAll(string(f.Name), "_", " ")+" "+oneLine(f.Value))
	}
	if len(list) == 0 {
		return "all traffic of the alerts"
	}
	return strings.Join(list, ", ")
}

// oneLine is a text of one line.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// SVG is the chart as a self-contained SVG file.
func (v *CaseChart) SVG() ([]byte, error) {
	faces, err := newFontFaces()
	if err != nil {
		return nil, err
	}
	return v.draw(faces).svg(), nil
}

// PNG is the chart as a picture.
func (v *CaseChart) PNG() ([]byte, error) {
	faces, err := newFontFaces()
	if err != nil {
		return nil, err
	}
	return v.draw(faces).png(faces)
}

// desc tells the chart to those who do not see it.
func (v *CaseChart) desc() string {
	var b strings.Builder
	fmt.Fprintf(&b, "From %s to %s UTC. ", v.from.Format("2006-01-02 15:04"), v.to.Format("2006-01-02 15:04"))
	in, out := highest(v.course.Inside), highest(v.course.Outside)
	fmt.Fprintf(&b, "With %s at most %s of the %s were affected", v.factor, percent(in), v.noun)
	if len(v.course.Outside) > 0 && heard(v.course.Outside) {
		fmt.Fprintf(&b, ", without at most %s", percent(out))
	}
	b.WriteString(".")
	for _, m := range v.marks {
		b.WriteString(" " + strings.ToUpper(m.text[:1]) + m.text[1:] + ".")
	}
	return b.String()
}

// share is the affected part of a tally; false where nothing was heard.
func share(t alerting.Tally) (float64, bool) {
	if t.Units() <= 0 {
		return 0, false
	}
	return float64(t.Affected()) / float64(t.Units()), true
}

func highest(list []alerting.Tally) float64 {
	high := 0.0
	for _, t := range list {
		if s, ok := share(t); ok {
			high = max(high, s)
		}
	}
	return high
}

func heard(list []alerting.Tally) bool {
	for _, t := range list {
		if t.Units() > 0 {
			return true
		}
	}
	return false
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// pieceWords says how long a piece is, in whole minutes or hours.
func pieceWords(step time.Duration) string {
	if step%time.Hour == 0 {
		return fmt.Sprintf("%d h", step/time.Hour)
	}
	return fmt.Sprintf("%d min", step/time.Minute)
}
