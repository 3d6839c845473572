package outbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// TestTrackerSchedules takes a case through a box and a tracker over a network
// that loses requests and answers, with a server that fails, and a program that
// is killed between any two steps. Once all is well again there is one open
// ticket of an open case, none of a closed one, and every note has arrived.
func TestTrackerSchedules(t *testing.T) {
	seeds := 30
	if testing.Short() {
		seeds = 2
	}
	for _, v := range vendors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				f, d := v.start(t)
				s := newSchedule(t, d, seed)
				s.disturb, s.calm = func() { v.disturb(f, s.lot) }, f.calm
				s.run()
				v.judge(s, f)
				if t.Failed() {
					t.Fatalf("seed %d of %s; requests:\n%s", seed, v.name, strings.Join(f.seen, "\n"))
				}
			}
		})
	}
}

// schedule is one run.
type schedule struct {
	*testing.T
	seed      uint64
	lot       *rand.Rand
	d         Destination
	readEvery time.Duration
	disturb   func() // lets something of what comes fail, most often
	calm      func() // lets nothing fail any more

	now  time.Time
	box  *Box
	kept map[int64]*Ticket // as the store has them
	next int64
	c    *alerting.Case
}

// scheduleHealthy is when nothing fails any more, and scheduleEnd when everything has to be well.
const (
	scheduleHealthy = 4 * time.Hour
	scheduleEnd     = 12 * time.Hour
)

// newSchedule is one that nothing disturbs.
func newSchedule(t *testing.T, d Destination, seed int) *schedule {
	return &schedule{T: t, d: d, seed: uint64(seed), lot: rand.New(rand.NewPCG(uint64(seed), 5)), readEvery: 10 * time.Minute, disturb: func() {}, calm: func() {}}
}

// run takes the case through its life.
func (s *schedule) run() {
	began := time.Date(2026, 1, 6, 8, 0, 0, 0, time.UTC)
	s.now, s.kept = began, map[int64]*Ticket{}
	s.c = &alerting.Case{Number: 17, Tenant: "acme", Severity: alerting.Medium, Owner: "carrier", Segment: "trunk-b", Status: alerting.StatusOpen,
		Opened: began, Faults: []alerting.FaultID{"f"}, Attachments: []alerting.Attachment{{Name: "chart.png", Bytes: 4, SHA256: strings.Repeat("ab", 32), Added: began, Sanitised: true}}}
	s.happens(alerting.UpdateOpened)
	s.begin()
	closed := s.lot.IntN(3) > 0
	for s.now.Before(began.Add(scheduleEnd)) {
		since := s.now.Sub(began)
		switch at := len(s.c.Updates); {
		case at == 1 && since > 20*time.Minute:
			s.c.Severity = alerting.High
			s.happens(alerting.UpdateMeasured)
		case at == 2 && since > time.Hour:
			s.happens(alerting.UpdateAnswered)
		case at == 3 && closed && since > 3*time.Hour:
			s.c.Status, s.c.Closed, s.c.SubStatus = alerting.StatusClosed, s.now, alerting.SubResolved
			s.happens(alerting.UpdateClosed)
		}
		s.step(since < scheduleHealthy)
		step := 30 * time.Second
		if wait := s.box.Next().Sub(s.now); wait > 0 && wait < step {
			step = wait
		}
		s.now = s.now.Add(step)
	}
	for _, t := range s.kept {
		if t.State == Dead {
			s.Errorf("ticket %d is dead: %s", t.ID, t.Error)
		}
	}
}

// happens adds an entry to the case, of which another copy is made.
func (s *schedule) happens(kind alerting.UpdateKind) {
	one := *s.c
	seq := len(one.Updates) + 1
	one.Updates = append(one.Updates[:seq-1:seq-1], alerting.Update{Seq: seq, At: s.now, Author: alerting.MonitorAuthor, Kind: kind, Text: fmt.Sprintf("note %d of seed %d", seq, s.seed)})
	one.Modified = s.now
	s.c = &one
	if s.box != nil {
		s.box.Cases(s.now, []*alerting.Case{s.c})
	}
}

// begin makes a box of what was kept.
func (s *schedule) begin() {
	var tickets []*Ticket
	for _, t := range s.kept {
		tickets = append(tickets, t)
		s.next = max(s.next, t.ID+1)
	}
	terms := Terms{Name: "desk", Abilities: s.d.Abilities(), FirstWait: time.Second, LongestWait: 10 * time.Minute, CommentEvery: time.Minute, ReadEvery: s.readEvery}
	s.box = NewBox(Config{Destinations: []Terms{terms}, Tickets: tickets, NextTicket: s.next, Lot: s.lot.Float64})
	s.box.Cases(s.now, []*alerting.Case{s.c})
}

// keep writes the changed tickets to the store.
func (s *schedule) keep() {
	for _, t := range s.box.Take() {
		s.kept[t.ID] = t
	}
}

// step does what is due. Where things fail, so does the program.
func (s *schedule) step(failing bool) {
	jobs := s.box.Due(s.now)
	s.keep()
	for _, j := range jobs {
		killed := -1
		if failing {
			killed = s.lot.IntN(20)
			s.disturb()
		}
		if killed == 0 { // sent, as far as the store knows
			s.begin()
			return
		}
		out := Perform(s.Context(), s.d, j, s.content(j), trackerFile("chart.png", "image/png", "data"))
		if killed == 1 { // done, and nobody knows
			s.begin()
			return
		}
		s.box.Done(s.now, out)
		if killed == 2 { // the outcome is not in the store
			s.begin()
			return
		}
		s.keep()
	}
	s.calm()
}

// calm takes back the faults that met no request.
func (f *fakeTracker) calm() {
	f.mu.Lock()
	f.faults = nil
	f.mu.Unlock()
}

// disturb lets one of the next requests fail, most often.
func (v vendor) disturb(f *fakeTracker, lot *rand.Rand) {
	kinds := []fault{{how: "after"}, {how: "after"}, {how: "after"}, {how: "before"}, {status: 500}, {status: 429, header: map[string]string{"Retry-After": "3"}},
		{status: 503}, {status: 409}, {status: 502, body: "<html>"}, {}}
	one := kinds[lot.IntN(len(kinds))]
	if one.how == "" && one.status == 0 {
		return
	}
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodGet} {
		if lot.IntN(2) == 0 {
			one.method = method
			f.breaks(one)
		}
	}
}

func (s *schedule) content(j *Job) *Content {
	c := &Content{Case: j.Case, Subject: "[Earshot] #17", Text: "What: calls lost packets.", Notes: j.Notes, At: s.now}
	for _, n := range j.Notes {
		c.Note += n.Text + "\n"
	}
	return c
}

// judge looks at what the tracker shows in the end.
func (v vendor) judge(s *schedule, f *fakeTracker) {
	open, notes, files := 0, "", 0
	for _, one := range f.tickets {
		notes += strings.Join(one.notes, "\n")
		files += len(one.files)
		remote := fmt.Sprint(one.id)
		switch v.name {
		case "servicenow":
			remote = fmt.Sprintf("%032x", one.id)
		case "salesforce":
			remote = salesforceID(one.id)
		}
		if read(s.T, s.d, &Ticket{Remote: Remote{ID: remote}}) == Untouched {
			open++
		}
	}
	want := 1
	if s.c.Status == alerting.StatusClosed {
		want = 0
	}
	if open != want {
		s.Errorf("there are %d open tickets of %d, want %d", open, len(f.tickets), want)
	}
	if len(f.tickets) == 0 {
		s.Error("no ticket was made")
	}
	for _, u := range s.c.Updates[1:] {
		if n := strings.Count(notes, u.Text); n != 1 {
			s.Errorf("%q arrived %d times, want once", u.Text, n)
		}
	}
	if files != 1 {
		s.Errorf("the file arrived %d times, want once", files)
	}
}
