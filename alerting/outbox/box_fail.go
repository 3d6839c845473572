package outbox

import (
	"fmt"
	"time"
)

const (
	// mostDenied is how often a ticket may be denied while others are not.
	mostDenied = 3
	// mostLost is how often a ticket that is gone is made again.
	mostLost = 3
)

// fail takes a step that was not done, or of which nobody knows.
func (b *Box) fail(now time.Time, p *place, t *Ticket, o *Outcome, f *Failure) {
	step := o.Job.Step
	t.failed(step)
	if f.Kind != Unreached && f.Kind != Busy { // which is no ticket's fault
		t.blame(now, p.good)
	}
	t.Error = fit(oneLine(f.Text), 500)
	t.Next = now.Add(p.terms.wait(t.Attempts, f.After, b.lot()))
	switch f.Kind {
	case Unreached:
		p.gate.fail(now, false, t.Error)
		return
	case Busy:
		p.gate.stay(now, max(f.After, p.terms.FirstWait))
		return
	case Denied:
		p.gate.fail(now, true, t.Error)
		if t.Blamed >= mostDenied {
			t.die("")
		}
		return
	case Conflict:
		p.gate.succeed()
		t.conflict(step)
	case Gone:
		b.gone(now, p, t, step)
	case Refused:
		p.gate.succeed()
		t.refused(now, o)
		return
	default:
		p.gate.fail(now, false, t.Error)
		t.doubt(step, now)
	}
	if t.Blamed >= p.terms.Attempts {
		t.die(fmt.Sprintf(" (after %d attempts, while it did other things)", t.Attempts))
	}
}

// die gives a ticket up until a person wants it tried again.
func (t *Ticket) die(why string) {
	t.State = Dead
	t.Error += why
}

// doubt notes that nobody knows whether a step was done, or will be yet.
func (t *Ticket) doubt(step Step, at time.Time) {
	if step != StepFind && step != StepRead {
		t.Late = at.Add(arrives) // where a key is all that counts, an update makes it too
	}
	t.Doubt = t.Doubt || step.lasting()
	switch step {
	case StepCreate:
		t.Looked = false
	case StepClose, StepReopen:
		t.Unsure = true
	}
}

// conflict has it looked at again what the other side has.
func (t *Ticket) conflict(step Step) {
	t.ReadAt = time.Time{}
	if step == StepCreate {
		t.Looked = false
	}
}

// refused gives up what will never be taken as it is: a file, or the ticket.
// What was only asked is asked again in its time.
func (t *Ticket) refused(now time.Time, o *Outcome) {
	switch step := o.Job.Step; {
	case step == StepAttach:
		t.Skipped = append(t.Skipped[:len(t.Skipped):len(t.Skipped)], o.Job.File.SHA256)
		t.Step, t.Doubt, t.Attempts, t.Next = "", false, 0, time.Time{}
	case step == StepRead || step == StepRefresh:
		t.ReadAt, t.ShownAt, t.Attempts, t.Next = now, now, 0, time.Time{}
	case step == StepFind && t.exists():
		t.Looks = 0
	default:
		t.die("")
	}
}

// gone takes that the other side has no such ticket. It may have begun anew, or
// somebody deleted it: it is made again, but not for ever. Where nothing of this
// ticket was asked for, it is the address that is not there.
func (b *Box) gone(now time.Time, p *place, t *Ticket, step Step) {
	if !t.exists() || step == StepFind || step == StepCreate {
		p.gate.fail(now, true, t.Error)
		return
	}
	p.gate.succeed()
	t.vanish()
	t.Noted, t.Noting, t.Next = 0, 0, now.Add(p.terms.wait(1, 0, b.lot()))
	t.Lost++
	if p.terms.Abilities.Find && !t.Wanted.Open {
		t.Looks, t.LookAt = 1, t.Tried.Add(p.terms.Abilities.FindLag) // whether there is a second one
	}
	if t.Wanted.Open && t.Lost > mostLost {
		t.die(fmt.Sprintf(" (it was gone %d times, somebody deletes it)", t.Lost))
	}
}
