package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// ErrConflict says that a change or an audit entry has the number of another
// one that is kept: two desks have numbered, or an old backup goes on.
var ErrConflict = errors.New("store: another one has this number")

// Commit keeps a journal, and the tickets that changed with it, as a whole or,
// with an error, not at all. When it returns, what it kept is on the disk. What
// is kept again changes nothing, and takes nothing back that came after it.
func (c *Cases) Commit(j *alerting.Journal, tickets []*outbox.Ticket) error {
	if j.Empty() && len(tickets) == 0 {
		return nil
	}
	err := c.change(func(ctx context.Context, tx *sql.Tx) error {
		for _, one := range j.Cases {
			if err := putCase(ctx, tx, one); err != nil {
				return fmt.Errorf("case %d: %w", one.Number, err)
			}
		}
		for _, one := range j.Changes {
			if err := putChange(ctx, tx, one); err != nil {
				return fmt.Errorf("change %d: %w", one.ID, err)
			}
		}
		for i := range j.Audit {
			if err := putAudit(ctx, tx, &j.Audit[i]); err != nil {
				return fmt.Errorf("audit entry %d: %w", j.Audit[i].Seq, err)
			}
		}
		for _, one := range j.Foreign {
			if err := putForeign(ctx, tx, one); err != nil {
				return fmt.Errorf("alert %q of %s: %w", one.Fingerprint, one.Source, err)
			}
		}
		return putTickets(ctx, tx, tickets)
	})
	if err != nil {
		return fmt.Errorf("cannot keep the cases: %w", err)
	}
	return nil
}

// putCase keeps a case as it is now. Updates of its timeline are numbered, so a
// case with fewer of them is an older one: clocks can be put back, these not.
// Between two updates only figures move on.
func putCase(ctx context.Context, tx *sql.Tx, c *alerting.Case) error {
	kept := *c
	kept.Clocks = nil // as of a reading
	body, err := json.Marshal(&kept)
	if err != nil {
		return err
	}
	last := 0
	if n := len(c.Updates); n > 0 {
		last = c.Updates[n-1].Seq
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO cases VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT DO UPDATE SET tenant = excluded.tenant, owner = excluded.owner, segment = excluded.segment, assignee = excluded.assignee,
			severity = excluded.severity, status = excluded.status, sub_status = excluded.sub_status, opened = excluded.opened,
			modified = excluded.modified, closed = excluded.closed, legal_hold = excluded.legal_hold, subject = excluded.subject, updates = excluded.updates, figures_at = excluded.figures_at
		WHERE excluded.updates > updates OR excluded.updates = updates AND excluded.figures_at >= figures_at`,
		c.Number, c.Tenant, c.Owner, c.Segment, c.Assignee, c.Severity, c.Status, c.SubStatus,
		instant(c.Opened), instant(c.Modified), instantOrNull(c.Closed), c.Hold, c.Subject, last, instant(c.FiguresAt))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err // a newer one is kept
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO case_bodies VALUES (?,?,?) ON CONFLICT DO UPDATE SET words = excluded.words, body = excluded.body", c.Number, wordsOfCase(c), string(body)); err != nil {
		return err
	}
	return atLeast(ctx, tx, nextCase, int64(c.Number)+1)
}

// mostWords bounds what a case is looked for by, in octets.
const mostWords = 64 << 10

// wordsOfCase is the text of a case that is looked into, in lower case.
func wordsOfCase(c *alerting.Case) string {
	var b strings.Builder
	add := func(s string) {
		if s != "" && b.Len() < mostWords {
			b.WriteString(strings.ToLower(s))
			b.WriteByte('\n')
		}
	}
	for _, s := range []string{c.Subject, c.Description, c.Business, c.Owner, c.Contact, c.Reference, c.Segment, c.Tenant, c.Service, c.Closure} {
		add(s)
	}
	for i := range c.Factors {
		add(c.Factors[i].Value)
	}
	for i := range c.Examples {
		add(c.Examples[i].Call)
	}
	for i := range c.Updates {
		add(c.Updates[len(c.Updates)-1-i].Text) // the newest matter most
	}
	return b.String()
}

func putChange(ctx context.Context, tx *sql.Tx, c *alerting.NetworkChange) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, "INSERT INTO changes VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", c.ID, instant(c.At), c.Tenant, c.Segment, string(body))
	if err != nil {
		return err
	}
	if err := same(ctx, tx, result, "SELECT body = ? FROM changes WHERE id = ?", string(body), c.ID); err != nil {
		return err
	}
	return atLeast(ctx, tx, nextChange, c.ID+1)
}

func putAudit(ctx context.Context, tx *sql.Tx, e *alerting.AuditEntry) error {
	at := instant(e.At)
	result, err := tx.ExecContext(ctx, "INSERT INTO audit VALUES (?,?,?,?,?,coalesce((SELECT tenant FROM cases WHERE number = ?), ''),?) ON CONFLICT DO NOTHING",
		e.Seq, at, e.Who, e.What, e.Case, e.Case, e.Detail)
	if err != nil {
		return err
	}
	err = same(ctx, tx, result, `SELECT at = ? AND who = ? AND what = ? AND "case" = ? AND detail = ? FROM audit WHERE seq = ?`, at, e.Who, e.What, e.Case, e.Detail, e.Seq)
	if err != nil {
		return err
	}
	return atLeast(ctx, tx, nextAudit, e.Seq+1)
}

// same passes what was put, and what was there already with the same contents.
func same(ctx context.Context, tx *sql.Tx, put sql.Result, question string, args ...any) error {
	if n, err := put.RowsAffected(); err != nil || n > 0 {
		return err
	}
	var equal bool
	if err := tx.QueryRowContext(ctx, question, args...).Scan(&equal); err != nil {
		return err
	}
	if !equal {
		return ErrConflict
	}
	return nil
}

// The keys of meta that hold the next numbers: a number is given once, even
// where the last one was deleted.
const (
	nextCase   = "next_case"
	nextChange = "next_change"
	nextAudit  = "next_audit"
	nextTicket = "next_ticket"
)

func atLeast(ctx context.Context, tx *sql.Tx, key string, n int64) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO meta VALUES (?,?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE excluded.value > value", key, n)
	return err
}

// instant is a time in ns since 1970; 0 for none.
func instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func instantOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixNano()
}
