package outbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"earshot/alerting"
)

// hookReceiver is the other side of a webhook: it believes what is signed,
// drops what it had, and keeps a ticket for each key.
type hookReceiver struct {
	t       *testing.T
	secret  string
	now     func() time.Time
	seen    map[string]bool // deliveries
	events  []Event
	files   map[string]string
	headers []http.Header
	drop    int  // this many answers are lost after the delivery was taken
	strict  bool // tells of duplicates
	tickets map[string]int
}

func (r *hookReceiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	v, err := NewVerifier([]string{r.secret}, q.Header)
	if err != nil {
		r.t.Errorf("not signed: %v", err)
		return
	}
	body, _ := io.ReadAll(io.TeeReader(q.Body, v))
	if err := v.Check(r.now()); err != nil {
		r.t.Errorf("not genuine: %v", err)
	}
	r.headers = append(r.headers, q.Header.Clone())
	delivery := q.Header.Get("X-Earshot-Delivery")
	repeated := r.seen[delivery]
	r.seen[delivery] = true
	if !repeated {
		r.take(q, body)
	}
	if r.drop > 0 {
		r.drop--
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
		return
	}
	fmt.Fprintf(w, `{"id": %d, "number": "DESK-17", "url": "https://desk.example/17", "duplicate": %v}`, 17, repeated && r.strict)
}

// take does what a delivery says.
func (r *hookReceiver) take(q *http.Request, body []byte) {
	if name := q.Header.Get("X-Earshot-File"); name != "" {
		r.files[name] = string(body)
		return
	}
	var e Event
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		r.t.Errorf("body is %v: %s", err, body)
	}
	r.events = append(r.events, e)
	if e.Event == "created" {
		r.tickets[e.Key]++
	}
}

func newHookReceiver(t *testing.T) (*hookReceiver, *httptest.Server) {
	r := &hookReceiver{t: t, secret: trackerSecret, now: func() time.Time { return trackerContent().At }, seen: map[string]bool{}, files: map[string]string{}, tickets: map[string]int{}}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	return r, s
}

func TestWebhookLife(t *testing.T) {
	r, s := newHookReceiver(t)
	d := settled(t, map[string]string{"S": trackerSecret, "T": "the-token"}, "kind: webhook", "url: "+s.URL+"/in", "secret_env: S", "token_env: T")
	c, ticket := trackerContent(), trackerTicket("")
	ticket.Wanted = Stand{Update: 3, Open: true, Severity: alerting.High}
	ticket.Tried = c.At
	remote, err := d.Create(t.Context(), ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Remote{ID: "17", Name: "DESK-17", URL: "https://desk.example/17"}); remote != want {
		t.Errorf("the receipt is %+v, want %+v", remote, want)
	}
	ticket.Remote = remote
	steps := []func() error{
		func() error { _, err := d.Update(t.Context(), ticket, c); return err },
		func() error { return d.Comment(t.Context(), ticket, c) },
		func() error { _, err := d.Close(t.Context(), ticket, c); return err },
		func() error { _, err := d.Reopen(t.Context(), ticket, c); return err },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	var names, deliveries []string
	for _, e := range r.events {
		names, deliveries = append(names, e.Event), append(deliveries, strings.TrimPrefix(e.Delivery, trackerKey))
		if e.Version != 1 || e.Key != trackerKey || e.Sequence != 3 || e.Case == nil || e.Case.Number != 17 || e.Subject != c.Subject || e.Text != c.Text || e.Link != c.Link {
			t.Errorf("event is %+v", e)
		}
	}
	if want := []string{"created", "updated", "commented", "closed", "reopened"}; !slices.Equal(names, want) {
		t.Errorf("events are %v, want %v", names, want)
	}
	if want := []string{"-created", "-updated-3-high", "-commented-4-4", "-closed-3-high", "-reopened-3-high"}; !slices.Equal(deliveries, want) {
		t.Errorf("deliveries are %v, want %v", deliveries, want)
	}
	if e := r.events[2]; e.Remote.ID != "17" || len(e.Notes) != 1 || e.Notes[0].Seq != 4 {
		t.Errorf("the comment is %+v", e)
	}
	for _, h := range r.headers {
		if h.Get("Authorization") != "Bearer the-token" || h.Get("X-Earshot-Key") != trackerKey || h.Get("Idempotency-Key") != h.Get("X-Earshot-Delivery") || h.Get("X-Earshot-Event") == "" {
			t.Errorf("headers are %v", h)
		}
	}
}

// TestWebhookAgain: an answer that is lost makes no second ticket, and what has
// changed before the repetition still arrives.
func TestWebhookAgain(t *testing.T) {
	for _, strict := range []bool{false, true} {
		r, s := newHookReceiver(t)
		r.strict, r.drop = strict, 1
		d := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S")
		ticket := trackerTicket("")
		_, err := d.Create(t.Context(), ticket, trackerContent())
		mustFail(t, err, Doubtful)
		ticket.Wanted.Update, ticket.Wanted.Severity = 9, alerting.Critical
		ticket.Doubt = !strict // it follows from either
		c := trackerContent()
		c.Case.Severity = alerting.Critical
		if _, err := d.Create(t.Context(), ticket, c); err != nil {
			t.Fatal(err)
		}
		if n := r.tickets[trackerKey]; n != 1 {
			t.Errorf("strict %v: the receiver has %d tickets, want 1", strict, n)
		}
		last := r.events[len(r.events)-1]
		if last.Event != "updated" || last.Case.Severity != alerting.Critical {
			t.Errorf("strict %v: after the repetition the receiver knows %s with %s, want the update to critical", strict, last.Event, last.Case.Severity)
		}
	}
}

func TestWebhookAttach(t *testing.T) {
	r, s := newHookReceiver(t)
	d := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S", "max_file: 1")
	data := strings.Repeat("\x00packet", 100_000)
	f := trackerFile("packets.pcapng", "application/x-pcapng", data)
	sum := sha256.Sum256([]byte(data))
	f.SHA256 = hex.EncodeToString(sum[:])
	ticket := trackerTicket("17")
	ticket.Tried = trackerContent().At
	if err := d.Attach(t.Context(), ticket, f); err != nil {
		t.Fatal(err)
	}
	h := r.headers[0]
	if r.files["packets.pcapng"] != data || h.Get("Content-Type") != "application/x-pcapng" || h.Get("X-Earshot-Content-SHA256") != f.SHA256 {
		t.Errorf("got %d octets with %v", len(r.files["packets.pcapng"]), h)
	}
	if want := trackerKey + "-attached-" + f.SHA256[:16] + "-packets.pcapng"; h.Get("X-Earshot-Delivery") != want {
		t.Errorf("delivery is %q, want %q", h.Get("X-Earshot-Delivery"), want)
	}
	mustFail(t, d.Attach(t.Context(), ticket, trackerFile("../x", "text/plain", "x")), Refused, "no name")
	mustFail(t, d.Attach(t.Context(), ticket, trackerFile("big", "text/plain", strings.Repeat("x", 1<<20+1))), Refused, "max_file")
	if !d.Abilities().Attach {
		t.Error("it cannot attach")
	}
	without := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S", "files: false")
	if without.Abilities().Attach {
		t.Error("files: false still attaches")
	}
}

func TestWebhookRotation(t *testing.T) {
	r, s := newHookReceiver(t)
	r.secret = "the-old-one"
	d := settled(t, map[string]string{"NEW": "the-new-one", "OLD": "the-old-one"}, "kind: webhook", "url: "+s.URL, "secret_env: NEW", "old_secret_env: OLD")
	for _, secret := range []string{"the-old-one", "the-new-one"} {
		r.secret = secret
		if _, err := d.Update(t.Context(), trackerTicket(""), trackerContent()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWebhookRefused(t *testing.T) {
	for _, c := range []struct {
		status int
		want   FailureKind
		word   string
	}{{404, Denied, "address"}, {410, Denied, "address"}, {401, Denied, "401"}, {422, Refused, "422"}, {500, Doubtful, "500"}, {503, Doubtful, "503"}} {
		s := answering(t, c.status, nil, "no "+trackerSecret)
		d := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S")
		_, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
		mustFail(t, err, c.want, c.word)
	}
	_, err := decodeTracker(nil, "- {name: desk, kind: webhook, url: 'https://desk.example', secret: abc}")
	if err == nil || !strings.Contains(err.Error(), "secret_file") {
		t.Errorf("a secret in the configuration: got %v", err)
	}
}

func TestReceipt(t *testing.T) {
	known := Remote{ID: "1", Name: "D-1", URL: "https://d.example/1", Memo: "m"}
	for _, c := range []struct {
		body     string
		want     Remote
		repeated bool
	}{
		{"", known, false},
		{"ok", known, false},
		{"[]", known, false},
		{"{}", known, false},
		{`{"duplicate":true}`, known, true},
		{`{"id":12345678901}`, Remote{ID: "12345678901", Name: "12345678901", Memo: "m"}, false},
		{`{"id":"a\u0000b\n"}`, Remote{ID: "a b", Name: "a b", Memo: "m"}, false},
		{`{"number":"N","url":"javascript:alert(1)"}`, Remote{ID: "N", Name: "N", Memo: "m"}, false},
		{`{"id":"x","url":"https://u:p@d.example/"}`, Remote{ID: "x", Name: "x", Memo: "m"}, false},
		{`{"id":{"a":1},"number":true}`, known, false},
	} {
		got, repeated := receipt([]byte(c.body), known)
		if got != c.want || repeated != c.repeated {
			t.Errorf("%s: got %+v, %v; want %+v, %v", c.body, got, repeated, c.want, c.repeated)
		}
	}
}

// FuzzReceipt: what a receiver says becomes short words and an address.
func FuzzReceipt(f *testing.F) {
	f.Add([]byte(`{"id":"a","number":7,"url":"https://d.example/7","duplicate":true}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, _ := receipt(body, Remote{})
		for _, word := range []string{got.ID, got.Name} {
			if len([]rune(word)) > 200 || strings.ContainsFunc(word, unicode.IsControl) {
				t.Errorf("kept %q", word)
			}
		}
		if got.URL != "" && !strings.HasPrefix(got.URL, "https://") && !strings.HasPrefix(got.URL, "http://") {
			t.Errorf("kept the address %q", got.URL)
		}
	})
}

// TestWebhookClock: the time of a delivery is the one that it is given.
func TestWebhookClock(t *testing.T) {
	var stamp string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { stamp = q.Header.Get("X-Earshot-Timestamp") }))
	defer s.Close()
	d := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S")
	c := trackerContent()
	c.At = time.Unix(1000, 5e8)
	if _, err := d.Update(t.Context(), trackerTicket(""), c); err != nil || stamp != "1000" {
		t.Errorf("timestamp is %q (%v), want 1000", stamp, err)
	}
}

// A case that is open again, of which the receiver may have heard nothing while
// it was open before: one that makes tickets on "created" makes one now.
func TestWebhookReopensUnheard(t *testing.T) {
	r, s := newHookReceiver(t)
	d := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S")
	c, ticket := trackerContent(), trackerTicket("")
	ticket.Tried, ticket.Remote = c.At, Remote{}
	remote, err := d.Reopen(t.Context(), ticket, c)
	if err != nil || remote.ID != "17" || r.tickets[trackerKey] != 1 {
		t.Errorf("%+v, %v, tickets %v", remote, err, r.tickets)
	}
	if n := len(r.events); n != 2 || r.events[0].Event != "created" || r.events[1].Event != "reopened" || r.events[1].Remote.ID != "17" {
		t.Errorf("events are %+v, want created and reopened", r.events)
	}
}

// Of two deliveries the first is taken and the second refused for now: nobody
// may believe that nothing was done.
func TestWebhookHalfDone(t *testing.T) {
	for _, step := range []func(Destination, *Ticket) error{
		func(d Destination, ticket *Ticket) error {
			_, err := d.Create(t.Context(), ticket, trackerContent())
			return err
		},
		func(d Destination, ticket *Ticket) error {
			_, err := d.Reopen(t.Context(), ticket, trackerContent())
			return err
		},
	} {
		taken := 0
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if taken++; taken > 1 {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		}))
		d := settled(t, map[string]string{"S": trackerSecret}, "kind: webhook", "url: "+s.URL, "secret_env: S")
		ticket := trackerTicket("")
		ticket.Remote, ticket.Attempts = Remote{}, 1
		if f := failureOf(step(d, ticket)); taken != 2 || f == nil || f.Kind != Doubtful || f.After != 7*time.Second {
			t.Errorf("after %d deliveries: %+v, want it in doubt, and 7 s", taken, f)
		}
		s.Close()
	}
}
