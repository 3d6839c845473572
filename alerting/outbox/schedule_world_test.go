package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is one schedule: a desk, its box, two destinations and all that goes
// wrong. Its clock moves only between two things that happen.
type world struct {
	random  *rand.Rand
	now     time.Time
	disk    disk
	desk    *alerting.Desk
	box     *outbox.Box
	models  []*model
	terms   []outbox.Terms
	flights []*flight
	journal alerting.Journal // that was not kept yet
	tickets []*outbox.Ticket
	still   bool // the desk does nothing by itself
	full    bool // the disk takes nothing
	kills   int
	deadly  float64 // chance of being killed at each place
	say     func(format string, args ...any)
}

// flight is a job that a worker has.
type flight struct {
	job     *outbox.Job
	outcome *outbox.Outcome // nil: the request was not made yet
}

func newWorld(seed uint64, d disk, say func(string, ...any)) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 3)), now: noon, disk: d, deadly: 0.02}
	w.say = func(format string, args ...any) {
		if say != nil {
			say("%s "+format, append([]any{w.now.Format("02 15:04:05")}, args...)...)
		}
	}
	for i, name := range []string{"alpha", "beta"} {
		able := profiles[w.random.IntN(len(profiles))]
		m := &model{name: name, able: able, random: w.random, now: &w.now, lag: able.FindLag, faulty: 0.5 * w.random.Float64()}
		m.say = func(format string, args ...any) { w.say(m.name+": "+format, args...) }
		w.models = append(w.models, m)
		w.terms = append(w.terms, outbox.Terms{Name: name, Abilities: able, Filter: outbox.Filter{Probe: true}, MaxNew: 2 + 10*i, CommentEvery: 5 * time.Minute, PerMinute: 30})
		w.say("%s: %+v, %.0f %% of requests fail", name, able, 100*m.faulty)
	}
	w.begin()
	return w
}

// begin is a process that goes on from what is kept.
func (w *world) begin() {
	memory, tickets, next := w.disk.load(w.now)
	w.desk = alerting.NewDesk(alerting.DeskConfig{Memory: memory})
	w.box = outbox.NewBox(outbox.Config{Destinations: w.terms, Tickets: tickets, NextTicket: next, Lot: w.random.Float64})
	w.flights, w.journal, w.tickets = nil, alerting.Journal{}, nil
	w.box.Cases(w.now, withFiles(w.desk.Cases()))
}

// kill ends the process now and then, wherever it is.
func (w *world) kill(where string) bool {
	if w.random.Float64() >= w.deadly {
		return false
	}
	w.kills++
	w.say("killed %s", where)
	w.begin()
	return true
}

// withFiles gives every case that was worked on a file: here, to have the desk
// stay what it is.
func withFiles(cases []*alerting.Case) (list []*alerting.Case) {
	for _, c := range cases {
		one := *c
		if len(c.Updates) > 2 {
			one.Attachments = []alerting.Attachment{{Name: "chart.png", SHA256: fmt.Sprint("file of ", c.Number), Sanitised: true}}
		}
		list = append(list, &one)
	}
	return list
}

// work is one turn of the desk's goroutine.
func (w *world) work() {
	for _, c := range w.box.Commands(w.now) {
		w.say("command: %s %d: %s", c.Kind, c.Case, c.Text)
		_, err := w.desk.Do(w.now, c)
		if refused := (*alerting.CommandError)(nil); err != nil && !errors.As(err, &refused) {
			panic(err)
		}
	}
	if w.random.IntN(8) == 0 && !w.still { // reckoning clocks is most of the work
		w.desk.Tick(w.now)
	}
	j := w.desk.Take()
	w.journal.Append(j)
	w.box.Cases(w.now, withFiles(j.Cases))
	if w.kill("before anything is kept") {
		return
	}
	jobs := w.box.Due(w.now)
	w.tickets = append(w.tickets, w.box.Take()...)
	if w.kill("before what is due is kept") {
		return
	}
	if w.full {
		for _, j := range jobs {
			w.box.Unsent(w.now, j)
		}
		return
	}
	if err := w.disk.commit(&w.journal, w.tickets); err != nil {
		panic(err)
	}
	w.journal, w.tickets = alerting.Journal{}, nil
	if w.kill("before what is kept is sent") {
		return
	}
	for _, j := range jobs {
		w.flights = append(w.flights, &flight{job: j})
	}
}

// fly lets some workers go on, in any order.
func (w *world) fly(share float64) {
	w.random.Shuffle(len(w.flights), func(i, j int) { w.flights[i], w.flights[j] = w.flights[j], w.flights[i] })
	for _, f := range slices.Clone(w.flights) {
		if w.random.Float64() >= share {
			continue
		}
		if f.outcome == nil {
			f.perform(w)
			if w.kill("between a request and its outcome") {
				return
			}
			continue
		}
		w.flights = slices.DeleteFunc(w.flights, func(other *flight) bool { return other == f })
		w.box.Done(w.now, *f.outcome)
		if w.kill("before an outcome is kept") {
			return
		}
	}
}

func (f *flight) perform(w *world) {
	j := f.job
	m := w.model(j.Ticket.Destination)
	content := &outbox.Content{Case: j.Case, Cases: j.Cases, Notes: j.Notes, At: j.At}
	var file *outbox.File
	if j.File != nil {
		file = &outbox.File{Name: j.File.Name, SHA256: j.File.SHA256}
	}
	o := outbox.Perform(context.Background(), m, j, content, file)
	w.say("%s: ticket %d: %s: found %v, %q, %q, error %v", m.name, j.Ticket.ID, j.Step, o.Found, o.Remote.ID, o.Human, o.Err)
	f.outcome = &o
}

func (w *world) model(name string) *model {
	return w.models[slices.IndexFunc(w.models, func(m *model) bool { return m.name == name })]
}

// event is something that people or the world do.
func (w *world) event() {
	m := w.models[w.random.IntN(2)]
	switch n := w.random.IntN(100); {
	case n < 6:
		w.do(alerting.Command{Kind: alerting.CommandOpen, Subject: fmt.Sprint("case ", w.random.IntN(1000)), Severity: alerting.Severity(1 + w.random.IntN(4))})
	case n < 8: // a storm
		for i := range 6 {
			w.do(alerting.Command{Kind: alerting.CommandOpen, Subject: fmt.Sprint("storm ", i), Severity: alerting.Severity(1 + w.random.IntN(4))})
		}
	case n < 20:
		w.do(alerting.Command{Kind: alerting.CommandUpdate, Case: w.any(), Text: "looking"})
	case n < 26:
		w.do(alerting.Command{Kind: alerting.CommandUpdate, Case: w.any(), Severity: alerting.Severity(1 + w.random.IntN(4)), Text: "other severity"})
	case n < 30:
		w.do(alerting.Command{Kind: alerting.CommandUpdate, Case: w.any(), SubStatus: []alerting.CaseSubStatus{alerting.SubRestored, alerting.SubInvestigation}[w.random.IntN(2)]})
	case n < 35:
		w.do(alerting.Command{Kind: alerting.CommandClose, Case: w.any(), Text: "done"})
	case n < 40:
		w.do(alerting.Command{Kind: alerting.CommandReopen, Case: w.any(), Text: "again"})
	case n < 43:
		m.person()
	case n < 44:
		m.empty()
	case n < 47:
		m.down = !m.down
		w.say("%s: down %v", m.name, m.down)
	case n < 49:
		w.full = !w.full
		w.say("disk full %v", w.full)
	case n < 50:
		w.now = w.now.Add(24 * time.Hour)
	case n < 60:
		w.now = w.now.Add(time.Duration(w.random.IntN(60)) * time.Minute)
	}
}

func (w *world) do(c alerting.Command) {
	c.Author = "ann"
	if made, err := w.desk.Do(w.now, c); err == nil {
		w.say("ann: %s %d %s %s", c.Kind, made.Number, c.Severity, c.SubStatus)
	}
}

// any is the number of some case, which may not exist.
func (w *world) any() int { return 1 + w.random.IntN(max(1, len(w.desk.Cases()))) }

// run is a whole schedule: first everything goes wrong, then nothing does.
func (w *world) run(steps int) {
	for range steps {
		w.now = w.now.Add(time.Duration(w.random.IntN(20_000)) * time.Millisecond)
		for _, m := range w.models {
			m.pass()
		}
		w.event()
		w.work()
		w.fly(0.6)
	}
	w.deadly, w.full = 0, false
	for _, m := range w.models {
		m.faulty, m.down = 0, false
	}
	w.say("all is well again")
	w.rest(2 * time.Minute) // what is on its way arrives
	for _, c := range w.desk.Cases() {
		if c.Status == alerting.StatusOpen {
			w.do(alerting.Command{Kind: alerting.CommandUpdate, Case: c.Number, Text: "is it there?"})
		}
	}
	w.box.RetryAll(w.now, "")
	w.rest(2 * time.Hour)
	w.box.RetryAll(w.now, "") // whose ticket was gone for the fourth time
	w.still = true
	w.rest(30 * time.Minute)
}

// rest lets time pass, from one thing that is due to the next.
func (w *world) rest(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); {
		for _, m := range w.models {
			m.pass()
		}
		w.work()
		w.fly(1)
		w.fly(1)
		next := w.box.Next()
		if next.IsZero() || next.After(end) {
			next = end
		}
		for _, m := range w.models {
			for _, l := range m.late {
				if l.at.Before(next) {
					next = l.at
				}
			}
		}
		w.now = w.now.Add(max(next.Sub(w.now), time.Second))
	}
}
