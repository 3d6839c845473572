package alerting

import (
	"slices"
	"time"
)

// Faults tells which faults there are, all of them: a new one opens a case, and
// what changed of another changes its case.
func (d *Desk) Faults(now time.Time, faults []Fault) {
	for i := range faults {
		f := &faults[i]
		if _, known := d.faults[f.ID]; !known && f.Over.IsZero() {
			d.openFor(now, f)
		}
	}
}

// openFor opens a case about a fault.
func (d *Desk) openFor(now time.Time, f *Fault) {
	p := d.cfg.Directory.at("", f.Verdict.Segment)
	e := d.create(now, p)
	c := e.c
	c.Severity, c.Subject, c.Description, c.Business = f.Severity, subjectOf(f), describe(f), businessImpact(f)
	c.Segment, c.Factors, c.Impact = f.Verdict.Segment, f.Factors, f.Impact
	c.FirstSeen, c.LastSeen, c.Occurrences = f.Began, f.Seen, f.Spells
	c.Faults, c.Signals = []FaultID{f.ID}, f.Signals
	for i := range f.Alerts {
		c.Alerts = append(c.Alerts, f.Alerts[i].Fingerprint.String())
	}
	c.Examples, c.Good, c.Contrast, c.Proof = f.Examples, f.Good, f.Contrast, f.Proof
	c.Questions = answers(c, f, d.changes, now)
	e.event(CaseOpened, f.Severity)
	e.update(MonitorAuthor, UpdateOpened, c.Subject)
	d.put(e)
}

// Seen takes changes that were seen on the wire.
func (d *Desk) Seen(now time.Time, changes []NetworkChange) {
	for _, n := range changes {
		n.Author, n.Seen = MonitorAuthor, true
		d.record(now, n)
	}
}

// record keeps a change of the network.
func (d *Desk) record(now time.Time, n NetworkChange) *NetworkChange {
	n.ID = d.nextChange
	d.nextChange++
	if n.At.IsZero() {
		n.At = now
	}
	d.changes = append(d.changes, &n)
	d.journal.Changes = append(d.journal.Changes, &n)
	if over := len(d.changes) - d.cfg.MaxChanges; over > 0 {
		d.changes = slices.Delete(slices.Clone(d.changes), 0, over)
		d.stats.ChangesDropped += uint64(over)
	}
	return &n
}
