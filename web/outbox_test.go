package web

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting/outbox"
	"earshot/store"
)

// testOutbox holds tickets 1 to 3: one is dead, one confirmed, one closed.
type testOutbox struct{ did []string }

func (*testOutbox) list() []*outbox.Ticket {
	return []*outbox.Ticket{
		{ID: 3, Destination: "jira", Case: 9, State: outbox.Closed, Key: "k3", Made: testNow, Modified: testNow},
		{ID: 2, Destination: "jira", Case: 8, State: outbox.Confirmed, Key: "k2", Remote: outbox.Remote{ID: "10001", Name: "VOICE-17"}},
		{ID: 1, Destination: "mail", Case: 8, State: outbox.Dead, Key: "k1", Error: "no such mailbox"},
	}
}

func (o *testOutbox) Tickets(_ context.Context, q *store.TicketQuery) (list []*outbox.Ticket, err error) {
	for _, t := range o.list() {
		if q.Matches(t) && (q.Limit == 0 || len(list) < q.Limit) {
			list = append(list, t)
		}
	}
	return list, nil
}

func (o *testOutbox) Ticket(_ context.Context, id int64) (*outbox.Ticket, error) {
	list := o.list()
	i := slices.IndexFunc(list, func(t *outbox.Ticket) bool { return t.ID == id })
	if i < 0 {
		return nil, store.ErrNoTicket
	}
	return list[i], nil
}

func (o *testOutbox) Retry(ctx context.Context, id int64) (*outbox.Ticket, error) {
	t, err := o.Ticket(ctx, id)
	if err == nil && t.State != outbox.Dead {
		return nil, fmt.Errorf("%w: %d is %s", outbox.ErrSettled, id, t.State)
	}
	o.did = append(o.did, fmt.Sprint("retry ", id))
	return t, err
}

func (o *testOutbox) Drop(ctx context.Context, id int64, who string) (*outbox.Ticket, error) {
	o.did = append(o.did, fmt.Sprint("drop ", id, " by ", who))
	return o.Ticket(ctx, id)
}

func (*testOutbox) Stats() []outbox.Stats {
	return []outbox.Stats{
		{Destination: "jira", Tickets: map[outbox.State]int{outbox.Confirmed: 1, outbox.Closed: 1}, Requests: map[string]uint64{"done": 12, "doubtful": 3}, Folded: 4},
		{Destination: "mail", Tickets: map[outbox.State]int{outbox.Dead: 1}, Requests: map[string]uint64{"refused": 1}, Open: true, Oldest: 90 * time.Second},
		{Destination: "old", Tickets: map[outbox.State]int{outbox.Pending: 2}, Gone: true},
	}
}

func TestOutboxAPI(t *testing.T) {
	s, err := NewServer(ServerConfig{Log: quiet()}, Probe{Desk: newTestDesk(), Outbox: &testOutbox{}}, newMetrics(t, MetricsConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/api/v1/outbox", "", 200, `"next":0`},
		{"GET", "/api/v1/outbox?limit=2", "", 200, `"next":2`},
		{"GET", "/api/v1/outbox?limit=2&before=2", "", 200, `no such mailbox`},
		{"GET", "/api/v1/outbox?state=dead", "", 200, `"id":1`},
		{"GET", "/api/v1/outbox?state=ded", "", 400, "want one of pending, sent, confirmed, closed, dead"},
		{"GET", "/api/v1/outbox?stat=dead", "", 400, `did you mean \"state\"`},
		{"GET", "/api/v1/outbox?case=9&destination=mail", "", 200, `"tickets":[]`},
		{"GET", "/api/v1/outbox/2", "", 200, "VOICE-17"},
		{"GET", "/api/v1/outbox/7", "", 404, "there is no such ticket"},
		{"GET", "/api/v1/outbox/x", "", 404, "no number of a ticket"},
		{"POST", "/api/v1/outbox/1/retry", `{"author": "ann"}`, 200, `"id":1`},
		{"POST", "/api/v1/outbox/1/retry", `{}`, 400, "author"},
		{"POST", "/api/v1/outbox/2/retry", `{"author": "ann"}`, 409, "2 is confirmed"},
		{"POST", "/api/v1/outbox/1/drop", `{"author": "ann"}`, 200, `"id":1`},
		{"POST", "/api/v1/outbox/1/drip", `{"author": "ann"}`, 404, "drop"},
		{"POST", "/api/v1/outbox/9/drop", `{"author": "ann"}`, 404, "there is no such ticket"},
	} {
		w := post(s, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %s: status %d, want %d that says %q: %s", c.method, c.path, c.body, w.Code, c.status, c.says, w.Body)
		}
	}
	o := s.probe.Outbox.(*testOutbox)
	if want := []string{"retry 1", "drop 1 by ann", "drop 9 by ann"}; !slices.Equal(o.did, want) {
		t.Errorf("done: %q, want %q", o.did, want)
	}
	var list TicketList
	if err := json.Unmarshal(get(s, "/api/v1/outbox").Body.Bytes(), &list); err != nil || len(list.Tickets) != 3 || list.Tickets[0].ID != 3 {
		t.Errorf("%v, %+v", err, list)
	}
}

// A probe that tells nobody says so.
func TestNoOutbox(t *testing.T) {
	s, err := NewServer(ServerConfig{Log: quiet()}, Probe{Desk: newTestDesk()}, newMetrics(t, MetricsConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	if w := get(s, "/api/v1/outbox"); w.Code != 404 || !strings.Contains(w.Body.String(), "destinations") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}

// What is no longer configured, or beyond the cap, makes no series of its own.
func TestOutboxMetrics(t *testing.T) {
	probe := Probe{Outbox: &testOutbox{}}
	m := newMetrics(t, MetricsConfig{Destinations: 2})
	m.Attach(probe)
	expect(t, m, map[string]float64{
		`earshot_outbox_tickets{destination="jira", state="confirmed"}`:         1,
		`earshot_outbox_tickets{destination="mail", state="dead"}`:              1,
		`earshot_outbox_tickets{destination="other", state="pending"}`:          2,
		`earshot_outbox_requests_total{destination="jira", outcome="doubtful"}`: 3,
		`earshot_outbox_requests_total{destination="mail", outcome="refused"}`:  1,
		`earshot_outbox_circuit_open{destination="jira"}`:                       0,
		`earshot_outbox_circuit_open{destination="mail"}`:                       1,
		`earshot_outbox_oldest_pending_seconds{destination="mail"}`:             90,
		`earshot_outbox_summed_cases_total{destination="jira"}`:                 4,
	})
	m = newMetrics(t, MetricsConfig{Destinations: 1})
	m.Attach(probe)
	expect(t, m, map[string]float64{
		`earshot_outbox_tickets{destination="other", state="dead"}`:    1,
		`earshot_outbox_tickets{destination="other", state="pending"}`: 2,
		`earshot_outbox_circuit_open{destination="other"}`:             1,
	})
}
