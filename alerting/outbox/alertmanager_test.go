package outbox

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// amMember is one member of a cluster as far as its alerts go: an alert is its
// labels, the latest that is said of it counts.
type amMember struct {
	*described
	alerts map[string]postableAlert // by labels
}

func newAMMember(t *testing.T) *amMember {
	t.Helper()
	m := &amMember{alerts: map[string]postableAlert{}}
	m.described = newDescribed(t, "alertmanager/openapi.yaml", m.take(t))
	return m
}

// take is how alerts are posted to it.
func (m *amMember) take(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		var alerts []postableAlert
		if err := json.NewDecoder(q.Body).Decode(&alerts); err != nil {
			t.Errorf("body: %v", err)
		}
		for _, a := range alerts {
			if a.EndsAt.Before(a.StartsAt) || len(a.Labels) == 0 {
				w.WriteHeader(400) // as Alertmanager does
				return
			}
			name, _ := json.Marshal(a.Labels)
			m.alerts[string(name)] = a
		}
	}
}

// firing are the labels that fire at a time.
func (m *amMember) firing(now time.Time) (list []map[string]string) {
	for _, a := range m.alerts {
		if a.EndsAt.After(now) {
			list = append(list, a.Labels)
		}
	}
	return list
}

// amCluster is a destination with its members.
func amCluster(t *testing.T, members []string, lines ...string) Destination {
	t.Helper()
	return settled(t, map[string]string{"S": trackerSecret}, append([]string{"kind: alertmanager", "urls: [" + strings.Join(members, ", ") + "]"}, lines...)...)
}

func TestAlertmanagerLife(t *testing.T) {
	a, b := newAMMember(t), newAMMember(t)
	d := amCluster(t, []string{a.URL, b.URL + "/"}, "labels: {site: fra}")
	c, ticket := trackerContent(), trackerTicket("")
	c.Case.FirstSeen = c.At.Add(-time.Hour)
	ticket.Wanted.Open = true
	must := func(remote Remote, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		ticket.Remote = remote
	}
	one := func(severity string) {
		t.Helper()
		want := map[string]string{"alertname": "EarshotCase", "monitor": "earshot", "site": "fra", "case": "17", "key": trackerKey, "tenant": "acme",
			"segment": "trunk-b", "owner": "carrier", "severity": severity}
		for _, m := range []*amMember{a, b} {
			if got := m.firing(c.At); len(got) != 1 || !maps.Equal(got[0], want) {
				t.Errorf("firing is %v, want once %v", got, want)
			}
		}
	}
	must(d.Create(t.Context(), ticket, c))
	must(d.Create(t.Context(), ticket, c))
	one("high")
	if ticket.Remote.Name != "all 2 members" {
		t.Errorf("remote is %+v", ticket.Remote)
	}
	for _, p := range a.alerts {
		if !p.StartsAt.Equal(c.At.Add(-time.Hour)) || !p.EndsAt.Equal(c.At.Add(5*time.Minute)) || p.GeneratorURL != c.Link ||
			p.Annotations["summary"] != c.Subject || !strings.HasPrefix(p.Annotations["description"], "What: 20 of 20") || p.Annotations["signals"] != "loss" {
			t.Errorf("the alert is %+v", p)
		}
	}
	c.At, c.Case.Severity = c.At.Add(time.Minute), alerting.Critical
	must(d.Update(t.Context(), ticket, c)) // the alert with the old severity ends
	one("critical")
	c.At, c.Text = c.At.Add(time.Minute), "another text"
	must(d.Update(t.Context(), ticket, c))
	one("critical")
	c.At = c.At.Add(5 * time.Minute)
	if len(a.firing(c.At)) != 0 {
		t.Error("an alert that nobody confirms still fires")
	}
	must(d.Update(t.Context(), ticket, c))
	one("critical")
	c.Case.Status, c.Case.Closed = alerting.StatusClosed, c.At.Add(-time.Second)
	must(d.Close(t.Context(), ticket, c))
	if got := append(a.firing(c.At), b.firing(c.At)...); len(got) != 0 {
		t.Errorf("after closing %v fires", got)
	}
	c.Case.Status = alerting.StatusOpen
	must(d.Reopen(t.Context(), ticket, c))
	one("critical")
}

func TestAlertmanagerRestored(t *testing.T) {
	for lines, want := range map[string]int{"resolve: restored": 0, "resolve: closed": 1} {
		m := newAMMember(t)
		d := amCluster(t, []string{m.URL}, lines)
		c, ticket := trackerContent(), trackerTicket("")
		ticket.Wanted = Stand{Open: true, Restored: true}
		if _, err := d.Update(t.Context(), ticket, c); err != nil || len(m.firing(c.At)) != want {
			t.Errorf("%s: %d fire (%v), want %d", lines, len(m.firing(c.At)), err, want)
		}
	}
}

// TestAlertmanagerMembers: one that takes it is enough; who did not is told.
func TestAlertmanagerMembers(t *testing.T) {
	good := newAMMember(t)
	down := httptest.NewServer(nil)
	down.Close()
	refusing := answering(t, 400, nil, `"bad labels"`)
	busy := answering(t, 503, map[string]string{"Retry-After": "9"}, "")
	c, ticket := trackerContent(), trackerTicket("")
	remote, err := amCluster(t, []string{down.URL, refusing.URL, good.URL}).Create(t.Context(), ticket, c)
	host := strings.TrimPrefix(down.URL, "http://")
	if err != nil || len(good.firing(c.At)) != 1 || remote.Name != "1 of 3 members, not "+host+", "+strings.TrimPrefix(refusing.URL, "http://") {
		t.Errorf("one of three: %+v, %v", remote, err)
	}
	for _, x := range []struct {
		members []string
		want    FailureKind
		words   []string
	}{
		{[]string{down.URL}, Unreached, []string{host}},
		{[]string{refusing.URL, down.URL}, Unreached, []string{host, "bad labels"}},
		{[]string{refusing.URL, busy.URL}, Busy, []string{"503", "bad labels"}},
		{[]string{refusing.URL}, Refused, []string{"bad labels"}},
		{[]string{answering(t, 404, nil, "").URL}, Denied, []string{"address"}},
	} {
		_, err := amCluster(t, x.members).Update(t.Context(), ticket, c)
		mustFail(t, err, x.want, x.words...)
	}
}

// TestAlertmanagerSummary: the alert of a storm has no case, and lists them.
func TestAlertmanagerSummary(t *testing.T) {
	m := newAMMember(t)
	c := trackerContent()
	c.Case, c.Cases = nil, []*alerting.Case{
		{Number: 3, Severity: alerting.High, Owner: "carrier", Subject: "a", Opened: c.At.Add(-time.Minute)},
		{Number: 4, Severity: alerting.Critical, Owner: "us", Subject: "b", Opened: c.At},
	}
	if _, err := amCluster(t, []string{m.URL}).Create(t.Context(), trackerTicket(""), c); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.alerts {
		want := map[string]string{"alertname": "EarshotCase", "monitor": "earshot", "key": trackerKey, "severity": "critical"}
		if !maps.Equal(p.Labels, want) || p.Annotations["case_3"] != "high, a" || p.Annotations["cases"] != "2" || !p.StartsAt.Equal(c.At.Add(-time.Minute)) {
			t.Errorf("got %+v", p)
		}
	}
}

func TestAlertmanagerSettings(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"refresh: 1m", "urls"},
		{"urls: [http://am.example:9093], refresh: 4m, expires: 5m", "twice refresh (4m)"},
		{"urls: [http://am.example:9093], labels: {severity: x}", "severity is set by Earshot itself"},
		{"urls: [http://am.example:9093], labels: {'a-b': x}", `"a-b"`},
		{"urls: [http://am.example:9093], token_env: T, user: x", "token"},
		{"urls: [http://u:p@am.example:9093]", "password"},
	} {
		_, err := decodeTracker(func(_, _ string) (string, error) { return "x", nil }, "- {name: d, kind: alertmanager, "+c.line+"}")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.line, err, c.want)
		}
	}
	d := amCluster(t, []string{"http://am.example"}, "refresh: 30s", "user: earshot", "password_env: S")
	if got := d.Abilities(); got.Refresh != 30*time.Second || !got.Idempotent || got.Find || got.Read {
		t.Errorf("abilities are %+v", got)
	}
	var out strings.Builder
	d.Create(DryRun(t.Context(), &out), trackerTicket(""), trackerContent())
	if text := out.String(); !strings.Contains(text, "Authorization: ***") || !strings.HasPrefix(text, "POST /api/v2/alerts HTTP/1.1\nHost: am.example\n") {
		t.Errorf("a dry run shows %s", text)
	}
}

// TestLabelName: by the data model of Prometheus.
func TestLabelName(t *testing.T) {
	for name, want := range map[string]bool{"site": true, "_x9": true, "": false, "9x": false, "a-b": false, "ä": false, "a:b": false} {
		if labelName(name) != want {
			t.Errorf("%q is a label: %v, want %v", name, !want, want)
		}
	}
}

// TestRemembered: a memo of another kind is no memo.
func TestRemembered(t *testing.T) {
	for memo, want := range map[string][]string{"": nil, "7": nil, "{": nil, `{"a":1}`: nil, `{"a":"b"}`: {"a"}} {
		if got := slices.Sorted(maps.Keys(remembered(memo))); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", memo, got, want)
		}
	}
}
