package main

import (
	"fmt"
	"strings"

	"earshot/alerting"
)

// compare says what became of each expectation, in the order of the file.
func (x *expectation) compare(o *outcome) []result {
	var list []result
	if x.None.value {
		list = append(list, total("no alert fires", x.None.line, 0, len(o.alerts), func(i int) string { return alertWords(&o.alerts[i], o) }))
		list = append(list, total("no case opens", x.None.line, 0, len(o.cases), func(i int) string { return caseWords(o.cases[i], o) }))
	}
	if n := x.Total.Alerts; n.line > 0 {
		list = append(list, total(count(n.whole(), "alert"), n.line, n.whole(), len(o.alerts), func(i int) string { return alertWords(&o.alerts[i], o) }))
	}
	if n := x.Total.Cases; n.line > 0 {
		list = append(list, total(count(n.whole(), "case"), n.line, n.whole(), len(o.cases), func(i int) string { return caseWords(o.cases[i], o) }))
	}
	var alerts []entry[*alerting.Alert]
	for i := range x.Alerts {
		a := &x.Alerts[i]
		alerts = append(alerts, entry[*alerting.Alert]{"alert", a.line(), a.Count, a.facts(o.first)})
	}
	var fired []*alerting.Alert
	for i := range o.alerts {
		fired = append(fired, &o.alerts[i])
	}
	list = append(list, compareEntries(alerts, fired, func(a *alerting.Alert) string { return alertWords(a, o) })...)
	var cases []entry[*alerting.Case]
	for i := range x.Cases {
		c := &x.Cases[i]
		cases = append(cases, entry[*alerting.Case]{"case", c.line(), c.Count, c.facts(o.first)})
	}
	return append(list, compareEntries(cases, o.cases, func(c *alerting.Case) string { return caseWords(c, o) })...)
}

// total compares how many there are.
func total(words string, line, want, got int, show func(int) string) result {
	r := result{OK: want == got, Expected: words, Line: line}
	if r.OK {
		return r
	}
	var shown []string
	for i := range got {
		if i == mostShown {
			shown = append(shown, fmt.Sprintf("and %d more", got-i))
			break
		}
		shown = append(shown, show(i))
	}
	r.Got = strings.TrimSuffix(fmt.Sprintf("%d: %s", got, strings.Join(shown, "; ")), ": ")
	return r
}

// mostShown is how many of too many are named.
const mostShown = 5

func count(n int, what string) string { return plural(n, what) + " in all" }

// plural writes a number of things.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// entry is what the file says of one alert or case.
type entry[T any] struct {
	kind  string
	line  int
	count number
	facts []fact[T]
}

func (e *entry[T]) words() string {
	var words []string
	for _, f := range e.facts {
		words = append(words, f.words)
	}
	text := e.kind + " " + strings.Join(words, ", ")
	if e.count.line > 0 {
		text += fmt.Sprintf(" (%d of them)", e.count.whole())
	}
	return text
}

// differs lists in what a candidate is not what an entry says, and by how much.
func (e *entry[T]) differs(candidate T) (words []string, weight int) {
	for _, f := range e.facts {
		if !f.holds(candidate) {
			words = append(words, fmt.Sprintf("%s, not %s", f.got(candidate), f.words))
			weight += f.weight
		}
	}
	return words, weight
}

// compareEntries finds for every entry the alert or case that it means. No two
// entries without a count mean the same one.
func compareEntries[T any](entries []entry[T], made []T, show func(T) string) []result {
	meets := make([][]int, len(entries))
	for i := range entries {
		for j, x := range made {
			if _, weight := entries[i].differs(x); weight == 0 {
				meets[i] = append(meets[i], j)
			}
		}
	}
	meant := assign(entries, meets, len(made))
	var list []result
	for i := range entries {
		e := &entries[i]
		r := result{Expected: e.words(), Line: e.line}
		switch {
		case e.count.line > 0:
			r.OK = len(meets[i]) == e.count.whole()
			r.Got = fmt.Sprintf("%d of them", len(meets[i]))
		case meant[i] >= 0:
			r.OK, r.Got = true, show(made[meant[i]])
		case len(meets[i]) > 0:
			r.Got = "only what other entries mean: " + show(made[meets[i][0]])
		}
		if !r.OK && len(meets[i]) == 0 {
			r.nearest(nearestTo(e, made, show))
		}
		list = append(list, r)
	}
	return list
}

func (r *result) nearest(words, differs string) { r.Nearest, r.Differs = words, differs }

// nearestTo shows the candidate that differs least.
func nearestTo[T any](e *entry[T], made []T, show func(T) string) (words, differs string) {
	least := -1
	for _, x := range made {
		if d, weight := e.differs(x); least < 0 || weight < least {
			least, words, differs = weight, show(x), strings.Join(d, "; ")
		}
	}
	if least < 0 {
		return "there is none at all", ""
	}
	return words, differs
}

// assign gives every entry without a count one of those that meet it, no two
// the same, so that as many as can be have one: Kuhn's algorithm. -1 is none.
func assign[T any](entries []entry[T], meets [][]int, made int) []int {
	taken := make([]int, made) // by which entry + 1
	var give func(i int, seen []bool) bool
	give = func(i int, seen []bool) bool {
		for _, j := range meets[i] {
			if seen[j] {
				continue
			}
			seen[j] = true
			if taken[j] == 0 || give(taken[j]-1, seen) {
				taken[j] = i + 1
				return true
			}
		}
		return false
	}
	meant := make([]int, len(entries))
	for i := range entries {
		meant[i] = -1
		if entries[i].count.line == 0 {
			give(i, make([]bool, made))
		}
	}
	for j, i := range taken {
		if i > 0 {
			meant[i-1] = j
		}
	}
	return meant
}

// alertWords is one line about an alert.
func alertWords(a *alerting.Alert, o *outcome) string {
	var labels []string
	for _, l := range ownLabels(a) {
		labels = append(labels, l.Name+"="+l.Value)
	}
	return fmt.Sprintf("%s {%s}, severity %s, fired at %s, %s", a.Rule, strings.Join(labels, ", "), a.Severity,
		afterFirst(a.Fired, o.first), momentWords("resolved", a.Resolved, o.first))
}

// ownLabels are the labels beside those that every alert has.
func ownLabels(a *alerting.Alert) []alerting.Label {
	var list []alerting.Label
	for _, l := range a.Labels {
		if l.Name != "alertname" && l.Name != "signal" && l.Name != "severity" {
			list = append(list, l)
		}
	}
	return list
}

// caseWords is one line about a case.
func caseWords(c *alerting.Case, o *outcome) string {
	return fmt.Sprintf("%q: segment %s, owner %s, severity %s, factors %s, opened at %s, %s", c.Subject, orNone(c.Segment), orNone(c.Owner), c.Severity,
		factorWords(c.Factors), afterFirst(c.Opened, o.first), momentWords("restored", c.Restored, o.first))
}
