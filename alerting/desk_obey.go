package alerting

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// afterClosing are the fields that may be set on a closed case.
var afterClosing = []string{"external_reference", "legal_hold", "root_cause"}

// doUpdate takes a note, an answer of the customer, and changed fields.
func (d *Desk) doUpdate(e *edit, c *Command) error {
	n := e.c
	if n.Status == StatusClosed {
		if err := d.whileClosed(n, c); err != nil {
			return err
		}
	}
	var fields []FieldChange
	if s := strings.TrimSpace(c.Subject); s != "" {
		changeTo(&fields, "subject", &n.Subject, s)
	}
	if c.Assignee != "" {
		changeTo(&fields, "assignee", &n.Assignee, c.Assignee)
	}
	if err := d.set(e, c, &fields); err != nil {
		return err
	}
	e.rank(c.Severity, &fields)
	stepped, err := e.step(c, &fields)
	if err != nil {
		return err
	}
	said := strings.TrimSpace(c.Text) != ""
	if !said && len(fields) == 0 {
		return nil
	}
	kind := UpdateChanged
	if said {
		kind = UpdateAnswered
	}
	if n.Status == StatusOpen && (stepped || said && n.answers(c)) {
		e.answer(&fields)
	}
	e.live()
	e.update(c.Signed(), kind, c.Text, fields...)
	return nil
}

// whileClosed lets only those changes pass that a closed case may have.
func (d *Desk) whileClosed(n *Case, c *Command) error {
	for _, name := range c.given() {
		if name == "case" || name == "version" || name == "set" || name == "text" && len(c.Set) > 0 {
			continue
		}
		return refused("case %d is closed since %s: %s", n.Number, sayAt(n.Closed), d.reopenAdvice(n))
	}
	for _, name := range sortedNames(c.Set) {
		if _, known := setters[name]; known && !slices.Contains(afterClosing, name) {
			return refused("case %d is closed: only %s can be set; %s", n.Number, strings.Join(afterClosing, ", "), d.reopenAdvice(n))
		}
	}
	return nil
}

// reopenAdvice says how a closed case can go on.
func (d *Desk) reopenAdvice(n *Case) string {
	p := d.cfg.Directory.of(n)
	return "reopen it, which is possible until " + sayAt(p.calendar.Add(n.Closed, p.plan.FollowUp.Reopen))
}

// rank changes the severity by hand.
func (e *edit) rank(s Severity, fields *[]FieldChange) {
	n := e.c
	if s == 0 || s == n.Severity {
		return
	}
	*fields = append(*fields, FieldChange{"severity", n.Severity.String(), s.String()})
	n.Severity = s
	e.event(SeverityChanged, s)
}

// answers reports whether who gives a command answers the one who asked: neither
// the customer nor whoever opened the case by hand does by adding to it.
func (c *Case) answers(by *Command) bool {
	return !by.Customer && c.opener() != by.Signed()
}

// answer notes the first answer of a person: the case is new no more.
func (e *edit) answer(fields *[]FieldChange) {
	if !e.c.happened(CaseAnswered) {
		e.event(CaseAnswered, 0)
	}
	if e.c.SubStatus == SubNew {
		changeTo(fields, "sub_status", &e.c.SubStatus, SubInvestigation)
	}
}

// step changes the sub-status, as asked for, which is a step, or because the
// customer answered.
func (e *edit) step(c *Command, fields *[]FieldChange) (stepped bool, err error) {
	n := e.c
	to := c.SubStatus
	if to == "" && c.Customer && n.SubStatus == SubAwaiting {
		to = SubInvestigation
		if !n.Restored.IsZero() {
			to = SubRestored
		}
	}
	if to == "" || to == n.SubStatus {
		return false, nil
	}
	stepped = c.SubStatus != ""
	if to == SubRestored && n.Restored.IsZero() && len(n.Faults) > 0 {
		return false, refused("case %d is restored when comparable traffic proves it, not by hand: %s", n.Number, cmp.Or(n.Proof.Reason, "it is still measured as impaired"))
	}
	e.awaiting(to == SubAwaiting)
	e.restoredByHand(to)
	changeTo(fields, "sub_status", &n.SubStatus, to)
	return stepped, nil
}

// awaiting starts or stops the follow-up.
func (e *edit) awaiting(on bool) {
	f := &e.c.FollowUp
	switch {
	case on && f.Awaiting.IsZero():
		f.Awaiting, f.Reminded = e.at, nil
		e.event(CustomerAwaited, 0)
	case !on && !f.Awaiting.IsZero():
		f.Awaiting, f.Reminded = time.Time{}, nil
		e.event(CustomerAnswered, 0)
	}
}

// restoredByHand takes a person's word for a case that nothing measures.
func (e *edit) restoredByHand(to CaseSubStatus) {
	n := e.c
	if len(n.Faults) > 0 {
		return
	}
	switch {
	case to == SubRestored && n.Restored.IsZero():
		n.Restored = e.at
		e.event(ServiceRestored, 0)
	case to == SubInvestigation && n.SubStatus == SubRestored:
		n.Restored = time.Time{}
		e.event(ServiceImpaired, 0)
	}
}

// doAssign says who works on a case.
func doAssign(e *edit, c *Command) error {
	n := e.c
	if n.Status == StatusClosed {
		return refused("case %d is closed since %s: nobody works on it", n.Number, sayAt(n.Closed))
	}
	var fields []FieldChange
	changeTo(&fields, "assignee", &n.Assignee, c.Assignee)
	said := strings.TrimSpace(c.Text) != ""
	if !said && len(fields) == 0 {
		return nil
	}
	if said && n.answers(c) {
		e.answer(&fields)
	}
	e.live()
	e.update(c.Signed(), UpdateChanged, c.Text, fields...)
	return nil
}
