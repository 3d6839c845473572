package outbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"earshot/alerting"
)

// The bounds of a ticket's fields.
const (
	zendeskSubject = 150
	zendeskText    = 60000 // of a comment: 65,535 bytes is where others cut
)

// zendesk opens tickets in Zendesk Support (developer.zendesk.com, "Ticketing",
// and its OpenAPI file). A ticket is known by its external_id, which need not be
// unique there. A creation has an Idempotency-Key too: for two hours a second one
// with the same body gets the answer to the first, and one with another body is
// refused.
type zendesk struct {
	tracker
	priority [alerting.Severities]string
	groups   map[string]int64  // by owner
	values   map[string]string // of custom fields, by their numbers
	brand    int64
	form     int64
	assignee int64 // who solves, where the account wants somebody for that
	tags     []string
	wontFix  []string // tags that mean so
	lag      time.Duration
}

// newZendesk reads the settings. A token goes with the address of its owner:
// "MAIL/token" is the user, the token the password.
func newZendesk(d *draft) Destination {
	base := d.base()
	z := &zendesk{
		tracker:  *d.zendeskSigns(base),
		priority: d.bySeverity("priority", "urgent", "high", "normal", "low"), groups: d.numbers("groups"),
		values: d.table("fields"), brand: d.whole("brand"), form: d.whole("form"), assignee: d.whole("solver"),
		tags: d.list("tags"), wontFix: d.list("wont_fix_tags"), lag: d.span("find_lag", 0, time.Hour, 30*time.Second),
	}
	z.maxFile = d.maxFile(50)
	z.denied = "check user and token_file (or the OAuth token) of the destination, that API tokens are allowed, and that its agent may see and edit the tickets"
	for name := range z.values {
		if _, err := strconv.ParseInt(name, 10, 64); err != nil {
			d.fault("fields", "%q is no number of a custom field, as 360012345678", name)
		}
	}
	if z.wontFix == nil {
		z.wontFix = []string{"wont_fix"}
	}
	return z
}

// zendeskSigns reads how requests are signed: an API token with its owner's
// address as user, or an OAuth token alone.
func (d *draft) zendeskSigns(base *url.URL) *tracker {
	t := &tracker{base: base.String(), header: http.Header{}}
	user, token := d.text("user", ""), d.secret("token", false)
	t.header.Set("Authorization", "Bearer "+token)
	if user != "" {
		t.header.Set("Authorization", basic(user+"/token", token))
	}
	t.client = d.client(base)
	return t
}

// whole reads the number of something on the other side; 0 where there is none.
func (d *draft) whole(key string) int64 {
	text := d.text(key, "")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		d.fault(key, "it is %q, want a whole number", text)
	}
	return n
}

// Abilities: the key of a creation is forgotten after two hours, so that it is
// looked for before each.
func (z *zendesk) Abilities() Abilities {
	return Abilities{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true, FindLag: z.lag}
}

// zendeskTicket is what we read of a ticket.
type zendeskTicket struct {
	ID       int64    `json:"id"`
	Status   string   `json:"status"`
	External string   `json:"external_id"`
	Created  string   `json:"created_at"`
	Tags     []string `json:"tags"`
}

// over reports whether nobody works on the ticket any more.
func (t zendeskTicket) over() bool { return t.Status == "solved" || t.Status == "closed" }

// final reports whether nothing can change the ticket any more.
func (t zendeskTicket) final() bool { return t.Status == "closed" }

// Find lists the tickets with the key: of several it takes the oldest that is
// open, else the oldest that can still change, since one that is closed for good
// lives on in its follow-up. The others that are open are solved.
func (z *zendesk) Find(ctx context.Context, t *Ticket) (Remote, bool, error) {
	var found struct {
		Tickets []zendeskTicket `json:"tickets"`
	}
	if _, err := z.do(ctx, call{method: http.MethodGet, path: "/api/v2/tickets", query: url.Values{"external_id": {t.Key}}, expect: true}, &found); err != nil {
		return Remote{}, false, err
	}
	ours := slices.DeleteFunc(found.Tickets, func(one zendeskTicket) bool { return one.ID == 0 || one.External != t.Key || one.Status == "deleted" })
	if len(ours) == 0 {
		return Remote{}, false, nil
	}
	first := slices.MinFunc(ours, func(a, b zendeskTicket) int {
		return cmp.Or(cmp.Compare(a.age(), b.age()), cmp.Compare(a.ID, b.ID))
	})
	for _, other := range ours {
		if other.ID == first.ID || other.over() {
			continue
		}
		one := z.solution()
		one["comment"] = internal(double(z.remote(first)))
		if err := z.put(ctx, &Ticket{Remote: z.remote(other)}, one); err != nil && !undoable(err) {
			return Remote{}, false, err
		}
	}
	return z.remote(first), true, nil
}

// age says how far through its life a ticket is.
func (t zendeskTicket) age() int {
	switch {
	case t.final():
		return 2
	case t.over():
		return 1
	}
	return 0
}

// Create posts a ticket whose text is internal.
func (z *zendesk) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return z.post(ctx, t.Key, z.made(t, c))
}

// made is a new ticket.
func (z *zendesk) made(t *Ticket, c *Content) map[string]any {
	one := map[string]any{"subject": fit(oneLine(c.Subject), zendeskSubject), "comment": internal(c.body()), "type": "incident",
		"external_id": t.Key, "tags": append([]string{"earshot"}, z.tags...), "priority": z.priority[c.severity()]}
	if group := z.groups[c.owner()]; group != 0 {
		one["group_id"] = group
	}
	if z.brand != 0 {
		one["brand_id"] = z.brand
	}
	if z.form != 0 {
		one["ticket_form_id"] = z.form
	}
	var fields []map[string]any
	for name, value := range z.values {
		id, _ := strconv.ParseInt(name, 10, 64) // newZendesk checked it
		fields = append(fields, map[string]any{"id": id, "value": value})
	}
	slices.SortFunc(fields, func(a, b map[string]any) int { return cmp.Compare(a["id"].(int64), b["id"].(int64)) })
	if fields != nil {
		one["custom_fields"] = fields
	}
	return one
}

// internal is a comment that customers do not see.
func internal(text string) map[string]any {
	return map[string]any{"body": fit(text, zendeskText), "public": false}
}

// post makes a ticket under an idempotency key.
func (z *zendesk) post(ctx context.Context, key string, one map[string]any) (Remote, error) {
	var made struct {
		Ticket zendeskTicket `json:"ticket"`
	}
	h := http.Header{"Idempotency-Key": {key}}
	answer, err := z.do(ctx, call{method: http.MethodPost, path: "/api/v2/tickets", header: h, body: map[string]any{"ticket": one}, expect: true}, &made)
	if answer != nil && answer.status == http.StatusBadRequest && bytes.Contains(answer.body, []byte("IdempotentRequest")) {
		return Remote{}, &Failure{Kind: Conflict, Code: answer.status, Text: "a ticket was made with this key less than two hours ago, with other words; it is looked for"}
	}
	if err != nil {
		return Remote{}, err
	}
	if made.Ticket.ID == 0 {
		return Remote{}, &Failure{Kind: Doubtful, Text: "the answer names no ticket"}
	}
	return z.remote(made.Ticket), nil
}

// Update sets subject and priority; a ticket's text is its first comment, which
// nothing changes. The priority is sent only when the severity became another
// one: what a person set meanwhile stays.
func (z *zendesk) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	one := map[string]any{"subject": fit(oneLine(c.Subject), zendeskSubject)}
	if c.severity() != t.Shown.Severity {
		one["priority"] = z.priority[c.severity()]
	}
	return t.Remote, z.put(ctx, t, one)
}

// put changes a ticket. One that is closed for good refuses that: then the box
// has to look at what became of it.
func (z *zendesk) put(ctx context.Context, t *Ticket, one map[string]any) error {
	answer, err := z.do(ctx, call{method: http.MethodPut, path: z.path(t), body: map[string]any{"ticket": one}}, nil)
	var f *Failure
	if errors.As(err, &f) && f.Kind == Refused && answer != nil && bytes.Contains(answer.body, []byte("closed prevents ticket update")) {
		return &Failure{Kind: Conflict, Code: f.Code, Text: "the ticket is closed for good"}
	}
	return err
}

// remote names a ticket.
func (z *zendesk) remote(t zendeskTicket) Remote {
	id := strconv.FormatInt(t.ID, 10)
	return Remote{ID: id, Name: "#" + id, URL: fmt.Sprintf("%s/agent/tickets/%s", z.base, id)}
}

// path is that of a ticket.
func (z *zendesk) path(t *Ticket) string { return "/api/v2/tickets/" + url.PathEscape(t.Remote.ID) }
