package outbox

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// fakeTracker is a ticket system in memory. Each request that it gets is checked
// against the published description of its vendor's API; faults are injected
// before or after it does what it was asked for.
type fakeTracker struct {
	t      *testing.T
	url    string
	answer func(f *fakeTracker, w http.ResponseWriter, r *http.Request, body []byte)
	router routers.Router

	mu      sync.Mutex
	tickets []*fakeTicket
	faults  []fault
	seen    []string // "POST /path" of each request
	bodies  []string
	dropped map[string]string // idempotency keys: body and answer, where there are such keys
}

// fakeTicket is a ticket of any vendor.
type fakeTicket struct {
	id     int
	key    string
	title  string
	text   string
	rank   string // priority
	status string
	why    string // close code, resolution
	tags   []string
	notes  []string
	files  []string // "name length"
	fields map[string]any
	gone   bool
}

// fault is what goes wrong with the next request that it is about.
type fault struct {
	method string
	path   string // part of it
	how    string // "before": the connection breaks unanswered; "after": once the request was done; "twice": it is done two times; "stall"; "" status
	status int
	header map[string]string
	body   string
}

// newFakeTracker starts one with the description in testdata.
func newFakeTracker(t *testing.T, description string, answer func(*fakeTracker, http.ResponseWriter, *http.Request, []byte)) *fakeTracker {
	t.Helper()
	f := &fakeTracker{t: t, answer: answer, dropped: map[string]string{}}
	doc, err := openapi3.NewLoader().LoadFromFile("testdata/" + description)
	if err != nil {
		t.Fatal(err)
	}
	if f.router, err = legacy.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	f.url = s.URL
	return f
}

// ServeHTTP checks a request and does it.
func (f *fakeTracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.check(r, body)
	f.mu.Lock()
	f.seen, f.bodies = append(f.seen, r.Method+" "+r.URL.Path), append(f.bodies, string(body))
	broken := f.fault(r)
	f.mu.Unlock()
	switch broken.how {
	case "before", "stall":
		if broken.how == "stall" {
			time.Sleep(3500 * time.Millisecond)
		}
		f.hang(w)
		return
	case "after":
		f.do(httptest.NewRecorder(), r, body)
		f.hang(w)
		return
	case "twice":
		f.do(httptest.NewRecorder(), r, body)
	}
	if broken.status != 0 {
		for name, value := range broken.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(broken.status)
		io.WriteString(w, broken.body)
		return
	}
	f.do(w, r, body)
}

// do answers, one request at a time.
func (f *fakeTracker) do(w http.ResponseWriter, r *http.Request, body []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer(f, w, r, body)
}

// hang breaks the connection.
func (f *fakeTracker) hang(w http.ResponseWriter) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		conn.Close()
	}
}

// fault takes the first fault that is about a request.
func (f *fakeTracker) fault(r *http.Request) fault {
	i := slices.IndexFunc(f.faults, func(one fault) bool {
		return one.method == r.Method && strings.Contains(r.URL.Path, one.path)
	})
	if i < 0 {
		return fault{}
	}
	one := f.faults[i]
	f.faults = slices.Delete(f.faults, i, i+1)
	return one
}

// breaks injects a fault.
func (f *fakeTracker) breaks(one fault) {
	f.mu.Lock()
	f.faults = append(f.faults, one)
	f.mu.Unlock()
}

// check holds a request against the description. Names that the description has
// not are wrong too: servers ignore them, and nobody notices.
func (f *fakeTracker) check(r *http.Request, body []byte) {
	route, params, err := f.router.FindRoute(r)
	if err != nil {
		f.t.Errorf("%s %s is not in the description of the API: %v", r.Method, r.URL, err)
		return
	}
	q := r.Clone(r.Context())
	q.Body = io.NopCloser(bytes.NewReader(body))
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true}
	if strings.HasPrefix(kind, "image/") { // nothing in it is described
		options.ExcludeRequestBody = true
		if route.Operation.RequestBody.Value.Content.Get(kind) == nil {
			f.t.Errorf("%s %s takes no body of the kind %s", r.Method, r.URL.Path, kind)
		}
	}
	input := &openapi3filter.RequestValidationInput{Request: q, PathParams: params, Route: route, Options: options}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		f.t.Errorf("%s %s is not as the API is described: %v\n%s", r.Method, r.URL, err, body)
	}
	for name := range r.URL.Query() {
		known := route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name)
		if known == nil && route.PathItem.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			f.t.Errorf("%s %s has no parameter %q", r.Method, r.URL.Path, name)
		}
	}
}

// made is a new ticket. The caller holds the lock, as of all methods below that
// vendors' answers use.
func (f *fakeTracker) made(key string) *fakeTicket {
	one := &fakeTicket{id: 1001 + len(f.tickets), key: key, fields: map[string]any{}}
	f.tickets = append(f.tickets, one)
	return one
}

// ticket is that of an identifier; nil where there is none any more.
func (f *fakeTracker) ticket(id int) *fakeTicket {
	for _, one := range f.tickets {
		if one.id == id && !one.gone {
			return one
		}
	}
	return nil
}

// of lists the tickets of a key.
func (f *fakeTracker) of(key string) []*fakeTicket {
	var list []*fakeTicket
	for _, one := range f.tickets {
		if one.key == key && !one.gone {
			list = append(list, one)
		}
	}
	return list
}

// only is the ticket of the key under test, of which there has to be one.
func (f *fakeTracker) only(t *testing.T) fakeTicket {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.of(trackerKey)
	if len(list) != 1 {
		t.Fatalf("there are %d tickets with the key, want 1", len(list))
	}
	one := *list[0]
	one.notes, one.files, one.tags, one.fields = slices.Clone(one.notes), slices.Clone(one.files), slices.Clone(one.tags), maps.Clone(one.fields)
	return one
}

// person changes the ticket of the key, as somebody at the desk does.
func (f *fakeTracker) person(change func(*fakeTicket)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.of(trackerKey) {
		change(one)
	}
}

// requests counts requests.
func (f *fakeTracker) requests(method, path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, s := range f.seen {
		if m, p, _ := strings.Cut(s, " "); m == method && strings.Contains(p, path) {
			n++
		}
	}
	return n
}

// reply writes a value as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(text)
}

// object reads JSON as an object.
func object(body []byte) map[string]any {
	v := map[string]any{}
	if len(body) > 0 && json.Unmarshal(body, &v) != nil {
		return nil
	}
	return v
}

// textOf is a text of an object, "" where there is none.
func textOf(o map[string]any, name string) string {
	s, _ := o[name].(string)
	return s
}
