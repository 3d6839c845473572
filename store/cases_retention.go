package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Retention says how long cases, changes of the network and the audit log are
// kept. What a hold keeps stays, and an open case stays as long as its tenant.
type Retention struct {
	Cases   Period // from their closing; changes from when they were made
	Audit   Period
	Tenants map[string]TenantRetention // by name
}

// Swept counts what a sweep deleted.
type Swept struct{ Cases, Changes, Audit int64 }

// Sweep deletes what was kept for long enough, and all that was a tenant's a
// month after it left. Call it every hour or so. A hold file that cannot be
// understood holds everything, and is told as an error.
func (c *Cases) Sweep(now time.Time, r *Retention) (Swept, error) {
	held, holdErr := readHold(c.dir)
	if held.all {
		return Swept{}, holdErr
	}
	s := caseSweep{now: now, rules: r, held: &held}
	err := c.change(func(ctx context.Context, tx *sql.Tx) error {
		// Nothing else may delete from the audit log; see its trigger.
		if _, err := tx.ExecContext(ctx, "INSERT INTO meta VALUES ('sweeping', 1)"); err != nil {
			return err
		}
		if err := s.run(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM meta WHERE key = 'sweeping'")
		return err
	})
	if err != nil {
		return Swept{}, errors.Join(holdErr, err)
	}
	return s.swept, holdErr
}

// caseSweep is one sweep.
type caseSweep struct {
	now   time.Time
	rules *Retention
	held  *hold
	swept Swept
}

func (s *caseSweep) run(ctx context.Context, tx *sql.Tx) error {
	names := slices.Sorted(maps.Keys(s.rules.Tenants))
	for _, name := range names {
		t := s.rules.Tenants[name]
		if s.held.keepsTenant(name) {
			continue
		}
		mine := conditions{where: []string{"tenant = ?"}, args: []any{name}}
		if t.gone(s.now) {
			if err := s.deleteAll(ctx, tx, mine); err != nil {
				return err
			}
			continue
		}
		cases := t.Cases
		if cases == (Period{}) {
			cases = s.rules.Cases
		}
		if err := s.deleteOld(ctx, tx, mine, cases.over(s.now, t.Zone)); err != nil {
			return err
		}
		if err := s.deleteAudit(ctx, tx, mine, s.rules.Audit.over(s.now, t.Zone)); err != nil {
			return err
		}
	}
	var others conditions
	for _, name := range append(names, s.held.tenants...) {
		others.and("tenant <> ?", name)
	}
	if err := s.deleteOld(ctx, tx, others, s.rules.Cases.over(s.now, nil)); err != nil {
		return err
	}
	if err := s.deleteSums(ctx, tx, s.rules.Cases.over(s.now, nil)); err != nil {
		return err
	}
	return s.deleteAudit(ctx, tx, others, s.rules.Audit.over(s.now, nil))
}

// deleteOld deletes cases that were closed before, and changes made before.
func (s *caseSweep) deleteOld(ctx context.Context, tx *sql.Tx, whose conditions, before time.Time) error {
	if before.IsZero() {
		return nil
	}
	err := remove(ctx, tx, "cases", whose.with("closed < ? AND status = 'closed' AND NOT legal_hold", before.UnixNano()), &s.swept.Cases)
	if err != nil {
		return err
	}
	return remove(ctx, tx, "changes", whose.with("at < ?", before.UnixNano()), &s.swept.Changes)
}

// deleteSums deletes tickets that summed up several cases and are over; the
// others go with their cases.
func (s *caseSweep) deleteSums(ctx context.Context, tx *sql.Tx, before time.Time) error {
	if before.IsZero() {
		return nil
	}
	over := conditions{where: []string{`"case" IS NULL AND state IN ('closed', 'dead')`}}
	over.and("modified < ?", before.UnixNano())
	return remove(ctx, tx, "tickets", over, new(int64))
}

// unheld passes over what belongs to cases on hold.
const unheld = `"case" NOT IN (SELECT number FROM cases WHERE legal_hold)`

// deleteAudit deletes entries made before.
func (s *caseSweep) deleteAudit(ctx context.Context, tx *sql.Tx, whose conditions, before time.Time) error {
	if before.IsZero() {
		return nil
	}
	return remove(ctx, tx, "audit", whose.with("at < ? AND "+unheld, before.UnixNano()), &s.swept.Audit)
}

// deleteAll deletes everything of a tenant that left, open cases too.
func (s *caseSweep) deleteAll(ctx context.Context, tx *sql.Tx, whose conditions) error {
	err := remove(ctx, tx, "audit", whose.with(unheld), &s.swept.Audit)
	if err == nil {
		err = remove(ctx, tx, "cases", whose.with("NOT legal_hold"), &s.swept.Cases)
	}
	if err == nil {
		err = remove(ctx, tx, "changes", whose, &s.swept.Changes)
	}
	return err
}

// with returns these conditions and one more.
func (c conditions) with(condition string, args ...any) conditions {
	return conditions{append(slices.Clone(c.where), condition), append(slices.Clone(c.args), args...)}
}

func remove(ctx context.Context, tx *sql.Tx, table string, which conditions, count *int64) error {
	result, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE "+strings.Join(which.where, " AND "), which.args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	*count += n
	return err
}
