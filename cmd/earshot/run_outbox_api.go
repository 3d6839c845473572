package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"earshot/alerting/outbox"
	"earshot/store"
	"earshot/web"
)

// outboxAPI answers the web's questions about tickets: those that are kept from
// the store, and from memory where there is none.
type outboxAPI struct{ *caseDesk }

var _ web.Outbox = outboxAPI{}

// Tickets finds tickets, the newest first.
func (o outboxAPI) Tickets(ctx context.Context, q *store.TicketQuery) ([]*outbox.Ticket, error) {
	if o.cases != nil {
		return o.cases.Tickets(ctx, q)
	}
	if err := q.Check(); err != nil {
		return nil, err
	}
	var found []*outbox.Ticket
	for _, t := range slices.Backward(o.known()) {
		if q.Matches(t) && (q.Limit == 0 || len(found) < q.Limit) {
			found = append(found, t)
		}
	}
	return found, nil
}

// known are the tickets of memory, as of a moment ago.
func (o outboxAPI) known() []*outbox.Ticket {
	if c := o.mail.counts.Load(); c != nil {
		return c.tickets
	}
	return nil
}

// Ticket returns one ticket.
func (o outboxAPI) Ticket(ctx context.Context, id int64) (*outbox.Ticket, error) {
	if o.cases != nil {
		return o.cases.Ticket(ctx, id)
	}
	list := o.known()
	i := slices.IndexFunc(list, func(t *outbox.Ticket) bool { return t.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("%w: %d", store.ErrNoTicket, id)
	}
	return list[i], nil
}

// Retry has a ticket tried again.
func (o outboxAPI) Retry(ctx context.Context, id int64) (*outbox.Ticket, error) {
	return o.change(ctx, id, func(now time.Time) error { return o.mail.box.Retry(now, id) })
}

// Drop gives a ticket up.
func (o outboxAPI) Drop(ctx context.Context, id int64, who string) (*outbox.Ticket, error) {
	return o.change(ctx, id, func(now time.Time) error { return o.mail.box.Drop(now, id, who) })
}

// change does something with a ticket, and answers when that is kept.
func (o outboxAPI) change(ctx context.Context, id int64, do func(now time.Time) error) (*outbox.Ticket, error) {
	var err error
	asked := o.ask(ctx, func(now time.Time) {
		if err = do(now); err == nil {
			_, err = o.keep(now)
		}
	})
	if err = errors.Join(asked, err); err != nil && !errors.Is(err, outbox.ErrNoTicket) {
		return nil, err
	}
	t, missing := o.Ticket(ctx, id)
	if err != nil && missing == nil {
		// Only what was closed long ago is kept and not known.
		return nil, fmt.Errorf("%w: %d is %s", outbox.ErrSettled, id, t.State)
	}
	return t, missing
}

// Stats says how destinations stand.
func (o outboxAPI) Stats() []outbox.Stats {
	if c := o.mail.counts.Load(); c != nil {
		return c.stats
	}
	return nil
}
