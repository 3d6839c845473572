package outbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"earshot/alerting"
)

// routingKey has the length of PagerDuty's integration keys.
const routingKey = "e93facc04764012d7bfb002500d5d1a6"

// duty is PagerDuty: an open alert for each key, or a closed one.
type duty struct {
	alerts map[string]string // status by dedup_key
	opened int
}

func (p *duty) answer(w http.ResponseWriter, q *http.Request) {
	var e struct {
		Key    string `json:"dedup_key"`
		Action string `json:"event_action"`
	}
	if err := json.NewDecoder(q.Body).Decode(&e); err != nil {
		w.WriteHeader(400)
		return
	}
	status := p.alerts[e.Key]
	open := status == "triggered" || status == "acknowledged"
	switch {
	case e.Action == "trigger" && !open:
		p.alerts[e.Key] = "triggered"
		p.opened++
	case e.Action == "acknowledge" && open:
		p.alerts[e.Key] = "acknowledged"
	case e.Action == "resolve" && open:
		p.alerts[e.Key] = "resolved"
	}
	w.WriteHeader(202)
	w.Write([]byte(`{"status":"success","message":"Event processed","dedup_key":"` + e.Key + `"}`))
}

func newDuty(t *testing.T, lines ...string) (*duty, *described, Destination) {
	t.Helper()
	p := &duty{alerts: map[string]string{}}
	s := newDescribed(t, "pagerduty/openapi.yaml", p.answer)
	d := settled(t, map[string]string{"K": routingKey}, append([]string{"kind: pagerduty", "url: " + s.URL + "/v2/enqueue", "routing_key_env: K"}, lines...)...)
	return p, s, d
}

func TestPagerDutyLife(t *testing.T) {
	p, s, d := newDuty(t)
	c, ticket := trackerContent(), trackerTicket("")
	must := func(remote Remote, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		ticket.Remote = remote
	}
	state := func(want string, opened int) {
		t.Helper()
		if p.alerts[trackerKey] != want || p.opened != opened || len(p.alerts) != 1 {
			t.Errorf("alerts are %v, opened %d times; want one that is %s, opened %d times", p.alerts, p.opened, want, opened)
		}
	}
	must(d.Create(t.Context(), ticket, c))
	must(d.Create(t.Context(), ticket, c)) // its answer was lost
	state("triggered", 1)
	if ticket.Remote.ID != trackerKey {
		t.Errorf("remote is %+v", ticket.Remote)
	}
	var e pagerDutyEvent
	if err := json.Unmarshal([]byte(s.take()[0]), &e); err != nil {
		t.Fatal(err)
	}
	x := e.Payload
	if e.RoutingKey != routingKey || x.Summary != c.Subject || x.Severity != "error" || x.Source != "earshot" || x.Component != "trunk-b" ||
		x.Group != "acme" || x.Class != "loss" || x.Timestamp != "2026-01-06T08:50:00Z" || x.Details["owner"] != "carrier" || e.Links[0].Href != c.Link {
		t.Errorf("the event is %+v with %+v", e, x)
	}
	c.Case.SubStatus, c.Case.Assignee = alerting.SubInvestigation, "meier"
	must(d.Update(t.Context(), ticket, c))
	state("acknowledged", 1)
	must(d.Close(t.Context(), ticket, c))
	must(d.Close(t.Context(), ticket, c))
	state("resolved", 1)
	c.Case.SubStatus, c.Case.Assignee = alerting.SubNew, ""
	must(d.Reopen(t.Context(), ticket, c))
	state("triggered", 2)
}

func TestPagerDutyRestored(t *testing.T) {
	for lines, want := range map[string]string{"resolve: restored": "resolved", "resolve: closed": "triggered"} {
		p, _, d := newDuty(t, lines)
		c, ticket := trackerContent(), trackerTicket("")
		ticket.Wanted.Open = true
		if _, err := d.Create(t.Context(), ticket, c); err != nil {
			t.Fatal(err)
		}
		ticket.Wanted.Restored = true
		if _, err := d.Update(t.Context(), ticket, c); err != nil || p.alerts[trackerKey] != want {
			t.Errorf("%s: restored makes it %s (%v), want %s", lines, p.alerts[trackerKey], err, want)
		}
	}
}

// TestPagerDutyBounds: a case of any length fits.
func TestPagerDutyBounds(t *testing.T) {
	_, s, d := newDuty(t)
	c := trackerContent()
	c.Subject, c.Text, c.Link = strings.Repeat("ä\n", 3000), strings.Repeat("ü€", 200_000), ""
	c.Case = nil
	for i := range 1000 {
		c.Cases = append(c.Cases, &alerting.Case{Number: i + 1, Severity: alerting.Medium, Subject: strings.Repeat("€", 5000)})
	}
	if _, err := d.Create(t.Context(), trackerTicket(""), c); err != nil {
		t.Fatal(err)
	}
	body := s.take()[0]
	var e pagerDutyEvent
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	if len(body) > 512_000 || utf8.RuneCountInString(e.Payload.Summary) != 1024 || e.Payload.Severity != "warning" {
		t.Errorf("%d octets, summary of %d characters, severity %s", len(body), utf8.RuneCountInString(e.Payload.Summary), e.Payload.Severity)
	}
}

func TestPagerDutyRefused(t *testing.T) {
	// The answer is that of PagerDuty's own documentation.
	s := answering(t, 400, nil, `{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect (should be 32 characters)"]}`)
	d := settled(t, map[string]string{"K": trackerSecret}, "kind: pagerduty", "url: "+s.URL, "routing_key_env: K")
	_, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
	mustFail(t, err, Refused, "Event object is invalid", "should be 32 characters")

	s = answering(t, 429, map[string]string{"Retry-After": "60"}, "")
	d = settled(t, map[string]string{"K": routingKey}, "kind: pagerduty", "url: "+s.URL, "routing_key_env: K")
	_, err = d.Create(t.Context(), trackerTicket(""), trackerContent())
	mustFail(t, err, Busy)
}

func TestPagerDutySettings(t *testing.T) {
	for region, want := range map[string]string{"us": "https://events.pagerduty.com/v2/enqueue", "eu": "https://events.eu.pagerduty.com/v2/enqueue"} {
		d := settled(t, map[string]string{"K": routingKey}, "kind: pagerduty", "routing_key_env: K", "region: "+region).(*pagerDuty)
		if d.url != want {
			t.Errorf("region %s is %s, want %s", region, d.url, want)
		}
		var out strings.Builder
		d.Create(DryRun(t.Context(), &out), trackerTicket(""), trackerContent())
		if strings.Contains(out.String(), routingKey) || !strings.Contains(out.String(), `"routing_key":"***"`) {
			t.Errorf("a dry run shows %s", out.String())
		}
	}
	_, err := decodeTracker(func(_, _ string) (string, error) { return routingKey, nil }, "- {name: d, kind: pagerduty, routing_key_env: K, severities: {high: bad}}")
	if err == nil || !strings.Contains(err.Error(), `high is "bad"`) {
		t.Errorf("a severity that PagerDuty does not know: got %v", err)
	}
}
