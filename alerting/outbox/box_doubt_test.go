package outbox

import (
	"testing"
	"time"

	"earshot/alerting"
)

// What people say before there is a ticket is told once there is one.
func TestBoxSaidBeforeCreated(t *testing.T) {
	r := newRig(t, Terms{Abilities: wholeTracker})
	r.fails(Busy) // the look before
	r.happens(alerting.UpdateMeasured, alerting.MonitorAuthor)
	r.happens(alerting.UpdateAnswered, "ann")
	r.happens(alerting.UpdateMeasured, alerting.MonitorAuthor)
	r.later(time.Hour).wants(StepFind, StepCreate)
	r.later(10 * time.Second).wants(StepFind)
	jobs := r.later(15 * time.Minute).b.Due(r.now)
	if len(jobs) != 1 || jobs[0].Step != StepComment || len(jobs[0].Notes) != 2 || jobs[0].Notes[0].Text != "entry 3" {
		t.Errorf("due is %+v, want a comment that begins with what ann said", jobs)
	}
}

// A case opens again while nobody knows whether its ticket was closed: that it is
// found closed is no person's word, it may be our own.
func TestBoxOwnCloseIsNobodys(t *testing.T) {
	r := newRig(t, Terms{Abilities: wholeTracker})
	r.wants(StepFind, StepCreate)
	r.later(10 * time.Second).wants(StepFind)
	r.close()
	comment := r.b.Due(r.now)
	r.b.Done(r.now, Outcome{Job: comment[0]})
	r.fails(Doubtful) // the close
	r.later(2 * time.Minute).fails(Conflict)
	r.reopen()
	r.later(2*time.Minute).wants(StepReopen, StepUpdate, StepComment)
	r.is(Confirmed, Untouched)
}

// A request to make a ticket whose answer was lost, where nobody can look for
// it: the case is closed, and opens again before that was told. What may never
// have been made is opened, not only brought up to date.
func TestBoxMayNeverHaveBeenMade(t *testing.T) {
	r := newRig(t, Terms{Abilities: Abilities{Idempotent: true, Comment: true, Close: true, Reopen: true}})
	r.fails(Doubtful) // the creation
	r.close()
	r.later(10 * time.Second).reopen()
	r.later(2*time.Minute).wants(StepReopen, StepUpdate, StepComment)
	r.is(Confirmed, Untouched)
}
