package outbox

import (
	"errors"
	"time"
)

// outcomes are the words that attempts are counted by; the first is success.
var outcomes = [...]string{"done", string(Unreached), string(Busy), string(Doubtful), string(Conflict), string(Gone), string(Denied), string(Refused)}

// Done takes the outcome of a job. One that is not out says nothing.
func (b *Box) Done(now time.Time, o Outcome) {
	e, p := b.landed(o.Job)
	if e == nil {
		return
	}
	t := e.t.edit(now)
	if p == nil { // it was taken out of the configuration meanwhile
		t.interrupt()
		b.put(e, t)
		return
	}
	f := failureOf(o.Err)
	p.count(f)
	if f == nil {
		p.gate.succeed()
		p.good = now
		t.succeeded(o.Job.Step)
		b.succeed(now, p, t, &o)
	} else {
		b.fail(now, p, t, &o, f)
	}
	b.put(e, t)
	b.sumUp(now)
}

// failureOf says what an error means: one that does not say so itself leaves it
// in doubt.
func failureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	if f := (*Failure)(nil); errors.As(err, &f) {
		return f
	}
	if errors.Is(err, errUnable) {
		return &Failure{Kind: Refused, Text: err.Error()}
	}
	return &Failure{Kind: Doubtful, Text: err.Error()}
}

func (p *place) count(f *Failure) {
	if f == nil {
		p.counts[0]++
		return
	}
	for i, name := range outcomes {
		if name == string(f.Kind) {
			p.counts[i]++
		}
	}
}

// succeed takes what a step that was done has changed.
func (b *Box) succeed(now time.Time, p *place, t *Ticket, o *Outcome) {
	a, made := &p.terms.Abilities, o.Job.Ticket
	if !a.Comment && o.Job.Step.tells() {
		t.Noted, t.NotedAt = max(t.Noted, made.Noting), now // what happened went with it
	}
	switch o.Job.Step {
	case StepFind:
		t.found(now, o)
		return
	case StepCreate:
		t.Remote, t.Shown, t.ShownAt = o.Remote, made.Wanted, now
		t.Shown.Open = true
		t.Noted, t.NotedAt, t.ReadAt = made.Noting, now, now
		if a.Find && !a.Idempotent {
			t.Looks, t.LookAt = 1, now.Add(max(lookAfter, a.FindLag))
			if made.Doubt {
				t.Looks = 2
			}
		}
	case StepReopen:
		t.know(o.Remote)
		t.Shown.Open, t.Unsure, t.Human, t.ReadAt = true, false, Untouched, now
	case StepUpdate, StepRefresh:
		t.know(o.Remote)
		open := t.Shown.Open
		t.Shown, t.ShownAt = made.Wanted, now
		t.Shown.Open = open
		b.toldSum(t, made.Cases)
	case StepComment:
		t.Noted, t.NotedAt = max(t.Noted, made.Noting), now
	case StepAttach:
		t.Attached = append(t.Attached[:len(t.Attached):len(t.Attached)], o.Job.File.SHA256)
	case StepClose:
		t.know(o.Remote)
		t.Shown.Open, t.Unsure, t.Shown.Update = false, false, made.Wanted.Update
		b.toldSum(t, made.Cases)
	case StepRead:
		t.ReadAt = now
		t.heard(o.Human)
		if t.Case == 0 && t.Human != Untouched {
			b.sums[t.ID] = true
		}
	}
	if o.Job.Step == StepCreate {
		b.toldSum(t, made.Cases)
	}
	t.Step, t.Doubt = "", false
}

// know takes where the other side keeps it, if that was told again.
func (t *Ticket) know(r Remote) {
	if r != (Remote{}) {
		t.Remote = r
	}
}

// found takes the answer of a look. A ticket that nobody made here is of an
// earlier life, or of a request whose answer was lost: nobody knows what it shows.
func (t *Ticket) found(now time.Time, o *Outcome) {
	if t.Looks > 0 {
		t.Looks--
		t.LookAt = now.Add(lookAgain)
	}
	switch known := t.exists(); {
	case o.Found && known && t.Remote.ID == o.Remote.ID:
		return // the only one
	case o.Found && known:
		t.vanish() // the oldest stays, the other side has closed the one that we knew
		t.Remote, t.Shown, t.Human = o.Remote, Stand{Open: true}, Untouched
		t.Noted, t.Noting, t.ReadAt, t.ShownAt = 0, 0, time.Time{}, time.Time{}
		t.Looks, t.LookAt = 1, now.Add(lookAgain)
		return
	case o.Found:
		t.Remote, t.Shown = o.Remote, Stand{Open: true}
		t.Noted, t.Noting = max(t.Noted, t.Noting), 0 // what a request told whose answer was lost
		t.ReadAt, t.ShownAt = time.Time{}, time.Time{}
		t.Looks, t.LookAt = 1, now.Add(lookAgain)
		t.Step, t.Doubt = "", false
		return
	case known:
		return // an index that is late says nothing
	}
	if t.Doubt && t.Step == StepCreate && !t.Looked {
		t.Looks, t.LookAt = 1, now.Add(lookAgain)
	}
	t.Looked = true
}

// heard takes what people did with a ticket that is open as far as we know.
func (t *Ticket) heard(h Human) {
	if h == Untouched || !t.Wanted.Open || !t.Shown.Open {
		return
	}
	t.Human, t.Heard = h, t.Wanted
	if h != Deleted {
		t.Shown.Open = false
	}
}
