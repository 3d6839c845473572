package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// openForeign opens a case about the alerts of a group, or, with the name of no
// group, one that sums up a storm.
func (d *Desk) openForeign(now time.Time, name string, list []*ForeignAlert, old int) *Case {
	source := list[0].Source
	storm := name == groupName(source, "")
	e := d.create(now, d.foreignParty(list))
	c := e.c
	c.Foreign = &ForeignCase{Source: source, Storm: storm}
	c.RefersTo = old
	if !storm {
		c.Foreign.Group = list[0].Group
		c.Segment = d.foreignSegment(list)
	}
	if c.Segment != "" {
		c.Segments = []string{c.Segment}
	}
	c.Subject, c.Description = foreignSubject(list), foreignText(list)
	if storm {
		c.Subject = fmt.Sprintf("Storm of alerts from %s: more than %d new cases in a minute", source, d.cfg.MaxForeignNew)
		c.Description = "What came beyond the limit is summed up in this case. The first of it:\n\n" + c.Description
		d.strange.storms[source] = c.Number
	} else {
		d.strange.opened = append(d.strange.opened, now)
	}
	worst := worstOf(list)
	c.Severity, c.Measured = worst, worst
	c.FirstSeen = list[0].Starts
	for _, a := range list {
		if a.Starts.Before(c.FirstSeen) {
			c.FirstSeen = a.Starts
		}
	}
	e.event(CaseOpened, worst)
	text := fmt.Sprintf("Opened by %s, severity %s: %s.", source, worst, countedAlerts(len(list), "fires", "fire"))
	if old != 0 {
		text += fmt.Sprintf(" Case %d about the same was closed too long ago to be reopened.", old)
	}
	e.monitor(UpdateOpened, text)
	d.addForeign(e, list)
	c.Related = relate(c, d.Cases())
	d.put(e)
	d.relateAgain(now, c)
	return c
}

// addForeign counts new alerts into an open case. The timeline tells of them
// now and then, not of each.
func (d *Desk) addForeign(e *edit, list []*ForeignAlert) {
	c := e.c
	f := *c.Foreign
	f.Alerts, f.Firing = f.Alerts+len(list), d.strange.firing[c.Number]+len(list) // which are counted there next
	first := f.Told == 0
	for _, a := range list {
		c.Alerts = lastOf(append(slices.Clip(c.Alerts), a.Fingerprint), maxFingers)
		c.LastSeen = latest(c.LastSeen, a.Starts)
	}
	e.moved, c.FiguresAt = true, e.at
	worst := worstOf(list)
	raised := worst < c.Measured && worst < c.Severity
	switch {
	case first:
		f.Told = f.Alerts
	case raised || !e.at.Before(c.Modified.Add(d.cfg.FiguresEvery)):
		var fields []FieldChange
		if raised {
			e.rank(worst, &fields)
		}
		e.live()
		e.monitor(UpdateMeasured, countedAlerts(f.Alerts-f.Told, "more has come", "more have come")+", "+countedAlerts(f.Firing, "fires", "fire")+" now: "+list[0].name()+".", fields...)
		f.Told = f.Alerts
	}
	c.Measured = min(c.Measured, worst)
	c.Foreign = &f
	c.Restored = time.Time{}
	if n := len(c.Occurrences); n == 0 || !c.Occurrences[n-1].To.IsZero() {
		c.Occurrences = lastOf(append(slices.Clip(c.Occurrences), FaultSpell{From: list[0].Starts}), maxOccurrences)
	}
	d.answerByHand(e)
}

// foreignEnded counts alerts that ended out of a case. The last one restores
// it, and closes it.
func (d *Desk) foreignEnded(now time.Time, number int, at time.Time) {
	c := d.cases[number]
	if c == nil || c.Foreign == nil {
		return
	}
	e := d.edit(now, c)
	f := *c.Foreign
	f.Firing = d.strange.firing[number]
	e.c.Foreign, e.c.FiguresAt, e.moved = &f, e.at, true
	if f.Firing == 0 && c.Restored.IsZero() {
		f.Restored = true
		e.foreignOver(at)
		d.answerByHand(e)
		if c.Status == StatusOpen && !d.cfg.ForeignStay {
			e.close(MonitorAuthor, SubResolved, fmt.Sprintf("Closed by itself: %s says that %s.", f.Source, allOver(f.Alerts)))
		}
	}
	d.put(e)
	if e.c.Status == StatusClosed && f.Storm {
		delete(d.strange.storms, f.Source)
	}
}

// foreignOver notes that the source says that all is well.
func (e *edit) foreignOver(at time.Time) {
	c := e.c
	c.Restored = latest(plain(at), c.FirstSeen)
	e.eventAt(at, ServiceRestored, 0)
	if n := len(c.Occurrences); n > 0 && c.Occurrences[n-1].To.IsZero() {
		c.Occurrences = slices.Clone(c.Occurrences)
		c.Occurrences[n-1].To = c.Restored
	}
	var fields []FieldChange
	if c.Status == StatusOpen && c.SubStatus != SubAwaiting {
		changeTo(&fields, "sub_status", &c.SubStatus, SubRestored)
	}
	e.live()
	e.monitor(UpdateRestored, fmt.Sprintf("Restored since %s, as %s says: no alert fires any more.", sayAt(c.Restored), c.Foreign.Source), fields...)
}

// worstOf is the worst severity of some alerts.
func worstOf(list []*ForeignAlert) Severity {
	worst := Low
	for _, a := range list {
		worst = min(worst, a.Severity)
	}
	return worst
}

func countedAlerts(n int, one, many string) string {
	if n == 1 {
		return "1 alert " + one
	}
	return fmt.Sprintf("%d alerts %s", n, many)
}

func allOver(n int) string {
	if n == 1 {
		return "the alert is over"
	}
	return fmt.Sprintf("all of its %d alerts are over", n)
}

func foreignAgain(list []*ForeignAlert) string {
	return fmt.Sprintf("%s fires again since %s.", capital(list[0].name()), sayAt(list[0].Starts))
}

// foreignSubject is one line about some alerts.
func foreignSubject(list []*ForeignAlert) string {
	s := clip(list[0].name(), 200)
	if len(list) > 1 {
		s += fmt.Sprintf(" (and %d more)", len(list)-1)
	}
	return s
}

// shownForeign is how many alerts a description shows.
const shownForeign = 10

// foreignText describes some alerts.
func foreignText(list []*ForeignAlert) string {
	var b strings.Builder
	for i, a := range list {
		if i == shownForeign {
			fmt.Fprintf(&b, "\n… and %d more", len(list)-i)
			break
		}
		if i > 0 {
			b.WriteString("\n\n")
		}
		fmt.Fprintf(&b, "%s, since %s", a.name(), sayAt(a.Starts))
		if s := oneLine(a.Annotations["description"]); s != "" {
			b.WriteString("\n" + s)
		}
		var labels []string
		for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
			labels = append(labels, oneLine(name)+"="+oneLine(a.Labels[name]))
		}
		b.WriteString("\n" + clip(strings.Join(labels, ", "), maxForeignText))
		if a.URL != "" {
			b.WriteString("\n" + oneLine(a.URL))
		}
	}
	return b.String()
}
