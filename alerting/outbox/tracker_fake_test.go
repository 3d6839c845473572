package outbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// vendor is what the tests of all trackers need to know of one.
type vendor struct {
	name      string
	start     func(t *testing.T) (*fakeTracker, Destination)
	create    fault // names its request that creates: method and path
	update    fault
	solved    string // the state after Close
	human     map[string]Human
	set       func(one *fakeTicket, state string) // a person's doing: a state or what stands for it
	high, med string                              // words of severities high and medium
	text      string                              // part of the text as it is there
	refusal   string                              // what the server says of a field that it does not take
	wrongKey  string                              // what it says to a wrong password
	unique    bool                                // a second creation changes the first ticket
	single    bool                                // a creation that is done twice makes one ticket
}

// vendors are those with a fake.
func vendors() []vendor {
	return []vendor{serviceNowVendor(), jiraVendor(true), jiraVendor(false), salesforceVendor(), zendeskVendor()}
}

// TestTrackerLife opens a ticket, changes it, closes it and opens it again.
func TestTrackerLife(t *testing.T) {
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) { v.life(t) })
	}
}

func (v vendor) life(t *testing.T) {
	f, d := v.start(t)
	ctx, c, ticket := t.Context(), trackerContent(), trackerTicket("")
	if _, ok := found(t, d, ticket); ok {
		t.Fatal("found a ticket before one was made")
	}
	made, err := d.Create(ctx, ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID == "" || made.Name == "" || !strings.HasPrefix(made.URL, f.url) {
		t.Errorf("made %+v, want an identifier, a name and an address", made)
	}
	if again, ok := found(t, d, ticket); !ok || again != made {
		t.Fatalf("found %+v, %v; want %+v", again, ok, made)
	}
	ticket.Remote = made
	if one := f.only(t); one.title != c.Subject || one.rank != v.high || !strings.Contains(one.text, v.text) || !strings.Contains(one.text, c.Link) {
		t.Errorf("the ticket is %+v; want title %q, priority %q, text with %q and the link", one, c.Subject, v.high, v.text)
	}

	// A person set another priority, and the severity did not change.
	f.person(func(one *fakeTicket) { one.rank = "of a person" })
	ticket.Shown.Severity = c.Case.Severity
	c.Subject = "[Earshot] #17 High: Packet loss everywhere"
	v.updates(t, d, ticket, c)
	if one := f.only(t); one.title != c.Subject || one.rank != "of a person" {
		t.Errorf("after the update title and priority are %q, %q; want %q and what a person set", one.title, one.rank, c.Subject)
	}
	c.Case.Severity++
	v.updates(t, d, ticket, c)
	if one := f.only(t); one.rank != v.med {
		t.Errorf("after another severity the priority is %q, want %q", one.rank, v.med)
	}

	v.speaks(t, f, d, ticket, c)
	for range 2 { // the second time nothing is to be done
		if _, err := d.Close(ctx, ticket, c); err != nil {
			t.Fatal(err)
		}
		if h, one := read(t, d, ticket), f.only(t); h != Resolved || one.status != v.solved {
			t.Errorf("after closing the status is %q, read as %q; want %q, resolved", one.status, h, v.solved)
		}
	}
	for range 2 {
		if _, err := d.Reopen(ctx, ticket, c); err != nil {
			t.Fatal(err)
		}
		if h := read(t, d, ticket); h != Untouched {
			t.Errorf("after opening again it is read as %q, want untouched", h)
		}
	}
	f.only(t)
}

func (v vendor) updates(t *testing.T, d Destination, ticket *Ticket, c *Content) {
	t.Helper()
	if r, err := d.Update(t.Context(), ticket, c); err != nil || r.ID != ticket.Remote.ID {
		t.Fatalf("update: %+v, %v", r, err)
	}
}

// speaks adds a comment and a file, and tries both again as if nobody knew
// whether they had arrived.
func (v vendor) speaks(t *testing.T, f *fakeTracker, d Destination, ticket *Ticket, c *Content) {
	t.Helper()
	file := trackerFile(`chart "1" ü.png`, "image/png", "\x89PNG\r\n\x00")
	for _, doubt := range []bool{false, true} {
		again := *ticket
		again.Doubt = doubt
		if err := d.Comment(t.Context(), &again, c); err != nil {
			t.Fatal(err)
		}
		if err := d.Attach(t.Context(), &again, file); err != nil {
			t.Fatal(err)
		}
	}
	one := f.only(t)
	if want := []string{file.Name + " 7"}; !slices.Equal(one.files, want) {
		t.Errorf("files are %q, want %q", one.files, want)
	}
	told := slices.DeleteFunc(one.notes, func(n string) bool { return !strings.Contains(n, "Severity rose from medium to high.") })
	if len(told) != 1 || !strings.Contains(told[0], "It's worse.") {
		t.Errorf("the note is there %d times, want once; all notes: %q", len(told), one.notes)
	}
	d2 := *ticket
	d2.Doubt = false
	big := trackerFile("big.pcapng", "image/png", "x")
	big.Bytes = 2 << 30
	mustFail(t, d.Attach(t.Context(), &d2, big), Refused, "max_file")
}

// TestTrackerFaults: whatever happens to a creation, the search tells what came
// of it, and there is one ticket in the end.
func TestTrackerFaults(t *testing.T) {
	for _, v := range vendors() {
		for _, c := range []struct {
			name  string
			fault fault
			kind  FailureKind // of the creation
			there bool
		}{
			{"answer lost", fault{how: "after"}, Doubtful, true},
			{"request lost", fault{how: "before"}, Doubtful, false},
			{"no answer", fault{how: "stall"}, Doubtful, false},
			{"server error", fault{status: 500, body: "<html>oops</html>"}, Doubtful, false},
			{"gateway error", fault{status: 502}, Doubtful, false},
			{"too many", fault{status: 429, header: map[string]string{"Retry-After": "7"}}, Busy, false},
			{"down", fault{status: 503, header: map[string]string{"Retry-After": "120"}}, Busy, false},
			{"conflict", fault{status: 409}, Conflict, false},
			{"sign-in page", fault{status: 200, body: "<html>who are you?</html>"}, Doubtful, false},
			{"denied", fault{status: 401}, Denied, false},
			{"forbidden", fault{status: 403}, Denied, false},
			{"wrong address", fault{status: 404}, Denied, false},
		} {
			t.Run(v.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				v.faulty(t, c.fault, c.kind, c.there)
			})
		}
	}
}

func (v vendor) faulty(t *testing.T, broken fault, kind FailureKind, there bool) {
	f, d := v.start(t)
	broken.method, broken.path = v.create.method, v.create.path
	f.breaks(broken)
	_, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
	if v.unique && kind == Doubtful { // it may simply be repeated
		var f *Failure
		if !errors.As(err, &f) || f.Kind != Busy && f.Kind != Unreached {
			t.Fatalf("got %v, want a failure after which the same may be done again", err)
		}
	} else {
		mustFail(t, err, kind)
	}
	if after := err.(*Failure).After; broken.header != nil && after != map[string]time.Duration{"7": 7 * time.Second, "120": 2 * time.Minute}[broken.header["Retry-After"]] {
		t.Errorf("the failure says to wait %v, the server %s s", after, broken.header["Retry-After"])
	}
	if _, ok := found(t, d, trackerTicket("")); ok != there {
		t.Fatalf("after it a ticket is found: %v, want %v", ok, there)
	}
	if !there {
		if _, err := d.Create(t.Context(), trackerTicket(""), trackerContent()); err != nil {
			t.Fatal(err)
		}
	}
	f.only(t)
}

// TestTrackerTwice: of what a creation made that was done twice on its way, one
// ticket is left open, which is the oldest.
func TestTrackerTwice(t *testing.T) {
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			f, d := v.start(t)
			f.breaks(fault{method: v.create.method, path: v.create.path, how: "twice"})
			ticket := trackerTicket("")
			second, err := d.Create(t.Context(), ticket, trackerContent())
			if err != nil {
				t.Fatal(err)
			}
			f.mu.Lock()
			n := len(f.of(trackerKey))
			f.mu.Unlock()
			if want := map[bool]int{true: 1, false: 2}[v.unique || v.single]; n != want {
				t.Fatalf("%d tickets were made, want %d", n, want)
			}
			first, ok := found(t, d, ticket)
			if !ok || n > 1 && first == second {
				t.Fatalf("found %+v, %v; want the oldest", first, ok)
			}
			for r, want := range map[Remote]Human{first: Untouched, second: Resolved} {
				if got := read(t, d, &Ticket{Remote: r}); r != first && got != want || r == first && got != Untouched {
					t.Errorf("%+v is read as %q, want %q", r, got, want)
				}
			}
			if again, _ := found(t, d, ticket); again != first {
				t.Errorf("found %+v the second time, want %+v", again, first)
			}
		})
	}
}

// TestTrackerPeople reads back what people do.
func TestTrackerPeople(t *testing.T) {
	for _, v := range vendors() {
		for state, want := range v.human {
			t.Run(fmt.Sprintf("%s/%s", v.name, state), func(t *testing.T) {
				f, d := v.start(t)
				ticket := trackerTicket("")
				made, err := d.Create(t.Context(), ticket, trackerContent())
				if err != nil {
					t.Fatal(err)
				}
				ticket.Remote = made
				f.person(func(one *fakeTicket) { v.set(one, state) })
				if got := read(t, d, ticket); got != want {
					t.Errorf("read as %q, want %q", got, want)
				}
				if want == Resolved || want == WontFix { // what a person closed is not closed again in our words
					before := f.only(t)
					if _, err := d.Close(t.Context(), ticket, trackerContent()); err != nil {
						t.Fatal(err)
					}
					if after := f.only(t); after.status != before.status || after.why != before.why {
						t.Errorf("closing it again made %q (%q) of %q (%q)", after.status, after.why, before.status, before.why)
					}
				}
				if want == Deleted {
					_, err := d.Update(t.Context(), ticket, trackerContent())
					mustFail(t, err, Gone)
					if _, ok := found(t, d, ticket); ok {
						t.Error("it is found, though it is gone")
					}
				}
			})
		}
	}
}

// TestTrackerRefusals: what a person has to mend is said so, in the server's
// words.
func TestTrackerRefusals(t *testing.T) {
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			f, d := v.start(t)
			ticket := trackerTicket("")
			f.breaks(fault{method: v.create.method, path: v.create.path, status: 400, body: v.refusal})
			_, err := d.Create(t.Context(), ticket, trackerContent())
			mustFail(t, err, Refused, "assignment")
			f.breaks(fault{method: v.create.method, path: v.create.path, status: 401, body: v.wrongKey})
			_, err = d.Create(t.Context(), ticket, trackerContent())
			mustFail(t, err, Denied, "; check ")
			made, err := d.Create(t.Context(), ticket, trackerContent())
			if err != nil {
				t.Fatal(err)
			}
			ticket.Remote = made
			f.breaks(fault{method: v.update.method, path: v.update.path, status: 500})
			_, err = d.Update(t.Context(), ticket, trackerContent())
			mustFail(t, err, Busy) // setting fields again harms nobody
		})
	}
}
