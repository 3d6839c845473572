package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
	"earshot/web"
)

// outboxBook is where tickets are: at a running probe, or in the store of one
// that is stopped.
type outboxBook interface {
	tickets(ctx context.Context, q *store.TicketQuery) ([]*outbox.Ticket, error)
	ticket(ctx context.Context, id int64) (*outbox.Ticket, error)
	retry(ctx context.Context, id int64) (*outbox.Ticket, error)
	drop(ctx context.Context, id int64) (*outbox.Ticket, error)
	close() error
}

// outboxOf finds the tickets of the same place as cases.
func outboxOf(f *bookFlags, changing bool) (outboxBook, error) {
	book, err := f.open(changing)
	if err != nil {
		return nil, err
	}
	if p, ok := book.(*probeCases); ok {
		return probeTickets{p}, nil
	}
	return storedTickets{book.(*storedCases)}, nil
}

// probeTickets are those of a running probe.
type probeTickets struct{ *probeCases }

func (p probeTickets) tickets(ctx context.Context, q *store.TicketQuery) ([]*outbox.Ticket, error) {
	values := url.Values{}
	state := string(q.State)
	if q.Open {
		state = "open"
	}
	for name, value := range map[string]string{"destination": q.Destination, "state": state} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Case > 0 {
		values.Set("case", strconv.Itoa(q.Case))
	}
	var list []*outbox.Ticket
	for {
		values.Set("limit", strconv.Itoa(pageLimit(q.Limit, len(list))))
		var page web.TicketList
		if err := p.get(ctx, "/api/v1/outbox?"+values.Encode(), &page); err != nil {
			return nil, err
		}
		list = append(list, page.Tickets...)
		if page.Next == 0 || q.Limit > 0 && len(list) >= q.Limit {
			return list, nil
		}
		values.Set("before", strconv.FormatInt(page.Next, 10))
	}
}

func (p probeTickets) ticket(ctx context.Context, id int64) (*outbox.Ticket, error) {
	t := new(outbox.Ticket)
	if err := p.get(ctx, fmt.Sprintf("/api/v1/outbox/%d", id), t); err != nil {
		return nil, err
	}
	return t, nil
}

func (p probeTickets) retry(ctx context.Context, id int64) (*outbox.Ticket, error) {
	return p.change(ctx, id, "retry")
}

func (p probeTickets) drop(ctx context.Context, id int64) (*outbox.Ticket, error) {
	return p.change(ctx, id, "drop")
}

func (p probeTickets) change(ctx context.Context, id int64, action string) (*outbox.Ticket, error) {
	body := map[string]string{}
	if p.author != "" {
		body["author"] = p.author
	}
	t := new(outbox.Ticket)
	if err := p.send(ctx, fmt.Sprintf("/api/v1/outbox/%d/%s", id, action), body, t); err != nil {
		return nil, err
	}
	return t, nil
}

// storedTickets are those of a store: read beside a probe, changed without one,
// which then does what is due when it starts.
type storedTickets struct{ *storedCases }

func (s storedTickets) tickets(ctx context.Context, q *store.TicketQuery) ([]*outbox.Ticket, error) {
	return s.reader.Tickets(ctx, q)
}

func (s storedTickets) ticket(ctx context.Context, id int64) (*outbox.Ticket, error) {
	t, err := s.reader.Ticket(ctx, id)
	if errors.Is(err, store.ErrNoTicket) {
		return nil, fmt.Errorf("there is no ticket %d in the store; \"earshot outbox list --all\" shows them", id)
	}
	return t, err
}

func (s storedTickets) retry(ctx context.Context, id int64) (*outbox.Ticket, error) {
	return s.change(ctx, id, func(b *outbox.Box) error { return b.Retry(s.now, id) })
}

func (s storedTickets) drop(ctx context.Context, id int64) (*outbox.Ticket, error) {
	return s.change(ctx, id, func(b *outbox.Box) error { return b.Drop(s.now, id, s.author) })
}

// change does something with the one ticket that is meant; whether others were
// done is for the probe to find out.
func (s storedTickets) change(ctx context.Context, id int64, do func(*outbox.Box) error) (*outbox.Ticket, error) {
	t, err := s.ticket(ctx, id)
	if err != nil {
		return nil, err
	}
	box := outbox.NewBox(outbox.Config{Tickets: []*outbox.Ticket{t}})
	if err := do(box); err != nil {
		return nil, err
	}
	changed := box.Take()
	if err := s.cases.Commit(new(alerting.Journal), changed); err != nil {
		return nil, err
	}
	return changed[len(changed)-1], nil
}
