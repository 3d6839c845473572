package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/spelling"
	"earshot/store"
)

// Outbox is how what destinations are told is reached. It is called from any
// goroutine. What it gives out is not modified by anybody.
type Outbox interface {
	// Tickets returns the tickets that fit, the newest first.
	Tickets(ctx context.Context, q *store.TicketQuery) ([]*outbox.Ticket, error)
	// Ticket returns one; the error is store.ErrNoTicket where there is none.
	Ticket(ctx context.Context, id int64) (*outbox.Ticket, error)
	// Retry has a ticket tried again at once, and answers when that is kept. The
	// error is outbox.ErrSettled where there is nothing to try.
	Retry(ctx context.Context, id int64) (*outbox.Ticket, error)
	// Drop gives a ticket up for good, as somebody wants.
	Drop(ctx context.Context, id int64, who string) (*outbox.Ticket, error)
	// Stats says how destinations stand, as of a moment ago.
	Stats() []outbox.Stats
}

// TicketList is a page of tickets: /api/v1/outbox.
type TicketList struct {
	Tickets []*outbox.Ticket `json:"tickets"` // the newest first
	Next    int64            `json:"next"`    // the parameter "before" of the next page; 0: this is the last
}

// ticketParameters are those of a list of tickets.
var ticketParameters = []string{"destination", "state", "case", "before", "limit"}

// openTickets stands for all states but closed.
const openTickets = "open"

const ticketsExample = "for example /api/v1/outbox?state=dead&limit=20"

// hasOutbox reports whether cases go anywhere; where they don't, it has answered.
func (s *Server) hasOutbox(w http.ResponseWriter) bool {
	if s.probe.Outbox == nil {
		fail(w, http.StatusNotFound, "this probe tells nobody of its cases", "set alerting.cases: true, and destinations; docs/integrations.md shows how")
		return false
	}
	return true
}

func (s *Server) getTickets(w http.ResponseWriter, r *http.Request) {
	if !s.hasOutbox(w) {
		return
	}
	q, err := readTicketQuery(r.URL.Query())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), ticketsExample)
		return
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is another page
	tickets, err := s.probe.Outbox.Tickets(r.Context(), &q)
	if err != nil {
		s.failDesk(w, err)
		return
	}
	list := TicketList{Tickets: append([]*outbox.Ticket{}, tickets[:min(limit, len(tickets))]...)}
	if len(tickets) > limit {
		list.Next = tickets[limit-1].ID
	}
	s.answer(w, r, &list)
}

func readTicketQuery(values url.Values) (q store.TicketQuery, err error) {
	if err := onlyParameters(values, ticketParameters); err != nil {
		return q, err
	}
	q.Destination, q.State = values.Get("destination"), outbox.State(values.Get("state"))
	if q.State == openTickets {
		q.State, q.Open = "", true
	}
	if err := q.Check(); err != nil {
		return q, fmt.Errorf("state: %w", err)
	}
	if q.Case, err = wholeNumber(values.Get("case"), 0, 1, 1<<53); err != nil {
		return q, fmt.Errorf("case: %w", err)
	}
	before, err := wholeNumber(values.Get("before"), 0, 1, 1<<53)
	if err != nil {
		return q, fmt.Errorf("before: %w", err)
	}
	q.Before = int64(before)
	if q.Limit, err = wholeNumber(values.Get("limit"), defaultLimit, 1, maxLimit); err != nil {
		return q, fmt.Errorf("limit: %w", err)
	}
	return q, nil
}

// ticketNumber reads the ticket that a path names; where it names none, it has
// answered.
func ticketNumber(w http.ResponseWriter, r *http.Request) (int64, bool) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n < 1 {
		fail(w, http.StatusNotFound, fmt.Sprintf("%q is no number of a ticket", printable(r.PathValue("id"))), "GET /api/v1/outbox lists them")
		return 0, false
	}
	return n, true
}

func (s *Server) getTicket(w http.ResponseWriter, r *http.Request) {
	id, ok := ticketNumber(w, r)
	if !ok || !s.hasOutbox(w) {
		return
	}
	t, err := s.probe.Outbox.Ticket(r.Context(), id)
	s.answerTicket(w, r, t, err)
}

// ticketActions are what POST /api/v1/outbox/ID/ACTION does.
var ticketActions = []string{"retry", "drop"}

// changeTicket has a ticket tried again, or gives it up.
func (s *Server) changeTicket(w http.ResponseWriter, r *http.Request) {
	id, ok := ticketNumber(w, r)
	if !ok || !s.hasOutbox(w) {
		return
	}
	var c alerting.Command // for who signs it
	_, err := readBody(r.Body, []bodyKey{lineKey("author", &c.Behalf)})
	if err == nil {
		err = sign(&c, visitorOf(r))
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), `for example {"author": "alice"}, or {} where you have logged in`)
		return
	}
	var t *outbox.Ticket
	switch action := r.PathValue("action"); action {
	case "retry":
		t, err = s.probe.Outbox.Retry(r.Context(), id)
	case "drop":
		t, err = s.probe.Outbox.Drop(r.Context(), id, c.Signed())
	default:
		fail(w, http.StatusNotFound, fmt.Sprintf("nothing does %q to a ticket%s", printable(action), spelling.Hint(action, ticketActions)), "there are "+strings.Join(ticketActions, ", "))
		return
	}
	if err == nil {
		s.cfg.Log.Info("ticket changed", "ticket", id, "destination", t.Destination, "case", t.Case, "what", r.PathValue("action"), "author", c.Signed(), "client", r.RemoteAddr)
	}
	s.answerTicket(w, r, t, err)
}

func (s *Server) answerTicket(w http.ResponseWriter, r *http.Request, t *outbox.Ticket, err error) {
	switch {
	case errors.Is(err, store.ErrNoTicket), errors.Is(err, outbox.ErrNoTicket):
		fail(w, http.StatusNotFound, "there is no such ticket", "GET /api/v1/outbox lists them")
	case errors.Is(err, outbox.ErrSettled):
		fail(w, http.StatusConflict, err.Error(), "read the ticket again: only what is pending or dead can be tried, only what is not closed dropped")
	case err != nil:
		s.failDesk(w, err)
	default:
		s.answer(w, r, t)
	}
}
