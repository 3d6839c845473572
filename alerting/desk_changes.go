package alerting

import (
	"slices"
	"time"
)

// change records a change of the network.
func (d *Desk) change(now time.Time, c *Command) {
	d.record(now, NetworkChange{At: plain(c.At), Author: c.Signed(), Text: c.Text, Tenant: c.Tenant, Segment: c.Segment})
	d.note(entry(c, now, 0, "change.record"))
}

// Seen takes changes that were seen on the wire, each once.
func (d *Desk) Seen(now time.Time, changes []NetworkChange) {
	now = plain(now)
	for _, n := range changes {
		n.Author, n.Seen, n.At = MonitorAuthor, true, plain(n.At)
		d.record(now, n)
	}
}

// record keeps a change of the network.
func (d *Desk) record(now time.Time, n NetworkChange) {
	n.ID = d.nextChange
	d.nextChange++
	if n.At.IsZero() {
		n.At = now
	}
	d.changes = append(d.changes, &n)
	d.journal.Changes = append(d.journal.Changes, &n)
	d.boundChanges()
}

// boundChanges drops the oldest changes beyond the bound.
func (d *Desk) boundChanges() {
	if over := len(d.changes) - d.cfg.MaxChanges; over > 0 {
		d.changes = slices.Clone(d.changes[over:])
		d.stats.ChangesDropped += uint64(over)
	}
}

// learn answers the questions anew about open cases that no fault tells of,
// when a change of the network came.
func (d *Desk) learn(now time.Time, told map[int]*Fault) {
	for _, number := range slices.Clone(d.open) {
		c := d.cases[number]
		if told[number] != nil || !d.newChanges(c) {
			continue
		}
		e := d.edit(now, c)
		d.answerByHand(e)
		d.put(e)
	}
}

// answerByHand answers the questions about a case without a fault.
func (d *Desk) answerByHand(e *edit) {
	e.c.Questions = answers(e.c, nil, d.changesFor(e.c), e.at)
	e.c.ChangesTo = d.nextChange - 1
}

// changesFor lists the changes of the network that concern a case.
func (d *Desk) changesFor(c *Case) []*NetworkChange {
	var list []*NetworkChange
	for _, n := range d.changes {
		if n.Tenant == "" || n.Tenant == c.Tenant {
			list = append(list, n)
		}
	}
	return list
}

// newChanges reports whether a change came that the answers of a case don't know of.
func (d *Desk) newChanges(c *Case) bool {
	for i := len(d.changes) - 1; i >= 0 && d.changes[i].ID > c.ChangesTo; i-- {
		if n := d.changes[i]; n.Tenant == "" || n.Tenant == c.Tenant {
			return true
		}
	}
	return false
}
