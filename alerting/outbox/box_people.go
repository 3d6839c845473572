package outbox

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"earshot/alerting"
)

// The errors of Retry and Drop.
var (
	ErrNoTicket = errors.New("outbox: there is no such ticket")
	ErrSettled  = errors.New("outbox: the ticket needs nothing")
)

// askAgain is how long a command that the desk refused is not given again.
const askAgain = 10 * time.Minute

// Commands are what people want who closed or deleted a ticket on the other
// side. They follow from the tickets and the cases, so they are given again
// until they are obeyed; the case itself tells that they were.
func (b *Box) Commands(now time.Time) []alerting.Command {
	var list []alerting.Command
	var heard []int64
	for id, e := range b.entries {
		if e.t.Human != Untouched {
			heard = append(heard, id)
		}
	}
	slices.Sort(heard)
	for _, id := range heard {
		t := b.entries[id].t
		c := b.cases[t.Case]
		if c == nil || !t.Wanted.Open || t.Dropped != "" || reopenedSince(c, t.Heard.Update) {
			continue
		}
		if age := now.Sub(b.asked[id]); age >= 0 && age < askAgain {
			continue
		}
		command := t.command(c)
		if noted(c, &command) {
			continue
		}
		b.asked[id] = now
		list = append(list, command)
	}
	return list
}

// command says what a person did to our desk. That a ticket was deleted says
// nothing about the fault: it is noted.
func (t *Ticket) command(c *alerting.Case) alerting.Command {
	name := t.Remote.Name
	if name == "" {
		name = "The ticket"
	}
	command := alerting.Command{Kind: alerting.CommandClose, Case: c.Number, Author: t.Destination, Key: fmt.Sprintf("%s-%d", t.Key, t.Heard.Update)}
	name = fit(oneLine(name), 100)
	switch t.Human {
	case Resolved:
		command.SubStatus = alerting.SubResolved
		command.Text = fmt.Sprintf("%s was closed as resolved in %s.", name, t.Destination)
	case WontFix:
		command.SubStatus = alerting.SubCancelled
		command.Text = fmt.Sprintf("%s was closed in %s as not to be fixed.", name, t.Destination)
	default:
		command.Kind = alerting.CommandUpdate
		command.Text = fmt.Sprintf("%s was deleted in %s: nothing more is told there, unless the case opens again and is worse.", name, t.Destination)
	}
	return command
}

// noted reports whether a case has a note already.
func noted(c *alerting.Case, command *alerting.Command) bool {
	return command.Kind == alerting.CommandUpdate && slices.ContainsFunc(c.Updates, func(u alerting.Update) bool {
		return u.Author == command.Author && u.Text == command.Text
	})
}

// Retry has a ticket tried again at once: a dead one, or one that waits.
func (b *Box) Retry(now time.Time, id int64) error {
	e := b.entries[id]
	switch {
	case e == nil:
		return fmt.Errorf("%w: %d", ErrNoTicket, id)
	case e.t.State != Dead && e.t.State != Pending || e.t.Folded != 0:
		return fmt.Errorf("%w: %d is %s", ErrSettled, id, e.t.State)
	}
	t := e.t.edit(now)
	t.State, t.Attempts, t.Blamed, t.Lost, t.Next = Pending, 0, 0, 0, time.Time{}
	if p := b.places[t.Destination]; p != nil {
		p.gate.retry()
	}
	b.put(e, t)
	return nil
}

// RetryAll has all dead tickets of a destination tried again, "" of all of them,
// and says how many that are.
func (b *Box) RetryAll(now time.Time, destination string) int {
	n := 0
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		t := b.entries[id].t
		if t.State == Dead && (destination == "" || t.Destination == destination) && b.Retry(now, id) == nil {
			n++
		}
	}
	return n
}

// Drop gives a ticket up for good: nothing more is told of its case there, and
// what the other side has stays as it is.
func (b *Box) Drop(now time.Time, id int64, who string) error {
	e := b.entries[id]
	switch {
	case e == nil:
		return fmt.Errorf("%w: %d", ErrNoTicket, id)
	case e.t.State == Closed:
		return fmt.Errorf("%w: %d is closed", ErrSettled, id)
	}
	t := e.t.edit(now)
	t.State, t.Dropped = Closed, who
	b.put(e, t)
	return nil
}

// Rebegin takes the cases of a desk that went back to what is kept. Tickets of
// cases that then do not exist were not kept either, and never may be: their
// numbers are given again. It returns what is still to be kept of what was not.
func (b *Box) Rebegin(now time.Time, cases []*alerting.Case, unkept []*Ticket) []*Ticket {
	known := map[int]bool{}
	for _, c := range cases {
		known[c.Number] = true
	}
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		t := b.entries[id].t
		if t.Case != 0 && !known[t.Case] && !t.exists() && !t.Doubt && t.State == Pending {
			b.remove(t)
		}
	}
	b.Cases(now, cases)
	return slices.DeleteFunc(unkept, func(t *Ticket) bool { return b.entries[t.ID] == nil })
}
