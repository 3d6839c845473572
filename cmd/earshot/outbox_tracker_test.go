package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/alerting/outbox"
)

// moodyServer is the other side of a destination. As long as it is not calm it
// does to a third of the requests what servers do on bad days.
type moodyServer struct {
	*httptest.Server
	answer func(w http.ResponseWriter, r *http.Request, body []byte) // one request at a time

	mu     sync.Mutex
	random *rand.Rand
	calm   bool
	open   int            // connections
	seen   map[string]int // requests by what was done to them
}

func newMoodyServer(t *testing.T, random *rand.Rand, answer func(http.ResponseWriter, *http.Request, []byte)) *moodyServer {
	m := &moodyServer{answer: answer, random: random, seen: map[string]int{}}
	m.Server = httptest.NewUnstartedServer(m)
	m.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		m.mu.Lock()
		defer m.mu.Unlock()
		switch s {
		case http.StateNew:
			m.open++
		case http.StateClosed, http.StateHijacked:
			m.open--
		}
	}
	m.Start()
	t.Cleanup(m.Close)
	return m
}

// moods are what it does to a request: before it is done, or after.
var moods = []string{"drops it undone", "drops it done", "429", "500 undone", "500 done", "holds the answer", "409"}

// ServeHTTP does a request, or not, and says so, or not.
func (m *moodyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.URL.Path == "/last" {
		return // cut off, or asked by settle
	}
	mood, wait := m.mood(r)
	switch mood {
	case "drops it undone":
		panic(http.ErrAbortHandler)
	case "429":
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Millisecond)%2))
		w.WriteHeader(http.StatusTooManyRequests)
	case "500 undone":
		w.WriteHeader(http.StatusInternalServerError)
	case "409":
		w.WriteHeader(http.StatusConflict)
	case "drops it done":
		m.do(httptest.NewRecorder(), r, body)
		panic(http.ErrAbortHandler)
	case "500 done":
		m.do(httptest.NewRecorder(), r, body)
		w.WriteHeader(http.StatusInternalServerError)
	case "holds the answer":
		held := httptest.NewRecorder()
		m.do(held, r, body)
		select {
		case <-r.Context().Done():
		case <-time.After(wait):
		}
		w.WriteHeader(held.Code)
		_, _ = io.Copy(w, held.Body) // nobody may be there any more
	default:
		m.do(w, r, body)
	}
}

// mood draws what is done to a request.
func (m *moodyServer) mood(r *http.Request) (string, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	mood := "well"
	if !m.calm && m.random.IntN(3) == 0 {
		mood = moods[m.random.IntN(len(moods))]
	}
	m.seen[r.Method+" "+mood]++
	return mood, time.Duration(m.random.IntN(1500)) * time.Millisecond
}

func (m *moodyServer) do(w http.ResponseWriter, r *http.Request, body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer(w, r, body)
}

func (m *moodyServer) calmDown() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calm = true
}

// settle waits until all that a killed client has sent is done: connections are
// taken in their order, so those of before this one are known when it is answered.
func (m *moodyServer) settle(t *testing.T) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	a, err := client.Get(m.URL + "/last")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		m.mu.Lock()
		open := m.open
		m.mu.Unlock()
		if open == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections of a client that is gone stay open", open)
		}
	}
}

// incident is a record of the table of incidents.
type incident struct {
	id     string
	fields map[string]string
	notes  []string // all that was ever written to its journals
}

// incidents is a table of a ServiceNow instance, as its Table API shows it.
type incidents struct {
	t    *testing.T
	list []*incident
}

func (s *incidents) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	const table = "/api/now/table/incident"
	q := r.URL.Query()
	id, single := strings.CutPrefix(r.URL.Path, table+"/")
	one := s.byID(id)
	switch {
	case r.Method == http.MethodPost && r.URL.Path == table:
		one = &incident{id: fmt.Sprintf("%032x", len(s.list)+1), fields: map[string]string{"state": "1"}}
		one.fields["number"], one.fields["sys_id"] = fmt.Sprintf("INC%07d", len(s.list)+1), one.id
		s.list = append(s.list, one)
		s.set(one, body)
		writeResult(w, http.StatusCreated, one.fields)
	case r.Method == http.MethodGet && r.URL.Path == table:
		key, known := strings.CutPrefix(strings.TrimSuffix(q.Get("sysparm_query"), "^ORDERBYsys_created_on"), "correlation_id=")
		if !known {
			s.t.Errorf("the query is %q", q.Get("sysparm_query"))
		}
		found := []map[string]string{}
		for _, one := range s.list {
			if one.fields["correlation_id"] == key {
				found = append(found, one.fields)
			}
		}
		writeResult(w, http.StatusOK, found)
	case !single || one == nil:
		s.t.Errorf("%s %s: there is no such thing", r.Method, r.URL)
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPatch:
		s.set(one, body)
		writeResult(w, http.StatusOK, one.fields)
	case q.Get("sysparm_display_value") == "true": // a journal is then all its entries
		writeResult(w, http.StatusOK, map[string]string{q.Get("sysparm_fields"): strings.Join(one.notes, "\n\n")})
	default:
		writeResult(w, http.StatusOK, one.fields)
	}
}

func (s *incidents) byID(id string) *incident {
	for _, one := range s.list {
		if one.id == id {
			return one
		}
	}
	return nil
}

func (s *incidents) set(one *incident, body []byte) {
	var fields map[string]string
	if err := json.Unmarshal(body, &fields); err != nil {
		s.t.Errorf("the body %q is no record: %v", body, err)
	}
	for name, value := range fields {
		if name == "work_notes" || name == "comments" {
			one.notes = append(one.notes, value)
			continue
		}
		one.fields[name] = value
	}
}

func writeResult(w http.ResponseWriter, status int, v any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"result": v}) // nobody may be there any more
}

// hookKeeper takes the deliveries of a webhook.
type hookKeeper struct {
	t         *testing.T
	delivered map[string]bool           // by the ID of the delivery
	events    map[string][]outbox.Event // by key, each delivery once
}

func (c *hookKeeper) answer(w http.ResponseWriter, _ *http.Request, body []byte) {
	var e outbox.Event
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&e); err != nil {
		c.t.Errorf("the delivery %q is no event: %v", body, err)
	}
	repeated := c.delivered[e.Delivery]
	if !repeated {
		c.delivered[e.Delivery] = true
		c.events[e.Key] = append(c.events[e.Key], e)
	}
	said := map[string]any{"duplicate": repeated}
	if slices.ContainsFunc(c.events[e.Key], func(one outbox.Event) bool { return one.Event == "created" }) {
		said["id"] = e.Key // of a ticket that it has
	}
	_ = json.NewEncoder(w).Encode(said) // nobody may be there any more
}
