package outbox

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/alerting"
)

// flaky is a network and a server that fail: requests and answers are lost,
// halved and doubled, or answered with trouble before or after they were done.
type flaky struct {
	inner   http.Handler
	mu      sync.Mutex // held while a request is answered
	lot     *rand.Rand
	failing atomic.Bool
	seen    []string // what became of each request
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	do := func(w http.ResponseWriter) {
		one := q.Clone(q.Context())
		one.Body = io.NopCloser(bytes.NewReader(body))
		f.inner.ServeHTTP(w, one)
	}
	how := "well"
	if f.failing.Load() {
		how = []string{"well", "well", "lost", "unanswered", "unanswered", "half answered", "doubled", "500", "500 after", "429", "503", "502"}[f.lot.IntN(12)]
	}
	f.seen = append(f.seen, fmt.Sprintf("%s: %.120s", how, body))
	switch how {
	case "well":
		do(w)
	case "lost":
		hangUp(w, "")
	case "unanswered":
		do(httptest.NewRecorder())
		hangUp(w, "")
	case "half answered":
		do(httptest.NewRecorder())
		hangUp(w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":")
	case "doubled":
		do(httptest.NewRecorder())
		do(w)
	case "500 after":
		do(httptest.NewRecorder())
		w.WriteHeader(500)
	case "429":
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
	default:
		w.WriteHeader(map[string]int{"500": 500, "502": 502, "503": 503}[how])
	}
}

// idle waits until no request is being answered any more.
func (f *flaky) idle() {
	f.mu.Lock()
	defer f.mu.Unlock()
}

// hangUp ends a connection, after a few last words.
func hangUp(w http.ResponseWriter, words string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, words)
	conn.(*net.TCPConn).SetLinger(0)
}

// told is a destination in a schedule, with what its other side has in the end.
type told struct {
	handler http.Handler
	setting func(url string) []string
	judge   func(s *schedule)
}

// tellings are the kinds that cannot look anything up.
func tellings(t *testing.T, clock func() time.Time) map[string]told {
	strict, plain := map[bool]*hookReceiver{}, func(url string) []string { return []string{"kind: webhook", "url: " + url, "secret_env: S"} }
	for _, is := range []bool{true, false} {
		strict[is] = &hookReceiver{t: t, secret: trackerSecret, now: clock, strict: is, seen: map[string]bool{}, files: map[string]string{}, tickets: map[string]int{}}
	}
	pager, member := &duty{alerts: map[string]string{}}, &amMember{alerts: map[string]postableAlert{}}
	return map[string]told{
		"webhook":        {strict[true], plain, func(s *schedule) { s.judgeHook(strict[true]) }},
		"webhook, by id": {strict[false], plain, func(s *schedule) { s.judgeHook(strict[false]) }},
		"pagerduty":      {http.HandlerFunc(pager.answer), func(url string) []string { return []string{"kind: pagerduty", "url: " + url, "routing_key_env: S"} }, func(s *schedule) { s.judgeDuty(pager) }},
		"alertmanager": {member.take(t), func(url string) []string { return []string{"kind: alertmanager", "urls: [" + url + "]"} },
			func(s *schedule) { s.judgeAlerts(member) }},
	}
}

// TestToldSchedules takes a case through a box and a destination that can only
// be told, over a flaky network, with a program that is killed between any two
// steps. Once all is well again the other side has one ticket and knows how the
// case stands.
func TestToldSchedules(t *testing.T) {
	seeds := 25
	if testing.Short() {
		seeds = 3
	}
	for _, name := range []string{"webhook", "webhook, by id", "pagerduty", "alertmanager"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				s := &schedule{T: t, seed: uint64(seed), lot: rand.New(rand.NewPCG(uint64(seed), 7))}
				one := tellings(t, func() time.Time { return s.now })[name]
				f := &flaky{inner: one.handler, lot: rand.New(rand.NewPCG(uint64(seed), 11))}
				server := httptest.NewServer(f)
				s.d = settled(t, map[string]string{"S": trackerSecret}, one.setting(server.URL)...)
				s.tell(f)
				one.judge(s)
				server.Close()
				if t.Failed() {
					t.Fatalf("seed %d of %s; requests:\n%s", seed, name, strings.Join(f.seen, "\n"))
				}
			}
		})
	}
}

// tell lets a case live for three hours, the first two of which are flaky.
func (s *schedule) tell(f *flaky) {
	began := time.Date(2026, 1, 6, 8, 0, 0, 0, time.UTC)
	s.now, s.kept = began, map[int64]*Ticket{}
	s.c = &alerting.Case{Number: 17, Tenant: "acme", Severity: alerting.Medium, Owner: "carrier", Segment: "trunk-b", Status: alerting.StatusOpen,
		Opened: began, Faults: []alerting.FaultID{"f"}}
	s.happens(alerting.UpdateOpened)
	s.begin()
	f.failing.Store(true)
	closed := s.lot.IntN(2) > 0
	for ; s.now.Before(began.Add(3 * time.Hour)); s.now = s.now.Add(20 * time.Second) {
		since := s.now.Sub(began)
		switch at := len(s.c.Updates); {
		case at == 1 && since > time.Minute, at == 3 && since > 50*time.Minute:
			s.c.Severity--
			s.happens(alerting.UpdateMeasured)
		case at == 2 && since > 30*time.Minute:
			s.happens(alerting.UpdateAnswered)
		case at == 4 && closed && since > 100*time.Minute:
			s.c.Status, s.c.Closed, s.c.SubStatus = alerting.StatusClosed, s.now, alerting.SubResolved
			s.happens(alerting.UpdateClosed)
		}
		f.failing.Store(since < 2*time.Hour)
		s.turn(f.failing.Load())
		f.idle()
	}
}

// turn does what is due; while things fail, the program may be killed before
// the request, after it, and before its outcome is kept.
func (s *schedule) turn(failing bool) {
	jobs := s.box.Due(s.now)
	s.keep()
	for _, j := range jobs {
		killed := -1
		if failing {
			killed = s.lot.IntN(20)
		}
		if killed == 0 {
			s.begin()
			return
		}
		out := Perform(s.Context(), s.d, j, s.content(j), nil)
		if killed == 1 {
			s.begin()
			return
		}
		s.box.Done(s.now, out)
		if killed == 2 {
			s.begin()
			return
		}
		s.keep()
	}
}

// TestClosedInDoubt: a ticket that may have been opened is closed, also where
// the case was closed before anybody knew.
func TestClosedInDoubt(t *testing.T) {
	for _, name := range []string{"webhook", "pagerduty", "alertmanager"} {
		s := &schedule{T: t, lot: rand.New(rand.NewPCG(1, 2)), kept: map[int64]*Ticket{}}
		one := tellings(t, func() time.Time { return s.now })[name]
		var loses atomic.Bool
		loses.Store(true)
		f := &flaky{inner: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if loses.Load() {
				one.handler.ServeHTTP(httptest.NewRecorder(), q)
				hangUp(w, "")
				return
			}
			one.handler.ServeHTTP(w, q)
		})}
		server := httptest.NewServer(f)
		s.d = settled(t, map[string]string{"S": trackerSecret}, one.setting(server.URL)...)
		s.now = time.Date(2026, 1, 6, 8, 0, 0, 0, time.UTC)
		s.c = &alerting.Case{Number: 17, Tenant: "acme", Severity: alerting.High, Status: alerting.StatusOpen, Opened: s.now, Faults: []alerting.FaultID{"f"}}
		s.happens(alerting.UpdateOpened)
		s.begin()
		s.turn(false)
		f.idle()
		loses.Store(false)
		s.c.Status, s.c.Closed, s.c.SubStatus = alerting.StatusClosed, s.now.Add(time.Second), alerting.SubResolved
		s.happens(alerting.UpdateClosed)
		for range 100 {
			s.now = s.now.Add(20 * time.Second)
			s.turn(false)
		}
		one.judge(s)
		server.Close()
	}
}

// judgeHook looks at the receiver of a webhook.
func (s *schedule) judgeHook(r *hookReceiver) {
	if len(r.tickets) != 1 || slices.Max(slices.Collect(maps.Values(r.tickets))) != 1 {
		s.Errorf("the receiver has made %v, want one ticket", r.tickets)
		return
	}
	known := map[int]int{}
	open, severity := false, alerting.Severity(0)
	for _, e := range r.events {
		switch e.Event {
		case "created", "reopened":
			open = true
		case "closed":
			open = false
		}
		severity = e.Case.Severity
		for _, n := range e.Notes {
			known[n.Seq]++
		}
		if e.Event == "created" {
			for seq := 1; seq <= e.Sequence; seq++ {
				known[seq]++
			}
		}
	}
	if open != (s.c.Status == alerting.StatusOpen) || severity != s.c.Severity {
		s.Errorf("the receiver shows open %v with %s; the case is %s with %s", open, severity, s.c.Status, s.c.Severity)
	}
	for _, u := range s.c.Updates {
		if known[u.Seq] == 0 {
			s.Errorf("entry %d of the timeline has not arrived", u.Seq)
		}
	}
}

// judgeDuty looks at PagerDuty.
func (s *schedule) judgeDuty(p *duty) {
	want := "triggered"
	if s.c.Status == alerting.StatusClosed {
		want = "resolved"
	}
	if len(p.alerts) != 1 || p.opened != 1 || !slices.Contains(slices.Collect(maps.Values(p.alerts)), want) {
		s.Errorf("alerts are %v, opened %d times; want one that is %s", p.alerts, p.opened, want)
	}
}

// judgeAlerts looks at Alertmanager.
func (s *schedule) judgeAlerts(m *amMember) {
	firing := m.firing(s.now)
	switch {
	case s.c.Status == alerting.StatusClosed && len(firing) != 0:
		s.Errorf("the case is closed, and %v fires", firing)
	case s.c.Status == alerting.StatusOpen && (len(firing) != 1 || firing[0]["severity"] != s.c.Severity.String()):
		s.Errorf("%v fires, want one with %s", firing, s.c.Severity)
	}
}
