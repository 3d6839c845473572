package outbox

import "earshot/alerting"

// settle draws conclusions that need no request.
func (b *Box) settle(e *entry) {
	p, t := b.places[e.t.Destination], e.t
	if p == nil || e.out != nil || t.fixed() || t.Folded != 0 {
		return
	}
	a, c := &p.terms.Abilities, b.cases[t.Case]
	if t.Doubt && t.Step == StepCreate && !t.exists() && !t.Wanted.Open && !a.Find {
		// It may be there, and nobody can look: it is closed as though it were,
		// and opened as though it were not, should the case open again before.
		t.Shown, t.Doubt, t.Unsure = Stand{Open: true}, false, a.Close && a.Reopen
	}
	if !t.exists() || t.Human != Untouched {
		return
	}
	if t.Wanted.Open {
		if !t.Shown.Open && !t.Unsure && !a.Reopen && t.Looks == 0 && c != nil {
			t.renew(c)
		}
		return
	}
	told := !a.Close && !t.Unsure && (a.Comment && len(notesOf(t, c)) == 0 || !a.Comment && t.Shown.Update == t.Wanted.Update)
	if t.Shown.Open && told {
		t.Shown.Open = false // there is nothing that can be closed: it was told
	}
}

// renew begins another ticket of the case at the other side.
func (t *Ticket) renew(c *alerting.Case) {
	t.Episode++
	t.Key = keyOf(c, t.Destination, t.Episode)
	t.vanish()
	t.Noted, t.Noting, t.Lost = 0, 0, 0
}

// vanish forgets what the other side had.
func (t *Ticket) vanish() {
	t.Remote, t.Shown = Remote{}, Stand{}
	t.Attached, t.Skipped = nil, nil
	t.Step, t.Doubt, t.Unsure, t.Looked, t.Looks = "", false, false, false, 0
}

// hear ends the standing of a person's word, where the case has gone on since:
// a ticket that was closed as resolved when the case opens again, one that was
// not wanted or was deleted only when the case is then worse than it was.
func (t *Ticket) hear(c *alerting.Case) {
	if t.Human == Untouched || !t.Wanted.Open || !reopenedSince(c, t.Heard.Update) {
		return
	}
	worse := t.Wanted.Severity.Valid() && t.Wanted.Severity < t.Heard.Severity
	switch {
	case t.Human == Resolved, worse && t.Human == WontFix:
		t.Human, t.Shown.Open = Untouched, false
	case worse && t.Human == Deleted:
		t.Human = Untouched
		t.renew(c)
	}
}

// reopenedSince reports whether a case was opened again after an entry of its
// timeline.
func reopenedSince(c *alerting.Case, seq int) bool {
	for i := len(c.Updates) - 1; i >= 0 && c.Updates[i].Seq > seq; i-- {
		if c.Updates[i].Kind == alerting.UpdateReopened {
			return true
		}
	}
	return false
}
