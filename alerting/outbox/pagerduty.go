package outbox

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"earshot/alerting"
)

// pagerDuty sends events to PagerDuty's Events API v2
// (developer.pagerduty.com/docs/events-api-v2; description in
// github.com/PagerDuty/api-schema, reference/events-v2). Events with one
// dedup_key are one alert as long as it is open, so that any of them may be sent
// again; a trigger after a resolve opens it again.
type pagerDuty struct {
	Plain
	client      *client
	url         string
	key         string // of the integration: whoever has it can send events
	severities  [alerting.Severities]string
	source      string
	restored    bool // resolve when the service is restored, not only when the case is closed
	acknowledge bool // when somebody works on the case
}

// The addresses of PagerDuty's service regions.
var pagerDutyRegions = map[string]string{
	"us": "https://events.pagerduty.com/v2/enqueue",
	"eu": "https://events.eu.pagerduty.com/v2/enqueue",
}

// The bounds of PagerDuty's fields, in characters. An event has at most 512 KB.
const (
	maxPagerDutySummary = 1024
	maxPagerDutyText    = 20000
	maxPagerDutyField   = 2000
	maxPagerDutyCases   = 50
)

// pagerDutyEvent is one event.
type pagerDutyEvent struct {
	RoutingKey string            `json:"routing_key"`
	Action     string            `json:"event_action"` // "trigger", "acknowledge", "resolve"
	DedupKey   string            `json:"dedup_key"`
	Client     string            `json:"client,omitempty"`
	ClientURL  string            `json:"client_url,omitempty"`
	Links      []pagerDutyLink   `json:"links,omitempty"`
	Payload    *pagerDutyPayload `json:"payload,omitempty"`
}

// pagerDutyLink is a link of an event.
type pagerDutyLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// pagerDutyPayload is what an event is about.
type pagerDutyPayload struct {
	Summary   string         `json:"summary"`
	Source    string         `json:"source"`
	Severity  string         `json:"severity"` // "critical", "error", "warning", "info"
	Timestamp string         `json:"timestamp"`
	Component string         `json:"component,omitempty"`
	Group     string         `json:"group,omitempty"`
	Class     string         `json:"class,omitempty"`
	Details   map[string]any `json:"custom_details,omitempty"`
}

// newPagerDuty reads the settings.
func newPagerDuty(d *draft) Destination {
	p := &pagerDuty{
		key:         d.secret("routing_key", false),
		severities:  d.bySeverity("severities", "critical", "error", "warning", "info"),
		source:      d.text("source", "earshot"),
		restored:    d.choice("resolve", "closed", "restored") == "restored",
		acknowledge: d.flag("acknowledge", true),
	}
	for s := alerting.Critical; s < alerting.Severities; s++ {
		switch word := p.severities[s]; word {
		case "critical", "error", "warning", "info":
		default:
			d.fault("severities", "%s is %q, want one of critical, error, warning, info", s, word)
		}
	}
	at := d.url("url", pagerDutyRegions[d.choice("region", "us", "eu")])
	if at == nil {
		at = &url.URL{}
	}
	p.url, p.client = at.String(), d.client(at)
	return p
}

// Abilities says what it can do.
func (p *pagerDuty) Abilities() Abilities {
	return Abilities{Idempotent: true, Close: true, Reopen: true}
}

// Create triggers the alert.
func (p *pagerDuty) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	remote := Remote{ID: t.Key, Name: "alert of " + subjectNumber(c)}
	return remote, p.tell(ctx, t, c)
}

// Update triggers it again, which changes what it says, and acknowledges it when
// somebody works on the case.
func (p *pagerDuty) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return t.Remote, p.tell(ctx, t, c)
}

// Reopen triggers it again.
func (p *pagerDuty) Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return t.Remote, p.tell(ctx, t, c)
}

// Close resolves it.
func (p *pagerDuty) Close(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return t.Remote, p.post(ctx, pagerDutyEvent{Action: "resolve", DedupKey: t.Key})
}

// tell sends how the case stands.
func (p *pagerDuty) tell(ctx context.Context, t *Ticket, c *Content) error {
	if p.restored && t.Wanted.Restored {
		return p.post(ctx, pagerDutyEvent{Action: "resolve", DedupKey: t.Key})
	}
	if err := p.post(ctx, p.trigger(t, c)); err != nil || !p.acknowledge || !workedOn(c) {
		return err
	}
	return p.post(ctx, pagerDutyEvent{Action: "acknowledge", DedupKey: t.Key})
}

// workedOn reports whether a person has taken the case on.
func workedOn(c *Content) bool {
	return c.Case != nil && c.Case.SubStatus != alerting.SubNew && c.Case.SubStatus != "" && c.Case.Assignee != ""
}

// trigger is the event that opens the alert, or changes what it says.
func (p *pagerDuty) trigger(t *Ticket, c *Content) pagerDutyEvent {
	e := pagerDutyEvent{Action: "trigger", DedupKey: t.Key, Client: "Earshot", ClientURL: c.Link, Payload: &pagerDutyPayload{
		Summary:   fit(oneLine(c.Subject), maxPagerDutySummary),
		Source:    p.source,
		Severity:  p.severities[c.severity()],
		Timestamp: began(c).UTC().Format(time.RFC3339),
		Details:   map[string]any{},
	}}
	if c.Link != "" {
		e.Links = []pagerDutyLink{{Href: c.Link, Text: "The case in Earshot"}}
	}
	for _, f := range facts(c) {
		e.Payload.Details[f.name] = fit(f.value, maxPagerDutyField)
	}
	if c.Text != "" {
		e.Payload.Details["description"] = fit(plain(c.Text), maxPagerDutyText)
	}
	if c.Case != nil {
		e.Payload.Component, e.Payload.Group = fit(oneLine(c.Case.Segment), maxPagerDutyField), fit(oneLine(c.Case.Tenant), maxPagerDutyField)
		e.Payload.Class = fit(oneLine(signalsOf(c.Case)), maxPagerDutyField)
	}
	var numbers []string
	for _, one := range c.Cases[:min(len(c.Cases), maxPagerDutyCases)] {
		numbers = append(numbers, fit(fmt.Sprintf("#%d %s", one.Number, oneLine(one.Subject)), maxPagerDutyField/10))
	}
	if len(numbers) > 0 {
		e.Payload.Details["cases"] = numbers
	}
	return e
}

// post sends one event.
func (p *pagerDuty) post(ctx context.Context, e pagerDutyEvent) error {
	e.RoutingKey = p.key
	_, err := p.client.do(ctx, request{method: http.MethodPost, url: p.url, body: e, secrets: []string{p.key},
		accept: []int{http.StatusAccepted, http.StatusOK}, pretend: `{"status":"success"}`})
	return misplaced(err)
}

// began is since when there is the fault.
func began(c *Content) time.Time {
	switch {
	case c.Case == nil:
		first := c.At
		for _, one := range c.Cases {
			if !one.Opened.IsZero() && one.Opened.Before(first) {
				first = one.Opened
			}
		}
		return first
	case !c.Case.FirstSeen.IsZero():
		return c.Case.FirstSeen
	case !c.Case.Opened.IsZero():
		return c.Case.Opened
	}
	return c.At
}

// subjectNumber names what a message is about.
func subjectNumber(c *Content) string {
	if c.Case == nil {
		return strconv.Itoa(len(c.Cases)) + " cases"
	}
	return "case " + strconv.Itoa(c.Case.Number)
}
