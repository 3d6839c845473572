package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

// deskAPI answers the web's questions about cases: those of memory by the
// desk's goroutine, those of the past by the store.
type deskAPI struct{ *caseDesk }

var _ web.Desk = deskAPI{}

// Do does what somebody wants; the answer comes when its outcome is kept.
func (d deskAPI) Do(ctx context.Context, c alerting.Command) (*alerting.Case, error) {
	var done *alerting.Case
	var err error
	asked := d.ask(ctx, func(now time.Time) { done, err = d.obey(now, c) })
	if asked != nil {
		return nil, asked
	}
	return done, err
}

// Cases finds cases, the newest first.
func (d deskAPI) Cases(ctx context.Context, q *store.CaseQuery) ([]*alerting.Case, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	var found []*alerting.Case
	if d.cases != nil { // beside the desk's goroutine: a search may take its time
		var err error
		if found, err = d.cases.Find(ctx, q); err != nil {
			return nil, err
		}
	}
	err := d.ask(ctx, func(now time.Time) {
		if d.cases == nil {
			found = d.remembered(q)
		}
		for i, c := range found {
			found[i] = d.desk.Read(d.latest(c), now)
		}
	})
	return found, err
}

// remembered finds cases in memory.
func (d deskAPI) remembered(q *store.CaseQuery) []*alerting.Case {
	var found []*alerting.Case
	for _, c := range slices.Backward(d.desk.Cases()) {
		if q.Matches(c) && (q.Limit == 0 || len(found) < q.Limit) {
			found = append(found, c)
		}
	}
	return found
}

// latest is the desk's own version of a case, where it knows the case: figures
// move on between two journals.
func (d deskAPI) latest(c *alerting.Case) *alerting.Case {
	if own := d.desk.Case(c.Number); own != nil {
		return own
	}
	return c
}

// Case returns one case.
func (d deskAPI) Case(ctx context.Context, number int) (*alerting.Case, error) {
	found, err := d.Cases(ctx, &store.CaseQuery{Number: number})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &alerting.CommandError{Reason: alerting.NotFound, Text: fmt.Sprintf("there is no case %d", number)}
	}
	return found[0], nil
}

// Audit returns entries of the audit log; a probe that keeps nothing has none.
func (d deskAPI) Audit(ctx context.Context, q *store.AuditQuery) ([]alerting.AuditEntry, error) {
	if d.cases == nil {
		return nil, nil
	}
	return d.cases.Audit(ctx, q)
}

// Changes returns what was changed in the network.
func (d deskAPI) Changes(ctx context.Context, q *store.ChangeQuery) ([]*alerting.NetworkChange, error) {
	if d.cases != nil {
		return d.cases.Changes(ctx, q)
	}
	var list []*alerting.NetworkChange
	err := d.ask(ctx, func(time.Time) {
		for _, n := range slices.Backward(d.desk.Changes()) {
			if q.Matches(n) && (q.Limit == 0 || len(list) < q.Limit) {
				list = append(list, n)
			}
		}
	})
	return list, err
}

// Open returns the open cases with their clocks.
func (d deskAPI) Open() []*alerting.Case { return d.counts.Load().open }

// Figures says what the desk did.
func (d deskAPI) Figures() web.DeskFigures { return d.counts.Load().figures }
