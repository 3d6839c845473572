package alerting

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// production is the environment that can be down.
const production = "production"

// openFor opens a case about a fault that counts since some time: its
// beginning, or the end of the maintenance that it began in. The case refers to
// an old one about the same, if its number is not 0.
func (d *Desk) openFor(now time.Time, f *Fault, since time.Time, window string, old int) {
	if !d.room(f) {
		return
	}
	p := d.cfg.Directory.about(f)
	e := d.create(now, p)
	c := e.c
	if f.Severity.Valid() {
		c.Severity, c.Measured = f.Severity, f.Severity
	}
	c.Probe, c.Down = f.Probe, f.Severity == Critical && c.Environment == production
	c.Segment, c.Segments, c.Factors, c.Signals = f.Verdict.Segment, f.Verdict.Segments, f.Factors, f.Signals
	c.FirstSeen, c.Maintenance, c.RefersTo = plain(since), window, old
	c.Subject = subjectOf(f)
	e.joins(f)
	e.fire(f)
	e.event(CaseOpened, c.Severity)
	e.monitor(UpdateOpened, openedText(c, f))
	d.figures(e, f)
	c.Related = relate(c, d.Cases())
	d.put(e)
	d.relateAgain(now, c)
}

// openByHand opens a case that somebody describes. The same command again, by
// its key, opens no other.
func (d *Desk) openByHand(now time.Time, c *Command) (*Case, error) {
	if old := d.keyed(c); old != nil {
		return old, nil
	}
	if c.Case != 0 && d.cases[c.Case] == nil {
		return nil, notFound("there is no case %d to refer to among the open ones and those closed lately", c.Case)
	}
	if !d.room(nil) {
		return nil, refused("%d cases are open, more than can be kept: close some", len(d.open))
	}
	e := d.create(now, d.cfg.Directory.at(c.Tenant, c.Segment))
	n := e.c
	n.Subject, n.Description, n.Segment = strings.TrimSpace(c.Subject), c.Text, c.Segment
	n.Severity = cmp.Or(c.Severity, Low)
	n.Assignee, n.RefersTo, n.Key = c.Assignee, c.Case, c.Key
	if o, on := d.cfg.Maintenance.Current(e.at, Where{n.Tenant, n.Segment}); on {
		n.Maintenance = o.Window
	}
	var fields []FieldChange
	if err := d.set(e, c, &fields); err != nil {
		return nil, err
	}
	e.event(CaseOpened, n.Severity)
	e.update(c.Signed(), UpdateOpened, "Opened by hand, severity "+n.Severity.String()+".", fields...)
	d.answerByHand(e)
	n.Related = relate(n, d.Cases())
	d.sign(e, c)
	d.put(e)
	d.relateAgain(now, n)
	return n, nil
}

// keyed finds the case that a command with this key opened before, nil where
// there is none.
func (d *Desk) keyed(c *Command) *Case {
	if c.Key == "" {
		return nil
	}
	var found *Case
	for _, old := range d.cases {
		if old.Key == c.Key && old.opener() == c.Signed() && (found == nil || old.Number < found.Number) {
			found = old
		}
	}
	return found
}

// opener is who opened a case.
func (c *Case) opener() string {
	if len(c.Updates) == 0 {
		return ""
	}
	return c.Updates[0].Author
}

// openedText says why the monitor opened a case, and who is to look at it.
func openedText(c *Case, f *Fault) string {
	text := fmt.Sprintf("Opened by measurement, severity %s: %s.", c.Severity, impactText(f))
	switch {
	case f.Probe && c.Owner == "":
		text += " It is about the probe itself; no operator of it is known."
	case f.Probe:
		text += " It is about the probe itself, which " + c.Owner + " operates."
	case c.Segment == "" && c.Owner != "" && f.Verdict.Peer != "":
		text += " It arises at " + f.Verdict.Peer + ", which " + c.Owner + " runs."
	case c.Segment == "" && c.Owner != "":
		text += " It arises in several places, for which " + c.Owner + " answers."
	case c.Segment == "":
		text += " Where it arises is undetermined, so it has no owner yet" + goesTo(c.Contact) + "."
	case c.Owner == "":
		text += " It arises in " + c.Segment + ", which has no owner in the configuration" + goesTo(c.Contact) + "."
	default:
		text += " It arises in " + c.Segment + ": " + c.Owner + " answers for it."
	}
	if c.Maintenance != "" {
		text += fmt.Sprintf(" It began in the maintenance %q and counts since its end at %s.", c.Maintenance, sayAt(c.FirstSeen))
	}
	if c.RefersTo != 0 {
		text += fmt.Sprintf(" Case %d about the same was closed too long ago to be reopened.", c.RefersTo)
	}
	return text
}

func goesTo(contact string) string {
	if contact == "" {
		return ""
	}
	return "; it goes to " + contact
}

// impactText says how much a fault affects.
func impactText(f *Fault) string {
	if f.Impact.CallsTotal > 0 {
		return fmt.Sprintf("%d of %d calls are affected", f.Impact.Calls, f.Impact.CallsTotal)
	}
	return "impaired since " + sayAt(f.Began)
}

// relateAgain tells the open cases that a new one has to do with of it.
func (d *Desk) relateAgain(now time.Time, c *Case) {
	for _, r := range c.Related {
		other := d.cases[r.Number]
		if other == nil || other.Status != StatusOpen {
			continue
		}
		candidates := []*Case{c}
		for _, old := range other.Related {
			if known := d.cases[old.Number]; known != nil {
				candidates = append(candidates, known)
			}
		}
		e := d.edit(now, other)
		e.c.Related = relate(other, candidates)
		d.put(e)
	}
}

// sayAt writes a time for people.
func sayAt(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
