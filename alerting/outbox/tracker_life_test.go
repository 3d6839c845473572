package outbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

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
	long := *c
	long.Note, long.Notes = strings.Repeat("ü", 100000), []alerting.Update{{Seq: 5}}
	for _, doubt := range []bool{false, true} {
		again := *ticket
		again.Doubt = doubt
		if err := d.Comment(t.Context(), &again, &long); err != nil {
			t.Fatal(err)
		}
	}
	one := f.only(t)
	if n := strings.Count(strings.Join(one.notes, ""), "[earshot 01234567-5]"); n != 1 {
		t.Errorf("the long note's mark is there %d times, want once", n)
	}
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
	mustFail(t, err, kind)
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
			mustFail(t, err, Doubtful)
		})
	}
}
