package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"earshot/alerting"
)

// serviceNowEvents sends events to ServiceNow's Event Management
// (servicenow.com/docs, "Send events via web service": POST
// /api/global/em/jsonv2). Events with one message_key make one alert, and
// severity 0 clears it: an event may be sent as often as one likes.
type serviceNowEvents struct {
	Plain
	tracker
	source   string
	severity [alerting.Severities]string
}

// The bounds of an event's fields (table em_event).
const (
	eventDescription = 4000
	eventNode        = 100
)

// newServiceNowEvents reads the settings.
func newServiceNowEvents(d *draft) Destination {
	base := d.base()
	s := &serviceNowEvents{tracker: *d.signs(base, "Bearer", "oauth_token.do"),
		source: d.text("source", "Earshot"), severity: d.bySeverity("severity_map", "1", "2", "3", "4")}
	s.denied = "check the account of the destination: it needs the role evt_mgmt_integration"
	return s
}

// Abilities: a key that is sent again makes no second alert.
func (s *serviceNowEvents) Abilities() Abilities {
	return Abilities{Idempotent: true, Close: true, Reopen: true}
}

// event is one record of what is posted.
type event struct {
	Source      string `json:"source"`
	Class       string `json:"event_class"`
	Node        string `json:"node"`
	Resource    string `json:"resource"`
	Metric      string `json:"metric_name"`
	Type        string `json:"type"`
	Severity    string `json:"severity"`
	Resolution  string `json:"resolution_state"`
	Key         string `json:"message_key"`
	Description string `json:"description"`
	Time        string `json:"time_of_event"` // UTC, as the interface wants it
	Info        string `json:"additional_info"`
}

// Create raises the alert.
func (s *serviceNowEvents) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return s.send(ctx, t, c, true)
}

// Update raises it again with what is known now.
func (s *serviceNowEvents) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return s.send(ctx, t, c, true)
}

// Close clears it.
func (s *serviceNowEvents) Close(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return s.send(ctx, t, c, false)
}

// Reopen raises it again: Event Management opens the alert of the key anew.
func (s *serviceNowEvents) Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return s.send(ctx, t, c, true)
}

// send posts one event.
func (s *serviceNowEvents) send(ctx context.Context, t *Ticket, c *Content, open bool) (Remote, error) {
	e := event{Source: s.source, Class: s.source, Key: t.Key, Severity: s.severity[c.severity()], Resolution: "New",
		Description: fit(oneLine(c.Subject)+"\n\n"+c.body(), eventDescription), Time: c.At.UTC().Format("2006-01-02 15:04:05"), Info: s.info(c)}
	if c.Case != nil {
		e.Node, e.Resource = fit(oneLine(c.Case.Segment), eventNode), fit(oneLine(c.Case.Service), eventNode)
		if len(c.Case.Signals) > 0 {
			e.Metric, e.Type = string(c.Case.Signals[0]), "voice quality"
		}
	}
	if !open {
		e.Severity, e.Resolution = "0", "Closing"
	}
	_, err := s.do(ctx, call{method: http.MethodPost, path: "/api/global/em/jsonv2", body: map[string]any{"records": []event{e}}, expect: true}, nil)
	return Remote{ID: t.Key, Name: t.Key[:min(len(t.Key), 8)]}, err
}

// info is what else an alert rule can go by: additional_info is a text of JSON.
func (s *serviceNowEvents) info(c *Content) string {
	info := map[string]string{"link": c.Link, "owner": c.owner(), "severity": c.severity().String()}
	if c.Case != nil {
		info["case"], info["tenant"] = fmt.Sprint(c.Case.Number), c.Case.Tenant
	}
	text, err := json.Marshal(info)
	if err != nil {
		return "{}"
	}
	return string(text)
}
