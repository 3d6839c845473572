package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// CaseQuery says which cases are wanted: those that meet every condition that
// is set. The zero value wants every case.
type CaseQuery struct {
	Number     int
	Status     alerting.CaseStatus
	SubStatus  alerting.CaseSubStatus
	Severities []alerting.Severity // any of these; none: any
	Tenant     string
	Owner      string
	Assignee   string
	Segment    string
	Text       string // anywhere in what is said in it, letters in any case

	OpenedSince, OpenedUntil time.Time // at or after, before; zero: no bound
	ClosedSince, ClosedUntil time.Time // likewise; an open case is in neither
	ModifiedSince            time.Time

	Before int // numbers below this one; 0: all. The last number of a page begins the next
	Limit  int // at most so many; 0: no limit
}

// Check says what a query cannot ask.
func (q *CaseQuery) Check() error {
	wrong := slices.IndexFunc(q.Severities, func(s alerting.Severity) bool { return !s.Valid() })
	switch {
	case q.Status != "" && q.Status != alerting.StatusOpen && q.Status != alerting.StatusClosed:
		return fmt.Errorf("the status is %q, want %s or %s", q.Status, alerting.StatusOpen, alerting.StatusClosed)
	case wrong >= 0:
		return fmt.Errorf("the severity is %d, want 1 to 4", q.Severities[wrong])
	case q.Number < 0 || q.Before < 0 || q.Limit < 0:
		return fmt.Errorf("got the number %d, before %d, limit %d: want none below 0", q.Number, q.Before, q.Limit)
	}
	return nil
}

// conditions collects what a row must meet.
type conditions struct {
	where []string
	args  []any
}

func (c *conditions) and(condition string, arg any) {
	c.where = append(c.where, condition)
	c.args = append(c.args, arg)
}

// text wants a column to be a text that is set.
func (c *conditions) text(column, want string) {
	if want != "" {
		c.and(column+" = ?", want)
	}
}

// span wants a column to be at or after since and before until.
func (c *conditions) span(column string, since, until time.Time) {
	if !since.IsZero() {
		c.and(column+" >= ?", since.UnixNano())
	}
	if !until.IsZero() {
		c.and(column+" < ?", until.UnixNano())
	}
}

// sql completes a question: its conditions, order and limit.
func (c *conditions) sql(question, order string, limit int) (string, []any) {
	if len(c.where) > 0 {
		question += " WHERE " + strings.Join(c.where, " AND ")
	}
	question += " ORDER BY " + order
	if limit > 0 {
		question += fmt.Sprintf(" LIMIT %d", limit)
	}
	return question, c.args
}

// sql asks for bodies, the newest number first.
func (q *CaseQuery) sql() (string, []any) {
	var c conditions
	c.text("status", string(q.Status))
	c.text("sub_status", string(q.SubStatus))
	c.text("tenant", q.Tenant)
	c.text("owner", q.Owner)
	c.text("assignee", q.Assignee)
	c.text("segment", q.Segment)
	if q.Number > 0 {
		c.and("number = ?", q.Number)
	}
	if q.Before > 0 {
		c.and("number < ?", q.Before)
	}
	if n := len(q.Severities); n > 0 {
		c.where = append(c.where, "severity IN (?"+strings.Repeat(",?", n-1)+")")
		for _, s := range q.Severities {
			c.args = append(c.args, int(s))
		}
	}
	c.span("opened", q.OpenedSince, q.OpenedUntil)
	c.span("closed", q.ClosedSince, q.ClosedUntil)
	c.span("modified", q.ModifiedSince, time.Time{})
	if q.Text != "" {
		c.and("instr(words, ?) > 0", strings.ToLower(q.Text))
	}
	return c.sql("SELECT body FROM cases CROSS JOIN case_bodies USING (number)", "number DESC", q.Limit)
}

// Matches reports whether a case is wanted, the limit aside: for cases that are
// not kept. It says what Find does.
func (q *CaseQuery) Matches(c *alerting.Case) bool {
	return (q.Number == 0 || c.Number == q.Number) && (q.Before == 0 || c.Number < q.Before) &&
		(q.Status == "" || c.Status == q.Status) && (q.SubStatus == "" || c.SubStatus == q.SubStatus) &&
		(len(q.Severities) == 0 || slices.Contains(q.Severities, c.Severity)) &&
		isOrAny(c.Tenant, q.Tenant) && isOrAny(c.Owner, q.Owner) && isOrAny(c.Assignee, q.Assignee) && isOrAny(c.Segment, q.Segment) &&
		within(c.Opened, q.OpenedSince, q.OpenedUntil) && within(c.Modified, q.ModifiedSince, time.Time{}) &&
		(q.ClosedSince.IsZero() && q.ClosedUntil.IsZero() || !c.Closed.IsZero() && within(c.Closed, q.ClosedSince, q.ClosedUntil)) &&
		(q.Text == "" || strings.Contains(wordsOfCase(c), strings.ToLower(q.Text)))
}

func isOrAny(got, want string) bool { return want == "" || got == want }

// within reports whether t is at or after since and before until.
func within(t, since, until time.Time) bool {
	return (since.IsZero() || !t.Before(since)) && (until.IsZero() || t.Before(until))
}

// AuditQuery says which entries of the audit log are wanted.
type AuditQuery struct {
	Case         int    // of this case; 0: all
	Tenant       string // of this tenant's cases; "": all
	Who          string // by this person; "": all
	What         string // of this kind, or with a . at the end of these: "case."; "": all
	Since, Until time.Time
	Before       int64 // entries below this one; 0: all
	Limit        int   // at most so many; 0: no limit
}

func (q *AuditQuery) sql() (string, []any) {
	var c conditions
	c.text("who", q.Who)
	c.text("tenant", q.Tenant)
	if strings.HasSuffix(q.What, ".") {
		c.and("instr(what, ?) = 1", q.What)
	} else {
		c.text("what", q.What)
	}
	if q.Case > 0 {
		c.and(`"case" = ?`, q.Case)
	}
	if q.Before > 0 {
		c.and("seq < ?", q.Before)
	}
	c.span("at", q.Since, q.Until)
	return c.sql(`SELECT seq, at, who, what, "case", detail FROM audit`, "seq DESC", q.Limit)
}

// ChangeQuery says which changes of the network are wanted.
type ChangeQuery struct {
	Tenant       string // its own, and those of all; "": any
	Segment      string // likewise
	Since, Until time.Time
	Before       int64 // ids below this one; 0: all
	Limit        int   // at most so many; 0: no limit
}

func (q *ChangeQuery) sql() (string, []any) {
	var c conditions
	if q.Tenant != "" {
		c.and("tenant IN ('', ?)", q.Tenant)
	}
	if q.Segment != "" {
		c.and("segment IN ('', ?)", q.Segment)
	}
	if q.Before > 0 {
		c.and("id < ?", q.Before)
	}
	c.span("at", q.Since, q.Until)
	return c.sql("SELECT body FROM changes", "id DESC", q.Limit)
}

// Matches reports whether a change is wanted, the limit aside: for changes that
// are not kept. It says what Changes does.
func (q *ChangeQuery) Matches(n *alerting.NetworkChange) bool {
	return (n.Tenant == "" || isOrAny(n.Tenant, q.Tenant)) && (n.Segment == "" || isOrAny(n.Segment, q.Segment)) &&
		within(n.At, q.Since, q.Until) && (q.Before == 0 || n.ID < q.Before)
}
