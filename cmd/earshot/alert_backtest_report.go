package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/alerting"
)

// backtestReport is what a backtest found.
type backtestReport struct {
	Type    string         `json:"type"` // "backtest"
	From    time.Time      `json:"from"`
	To      time.Time      `json:"to"`
	Calls   int            `json:"calls"`
	Streams int            `json:"streams"`
	Whole   int            `json:"streams_with_intervals"` // the others were spread
	Unknown []string       `json:"rules_not_judged"`       // because nothing is kept that they judge
	Both    int            `json:"both"`
	OnlyOld int            `json:"only_old"`
	OnlyNew int            `json:"only_new"`
	Cases   []backtestCase `json:"cases"`
}

// backtestCase is one case: that of one set of rules, or of both.
type backtestCase struct {
	Old *briefCase `json:"old"` // nil: only the new rules open it
	New *briefCase `json:"new"` // nil: only the old ones do
}

// briefCase is what is compared of a case.
type briefCase struct {
	Opened   time.Time         `json:"opened"`
	Restored time.Time         `json:"restored,omitzero"` // zero: it is not, as far as the records go
	Severity alerting.Severity `json:"severity"`
	Tenant   string            `json:"tenant"`
	Segment  string            `json:"segment"`
	Owner    string            `json:"owner"`
	Signals  []alerting.Signal `json:"signals"`
	Subject  string            `json:"subject"`
	last     time.Time         // when it was impaired last
}

func brief(list []*alerting.Case) []*briefCase {
	var cases []*briefCase
	for _, c := range list {
		cases = append(cases, &briefCase{
			Opened: c.Opened, Restored: c.Restored, Severity: c.Severity, Tenant: c.Tenant, Segment: c.Segment, Owner: c.Owner,
			Signals: c.Signals, Subject: c.Subject, last: c.LastSeen,
		})
	}
	return cases
}

// report compares the cases of both sets of rules.
func (b *backtest) report() *backtestReport {
	r := &backtestReport{
		Type: "backtest", From: b.first, To: b.end, Calls: b.calls, Streams: b.streams, Whole: b.whole,
		Unknown: unjudged(b.rules), Cases: []backtestCase{},
	}
	r.pair(brief(b.old.cases()), brief(b.new.cases()))
	return r
}

// pair finds for each case of the new rules that of the old ones about the same
// fault; of several the one that opened nearest to it.
func (r *backtestReport) pair(old, new []*briefCase) {
	for _, n := range new {
		best := -1
		for i, o := range old {
			if o.same(n) && (best < 0 || apart(o, n) < apart(old[best], n)) {
				best = i
			}
		}
		if best < 0 {
			r.OnlyNew++
			r.Cases = append(r.Cases, backtestCase{New: n})
			continue
		}
		r.Both++
		r.Cases = append(r.Cases, backtestCase{Old: old[best], New: n})
		old = slices.Delete(slices.Clone(old), best, best+1)
	}
	for _, o := range old {
		r.OnlyOld++
		r.Cases = append(r.Cases, backtestCase{Old: o})
	}
	slices.SortStableFunc(r.Cases, func(a, b backtestCase) int { return a.opened().Compare(b.opened()) })
}

// same reports whether two cases are about one fault: at one place, of one
// tenant, with a signal in common, at overlapping times.
func (c *briefCase) same(o *briefCase) bool {
	if c.Tenant != o.Tenant || c.Segment != o.Segment {
		return false
	}
	common := slices.ContainsFunc(c.Signals, func(s alerting.Signal) bool { return slices.Contains(o.Signals, s) })
	return common && !c.Opened.After(o.over()) && !o.Opened.After(c.over())
}

// over is when a case's fault was seen last.
func (c *briefCase) over() time.Time {
	if c.Restored.After(c.last) {
		return c.Restored
	}
	return c.last
}

func apart(a, b *briefCase) time.Duration { return a.Opened.Sub(b.Opened).Abs() }

func (c backtestCase) opened() time.Time {
	if c.New == nil || c.Old != nil && c.Old.Opened.Before(c.New.Opened) {
		return c.Old.Opened
	}
	return c.New.Opened
}

// unjudged lists rules about what is not kept: registrations, and the probe.
func unjudged(sets [2]*alerting.RuleSet) []string {
	list := []string{}
	for _, set := range sets {
		for i := range set.Rules {
			switch r := &set.Rules[i]; r.Signal {
			case alerting.SignalProbe, alerting.SignalRegistrationRate, alerting.SignalRegistrationsFailed:
				if !slices.Contains(list, r.Name) {
					list = append(list, r.Name)
				}
			}
		}
	}
	return list
}

func (r *backtestReport) writeJSON(w io.Writer) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}

const backtestTime = "2006-01-02 15:04:05"

func (r *backtestReport) write(w io.Writer) error {
	fmt.Fprintf(w, "%s and %s from %s to %s\n", plural(r.Calls, "call"), plural(r.Streams, "stream"), r.From.Format(backtestTime), r.To.Format(backtestTime))
	if r.Whole < r.Streams {
		fmt.Fprintf(w, "Of %d streams no timeline was kept (store.intervals): their figures are spread over their time.\n", r.Streams-r.Whole)
	}
	if len(r.Unknown) > 0 {
		fmt.Fprintf(w, "Not judged, because records tell nothing of it: %s.\n", strings.Join(r.Unknown, ", "))
	}
	fmt.Fprintln(w)
	if len(r.Cases) == 0 {
		fmt.Fprintln(w, "Neither the old rules nor the new ones open a case.")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "rules\topened\tby the old rules\trestored\tseverity\tsegment\towner\tcase")
	for _, c := range r.Cases {
		which, shown, older := "both", c.New, ""
		switch {
		case c.New == nil:
			which, shown = "only old", c.Old
		case c.Old == nil:
			which = "only new"
		default:
			older = shift(c.Old.Opened.Sub(c.New.Opened))
		}
		restored := "not"
		if !shown.Restored.IsZero() {
			restored = shown.Restored.Format(backtestTime)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", which, shown.Opened.Format(backtestTime), older, restored, severityWords(c), orNone(shown.Segment), orNone(shown.Owner), shown.Subject)
	}
	fmt.Fprintf(t, "\n%d in both, %d only by the old rules, %d only by the new ones\n", r.Both, r.OnlyOld, r.OnlyNew)
	return t.Flush()
}

// shift says how much earlier or later the old rules open a case.
func shift(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d > 0:
		return alerting.FormatSpan(d) + " later"
	case d < 0:
		return alerting.FormatSpan(-d) + " earlier"
	}
	return "then too"
}

// severityWords is the severity, and both where they differ.
func severityWords(c backtestCase) string {
	switch {
	case c.New == nil:
		return c.Old.Severity.String()
	case c.Old == nil || c.Old.Severity == c.New.Severity:
		return c.New.Severity.String()
	}
	return fmt.Sprintf("%s (old: %s)", c.New.Severity, c.Old.Severity)
}
