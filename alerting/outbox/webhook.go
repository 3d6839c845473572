package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"earshot/alerting"
)

// webhook tells any receiver of HTTP what happens to cases, as signed JSON. Its
// contract: a delivery ID that was seen before is a repetition, and "created"
// for a key that is known is an update.
type webhook struct {
	Plain
	client  *client
	url     *url.URL
	header  http.Header // of every request
	secrets []string    // the current one, and the one that it replaces
	files   bool
	maxFile int64
}

// WebhookVersion is the version of the JSON: it changes when a field is taken
// away or means something else, not when one is added.
const WebhookVersion = 1

// Event is the body of a webhook's delivery.
type Event struct {
	Version  int               `json:"version"`
	Event    string            `json:"event"`    // "created", "updated", "commented", "closed", "reopened"
	Delivery string            `json:"delivery"` // the same when it is repeated
	Key      string            `json:"key"`      // of the ticket: one case has one as long as it is open
	Sequence int               `json:"sequence"` // grows with each change of the case: what has a lower one is older
	Remote   Remote            `json:"remote"`   // what the receiver answered to "created"
	At       time.Time         `json:"at"`
	Subject  string            `json:"subject"`
	Text     string            `json:"text"`
	Link     string            `json:"link"`
	Case     *alerting.Case    `json:"case"`            // null in a summary
	Cases    []*alerting.Case  `json:"cases,omitempty"` // of a summary
	Notes    []alerting.Update `json:"notes,omitempty"` // what happened since the last delivery
}

// newWebhook reads the settings.
func newWebhook(d *draft) Destination {
	w := &webhook{
		url:     d.url("url", must),
		secrets: []string{d.secret("secret", false)},
		files:   d.flag("files", true),
		maxFile: d.maxFile(64),
		header:  http.Header{},
	}
	if old := d.secret("old_secret", true); old != "" {
		w.secrets = append(w.secrets, old)
	}
	if token := d.secret("token", true); token != "" {
		w.header.Set("Authorization", "Bearer "+token)
	}
	w.client = d.client(w.url)
	return w
}

// Abilities says what it can do.
func (w *webhook) Abilities() Abilities {
	return Abilities{Idempotent: true, Comment: true, Attach: w.files, Close: true, Reopen: true}
}

// Create sends "created". Its delivery ID is the same whenever that is: a
// receiver that looks at nothing else makes no second ticket. It then may have
// dropped what is newer than the first attempt; so after an attempt that may
// have arrived, an update follows with all that happened.
func (w *webhook) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	remote, repeated, err := w.send(ctx, t, c, "created", t.Key+"-created")
	if err != nil || !repeated && !t.Doubt && t.Attempts == 0 {
		return remote, err
	}
	made, whole := *t, *c
	made.Remote = remote
	if c.Case != nil {
		whole.Notes = c.Case.Updates
	}
	_, err = w.Update(ctx, &made, &whole)
	return remote, halfDone(err)
}

// halfDone is what the failure of a second delivery means for a step whose first
// was taken: the receiver may have a ticket that is open, whatever became of it.
func halfDone(err error) error {
	f, ok := err.(*Failure)
	if !ok || f.Kind == Refused {
		return err
	}
	half := *f
	half.Kind = Doubtful
	return &half
}

// Update sends "updated".
func (w *webhook) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return w.stand(ctx, t, c, "updated")
}

// Reopen sends "reopened". A receiver that has named nothing of its own may not
// have heard of the case while it was open before: "created" comes first, which
// is a repetition to all others.
func (w *webhook) Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	if t.Remote != (Remote{}) {
		return w.stand(ctx, t, c, "reopened")
	}
	remote, _, err := w.send(ctx, t, c, "created", t.Key+"-created")
	if err != nil {
		return remote, err
	}
	made := *t
	made.Remote = remote
	remote, err = w.stand(ctx, &made, c, "reopened")
	return remote, halfDone(err)
}

// Close sends "closed".
func (w *webhook) Close(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	return w.stand(ctx, t, c, "closed")
}

// stand tells how the case stands.
func (w *webhook) stand(ctx context.Context, t *Ticket, c *Content, event string) (Remote, error) {
	s := t.Wanted
	id := fmt.Sprintf("%s-%s-%d-%s", t.Key, event, s.Update, s.Severity)
	if s.Restored {
		id += "-restored"
	}
	remote, _, err := w.send(ctx, t, c, event, id)
	return remote, err
}

// Comment sends "commented".
func (w *webhook) Comment(ctx context.Context, t *Ticket, c *Content) error {
	first, last := 0, 0
	if n := len(c.Notes); n > 0 {
		first, last = c.Notes[0].Seq, c.Notes[n-1].Seq
	}
	_, _, err := w.send(ctx, t, c, "commented", fmt.Sprintf("%s-commented-%d-%d", t.Key, first, last))
	return err
}

// send makes a delivery. It returns what the receiver says that it keeps, and
// whether it had the delivery before.
func (w *webhook) send(ctx context.Context, t *Ticket, c *Content, event, delivery string) (Remote, bool, error) {
	body, err := jsonOf(Event{
		Version: WebhookVersion, Event: event, Delivery: delivery, Key: t.Key, Sequence: t.Wanted.Update, Remote: t.Remote, At: c.At.UTC(),
		Subject: c.Subject, Text: c.Text, Link: c.Link, Case: c.Case, Cases: c.Cases, Notes: c.Notes,
	})
	if err != nil {
		return t.Remote, false, &Failure{Kind: Refused, Text: fmt.Sprintf("cannot write the case as JSON: %v", err)}
	}
	s := newSigner(w.secrets, c.At, delivery)
	s.Write(body)
	a, err := w.client.do(ctx, request{method: http.MethodPost, url: w.url.String(), header: w.headers(s, t, event), body: body,
		secrets: w.secrets})
	if err != nil {
		return t.Remote, false, misplaced(err)
	}
	remote, repeated := receipt(a.body, t.Remote)
	return remote, repeated, nil
}

// headers are those of one delivery.
func (w *webhook) headers(s *signer, t *Ticket, event string) http.Header {
	h := w.header.Clone()
	s.sign(h)
	h.Set("Idempotency-Key", s.delivery)
	h.Set(HeaderEvent, event)
	h.Set(HeaderKey, t.Key)
	return h
}

// Attach sends a file as it is, signed like everything else: it is read twice,
// never kept whole. Its time is that of the attempt.
func (w *webhook) Attach(ctx context.Context, t *Ticket, f *File) error {
	if f.Bytes > w.maxFile {
		return &Failure{Kind: Refused, Text: fmt.Sprintf("file %q has %d bytes; max_file of the destination allows %d", f.Name, f.Bytes, w.maxFile)}
	}
	if !alerting.SafeName(f.Name) {
		return &Failure{Kind: Refused, Text: fmt.Sprintf("%.80q is no name for a file", f.Name)}
	}
	s := newSigner(w.secrets, t.Tried, fmt.Sprintf("%s-attached-%.16s-%s", t.Key, f.SHA256, f.Name)) // so that the name is signed too
	if err := feed(s, f); err != nil {
		return &Failure{Kind: Unreached, Text: fmt.Sprintf("cannot read file %q: %v", f.Name, err)}
	}
	h := w.headers(s, t, "attached")
	h.Set(HeaderFile, f.Name)
	h.Set(HeaderSHA256, f.SHA256)
	_, err := w.client.do(ctx, request{method: http.MethodPost, url: w.url.String(), header: h, file: f, kind: f.Type, secrets: w.secrets})
	return misplaced(err)
}

// feed writes the content of a file.
func feed(to io.Writer, f *File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(to, r)
	return err
}

// maxReceipt is how many characters of a receiver's words are kept.
const maxReceipt = 200

// receipt reads what a receiver answers: {"id": …, "number": …, "url": …,
// "duplicate": true}. All of it may be missing.
func receipt(body []byte, known Remote) (Remote, bool) {
	var said struct {
		ID        any    `json:"id"` // a text or a number
		Number    any    `json:"number"`
		URL       string `json:"url"`
		Duplicate bool   `json:"duplicate"`
	}
	if json.Unmarshal(body, &said) != nil {
		return known, false
	}
	remote := Remote{ID: wordOf(said.ID), Name: wordOf(said.Number), Memo: known.Memo}
	if u, err := url.Parse(said.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(said.URL) <= 2000 {
		remote.URL = u.String()
	}
	if remote.ID == "" && remote.Name == "" {
		return known, said.Duplicate
	}
	if remote.ID == "" {
		remote.ID = remote.Name
	}
	if remote.Name == "" {
		remote.Name = remote.ID
	}
	return remote, said.Duplicate
}

// wordOf is a text or a whole number of JSON as one line.
func wordOf(v any) string {
	switch v := v.(type) {
	case string:
		return fit(strings.TrimFunc(oneLine(v), func(r rune) bool { return !unicode.IsGraphic(r) }), maxReceipt)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// misplaced turns "there is no such ticket" into "there is no such receiver":
// what has one fixed address cannot be gone.
func misplaced(err error) error {
	f, ok := err.(*Failure)
	if !ok || f.Kind != Gone {
		return err
	}
	told := *f
	told.Kind, told.Text = Denied, f.Text+"; is the address of the destination right, and is it still in use there?"
	return &told
}
