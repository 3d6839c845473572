package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"earshot/dialog"
)

// maxVerdicts is how many calls a table speaks of in words.
const maxVerdicts = 20

// verdicts keeps the worst calls' verdicts.
type verdicts struct {
	bad   int             // calls with a verdict
	worst []verdictOfCall // at most maxVerdicts, the worst first
}

type verdictOfCall struct {
	badness
	start    dialog.Time
	id       string
	from, to string
	text     string
}

// badness orders calls, the worst first.
type badness struct {
	severity severity
	kind     int     // of the most urgent finding
	mos      float64 // worst of the call; 5 where there is none
}

func badnessOf(c *dialog.CallRecord) badness {
	b := badness{kind: len(kinds) + 1, mos: 5}
	b.severity = severityOfCall(c)
	if list := codes(c); len(list) > 0 {
		b.kind = kindOf(list[0])
	}
	if c.Disposition == dialog.Failed {
		b.kind = -1 // before all others of its severity
	}
	if c.MOSWorst != nil {
		b.mos = *c.MOSWorst
	}
	return b
}

func (b badness) compare(o badness) int {
	return cmp.Or(-cmp.Compare(b.severity, o.severity), cmp.Compare(b.kind, o.kind), cmp.Compare(b.mos, o.mos))
}

// add takes a call; its verdict is worded only while it is among the worst.
func (v *verdicts) add(c *dialog.CallRecord) {
	b := badnessOf(c)
	if b.severity == severityNote {
		return // Verdict leaves notes out
	}
	v.bad++
	at := len(v.worst)
	for at > 0 && b.compare(v.worst[at-1].badness) < 0 {
		at-- // of equals the first stays first
	}
	if at == maxVerdicts {
		return
	}
	v.worst = slices.Insert(v.worst, at, verdictOfCall{
		badness: b, start: c.Start, id: shortID(c.ID), from: clean(c.From, 40), to: clean(c.To, 40), text: Verdict(c),
	})
	v.worst = v.worst[:min(len(v.worst), maxVerdicts)]
}

func (v *verdicts) write(w io.Writer, s Style) {
	if v.bad == 0 {
		return
	}
	io.WriteString(w, "\n"+s.paint(heading, "What was wrong")+"\n")
	for i := range v.worst {
		x := &v.worst[i]
		fmt.Fprintf(w, "%s %s %s  %s → %s\n", s.paint(x.severity.color(), x.severity.mark()),
			clockTime(x.start, false), s.paint(strong, x.id), cmp.Or(x.from, none), cmp.Or(x.to, none))
		for _, line := range wrap(x.text, s.Width-4) {
			io.WriteString(w, "    "+line+"\n")
		}
	}
	if more := v.bad - len(v.worst); more > 0 {
		fmt.Fprintf(w, "… and %s more: --finding CODE narrows them down, --json and --csv list them all.\n", plural(uint64(more), "call"))
	}
	if len(v.worst) > 0 {
		io.WriteString(w, s.paint(faint, "--call ID shows a call in full: its SIP ladder and the timeline of each direction.")+"\n")
	}
}
