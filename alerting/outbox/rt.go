package outbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"earshot/alerting"
)

// The bounds of a ticket's fields: a subject is 200 characters in RT's tables.
const (
	rtSubject = 200
	rtText    = 100000
)

// requestTracker keeps tickets in Request Tracker 5 by its REST2 API
// (docs.bestpractical.com, RT::REST2). A ticket is known by a custom field of
// its queue with the key, or, where no field is named, by a token that ends its
// subject. The API knows no idempotency key: it is the look-up before each
// creation that keeps tickets single, and what is double all the same is merged
// into the oldest.
//
// RT answers 200 to a change that it did not make, with the reason among its
// messages, and ignores custom fields that a queue has not: what has to be so is
// read back.
type requestTracker struct {
	tracker
	queue     string
	keyField  string
	priority  [alerting.Severities]string
	owners    map[string]string // of RT, by owner of the case
	fields    map[string]string // custom fields
	requestor string
	notes     string // "comment", which only staff sees, or "correspond"
	closed    string
	opened    string
	resolved  []string
	wontFix   []string
}

// newRT reads the settings.
func newRT(d *draft) Destination {
	base := d.base()
	r := &requestTracker{
		tracker: tracker{base: base.String() + "/REST/2.0", header: d.login("token")},
		queue:   d.text("queue", "General"), keyField: d.text("key_field", ""),
		priority: d.bySeverity("priority", "100", "100", "50", "0"), owners: d.table("owners"), fields: d.table("fields"),
		requestor: d.text("requestor", ""), notes: d.choice("notes", "comment", "correspond"),
		closed: d.text("close_status", "resolved"), opened: d.text("reopen_status", "open"),
		resolved: d.list("resolved_statuses"), wontFix: d.list("wont_fix"),
	}
	r.client = d.client(base)
	r.maxFile = d.maxFile(10)
	r.denied = "check the token (or user and password) of the destination and its rights in the queue: SeeQueue, ShowTicket, CreateTicket, " +
		"ModifyTicket, CommentOnTicket, ReplyToTicket, ShowTicketComments, SeeCustomField, ModifyCustomField"
	if strings.ContainsAny(r.keyField, "{}'\\") {
		d.fault("key_field", "it is %q, want the name of a custom field without braces, quotes and backslashes", r.keyField)
	}
	for severity, word := range r.priority {
		if _, err := strconv.Atoi(word); severity > 0 && err != nil {
			d.fault("priority", "%s is %q, want a whole number", alerting.Severity(severity), word)
		}
	}
	if _, ours := r.fields[r.keyField]; ours {
		d.fault("fields", "%s is set by Earshot itself", r.keyField)
	}
	if r.resolved == nil {
		r.resolved = []string{"resolved"}
	}
	if r.wontFix == nil {
		r.wontFix = []string{"rejected"}
	}
	return r
}

// Abilities are those of REST2.
func (r *requestTracker) Abilities() Abilities {
	return Abilities{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true}
}

// rtID is an identifier, which RT writes as a number or as a text.
type rtID string

// UnmarshalJSON takes either.
func (id *rtID) UnmarshalJSON(b []byte) error {
	*id = rtID(strings.Trim(string(b), `"`))
	return nil
}

// rtTicket is what we read of a ticket.
type rtTicket struct {
	ID       rtID            `json:"id"`
	Subject  string          `json:"Subject"`
	Status   string          `json:"Status"`
	Priority rtID            `json:"Priority"`
	Fields   json.RawMessage `json:"CustomFields"` // a list with values; a mapping in early versions
	etag     string
}

// rtToken ends the subject of a ticket that no custom field names.
func rtToken(t *Ticket) string { return "{" + t.Key + "}" }

// subject is that of a ticket.
func (r *requestTracker) subject(t *Ticket, c *Content) string {
	if r.keyField != "" {
		return fit(oneLine(c.Subject), rtSubject)
	}
	token := " " + rtToken(t)
	return fit(oneLine(c.Subject), rtSubject-len(token)) + token
}

// query finds the tickets of a key, in TicketSQL.
func (r *requestTracker) query(t *Ticket) string {
	if r.keyField != "" {
		return fmt.Sprintf("'CF.{%s}' = %s", r.keyField, ticketText(t.Key))
	}
	return "Subject LIKE " + ticketText(rtToken(t))
}

// ticketText writes a text in TicketSQL: quoted, with \ before what would end it
// (RT::SQL takes \\ and \' within quotes).
func ticketText(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
}

// Find searches for the key. A search leaves out what is deleted or merged.
func (r *requestTracker) Find(ctx context.Context, t *Ticket) (Remote, bool, error) {
	q := url.Values{"query": {r.query(t)}, "fields": {"Subject,Status"}, "orderby": {"id"}, "order": {"ASC"}, "per_page": {"20"}}
	var found struct {
		Items []rtTicket `json:"items"`
	}
	if _, err := r.do(ctx, call{method: http.MethodGet, path: "/tickets", query: q, expect: true}, &found); err != nil {
		return Remote{}, false, err
	}
	ours := slices.DeleteFunc(found.Items, func(one rtTicket) bool {
		return one.ID.number() == 0 || r.keyField == "" && !strings.Contains(one.Subject, rtToken(t))
	})
	if len(ours) == 0 {
		return Remote{}, false, nil
	}
	first := slices.MinFunc(ours, func(a, b rtTicket) int { return a.ID.number() - b.ID.number() })
	for _, double := range ours {
		if double.ID != first.ID {
			if err := r.merge(ctx, double.ID, first.ID); err != nil {
				return Remote{}, false, err
			}
		}
	}
	return r.remote(first.ID), true, nil
}

// number is an identifier as a number, 0 for what is none.
func (id rtID) number() int {
	n, err := strconv.Atoi(string(id))
	if err != nil {
		return 0
	}
	return n
}

// merge makes a ticket part of an older one.
func (r *requestTracker) merge(ctx context.Context, double, into rtID) error {
	_, err := r.do(ctx, call{method: http.MethodPut, path: r.path(string(double)), body: map[string]any{"MergeInto": into.number()}}, nil)
	return err
}

// Create posts a ticket. Without a requestor RT writes to nobody.
func (r *requestTracker) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	fields := maps.Clone(r.fields)
	if r.keyField != "" {
		if err := r.hasField(ctx); err != nil {
			return Remote{}, err
		}
		if fields == nil {
			fields = map[string]string{}
		}
		fields[r.keyField] = t.Key
	}
	body := map[string]any{"Queue": r.queue, "Subject": r.subject(t, c), "Content": fit(c.body(), rtText), "ContentType": "text/plain",
		"Priority": r.priority[c.severity()]}
	if len(fields) > 0 {
		body["CustomFields"] = fields
	}
	if r.requestor != "" {
		body["Requestor"] = r.requestor
	}
	if owner := r.owners[c.owner()]; owner != "" {
		body["Owner"] = owner
	}
	var made rtTicket
	if _, err := r.do(ctx, call{method: http.MethodPost, path: "/ticket", body: body, expect: true}, &made); err != nil {
		return Remote{}, err
	}
	if made.ID.number() == 0 {
		return Remote{}, &Failure{Kind: Doubtful, Text: "the answer names no ticket"}
	}
	if r.keyField == "" {
		return r.remote(made.ID), nil
	}
	return r.remote(made.ID), r.hasKey(ctx, t, made.ID)
}

// hasField makes sure that the queue has the field for the key before a ticket
// is made that nobody would find again.
func (r *requestTracker) hasField(ctx context.Context) error {
	var queue struct {
		Fields []struct {
			Name string `json:"name"`
		} `json:"TicketCustomFields"`
	}
	if _, err := r.do(ctx, call{method: http.MethodGet, path: "/queue/" + url.PathEscape(r.queue), expect: true}, &queue); err != nil {
		return err
	}
	for _, f := range queue.Fields {
		if f.Name == r.keyField {
			return nil
		}
	}
	return &Failure{Kind: Denied, Text: fmt.Sprintf("queue %q has no custom field %q that our account can see: apply it there (of the kind \"enter one value\") "+
		"and give the account SeeCustomField and ModifyCustomField, or leave key_field out", r.queue, r.keyField)}
}

// hasKey makes sure that a new ticket can be found again.
func (r *requestTracker) hasKey(ctx context.Context, t *Ticket, id rtID) error {
	now, err := r.get(ctx, string(id))
	if err != nil {
		return &Failure{Kind: Doubtful, Text: fmt.Sprintf("ticket %s was made; whether it has the key is not known: %v", id, err)}
	}
	if strings.Contains(string(now.Fields), strconv.Quote(t.Key)) {
		return nil
	}
	return &Failure{Kind: Refused, Text: fmt.Sprintf("ticket %s was made, but our account may not set its custom field %q: give it ModifyCustomField, "+
		"set the field to %s in the ticket, then send this again", id, r.keyField, t.Key)}
}

// Update sets subject and priority; a ticket's text is its first message, which
// nothing changes. The priority is sent only when the severity became another
// one: what a person set meanwhile stays.
func (r *requestTracker) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	now, err := r.get(ctx, t.Remote.ID)
	if err != nil {
		return Remote{}, err
	}
	body := map[string]any{"Subject": r.subject(t, c)}
	if c.severity() != t.Shown.Severity {
		body["Priority"] = r.priority[c.severity()]
	}
	messages, err := r.put(ctx, now, body)
	if err != nil {
		return Remote{}, err
	}
	if now, err = r.get(ctx, t.Remote.ID); err != nil {
		return Remote{}, err
	}
	if now.Subject != body["Subject"] || body["Priority"] != nil && string(now.Priority) != body["Priority"] {
		return Remote{}, refusedBy(now, messages)
	}
	return r.remote(now.ID), nil
}

// refusedBy says that a change was not made, and why.
func refusedBy(now rtTicket, messages []string) error {
	return &Failure{Kind: Refused, Code: http.StatusOK, Text: fmt.Sprintf("RT did not change ticket %s: %s", now.ID, fit(oneLine(strings.Join(messages, "; ")), 300))}
}

// put changes a ticket that is still as it was read: else RT answers 412.
func (r *requestTracker) put(ctx context.Context, now rtTicket, body map[string]any) ([]string, error) {
	h := http.Header{}
	if now.etag != "" {
		h.Set("If-Match", now.etag)
	}
	var messages []string
	_, err := r.do(ctx, call{method: http.MethodPut, path: r.path(string(now.ID)), header: h, body: body}, &messages)
	return messages, err
}

// Comment adds a comment, or an answer that goes to the requestor, unless its
// first try brought it there.
func (r *requestTracker) Comment(ctx context.Context, t *Ticket, c *Content) error {
	mark := noteMark(t, c)
	if t.Doubt {
		there, err := r.has(ctx, t, func(a rtAttachment) bool { return strings.Contains(a.Subject, mark) })
		if err != nil || there {
			return err
		}
	}
	body := map[string]any{"Subject": mark, "Content": fit(plain(c.Note), rtText), "ContentType": "text/plain"}
	_, err := r.do(ctx, call{method: http.MethodPost, path: r.path(t.Remote.ID) + "/" + r.notes, body: body}, nil)
	return err
}

// Attach adds a comment with a file, unless its first try brought it there.
func (r *requestTracker) Attach(ctx context.Context, t *Ticket, f *File) error {
	if t.Doubt {
		there, err := r.has(ctx, t, func(a rtAttachment) bool { return a.Name == f.Name })
		if err != nil || there {
			return err
		}
	}
	data, err := content(f, r.maxFile)
	if err != nil {
		return err
	}
	file := map[string]string{"FileName": f.Name, "FileType": mediaType(f), "FileContent": base64.StdEncoding.EncodeToString(data)}
	body := map[string]any{"Content": "Evidence: " + oneLine(f.Name) + "\nSHA-256: " + f.SHA256, "ContentType": "text/plain", "Attachments": []any{file}}
	_, err = r.do(ctx, call{method: http.MethodPost, path: r.path(t.Remote.ID) + "/comment", body: body}, nil)
	return err
}
