package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// alertmanager posts alerts to all members of a cluster of Prometheus
// Alertmanagers (api/v2/openapi.yaml in github.com/prometheus/alertmanager):
// they share silences and what was notified, but not alerts. An alert is its
// labels, so that posting it again changes nothing; it ends by itself when
// nobody confirms it any more.
type alertmanager struct {
	Plain
	client   *client
	members  []*url.URL
	header   http.Header
	labels   map[string]string // of all alerts
	refresh  time.Duration
	expires  time.Duration // after the last confirmation
	restored bool          // resolve when the service is restored, not only when the case is closed
}

// alertPath is where alerts are posted to.
const alertPath = "/api/v2/alerts"

// memberWait bounds how long one member may take: the others are waiting.
const memberWait = 10 * time.Second

// maxAnnotation bounds an annotation, in characters: receivers put them into
// messages.
const maxAnnotation = 4000

// postableAlert is an alert as the API names it.
type postableAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// newAlertmanager reads the settings.
func newAlertmanager(d *draft) Destination {
	a := &alertmanager{
		members:  d.urls("urls"),
		labels:   d.table("labels"),
		refresh:  d.span("refresh", 15*time.Second, time.Hour, time.Minute),
		expires:  d.span("expires", time.Minute, 24*time.Hour, 5*time.Minute),
		restored: d.choice("resolve", "closed", "restored") == "restored",
	}
	a.header = d.optionalLogin("Bearer")
	if !d.has("urls") {
		d.fault("urls", "it is missing, and must be there: the addresses of all members")
	}
	if a.expires < 2*a.refresh && a.expires > 0 {
		d.fault("expires", "it is %s, want at least twice refresh (%s), so that one lost request ends no alert", alerting.FormatSpan(a.expires), alerting.FormatSpan(a.refresh))
	}
	for name := range a.labels {
		if !labelName(name) {
			d.fault("labels", "%q is no name of a label: want letters, digits and _, the first no digit", name)
		}
	}
	d.reserved("labels", a.labels, "alertname", "monitor", "case", "key", "tenant", "segment", "owner", "severity")
	a.client = d.client(a.members...)
	return a
}

// optionalLogin reads how requests are signed, where they are.
func (d *draft) optionalLogin(scheme string) http.Header {
	signed := false
	for _, key := range []string{"user", "token", "token_file", "token_env", "password", "password_file", "password_env"} {
		signed = d.has(key) || signed
	}
	if !signed {
		return http.Header{}
	}
	return d.login(scheme)
}

// labelName reports whether Prometheus takes a name for a label.
func labelName(name string) bool {
	for i, r := range name {
		if !(r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || i > 0 && '0' <= r && r <= '9') {
			return false
		}
	}
	return name != ""
}

// Abilities says what it can do.
func (a *alertmanager) Abilities() Abilities {
	return Abilities{Idempotent: true, Close: true, Reopen: true, Refresh: a.refresh}
}

// Create lets the alert fire.
func (a *alertmanager) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return a.tell(ctx, t, c, a.restored && t.Wanted.Restored)
}

// Update confirms that it fires, and changes what it says.
func (a *alertmanager) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return a.tell(ctx, t, c, a.restored && t.Wanted.Restored)
}

// Reopen lets it fire again.
func (a *alertmanager) Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return a.tell(ctx, t, c, false)
}

// Close resolves it.
func (a *alertmanager) Close(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return a.tell(ctx, t, c, true)
}

// tell posts how the case stands. Where its labels are others than those told
// before, because its severity, place or owner changed, the alert with the old
// ones is resolved in the same request.
func (a *alertmanager) tell(ctx context.Context, t *Ticket, c *Content, resolved bool) (Remote, error) {
	now := a.alert(t, c, resolved)
	alerts := []postableAlert{now}
	if old := remembered(t.Remote.Memo); old != nil && !maps.Equal(old, now.Labels) {
		before := now
		before.Labels, before.EndsAt = old, c.At.UTC()
		alerts = []postableAlert{before, now}
	}
	memo, err := jsonOf(now.Labels)
	if err != nil {
		return t.Remote, &Failure{Kind: Refused, Text: fmt.Sprintf("cannot write the labels as JSON: %v", err)}
	}
	name, err := a.post(ctx, alerts)
	if err != nil {
		return t.Remote, err
	}
	return Remote{ID: t.Key, Name: name, Memo: string(memo)}, nil
}

// remembered is the labels that were told before; nil where there are none.
func remembered(memo string) map[string]string {
	var labels map[string]string
	if json.Unmarshal([]byte(memo), &labels) != nil {
		return nil
	}
	return labels
}

// alert is the alert of a case or a summary. What varies without saying who
// should come, or how fast, is in the annotations.
func (a *alertmanager) alert(t *Ticket, c *Content, resolved bool) postableAlert {
	p := postableAlert{
		Labels:       maps.Clone(a.labels),
		Annotations:  map[string]string{"summary": fit(oneLine(c.Subject), maxAnnotation), "description": fit(plain(c.Text), maxAnnotation)},
		StartsAt:     began(c).UTC(),
		EndsAt:       c.At.UTC().Add(a.expires),
		GeneratorURL: c.Link,
	}
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	maps.Copy(p.Labels, map[string]string{"alertname": "EarshotCase", "monitor": "earshot", "key": t.Key, "severity": c.severity().String(), "owner": oneLine(c.owner())})
	if one := c.Case; one != nil {
		maps.Copy(p.Labels, map[string]string{"case": strconv.Itoa(one.Number), "tenant": oneLine(one.Tenant), "segment": oneLine(one.Segment)})
	}
	maps.DeleteFunc(p.Labels, func(_, v string) bool { return v == "" }) // the API takes an empty label for none
	for _, f := range facts(c) {
		name := strings.TrimPrefix(f.name, "#")
		if c.Case == nil && name != f.name {
			name = "case_" + name
		}
		if p.Labels[name] == "" {
			p.Annotations[name] = fit(oneLine(f.value), maxAnnotation)
		}
	}
	if resolved {
		p.EndsAt = ended(c)
	}
	if p.StartsAt.After(p.EndsAt) {
		p.StartsAt = p.EndsAt // the API refuses what ends before it began
	}
	return p
}

// ended is when it was over: never later than now, for what ends later still fires.
func ended(c *Content) time.Time {
	if one := c.Case; one != nil && one.Status == alerting.StatusClosed && !one.Closed.IsZero() && one.Closed.Before(c.At) {
		return one.Closed.UTC()
	}
	return c.At.UTC()
}

// post posts alerts to all members. It is done when one of them took them: the
// others hear of it with the next refresh. The text says who took it.
func (a *alertmanager) post(ctx context.Context, alerts []postableAlert) (string, error) {
	var failed []error
	var where []string
	for _, member := range a.members {
		if err := a.postTo(ctx, member, alerts); err != nil {
			failed, where = append(failed, err), append(where, member.Host)
		}
	}
	switch took := len(a.members) - len(failed); {
	case len(failed) == 0:
		return fmt.Sprintf("all %d members", took), nil
	case took > 0:
		return fit(fmt.Sprintf("%d of %d members, not %s", took, len(a.members), strings.Join(where, ", ")), maxReceipt), nil
	}
	return "", allOf(failed)
}

// postTo posts alerts to one member.
func (a *alertmanager) postTo(ctx context.Context, member *url.URL, alerts []postableAlert) error {
	ctx, cancel := context.WithTimeout(ctx, memberWait)
	defer cancel()
	_, err := a.client.do(ctx, request{method: http.MethodPost, url: strings.TrimRight(member.String(), "/") + alertPath, header: a.header,
		body: alerts, pretend: "{}"})
	return misplaced(err)
}

// allOf makes one failure of those of all members: the one that is mended
// soonest says whether to try again, all texts are told.
func allOf(failed []error) error {
	hope := []FailureKind{Unreached, Busy, Doubtful, Conflict, Denied, Refused}
	rank := func(k FailureKind) int {
		for i, h := range hope {
			if k == h {
				return i
			}
		}
		return len(hope)
	}
	var all *Failure
	var texts []string
	for _, err := range failed {
		var f *Failure
		if !errors.As(err, &f) {
			return err
		}
		texts = append(texts, f.Text)
		if all == nil || rank(f.Kind) < rank(all.Kind) {
			one := *f
			all = &one
		}
	}
	all.Text = strings.Join(texts, "; ")
	return all
}
