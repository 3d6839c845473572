package outbox

import (
	"time"

	"earshot/alerting"
)

// Ticket is what one destination is told of one case, and how far that is.
// There is at most one of a case and a destination. It is immutable once it was
// given out; a change makes another one.
type Ticket struct {
	ID          int64     `json:"id"`
	Destination string    `json:"destination"` // its name
	Case        int       `json:"case"`        // 0: it sums up the cases of a storm
	Key         string    `json:"key"`         // names the fault's episode to the other side: 32 hex digits that follow from the case
	State       State     `json:"state"`
	Version     int64     `json:"version"` // counts its changes, from 1
	Made        time.Time `json:"made"`
	Modified    time.Time `json:"modified"`

	Wanted Stand  `json:"wanted"` // what the other side is to show
	Shown  Stand  `json:"shown"`  // what it shows, as far as it confirmed
	Remote Remote `json:"remote"` // the zero value: it is not known to exist

	Step     Step      `json:"step"`     // under way, or to be tried next; "" none
	Doubt    bool      `json:"doubt"`    // nobody knows whether the step was done: its connection, or this program, broke after it was sent
	Attempts int       `json:"attempts"` // of the step, in a row
	Tried    time.Time `json:"tried,omitzero"`
	Next     time.Time `json:"next,omitzero"` // not before
	Error    string    `json:"error"`         // of the last attempt; "" after a success

	Noted    int       `json:"noted"` // Seq of the last entry of the timeline that went out in a comment
	NotedAt  time.Time `json:"noted_at,omitzero"`
	Attached []string  `json:"attached"` // SHA-256 of the files that are there

	Human  Human `json:"human"`           // what a person did with it on the other side
	Heard  Stand `json:"heard"`           // what was wanted when the person did it
	Folded int64 `json:"folded"`          // the ticket that sums it up; 0: it stands for itself
	Cases  []int `json:"cases,omitempty"` // that it sums up

	Episode int       `json:"episode"` // counts the tickets of the case that there were at the other side, from 0; each has a key of its own
	Looked  bool      `json:"looked"`  // no ticket with the key was found, so that one may be made
	Looks   int       `json:"looks"`   // how often to look yet whether a request that broke made a second one
	LookAt  time.Time `json:"look_at,omitzero"`
	Unsure  bool      `json:"unsure"`            // nobody knows whether it is open there: a request to close or reopen it broke
	Late    time.Time `json:"late,omitzero"`     // until when a request may arrive yet to make, close or reopen it whose answer was lost
	ReadAt  time.Time `json:"read_at,omitzero"`  // when the other side was asked last what people did
	ShownAt time.Time `json:"shown_at,omitzero"` // when its fields were set last
	Noting  int       `json:"noting"`            // Seq of the last entry of the timeline in the request that is under way or in doubt
	Skipped []string  `json:"skipped,omitempty"` // SHA-256 of files that the other side does not take
	Lost    int       `json:"lost"`              // how often it was gone at the other side, and made again
	Failing Step      `json:"failing,omitempty"` // the step that Attempts are of
	Failed  time.Time `json:"failed,omitzero"`   // when it failed last
	Blamed  int       `json:"blamed"`            // how often it failed while the other side did other things
	Dropped string    `json:"dropped,omitempty"` // who gave it up for good
}

// exists reports whether the other side is known to have it.
func (t *Ticket) exists() bool { return t.Remote != (Remote{}) || t.Shown != (Stand{}) }

// succeeded forgets the failures of a step that was done, or that matters no
// more.
func (t *Ticket) succeeded(s Step) {
	t.Next = time.Time{}
	if t.Failing == s || !t.Failing.lasting() || s == StepCreate || s == StepReopen || s == StepClose {
		t.Failing, t.Failed, t.Error, t.Attempts, t.Blamed = "", time.Time{}, "", 0, 0
	}
}

// failed counts a failure of a step.
func (t *Ticket) failed(s Step) {
	if t.Failing == "" || s.lasting() {
		t.Failing = s
	}
	t.Attempts++
}

// blame counts a failure as the ticket's own where the other side has done
// something else since the last one.
func (t *Ticket) blame(now, good time.Time) {
	if !t.Failed.IsZero() && good.After(t.Failed) {
		t.Blamed++
	}
	t.Failed = now
}

// edit makes the next version.
func (t *Ticket) edit(now time.Time) *Ticket {
	next := *t
	next.Version++
	next.Modified = now
	return &next
}

// State is how far a ticket is.
type State string

// The states.
const (
	Pending   State = "pending"   // something is to be told
	Sent      State = "sent"      // a request went out; its outcome is not known
	Confirmed State = "confirmed" // the other side shows what it should
	Closed    State = "closed"    // the case is closed, and so is the ticket
	Dead      State = "dead"      // it was given up, and waits for a person
)

// States lists them.
var States = []State{Pending, Sent, Confirmed, Closed, Dead}

// Stand is how a case stands at one moment.
type Stand struct {
	Update   int               `json:"update"` // Seq of the newest entry of its timeline; 0: nothing was shown
	Open     bool              `json:"open"`
	Severity alerting.Severity `json:"severity"`
	Restored bool              `json:"restored"`
}

// Remote is where the other side keeps a ticket.
type Remote struct {
	ID   string `json:"id"`     // as its API wants it
	Name string `json:"number"` // as people say it: "INC0010023", "VOICE-17"
	URL  string `json:"url"`    // for people
	Memo string `json:"memo"`   // what the destination wants to be told next time
}

// Step is one request, or one small group of requests, to the other side.
type Step string

// The steps, in the order in which a ticket takes them.
const (
	StepFind    Step = "find"    // is there a ticket with the key already?
	StepCreate  Step = "create"  // opens the ticket
	StepReopen  Step = "reopen"  // opens it again
	StepUpdate  Step = "update"  // its fields, in place
	StepComment Step = "comment" // what happened since the last one
	StepAttach  Step = "attach"  // one file
	StepClose   Step = "close"
	StepRead    Step = "read"    // what did people do with it?
	StepRefresh Step = "refresh" // tells the same again, to who forgets
)

// Human is what a person did with a ticket on the other side.
type Human string

// What people do.
const (
	Untouched Human = ""
	Resolved  Human = "resolved" // closed, as done
	WontFix   Human = "wont_fix" // closed, and it is not to come back
	Deleted   Human = "deleted"  // it is gone; nobody but a person can have done that
)
