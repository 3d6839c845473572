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
	case CommandAttach:
		return d.doAttach(e, c)
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
