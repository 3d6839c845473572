package store

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

func makeTicket(id int64, number int, version int64, state outbox.State) *outbox.Ticket {
	return &outbox.Ticket{
		ID: id, Destination: "jira", Case: number, Key: fmt.Sprintf("key-%d", id), State: state, Version: version, Made: noon, Modified: noon.Add(time.Duration(version) * time.Second),
		Wanted: outbox.Stand{Open: true, Severity: alerting.High, Update: 2}, Remote: outbox.Remote{ID: "10001", Name: "VOICE-17"},
	}
}

// keep commits a case and tickets as one.
func keep(t *testing.T, c *Cases, cases []*alerting.Case, tickets ...*outbox.Ticket) {
	t.Helper()
	if err := c.Commit(&alerting.Journal{Cases: cases}, tickets); err != nil {
		t.Fatal(err)
	}
}

func ticketIDs(t *testing.T, r *CasesReader, q TicketQuery) (ids []int64) {
	t.Helper()
	list, err := r.Tickets(t.Context(), &q)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		ids = append(ids, one.ID)
	}
	return ids
}

// A ticket reads back as it was kept; an older version of it takes nothing back.
func TestTicketsKept(t *testing.T) {
	dir := t.TempDir()
	c := openCases(t, dir)
	second := makeTicket(1, 1, 2, outbox.Sent)
	keep(t, c, []*alerting.Case{makeCase(1, 1)}, makeTicket(1, 1, 1, outbox.Pending), second)
	keep(t, c, nil, makeTicket(1, 1, 1, outbox.Pending))
	list, next, err := c.LoadTickets(noon)
	if err != nil || next != 2 || len(list) != 1 {
		t.Fatalf("%d tickets, the next is %d, %v", len(list), next, err)
	}
	if diff := cmp.Diff(asJSON(t, second), asJSON(t, list[0])); diff != "" {
		t.Error(diff)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = openCases(t, dir)
	if got, err := c.Ticket(t.Context(), 1); err != nil || got.State != outbox.Sent {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := c.Ticket(t.Context(), 2); !errors.Is(err, ErrNoTicket) {
		t.Errorf("got %v, want ErrNoTicket", err)
	}
	if _, err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// What cannot be kept with its case is not kept without it, and takes the case
// with it.
func TestTicketsAreKeptWithTheirCases(t *testing.T) {
	c := openCases(t, t.TempDir())
	audit := []alerting.AuditEntry{{Seq: 1, Who: "ann", What: "case.open"}}
	if err := c.Commit(&alerting.Journal{Audit: audit}, nil); err != nil {
		t.Fatal(err)
	}
	audit = []alerting.AuditEntry{{Seq: 1, Who: "bob", What: "case.open"}}
	err := c.Commit(&alerting.Journal{Cases: []*alerting.Case{makeCase(1, 1)}, Audit: audit}, []*outbox.Ticket{makeTicket(1, 1, 1, outbox.Pending)})
	if !errors.Is(err, ErrConflict) {
		t.Fatalf("got %v, want ErrConflict", err)
	}
	list, next, err := c.LoadTickets(noon)
	if err != nil || len(list) != 0 || next != 1 {
		t.Errorf("%d tickets, next %d, %v: want none", len(list), next, err)
	}
	// The case of a ticket may have been deleted: what it has to tell is nothing.
	keep(t, c, nil, makeTicket(4, 9, 1, outbox.Pending))
	if ids := ticketIDs(t, c.CasesReader, TicketQuery{}); len(ids) != 0 {
		t.Errorf("kept %v", ids)
	}
}

// One destination has one ticket of a key: that which was made last.
func TestTicketsOfOneKey(t *testing.T) {
	c := openCases(t, t.TempDir())
	older, newer := makeTicket(1, 1, 7, outbox.Confirmed), makeTicket(2, 1, 1, outbox.Pending)
	newer.Key = older.Key
	keep(t, c, []*alerting.Case{makeCase(1, 1)}, older)
	keep(t, c, nil, newer)
	keep(t, c, nil, makeTicketWithKey(1, 1, 8, older.Key))
	if ids := ticketIDs(t, c.CasesReader, TicketQuery{}); !slices.Equal(ids, []int64{2}) {
		t.Errorf("kept %v, want the later one", ids)
	}
}

func makeTicketWithKey(id int64, number int, version int64, key string) *outbox.Ticket {
	t := makeTicket(id, number, version, outbox.Confirmed)
	t.Key = key
	return t
}

func TestTicketQuery(t *testing.T) {
	c := openCases(t, t.TempDir())
	other := makeTicket(3, 2, 1, outbox.Dead)
	other.Destination = "mail"
	sum := makeTicket(4, 0, 1, outbox.Confirmed)
	all := []*outbox.Ticket{makeTicket(1, 1, 1, outbox.Closed), makeTicket(2, 2, 1, outbox.Pending), other, sum}
	keep(t, c, []*alerting.Case{makeCase(1, 1), makeCase(2, 1)}, all...)
	for _, tt := range []struct {
		q    TicketQuery
		want []int64
	}{
		{TicketQuery{}, []int64{4, 3, 2, 1}},
		{TicketQuery{Limit: 2}, []int64{4, 3}},
		{TicketQuery{Before: 3}, []int64{2, 1}},
		{TicketQuery{Open: true}, []int64{4, 3, 2}},
		{TicketQuery{Open: true, Before: 3, Limit: 1}, []int64{2}},
		{TicketQuery{Case: 2}, []int64{3, 2}},
		{TicketQuery{State: outbox.Dead}, []int64{3}},
		{TicketQuery{Destination: "jira", State: outbox.Pending}, []int64{2}},
	} {
		if got := ticketIDs(t, c.CasesReader, tt.q); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: got %v, want %v", tt.q, got, tt.want)
		}
		for _, one := range all {
			if tt.q.Limit == 0 && tt.q.Matches(one) != slices.Contains(tt.want, one.ID) {
				t.Errorf("%+v: Matches disagrees about ticket %d", tt.q, one.ID)
			}
		}
	}
	if _, err := c.Tickets(t.Context(), &TicketQuery{State: "ded"}); err == nil {
		t.Error("an unknown state is no error")
	}
}

// What a box begins with: what is not closed, what belongs to a case that the
// desk begins with, and a summary of that time (4), no older one (5).
func TestLoadTickets(t *testing.T) {
	c := openCases(t, t.TempDir())
	long := makeCase(1, 1)
	long.Status, long.Closed = alerting.StatusClosed, noon.Add(-100*24*time.Hour)
	lately := makeCase(2, 1)
	lately.Status, lately.Closed = alerting.StatusClosed, noon.Add(-time.Hour)
	keep(t, c, []*alerting.Case{long, lately}, makeTicket(1, 1, 1, outbox.Closed), makeTicket(2, 2, 1, outbox.Closed), makeTicket(3, 1, 1, outbox.Pending), makeTicket(4, 0, 1, outbox.Closed))
	old := makeTicket(5, 0, 1, outbox.Closed)
	old.Modified = long.Closed
	keep(t, c, nil, old)
	list, next, err := c.LoadTickets(noon)
	if err != nil || next != 6 || len(list) != 3 || list[0].ID != 2 || list[1].ID != 3 {
		t.Errorf("%d tickets, next %d, %v", len(list), next, err)
	}
}

// Tickets go with their cases: when these were kept for long enough, and when
// their tenant has left. Summaries go by their own age.
func TestTicketsSwept(t *testing.T) {
	c := openCases(t, t.TempDir())
	closed, open := makeCase(1, 1), makeCase(2, 1)
	closed.Status, closed.Closed = alerting.StatusClosed, noon
	gone := makeCase(3, 1)
	gone.Tenant = "globex"
	sum, fresh := makeTicket(4, 0, 1, outbox.Closed), makeTicket(5, 0, 1, outbox.Confirmed)
	keep(t, c, []*alerting.Case{closed, open, gone}, makeTicket(1, 1, 1, outbox.Closed), makeTicket(2, 2, 1, outbox.Confirmed), makeTicket(3, 3, 1, outbox.Confirmed), sum, fresh)
	later := noon.Add(40 * 24 * time.Hour)
	swept, err := c.Sweep(later, &Retention{Cases: Period{Days: 30}, Tenants: map[string]TenantRetention{"globex": {Left: noon}}})
	if err != nil || swept.Cases != 2 {
		t.Fatalf("%+v, %v", swept, err)
	}
	if ids := ticketIDs(t, c.CasesReader, TicketQuery{}); !slices.Equal(ids, []int64{5, 2}) {
		t.Errorf("left %v, want 5 and 2", ids)
	}
	// The box that still has one of them keeps nothing of it again.
	keep(t, c, nil, makeTicket(1, 1, 2, outbox.Pending), makeTicket(3, 3, 2, outbox.Pending))
	if ids := ticketIDs(t, c.CasesReader, TicketQuery{}); !slices.Equal(ids, []int64{5, 2}) {
		t.Errorf("left %v, want 5 and 2", ids)
	}
}

// A file of the first version, with its cases, is brought to the one that knows
// tickets.
func TestCasesOfFirstVersion(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, CasesFile)
	old := &schema{application: casesSchema.application, versions: casesSchema.versions[:1]}
	db, err := sql.Open("sqlite", dsn(path, "rwc"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := old.migrate(t.Context(), conn, path); err != nil {
		t.Fatal(err)
	}
	tx, err := conn.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := putCase(t.Context(), tx, makeCase(1, 3)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(tx.Commit(), conn.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	c := openCases(t, dir)
	m, err := c.Load(noon)
	if err != nil || len(m.Cases) != 1 || len(m.Cases[0].Updates) != 3 {
		t.Fatalf("%+v, %v", m, err)
	}
	list, next, err := c.LoadTickets(noon)
	if err != nil || len(list) != 0 || next != 1 {
		t.Errorf("%d tickets, next %d, %v", len(list), next, err)
	}
	keep(t, c, nil, makeTicket(1, 1, 1, outbox.Pending))
	if _, err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A backup holds the tickets; their numbers are not given again after it was
// put back.
func TestTicketsRestored(t *testing.T) {
	dir, backup := t.TempDir(), t.TempDir()
	c := openCases(t, dir)
	keep(t, c, []*alerting.Case{makeCase(1, 1)}, makeTicket(1, 1, 1, outbox.Pending))
	if err := c.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	keep(t, c, nil, makeTicket(6, 1, 1, outbox.Pending))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), backup, dir, func(string, string) {}); err != nil {
		t.Fatal(err)
	}
	c = openCases(t, dir)
	list, next, err := c.LoadTickets(noon)
	if err != nil || len(list) != 1 || list[0].ID != 1 || next != 7 {
		t.Errorf("%d tickets, next %d, %v: want ticket 1, and 7", len(list), next, err)
	}
}

// A ticket whose columns say something else is damage.
func TestTicketsChecked(t *testing.T) {
	c := openCases(t, t.TempDir())
	keep(t, c, []*alerting.Case{makeCase(1, 1)}, makeTicket(1, 1, 1, outbox.Pending))
	if _, err := c.conn.ExecContext(t.Context(), "UPDATE tickets SET state = 'closed'"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want that it is damaged", err)
	}
}
