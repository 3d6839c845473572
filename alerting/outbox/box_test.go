package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// rig is a box with one destination that answers what a test says.
type rig struct {
	t   *testing.T
	b   *Box
	c   *alerting.Case
	now time.Time
}

func newRig(t *testing.T, terms Terms) *rig {
	terms.Name = "jira"
	r := &rig{t: t, b: NewBox(Config{Destinations: []Terms{terms}}), c: stormCase(1, alerting.High), now: moment0}
	r.tell()
	return r
}

// tell tells of the case as it is now.
func (r *rig) tell() { c := *r.c; r.b.Cases(r.now, []*alerting.Case{&c}) }

// happens adds an entry to the timeline.
func (r *rig) happens(kind alerting.UpdateKind, author string) {
	seq := r.c.Updates[len(r.c.Updates)-1].Seq + 1
	r.c.Updates = append(slices.Clone(r.c.Updates), alerting.Update{Seq: seq, At: r.now, Author: author, Kind: kind, Text: fmt.Sprint("entry ", seq)})
	r.tell()
}

func (r *rig) close() {
	r.c.Status, r.c.Closed = alerting.StatusClosed, r.now
	r.happens(alerting.UpdateClosed, "ann")
}

func (r *rig) reopen() {
	r.c.Status, r.c.Closed = alerting.StatusOpen, time.Time{}
	r.happens(alerting.UpdateReopened, alerting.MonitorAuthor)
}

// wants says which steps are due now, answers them all with success, and
// returns the last.
func (r *rig) wants(steps ...Step) *Job {
	r.t.Helper()
	var got []Step
	var last *Job
	for {
		jobs := r.b.Due(r.now)
		if len(jobs) == 0 {
			break
		}
		for _, j := range jobs {
			got, last = append(got, j.Step), j
			r.b.Done(r.now, Outcome{Job: j, Remote: Remote{ID: "1", Name: "VOICE-1"}})
		}
	}
	if !slices.Equal(got, steps) {
		r.t.Fatalf("at %s: the steps %v are due, want %v; the ticket is %+v", r.now.Sub(moment0), got, steps, r.ticket())
	}
	return last
}

// fails answers what is due with a failure.
func (r *rig) fails(kind FailureKind) {
	r.t.Helper()
	jobs := r.b.Due(r.now)
	if len(jobs) != 1 {
		r.t.Fatalf("%d jobs are due, want one", len(jobs))
	}
	r.b.Done(r.now, Outcome{Job: jobs[0], Err: &Failure{Kind: kind, Text: "it says so"}})
}

func (r *rig) later(d time.Duration) *rig { r.now = r.now.Add(d); return r }

func (r *rig) ticket() *Ticket { return r.b.Tickets()[0] }

func (r *rig) is(state State, human Human) {
	r.t.Helper()
	if got := r.ticket(); got.State != state || got.Human != human {
		r.t.Fatalf("the ticket is %s, %q, want %s, %q: %+v", got.State, got.Human, state, human, got)
	}
}

var wholeTracker = Abilities{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true}

// A case's life at a tracker: looked for, made, looked for again, commented at
// most every 15 minutes, at once where it matters; closed, reopened in place.
func TestBoxLife(t *testing.T) {
	r := newRig(t, Terms{Abilities: wholeTracker, ReadEvery: 24 * time.Hour})
	r.wants(StepFind, StepCreate)
	r.later(10 * time.Second).wants(StepFind) // whether there are two
	r.is(Confirmed, Untouched)
	r.happens(alerting.UpdateAnswered, "ann")
	r.later(10 * time.Minute).wants()
	r.is(Pending, Untouched)
	r.happens(alerting.UpdateAnswered, "bob")
	r.happens(alerting.UpdateAnswered, "jira") // which knows
	if j := r.later(5*time.Minute).wants(StepUpdate, StepComment); len(j.Notes) != 2 || j.Notes[1].Author != "bob" {
		t.Errorf("the comment tells %+v, want ann's and bob's entry", j.Notes)
	}
	r.later(time.Minute).happens(alerting.UpdateRestored, alerting.MonitorAuthor)
	r.wants(StepUpdate, StepComment) // a minute after the last one, not 15
	r.c.Attachments = []alerting.Attachment{{Name: "a.png", SHA256: "aa", Sanitised: true}, {Name: "notes.txt", SHA256: "cc"}, {Name: "b.png", SHA256: "bb", Sanitised: true}}
	r.tell()
	r.wants(StepAttach, StepAttach)
	r.close()
	r.wants(StepComment, StepClose)
	r.is(Closed, Untouched)
	r.reopen()
	r.wants(StepReopen)
	r.later(time.Hour).wants(StepUpdate, StepComment)
	key := r.ticket().Key
	r.later(24 * time.Hour).wants(StepRead)
	r.is(Confirmed, Untouched)
	if r.ticket().Key != key || len(r.b.Tickets()) != 1 {
		t.Error("it is another ticket")
	}
}

// Where nothing can be reopened, a case that opens again has another ticket.
func TestBoxRenews(t *testing.T) {
	r := newRig(t, Terms{Abilities: Abilities{Idempotent: true, Close: true}})
	r.wants(StepCreate)
	first := r.ticket().Key
	r.later(time.Hour).close()
	r.wants(StepClose)
	r.later(time.Hour).reopen()
	r.wants(StepCreate)
	if again := r.ticket(); again.Key == first || again.Episode != 1 {
		t.Errorf("the second ticket is %+v", again)
	}
}

// A case that is over before its ticket could be made is not told.
func TestBoxOverBeforeTold(t *testing.T) {
	r := newRig(t, Terms{Abilities: wholeTracker})
	r.close()
	r.wants()
	r.is(Closed, Untouched)
}

// What people do there: see docs/integrations.md.
func TestBoxHears(t *testing.T) {
	for _, tt := range []struct {
		human Human
		kind  alerting.CommandKind
		sub   alerting.CaseSubStatus
		again []Step // when the case opens again
		worse []Step // and is worse
		says  string
	}{
		{Resolved, alerting.CommandClose, alerting.SubResolved, []Step{StepReopen, StepUpdate, StepComment}, []Step{StepReopen, StepUpdate, StepComment}, "VOICE-1 was closed as resolved in jira."},
		{WontFix, alerting.CommandClose, alerting.SubCancelled, nil, []Step{StepReopen, StepUpdate, StepComment}, "VOICE-1 was closed in jira as not to be fixed."},
		{Deleted, alerting.CommandUpdate, "", nil, []Step{StepFind, StepCreate}, "VOICE-1 was deleted in jira: nothing more is told there, unless the case opens again and is worse."},
	} {
		for _, worse := range []bool{false, true} {
			r := newRig(t, Terms{Abilities: wholeTracker})
			r.wants(StepFind, StepCreate)
			r.later(10 * time.Second).wants(StepFind)
			jobs := r.later(5 * time.Minute).b.Due(r.now)
			if len(jobs) != 1 || jobs[0].Step != StepRead {
				t.Fatalf("due is %+v, want to read", jobs)
			}
			r.b.Done(r.now, Outcome{Job: jobs[0], Human: tt.human})
			r.is(Confirmed, tt.human)
			commands := r.b.Commands(r.now)
			if len(commands) != 1 || commands[0].Kind != tt.kind || commands[0].SubStatus != tt.sub || commands[0].Text != tt.says || commands[0].Author != "jira" || commands[0].Case != 1 {
				t.Fatalf("%s gives %+v", tt.human, commands)
			}
			if again := r.b.Commands(r.now); len(again) != 0 {
				t.Errorf("%s is told twice: %+v", tt.human, again)
			}
			r.close()
			r.is(Closed, tt.human)
			r.later(time.Hour).wants()
			want := tt.again
			if worse {
				r.c.Severity, want = alerting.Critical, tt.worse
			}
			r.reopen()
			r.wants(want...)
		}
	}
}

// Each kind of failure, and what follows.
func TestBoxFails(t *testing.T) {
	for _, tt := range []struct {
		kind  FailureKind
		after time.Duration // nothing is due before
		steps []Step
		state State
	}{
		{Unreached, 10 * time.Second, []Step{StepCreate}, Pending},
		{Busy, 10 * time.Second, []Step{StepCreate}, Pending},
		{Doubtful, 10 * time.Second, []Step{StepFind, StepCreate}, Pending},
		{Conflict, 10 * time.Second, []Step{StepFind, StepCreate}, Pending},
		{Gone, time.Minute, []Step{StepCreate}, Pending}, // the address
		{Denied, time.Minute, []Step{StepCreate}, Pending},
		{Refused, 24 * time.Hour, nil, Dead},
	} {
		r := newRig(t, Terms{Abilities: wholeTracker, FirstWait: 10 * time.Second, ReadEvery: 48 * time.Hour})
		find := r.b.Due(r.now)[0]
		r.b.Done(r.now, Outcome{Job: find})
		r.fails(tt.kind)
		r.is(tt.state, Untouched)
		if r.ticket().Error != "it says so" {
			t.Errorf("%s: the error is %q", tt.kind, r.ticket().Error)
		}
		r.later(tt.after - time.Second).wants()
		r.later(time.Second).wants(tt.steps...)
		if tt.state == Dead {
			if n := r.b.RetryAll(r.now, "jira"); n != 1 {
				t.Errorf("%d are tried again", n)
			}
			r.wants(StepCreate)
		}
		r.is(Confirmed, Untouched)
	}
}

// A ticket that is gone is made again three times; then somebody deletes it.
func TestBoxLost(t *testing.T) {
	r := newRig(t, Terms{Abilities: Abilities{Idempotent: true, Comment: true, Close: true}, CommentEvery: time.Minute})
	r.wants(StepCreate)
	for range 4 {
		r.later(time.Hour).happens(alerting.UpdateAnswered, "ann")
		r.fails(Gone)
		if r.ticket().State != Dead {
			r.later(time.Hour).wants(StepCreate)
		}
	}
	r.is(Dead, Untouched)
	if !strings.Contains(r.ticket().Error, "somebody deletes it") {
		t.Errorf("it says %q", r.ticket().Error)
	}
}

// A step that was done forgets its failures, whatever they were; one that was
// done beside it does not.
func TestBoxForgetsFailures(t *testing.T) {
	for _, kind := range []FailureKind{Unreached, Busy, Doubtful, Conflict} {
		r := newRig(t, Terms{Abilities: Abilities{Idempotent: true, Comment: true, Close: true}, CommentEvery: time.Minute, FirstWait: time.Second})
		r.wants(StepCreate)
		r.later(time.Hour).happens(alerting.UpdateAnswered, "ann")
		jobs := r.b.Due(r.now)
		if len(jobs) != 1 || jobs[0].Step != StepUpdate {
			t.Fatalf("%+v", jobs)
		}
		r.b.Done(r.now, Outcome{Job: jobs[0], Err: &Failure{Kind: kind, Text: "not now"}})
		if got := r.ticket(); got.Attempts != 1 || got.Failing != StepUpdate || got.Error == "" {
			t.Errorf("%s: %+v", kind, got)
		}
		r.later(time.Hour).wants(StepUpdate, StepComment)
		if got := r.ticket(); got.Attempts != 0 || got.Failing != "" || got.Error != "" || got.State != Confirmed {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

// After a create whose answer was lost, a search that is late is not believed.
func TestBoxFindLag(t *testing.T) {
	able := wholeTracker
	able.FindLag = 40 * time.Second
	r := newRig(t, Terms{Abilities: able, FirstWait: 10 * time.Second, ReadEvery: 48 * time.Hour})
	r.b.Done(r.now, Outcome{Job: r.b.Due(r.now)[0]}) // none is there
	r.fails(Doubtful)
	r.later(39 * time.Second).wants()
	r.later(time.Second).wants(StepFind, StepCreate)
	r.later(39 * time.Second).wants()
	r.later(time.Second).wants(StepFind) // whether there are two
	r.later(10 * time.Minute).wants(StepFind)
	r.later(time.Hour).wants()
}

// A job that could not be kept leaves everything as it was, doubts too.
func TestBoxUnsent(t *testing.T) {
	r := newRig(t, Terms{Abilities: Abilities{Idempotent: true, Comment: true, Close: true, Reopen: true}, FirstWait: time.Second, PerMinute: 4})
	r.wants(StepCreate)
	r.later(time.Hour).happens(alerting.UpdateAnswered, "ann")
	for range 10 { // which takes nothing off what may be sent in a minute
		jobs := r.b.Due(r.now)
		if len(jobs) != 1 || jobs[0].Step != StepUpdate {
			t.Fatalf("due is %+v", jobs)
		}
		r.b.Unsent(r.now, jobs[0])
		r.is(Pending, Untouched)
	}
	r.fails(Doubtful)
	r.later(time.Minute)
	jobs := r.b.Due(r.now)
	r.b.Unsent(r.now, jobs[0])
	if got := r.ticket(); !got.Doubt || got.Step != StepUpdate || !got.Tried.Equal(jobs[0].before.Tried) {
		t.Errorf("the doubt is forgotten: %+v", got)
	}
	r.b.Done(r.now, Outcome{Job: jobs[0]}) // it is not out any more
	r.wants(StepUpdate, StepComment)
}

// A file that is not taken is left out.
func TestBoxFileRefused(t *testing.T) {
	r := newRig(t, Terms{Abilities: wholeTracker, ReadEvery: 48 * time.Hour})
	r.wants(StepFind, StepCreate)
	r.c.Attachments = []alerting.Attachment{{Name: "large.pcapng", SHA256: "aa", Sanitised: true}}
	r.tell()
	r.fails(Refused)
	if got := r.ticket(); got.State != Confirmed || !slices.Equal(got.Skipped, []string{"aa"}) {
		t.Errorf("%+v", got)
	}
}

// Only failures while the destination does other things kill a ticket.
func TestBoxBlames(t *testing.T) {
	r := newRig(t, Terms{Abilities: Abilities{Idempotent: true}, Attempts: 3, LongestWait: time.Minute})
	for range 50 {
		r.later(2 * time.Hour).fails(Doubtful)
	}
	r.is(Pending, Untouched)
	for i := range 3 {
		r.later(2 * time.Hour)
		r.b.Cases(r.now, []*alerting.Case{stormCase(i+2, alerting.Critical)})
		for jobs := r.b.Due(r.now); len(jobs) > 0; jobs = r.b.Due(r.now) {
			for _, j := range jobs { // the critical one comes first
				o := Outcome{Job: j, Remote: Remote{ID: "2"}}
				if j.Ticket.Case == 1 {
					o.Err = errors.New("500")
				}
				r.b.Done(r.now.Add(time.Second), o)
			}
		}
	}
	r.is(Dead, Untouched)
}

// What is dropped stays dropped; what is gone from the configuration waits.
func TestBoxDropAndSet(t *testing.T) {
	r := newRig(t, Terms{Abilities: wholeTracker, ReadEvery: 48 * time.Hour})
	r.b.Set(r.now, nil)
	r.wants()
	r.is(Pending, Untouched)
	if s := r.b.Stats(r.now); len(s) != 1 || !s[0].Gone || s[0].Tickets[Pending] != 1 {
		t.Errorf("%+v", s)
	}
	r.happens(alerting.UpdateAnswered, "ann")
	r.b.Set(r.now, []Terms{{Name: "jira", Abilities: wholeTracker, ReadEvery: 48 * time.Hour}})
	r.wants(StepFind, StepCreate)
	if err := r.b.Drop(r.now, 1, "ann"); err != nil {
		t.Fatal(err)
	}
	r.later(time.Hour).close()
	r.reopen()
	r.wants()
	r.is(Closed, Untouched)
	for id, want := range map[int64]error{1: ErrSettled, 2: ErrNoTicket} {
		if err := r.b.Drop(r.now, id, "ann"); !errors.Is(err, want) {
			t.Errorf("drop %d: %v, want %v", id, err, want)
		}
		if err := r.b.Retry(r.now, id); !errors.Is(err, want) {
			t.Errorf("retry %d: %v, want %v", id, err, want)
		}
	}
}

func TestFilter(t *testing.T) {
	c := &alerting.Case{Tenant: "acme", Owner: "Carrier A", Segment: "trunk-a", Segments: []string{"trunk-a", "core"}, Severity: alerting.High}
	probe := *c
	probe.Probe = true
	for _, tt := range []struct {
		f    Filter
		c    *alerting.Case
		want bool
	}{
		{Filter{}, c, true},
		{Filter{Tenants: []string{"globex", "acme"}}, c, true},
		{Filter{Tenants: []string{"globex"}}, c, false},
		{Filter{Segments: []string{"core"}}, c, true},
		{Filter{Segments: []string{"access"}}, c, false},
		{Filter{Owners: []string{"Carrier B"}}, c, false},
		{Filter{MaxSeverity: alerting.High}, c, true},
		{Filter{MaxSeverity: alerting.Critical}, c, false},
		{Filter{}, &probe, false},
		{Filter{Probe: true}, &probe, true},
	} {
		if got := tt.f.passes(tt.c); got != tt.want {
			t.Errorf("%+v: %v, want %v", tt.f, got, tt.want)
		}
	}
}

// A key follows from what a case is about, not from its number; two cases never
// share one, and neither do two words that are cut elsewhere.
func TestKey(t *testing.T) {
	c := stormCase(1, alerting.High)
	key := keyOf(c, "jira", 0)
	if len(key) != 32 || strings.Trim(key, "0123456789abcdef") != "" {
		t.Errorf("the key is %q, want 32 hexadecimal digits", key)
	}
	same := *c
	same.Number, same.Severity, same.Segment, same.Updates = 77, alerting.Low, "core", nil
	if keyOf(&same, "jira", 0) != key {
		t.Error("the key changes with what becomes of a case")
	}
	other, later := *c, *c
	other.Faults = []alerting.FaultID{"f9"}
	later.Opened = later.Opened.Add(time.Second)
	for _, k := range []string{keyOf(&other, "jira", 0), keyOf(&later, "jira", 0), keyOf(c, "mail", 0), keyOf(c, "jira", 1)} {
		if k == key {
			t.Error("two tickets have one key")
		}
	}
	if digest("a", "bc") == digest("ab", "c") {
		t.Error("words are cut anywhere")
	}
}

// faulty fails in some way at everything.
type faulty struct {
	Plain
	do func() error
}

func (faulty) Abilities() Abilities { return Abilities{} }

func (f faulty) Create(context.Context, *Ticket, *Content) (Remote, error) { return Remote{}, f.do() }

// Whatever a destination does, there is an outcome, and none of what it held.
func TestPerform(t *testing.T) {
	for _, tt := range []struct {
		step Step
		do   func() error
		kind FailureKind
		says string
	}{
		{StepCreate, func() error { panic("token=sesame") }, Doubtful, "code of this destination failed (string)"},
		{StepCreate, func() error { return fmt.Errorf("post: %w", context.DeadlineExceeded) }, Doubtful, "took too long"},
		{StepCreate, func() error { return context.Canceled }, Doubtful, "ended meanwhile"},
		{StepCreate, func() error { return errors.New("odd") }, Doubtful, "odd"},
		{StepCreate, func() error { return fmt.Errorf("x: %w", &Failure{Kind: Busy, Text: "later"}) }, Busy, "later"},
		{StepUpdate, nil, Refused, "cannot do that"},
		{"dance", nil, Refused, `no step "dance"`},
	} {
		o := Perform(t.Context(), faulty{do: tt.do}, &Job{Ticket: &Ticket{}, Step: tt.step}, nil, nil)
		if f := failureOf(o.Err); f == nil || f.Kind != tt.kind || !strings.Contains(f.Text, tt.says) || strings.Contains(f.Text, "sesame") {
			t.Errorf("%s: %+v, want %s, %q", tt.step, f, tt.kind, tt.says)
		}
	}
	if o := Perform(t.Context(), faulty{do: func() error { return nil }}, &Job{Ticket: &Ticket{}, Step: StepCreate}, nil, nil); o.Err != nil {
		t.Error(o.Err)
	}
}
