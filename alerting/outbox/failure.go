package outbox

import (
	"errors"
	"time"
)

// Failure is why a request did not do what it should, and what that means.
type Failure struct {
	Kind  FailureKind
	After time.Duration // the other side said when to come again; 0: it did not
	Code  int           // of the answer: HTTP status or SMTP reply; 0: there was none
	Text  string        // one line for people: no secret, no number of a customer
}

// Error is the text.
func (f *Failure) Error() string { return f.Text }

// FailureKind says what a failure means for the request.
type FailureKind string

// The kinds.
const (
	Unreached FailureKind = "unreached" // it surely was not done, and may be tried again: no connection, a name not found
	Busy      FailureKind = "busy"      // it surely was not done, and may be tried again: 429, 503 with Retry-After
	Doubtful  FailureKind = "doubtful"  // it may have been done: a timeout, a connection that broke, 5xx
	Conflict  FailureKind = "conflict"  // the other side has changed meanwhile: look again, then try again (409, 412)
	Gone      FailureKind = "gone"      // the ticket is not there (404, 410 for its id)
	Denied    FailureKind = "denied"    // our account may not, or is not known (401, 403): a person has to mend it
	Refused   FailureKind = "refused"   // it will never be taken as it is (400, 413, 422): a person has to mend it
)

// errUnable answers a request that a destination said it cannot do.
var errUnable = errors.New("outbox: this destination cannot do that")
