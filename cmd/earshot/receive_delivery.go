package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// The bounds of what is received.
const (
	maxReceived     = 16 << 20  // octets of JSON
	maxReceivedFile = 256 << 20 // octets of a file
	maxRemembered   = 100_000   // deliveries
)

// receiver is the other side of a webhook: it keeps a ticket for each key.
type receiver struct {
	secrets []string
	out     string // folder; "" keeps nothing
	count   int    // of new deliveries, after which enough is called; 0: never
	enough  context.CancelFunc
	std     stdio
	now     func() time.Time

	mu      sync.Mutex
	lose    int            // so many answers yet
	numbers map[string]int // of tickets, by key
	seen    deliveries
	taken   int
}

// received is what is read of a delivery: the rest of it is only kept.
type received struct {
	Event    string            `json:"event"`
	Delivery string            `json:"delivery"`
	Key      string            `json:"key"`
	Subject  string            `json:"subject"`
	Case     *receivedCase     `json:"case"`
	Cases    []json.RawMessage `json:"cases"`
	file     *receivedFile
}

// receivedCase is what is read of a case.
type receivedCase struct {
	Number   int    `json:"number"`
	Severity string `json:"severity"`
	Owner    string `json:"owner"`
}

// refusal is why a delivery is not taken.
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	e, body, err := r.read(q)
	var number int
	var repeated, lost bool
	if err == nil {
		number, repeated, lost, err = r.take(e, body)
	}
	if e != nil && e.file != nil {
		e.file.discard()
	}
	if err != nil {
		r.refuse(w, q, err)
		return
	}
	if lost {
		panic(http.ErrAbortHandler) // ends the connection without an answer
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"id": e.Key, "number": fmt.Sprintf("R-%d", number), "duplicate": repeated})
}

// refuse says why a delivery is not taken, to its sender and here.
func (r *receiver) refuse(w http.ResponseWriter, q *http.Request, err error) {
	status, told := http.StatusInternalServerError, "it could not be kept"
	var refused *refusal
	if errors.As(err, &refused) {
		status, told = refused.status, refused.text
	}
	http.Error(w, told, status)
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.std.err, "earshot: %d for %s: %s\n", status, q.RemoteAddr, printable(err.Error()))
}

// read reads a delivery, and believes nothing of it before it has proved genuine.
func (r *receiver) read(q *http.Request) (*received, []byte, error) {
	if q.Method != http.MethodPost {
		return nil, nil, &refusal{http.StatusMethodNotAllowed, "a delivery is a POST, not a " + q.Method}
	}
	v, err := outbox.NewVerifier(r.secrets, q.Header)
	if err != nil {
		return nil, nil, &refusal{http.StatusUnauthorized, err.Error()}
	}
	if q.Header.Get(outbox.HeaderFile) != "" {
		e, err := r.readFile(q, v)
		return e, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(q.Body, maxReceived+1))
	switch {
	case err != nil:
		return nil, nil, &refusal{http.StatusBadRequest, "the body breaks off: " + err.Error()}
	case len(body) > maxReceived:
		return nil, nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d octets", maxReceived)}
	}
	v.Write(body)
	if err := v.Check(r.now()); err != nil {
		return nil, nil, &refusal{http.StatusUnauthorized, err.Error()}
	}
	var e received
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, nil, &refusal{http.StatusBadRequest, "the body is not the JSON of a delivery: " + err.Error()}
	}
	if e.Delivery != q.Header.Get(outbox.HeaderDelivery) || !alerting.SafeName(e.Key) || !strings.HasPrefix(e.Delivery, e.Key+"-") || !alerting.SafeName(e.Delivery) {
		return nil, nil, &refusal{http.StatusBadRequest, "the delivery in the body is not the one in the header, or not of the form that Earshot writes"}
	}
	return &e, body, nil
}

// take keeps a delivery unless it was here before, and tells of it. Losing its
// answer comes after that: the worst moment for it.
func (r *receiver) take(e *received, body []byte) (number int, repeated, lost bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.numbers[e.Key] == 0 {
		r.numbers[e.Key] = len(r.numbers) + 1
	}
	number = r.numbers[e.Key]
	if repeated = r.seen.has(e.Delivery); !repeated {
		if repeated, err = r.keep(e, body); err != nil {
			return number, false, false, err
		}
		r.seen.add(e.Delivery)
	}
	if lost = r.lose > 0; lost {
		r.lose--
	}
	r.tell(e, number, repeated, lost)
	if !repeated {
		r.taken++
	}
	if r.count > 0 && r.taken >= r.count && !lost {
		r.enough()
	}
	return number, repeated, lost, nil
}

// tell prints a line about a delivery.
func (r *receiver) tell(e *received, number int, repeated, lost bool) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s  R-%d  %-9s", r.now().UTC().Format("2006-01-02 15:04:05"), number, e.Event)
	switch {
	case e.file != nil:
		fmt.Fprintf(&b, "  %s, %d octets, SHA-256 %.16s…", e.file.name, e.file.bytes, e.file.sum)
	case e.Case != nil:
		fmt.Fprintf(&b, "  case %d  %s", e.Case.Number, e.Case.Severity)
		if e.Case.Owner != "" {
			fmt.Fprintf(&b, "  for %s", e.Case.Owner)
		}
	default:
		fmt.Fprintf(&b, "  %d cases", len(e.Cases))
	}
	if e.Subject != "" {
		fmt.Fprintf(&b, "  %s", e.Subject)
	}
	if repeated {
		b.WriteString("  (repeated: dropped)")
	}
	if lost {
		b.WriteString("  (answer lost)")
	}
	fmt.Fprintln(r.std.out, printable(b.String()))
}

// deliveries remembers the newest deliveries.
type deliveries struct {
	known map[string]bool
	order []string
	next  int
}

func (d *deliveries) has(id string) bool { return d.known[id] }

func (d *deliveries) add(id string) {
	if d.known == nil {
		d.known = map[string]bool{}
	}
	d.known[id] = true
	if len(d.order) < maxRemembered {
		d.order = append(d.order, id)
		return
	}
	delete(d.known, d.order[d.next])
	d.order[d.next] = id
	d.next = (d.next + 1) % maxRemembered
}
