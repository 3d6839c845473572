package outbox

import (
	"slices"
	"time"

	"earshot/alerting"
)

// wish is something that is to be done for a ticket, and from when on.
type wish struct {
	step    Step
	at      time.Time
	routine bool // the other side shows what it should without it
}

const (
	// soonest is how long even what is urgent waits after the last request of its
	// kind, so that a fault that comes and goes does not flood people.
	soonest = time.Minute
	// lookAfter is when to look for a second ticket of a request that was made
	// once; lookAgain that of one whose answer was lost: it may have been on its
	// way for long.
	lookAfter = 10 * time.Second
	lookAgain = 10 * time.Minute
	// arrives is how long a request whose answer was lost may take to arrive: to
	// be closed and to be opened must not overtake one another.
	arrives = time.Minute
)

// plan finds out what is to be done for a ticket.
func (b *Box) plan(e *entry) {
	e.wishes, e.due = e.wishes[:0], time.Time{}
	p, t := b.places[e.t.Destination], e.t
	c := b.cases[t.Case]
	if p == nil || e.out != nil || t.fixed() || t.Folded != 0 || c == nil && t.Case != 0 {
		return
	}
	w := planner{t: t, c: c, terms: &p.terms, list: e.wishes}
	w.plan()
	e.wishes = w.list
	for i := range e.wishes {
		if at := e.wishes[i].at; i == 0 || at.Before(e.due) {
			e.due = at
		}
	}
}

// planner makes the wishes of one ticket.
type planner struct {
	t     *Ticket
	c     *alerting.Case // nil in a summary
	terms *Terms
	list  []wish
}

func (w *planner) plan() {
	switch {
	case !w.t.exists():
		w.absent()
	case w.t.Human != Untouched: // a person's word stands, if it was about the only one
		w.look()
	case w.t.Wanted.Open:
		w.open()
	default:
		w.closing()
	}
	for i := range w.list {
		if w.list[i].at.IsZero() {
			w.list[i].at = w.t.Modified // at once
		}
		w.list[i].at = latest(w.list[i].at, w.t.Next)
	}
	// What is in doubt is settled before anything else.
	if i := slices.IndexFunc(w.list, func(one wish) bool { return one.step == w.t.Step }); w.t.Doubt && i > 0 {
		first := w.list[i]
		w.list = slices.Insert(slices.Delete(w.list, i, i+1), 0, first)
	}
}

func (w *planner) add(s Step, at time.Time)     { w.list = append(w.list, wish{step: s, at: at}) }
func (w *planner) routine(s Step, at time.Time) { w.list = append(w.list, wish{s, at, true}) }

// absent is what to do for a ticket that is not known to exist: look for it
// where that is possible, unless making it again is harmless, and make it. A
// case that is over before anybody was told of it is not told.
func (w *planner) absent() {
	t, a := w.t, &w.terms.Abilities
	doubtful := t.Doubt && t.Step == StepCreate
	switch {
	case doubtful && a.Find && !t.Looked:
		w.add(StepFind, t.Tried.Add(a.FindLag))
	case !t.Wanted.Open:
		w.look()
	case t.Lost > 0 && a.Find && !t.Looked:
		w.add(StepFind, t.Tried.Add(a.FindLag))
	case a.Find && !a.Idempotent && !t.Looked:
		w.add(StepFind, time.Time{})
	default:
		w.add(StepCreate, time.Time{})
	}
}

// open is what to do for a ticket of an open case.
func (w *planner) open() {
	t, a := w.t, &w.terms.Abilities
	if a.Read && t.ReadAt.IsZero() && !t.Unsure { // else it may be closed by ourselves, which is nobody's word
		w.add(StepRead, time.Time{}) // before anything is written over what people did
	}
	switch {
	case (!t.Shown.Open || t.Unsure) && a.Reopen:
		w.add(StepReopen, t.Late)
		return
	case t.Unsure:
		w.add(StepClose, t.Late) // and then another one is made
		return
	case !t.Shown.Open:
		w.add(StepFind, t.LookAt) // the same
		return
	}
	pause := w.terms.CommentEvery
	notes := notesOf(t, w.c)
	differs := t.Shown.Severity != t.Wanted.Severity || t.Shown.Restored != t.Wanted.Restored
	if differs || slices.ContainsFunc(notes, urgent) || w.c == nil {
		pause = min(pause, soonest)
	}
	if t.Shown.Update != t.Wanted.Update || differs {
		w.add(StepUpdate, after(t.ShownAt, pause))
	}
	if a.Comment && len(notes) > 0 {
		if t.Doubt && t.Step == StepComment {
			pause = 0
		}
		w.add(StepComment, after(t.NotedAt, pause))
	}
	if w.fileOf() != nil {
		w.add(StepAttach, time.Time{})
	}
	w.look()
	if a.Read {
		w.routine(StepRead, after(t.ReadAt, w.terms.ReadEvery))
	}
	if a.Refresh > 0 {
		w.routine(StepRefresh, after(t.ShownAt, a.Refresh))
	}
}

// closing is what to do for a ticket whose case is closed: first everything
// that is to be said.
func (w *planner) closing() {
	t, a := w.t, &w.terms.Abilities
	switch {
	case !t.Shown.Open && !t.Unsure:
		w.look()
	case a.Comment && len(notesOf(t, w.c)) > 0:
		w.add(StepComment, time.Time{})
	case w.fileOf() != nil:
		w.add(StepAttach, time.Time{})
	case a.Close:
		w.add(StepClose, t.Late)
	case !a.Comment && t.Shown.Update != t.Wanted.Update:
		w.add(StepUpdate, time.Time{})
	}
}

// look is for a second ticket that a request may have made.
func (w *planner) look() {
	if w.t.Looks > 0 {
		w.routine(StepFind, w.t.LookAt)
	}
}

// fileOf is the next file that the ticket lacks and that may leave the house,
// nil where there is none.
func (w *planner) fileOf() *alerting.Attachment {
	if w.c == nil || !w.terms.Abilities.Attach || w.terms.NoFiles {
		return nil
	}
	for i := range w.c.Attachments {
		f := &w.c.Attachments[i]
		if f.Sanitised && !slices.Contains(w.t.Attached, f.SHA256) && !slices.Contains(w.t.Skipped, f.SHA256) {
			return f
		}
	}
	return nil
}

// notesOf are the entries of the timeline that did not go out yet. What came
// from the destination does not go back to it. A comment that is in doubt is
// told again as it was, so that it can be known again.
func notesOf(t *Ticket, c *alerting.Case) []alerting.Update {
	if c == nil {
		return nil
	}
	again := t.Doubt && t.Step == StepComment && t.Noting > t.Noted
	var list []alerting.Update
	for i := range c.Updates {
		u := &c.Updates[i]
		if u.Seq > t.Noted && u.Author != t.Destination && !(again && u.Seq > t.Noting) {
			list = append(list, *u)
		}
	}
	return list
}

// urgent reports whether people should hear of something at once.
func urgent(u alerting.Update) bool {
	switch u.Kind {
	case alerting.UpdateRestored, alerting.UpdateImpaired, alerting.UpdateReopened, alerting.UpdateEscalated:
		return true
	}
	return slices.ContainsFunc(u.Fields, func(f alerting.FieldChange) bool { return f.Field == "severity" })
}

// after is some time after something; at once where that never was.
func after(t time.Time, wait time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(wait)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
