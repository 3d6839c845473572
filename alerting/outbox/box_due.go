package outbox

import (
	"cmp"
	"slices"
	"time"

	"earshot/alerting"
)

const (
	// mostFlying bounds the requests that are under way to one destination.
	mostFlying = 4
	// mostSummed bounds the cases that a summary shows: the worst. Its text and
	// the ticket count all.
	mostSummed = 100
)

// Due gives the jobs whose time has come, as many as each destination takes,
// the worst cases first. Their tickets are marked as sent: keep them before the
// jobs are performed, and give back each outcome by Done. Where they cannot be
// kept, give the jobs back by Unsent.
func (b *Box) Due(now time.Time) []*Job {
	room := map[string]int{}
	for name, p := range b.places {
		if n := min(p.gate.room(now, mostFlying)-p.flying, p.rate.room(now)); n > 0 {
			room[name] = n
		}
	}
	if len(room) == 0 {
		return nil
	}
	var ready []*entry
	for _, e := range b.entries {
		if room[e.t.Destination] > 0 && len(e.wishes) > 0 && !e.due.After(now) {
			ready = append(ready, e)
		}
	}
	slices.SortFunc(ready, func(a, b *entry) int { return first(a, b, now) })
	var jobs []*Job
	for _, e := range ready {
		if name := e.t.Destination; room[name] > 0 {
			room[name]--
			jobs = append(jobs, b.send(now, e))
		}
	}
	return jobs
}

// next is the wish whose turn it is.
func (e *entry) next(now time.Time) wish {
	return e.wishes[slices.IndexFunc(e.wishes, func(w wish) bool { return !w.at.After(now) })]
}

// order is that in which steps of equally bad cases are taken.
var order = []Step{StepFind, StepCreate, StepReopen, StepClose, StepUpdate, StepComment, StepAttach, StepRefresh, StepRead}

// first puts entries in the order of their turns: what people wait for before
// what is routine, then the worst, then what waits longest.
func first(a, b *entry, now time.Time) int {
	x, y := a.next(now), b.next(now)
	if x.routine != y.routine {
		if y.routine {
			return -1
		}
		return 1
	}
	bySeverity := cmp.Compare(a.t.Wanted.Severity, b.t.Wanted.Severity)
	if x.routine {
		bySeverity = 0 // each has its turn
	}
	return cmp.Or(bySeverity, cmp.Compare(slices.Index(order, x.step), slices.Index(order, y.step)), x.at.Compare(y.at), cmp.Compare(a.t.ID, b.t.ID))
}

// send makes the job of an entry.
func (b *Box) send(now time.Time, e *entry) *Job {
	p, c := b.places[e.t.Destination], b.cases[e.t.Case]
	t := e.t.edit(now)
	step := e.next(now).step
	t.Doubt = t.Doubt && (t.Step == step || t.Step == StepCreate) || t.Unsure && (step == StepReopen || step == StepClose)
	if !(t.Doubt && step == StepFind) {
		t.Step = step
	}
	t.State, t.Tried = Sent, now
	job := &Job{Ticket: t, Step: step, Case: c, At: now, before: e.t}
	if t.Case == 0 {
		job.Cases = b.summed(t)
	}
	if step == StepComment || step.tells() && !p.terms.Abilities.Comment {
		job.Notes = notesOf(e.t, c)
	}
	switch {
	case step == StepCreate && t.Doubt: // it may be one of before that is there
	case step == StepCreate:
		t.Noting = shownAtFirst(t, c)
	case len(job.Notes) > 0:
		t.Noting = job.Notes[len(job.Notes)-1].Seq
	}
	if step == StepAttach {
		w := planner{t: t, c: c, terms: &p.terms}
		job.File = w.fileOf()
	}
	p.flying++
	p.rate.add(now)
	e.out = job
	b.put(e, t)
	return job
}

// shownAtFirst is the Seq of the last entry of the timeline that a new ticket
// shows: it tells how the case stands, but not what people have said since the
// case was opened. That follows in comments.
func shownAtFirst(t *Ticket, c *alerting.Case) int {
	if c == nil {
		return t.Wanted.Update
	}
	i := slices.IndexFunc(c.Updates, func(u alerting.Update) bool {
		return u.Kind != alerting.UpdateOpened && u.Author != alerting.MonitorAuthor && u.Text != ""
	})
	if i < 0 {
		return t.Wanted.Update
	}
	return c.Updates[i].Seq - 1
}

// summed are the cases that a summary shows: open ones first, the worst first.
func (b *Box) summed(t *Ticket) []*alerting.Case {
	var list []*alerting.Case
	for _, n := range t.Cases {
		if c := b.cases[n]; c != nil {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *alerting.Case) int {
		if a.Status != b.Status {
			return -cmp.Compare(a.Status, b.Status) // "open" is after "closed"
		}
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Number, b.Number))
	})
	return list[:min(len(list), mostSummed)]
}

// Unsent takes back a job that was not performed, because its ticket could not
// be kept.
func (b *Box) Unsent(now time.Time, j *Job) {
	e, p := b.landed(j)
	if e == nil {
		return
	}
	if p != nil && len(p.rate.times) > 0 {
		p.rate.times = p.rate.times[:len(p.rate.times)-1]
	}
	t := e.t.edit(now)
	t.Step, t.Doubt, t.Noting, t.Tried = j.before.Step, j.before.Doubt, j.before.Noting, j.before.Tried
	b.put(e, t)
}

// landed ends the flight of a job; nil where it is not one that is out.
func (b *Box) landed(j *Job) (*entry, *place) {
	e := b.entries[j.Ticket.ID]
	if e == nil || e.out != j {
		return nil, nil
	}
	e.out = nil
	p := b.places[e.t.Destination]
	if p != nil {
		p.flying = max(0, p.flying-1)
	}
	return e, p
}

// Next is when something may be due next; the zero time: nothing is.
func (b *Box) Next() time.Time {
	var next time.Time
	for _, e := range b.entries {
		p := b.places[e.t.Destination]
		if p == nil || len(e.wishes) == 0 {
			continue
		}
		if at := latest(e.due, p.gate.ready()); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next
}
