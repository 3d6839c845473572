package alerting

import (
	"encoding/json"
	"slices"
	"time"
)

// Do does what somebody wants, at once and as a whole, or nothing of it: the
// error is a *CommandError. It returns the case as it is afterwards, nil for a
// recorded change. What is due by the time of the command happens before it.
func (d *Desk) Do(now time.Time, c Command) (*Case, error) {
	now = plain(now)
	if err := d.check(now, &c); err != nil {
		return nil, err
	}
	switch c.Kind {
	case CommandChange:
		d.change(now, &c)
		return nil, nil
	case CommandOpen:
		return d.openByHand(now, &c)
	}
	old, err := d.look(now, &c)
	if err != nil {
		return nil, err
	}
	e := d.edit(now, old)
	if err := d.obey(e, &c); err != nil {
		return nil, err
	}
	if !e.moved {
		return old, nil
	}
	d.sign(e, &c)
	d.put(e)
	return e.c, nil
}

// look finds the case of a command as its author knows it.
func (d *Desk) look(now time.Time, c *Command) (*Case, error) {
	old := d.cases[c.Case]
	if old == nil {
		return nil, notFound("there is no case %d among the open ones and those closed lately", c.Case)
	}
	old = d.pass(now, old)
	if newest := old.newest(); c.Version != 0 && c.Version != newest {
		return nil, &CommandError{Reason: Conflict, Field: "version", Text: conflictText(old, c.Version)}
	}
	if len(old.Updates) >= 2*d.cfg.MaxUpdates && c.Kind != CommandClose {
		return nil, refused("case %d has %d updates, more than it may hold: close it, and open another one that refers to it", old.Number, len(old.Updates))
	}
	return old, nil
}

// obey does what a command wants of a case that there is.
func (d *Desk) obey(e *edit, c *Command) error {
	switch c.Kind {
	case CommandUpdate:
		return d.doUpdate(e, c)
	case CommandAssign:
		return doAssign(e, c)
	case CommandEscalate:
		return d.doEscalate(e, c)
	case CommandClose:
		return d.doClose(e, c)
	}
	return d.doReopen(e, c)
}

// sign writes a command into the audit log.
func (d *Desk) sign(e *edit, c *Command) {
	e.audit = slices.Insert(e.audit, 0, entry(c, e.at, e.c.Number, "case."+string(c.Kind)))
}

func entry(c *Command, at time.Time, number int, what string) AuditEntry {
	detail, _ := json.Marshal(c) // check lets nothing pass that can't be written
	return AuditEntry{At: at, Who: c.Author, What: what, Case: number, Detail: string(detail)}
}

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
