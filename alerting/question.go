package alerting

import (
	"fmt"
	"strings"
	"time"
)

// Questions are the eight that support asks about every case, by number from 1.
var Questions = [...]string{
	"What happens, in detail?",
	"When does it occur, and when does it not?",
	"When did it start, and did it ever work?",
	"Are all users affected? If not, what do the affected have in common?",
	"Are all lines or calls affected? If not, what do the affected have in common?",
	"What has changed recently, and when?",
	"Call IDs of examples.",
	"Can it be reproduced, and how?",
}

// said is an answer's text, and whether it is one.
type said struct {
	text  string
	known bool
}

func told(lines ...string) said   { return said{paragraphs(lines...), true} }
func untold(lines ...string) said { return said{paragraphs(lines...), false} }

// inquiry is what the eight questions are asked about.
type inquiry struct {
	c    *Case
	f    *Fault
	noun string // of what is counted: "call"
	now  time.Time
}

// answers answers the eight questions about a case from what was measured. The
// fault is nil for a case that was opened by hand, and for one whose fault is
// not known any more: what was answered about that stands.
func answers(c *Case, f *Fault, changes []*NetworkChange, now time.Time) []Answer {
	change := changesOf(c, beganOf(c, f), changes)
	var list [len(Questions)]said
	switch {
	case f != nil:
		q := inquiry{c, f, unitOf(f), now}
		list = q.all(change)
	case c.Foreign != nil:
		list = byForeign(c, change)
	case len(c.Questions) == len(Questions):
		for i, a := range c.Questions {
			list[i] = said{a.Text, a.Known}
		}
		if len(c.Faults) == 0 {
			list[0], list[6] = described(c), examplesOf(c.Examples, c.Good)
		}
		list[5] = change
	default:
		list = byHand(c, change)
	}
	result := make([]Answer, len(list))
	for i, s := range list {
		result[i] = Answer{Number: i + 1, Question: Questions[i], Text: s.text, Known: s.known}
	}
	return result
}

func (q *inquiry) all(change said) [len(Questions)]said {
	if q.f.Probe {
		return q.ofProbe(change)
	}
	bad, good := q.f.Examples, q.f.Good
	if len(bad) == 0 {
		bad, good = q.c.Examples, q.c.Good // of before
	}
	return [...]said{q.what(), q.when(), q.since(), q.users(), q.calls(), change, examplesOf(bad, good), q.again()}
}

// beganOf is when what a case is about began, as far as known.
func beganOf(c *Case, f *Fault) time.Time {
	switch {
	case f != nil:
		return f.Began
	case !c.FirstSeen.IsZero():
		return c.FirstSeen
	}
	return c.Opened
}

// described is what whoever opened the case says.
func described(c *Case) said {
	if c.Description == "" {
		return untold("The case was opened by hand, without a description: ask who opened it.")
	}
	return told(c.Description, "This was written by hand: no alert speaks of it.")
}

// byHand answers for a case that somebody opened: what no alert speaks of was
// not looked at, and calls have to be found to tell.
func byHand(c *Case, change said) [len(Questions)]said {
	find := findCommand(c.Segment, beganOf(c, nil))
	list := [len(Questions)]said{5: change}
	list[0] = described(c)
	list[1] = untold("Not measured: no alert speaks of it. The calls of the time tell, good ones and bad ones: " + find)
	list[2] = untold("The case was opened at " + sayTime(c.Opened) + "; when it started is not known. Ask who opened it, and look at the calls before: " + find)
	list[3] = untold("Not measured. The addresses and numbers of the calls that were complained of tell, beside those of good ones.")
	list[4] = untold("Not measured. The codecs, trunks and segments of the calls that were complained of tell, beside those of good ones.")
	list[6] = examplesOf(c.Examples, c.Good)
	if !list[6].known {
		list[6] = untold("None is named. A number and the time are enough to find one: earshot calls find --number NUMBER --since 2h")
	}
	list[7] = untold("Not known. Call again the way that was complained of, and look at that call: earshot calls find --number NUMBER --since 10m")
	return list
}

// findCommand is how the calls of a segment are found from some time before an
// event on.
func findCommand(segment string, at time.Time) string {
	text := "earshot calls find"
	if segment != "" {
		text += " --segment " + segment
	}
	if at.IsZero() {
		return text
	}
	return text + " --after " + at.Add(-time.Hour).UTC().Format(time.RFC3339)
}

// ofProbe answers about trouble of the probe itself.
func (q *inquiry) ofProbe(change said) [len(Questions)]said {
	f := q.f
	list := [len(Questions)]said{5: change}
	list[0] = told(describe(f), q.severity())
	list[1] = told(q.spells())
	list[2] = told("It began at "+f.Began.UTC().Format(time.DateTime)+" UTC.", q.earlier())
	list[3] = untold("Which users the missed packets belonged to cannot be known. No call was hurt by it: the probe only listens.")
	list[4] = untold("Which calls the missed packets belonged to cannot be known. Calls that were only partly heard are marked: their streams have the trust \"suspect\".")
	list[6] = untold("None: it is about the probe, not about calls. Those that it heard only in part: " + strings.Replace(findCommand("", f.Began), "find", "find --finding capture_loss", 1))
	list[7] = told(fmt.Sprintf("It came %s so far. It comes with the load: the probe's own figures at the time tell (earshot top, and earshot_ metrics about drops).", sayTimes(len(q.occurrences()))))
	return list
}

// sayTimes writes how often: "once", "twice", "3 times".
func sayTimes(n int) string {
	switch n {
	case 0, 1:
		return "once"
	case 2:
		return "twice"
	}
	return sayCount(n) + " times"
}
