package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"earshot/alerting/outbox"
)

// ErrNoTicket says that no ticket has the number.
var ErrNoTicket = errors.New("store: no ticket has this number")

// putTickets keeps tickets as they are now. Their changes are numbered, so that
// an older one takes nothing back.
func putTickets(ctx context.Context, tx *sql.Tx, tickets []*outbox.Ticket) error {
	for _, t := range tickets {
		if err := putTicket(ctx, tx, t); err != nil {
			return fmt.Errorf("ticket %d: %w", t.ID, err)
		}
	}
	return nil
}

// putTicket keeps one ticket. Two of one key at one destination would be two
// tickets for one fault: of these the later number stays. A ticket whose case
// was deleted has nothing to tell, and is not kept.
func putTicket(ctx context.Context, tx *sql.Tx, t *outbox.Ticket) error {
	body, err := json.Marshal(t)
	if err != nil {
		return err
	}
	var number any
	if t.Case != 0 {
		number = t.Case
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM tickets WHERE destination = ? AND key = ? AND id < ?", t.Destination, t.Key, t.ID); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO tickets SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10
		WHERE (?3 IS NULL OR EXISTS (SELECT 1 FROM cases WHERE number = ?3))
			AND NOT EXISTS (SELECT 1 FROM tickets WHERE destination = ?2 AND key = ?4 AND id > ?1)
		ON CONFLICT (id) DO UPDATE SET destination = excluded.destination, "case" = excluded."case", key = excluded.key, state = excluded.state,
			version = excluded.version, made = excluded.made, modified = excluded.modified, next = excluded.next, body = excluded.body
		WHERE excluded.version > version`,
		t.ID, t.Destination, number, t.Key, t.State, t.Version, instant(t.Made), instant(t.Modified), instantOrNull(t.Next), string(body))
	if err != nil {
		return err
	}
	return atLeast(ctx, tx, nextTicket, t.ID+1)
}

// LoadTickets returns what a box begins with: the tickets of the cases that a
// desk begins with, see Load, the summaries of that time, all others that are
// not closed, and the next number.
func (c *Cases) LoadTickets(now time.Time) (list []*outbox.Ticket, next int64, err error) {
	ctx := context.Background()
	list, err = collect[outbox.Ticket](ctx, c.read, `SELECT body FROM tickets WHERE state <> 'closed' OR "case" IN (`+knownCases+`) OR "case" IS NULL AND modified >= ?1 ORDER BY id`,
		now.Add(-closedLately).UnixNano(), mostLately)
	if err == nil {
		next = 1
		err = c.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", nextTicket).Scan(&next)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("cannot read the tickets in %q: %w", c.dir, err)
	}
	return list, next, nil
}

// TicketQuery says which tickets are wanted. The zero value wants all.
type TicketQuery struct {
	Destination string       // "": any
	State       outbox.State // "": any
	Open        bool         // closed ones are left out
	Case        int          // 0: any
	Before      int64        // ids below this one; 0: all
	Limit       int          // at most so many; 0: no limit
}

func (q *TicketQuery) sql() (string, []any) {
	var c conditions
	c.text("destination", q.Destination)
	c.text("state", string(q.State))
	if q.Open {
		c.and("state <> ?", string(outbox.Closed))
	}
	if q.Case > 0 {
		c.and(`"case" = ?`, q.Case)
	}
	if q.Before > 0 {
		c.and("id < ?", q.Before)
	}
	return c.sql("SELECT body FROM tickets", "id DESC", q.Limit)
}

// Matches reports whether a ticket is wanted, the limit aside: for tickets that
// are not kept. It says what Tickets does.
func (q *TicketQuery) Matches(t *outbox.Ticket) bool {
	return isOrAny(t.Destination, q.Destination) && (q.State == "" || t.State == q.State) && (!q.Open || t.State != outbox.Closed) &&
		(q.Case == 0 || t.Case == q.Case) && (q.Before == 0 || t.ID < q.Before)
}

// Check says what a query cannot ask.
func (q *TicketQuery) Check() error {
	for _, s := range outbox.States {
		if q.State == s || q.State == "" {
			return nil
		}
	}
	var names []string
	for _, s := range outbox.States {
		names = append(names, string(s))
	}
	return fmt.Errorf("the state is %q, want one of %s", q.State, strings.Join(names, ", "))
}

// Tickets returns the tickets that a query wants, the newest first.
func (r *CasesReader) Tickets(ctx context.Context, q *TicketQuery) ([]*outbox.Ticket, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	question, args := q.sql()
	list, err := collect[outbox.Ticket](ctx, r.read, question, args...)
	return list, r.wrap(err)
}

// Ticket returns one ticket; ErrNoTicket where there is none.
func (r *CasesReader) Ticket(ctx context.Context, id int64) (*outbox.Ticket, error) {
	list, err := collect[outbox.Ticket](ctx, r.read, "SELECT body FROM tickets WHERE id = ?", id)
	if err == nil && len(list) == 0 {
		return nil, fmt.Errorf("%w: %d", ErrNoTicket, id)
	}
	if err != nil {
		return nil, r.wrap(err)
	}
	return list[0], nil
}
