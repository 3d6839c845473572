package web

import (
	"context"
	"time"

	"earshot/alerting"
)

// Desk is how cases are reached: the questions and commands of people. It is
// called from any goroutine. What it gives out is not modified by anybody.
//
// Its errors are those of alerting's desk: what is not there, what is refused
// and what is invalid can be told apart. A command is answered when its outcome
// is kept.
type Desk interface {
	// Do does what somebody wants. It returns the case as it is afterwards; a
	// recorded change has none.
	Do(ctx context.Context, c alerting.Command) (*alerting.Case, error)
	// Cases returns the cases that fit, those with the highest numbers first,
	// with their clocks as of now.
	Cases(ctx context.Context, q *CaseQuery) ([]*alerting.Case, error)
	// Case returns a case with its clocks as of now.
	Case(ctx context.Context, number int) (*alerting.Case, error)
	// Audit returns entries that fit, the newest first.
	Audit(ctx context.Context, q *AuditQuery) ([]alerting.AuditEntry, error)
	// Changes returns changes that fit, the newest first.
	Changes(ctx context.Context, q *ChangeQuery) ([]*alerting.NetworkChange, error)
	// Counts sums up all cases that are kept.
	Counts() CaseCounts
}

// CaseQuery says which cases are wanted: those that meet every condition that
// is set.
type CaseQuery struct {
	Status     alerting.CaseStatus    // "": any
	SubStatus  alerting.CaseSubStatus // "": any
	Severities []alerting.Severity    // any of these; none: any
	Tenant     string
	Owner      string
	Assignee   string
	Segment    string
	Text       string    // in the subject, the description, the reference or the timeline, in any case
	Since      time.Time // opened at or after
	Until      time.Time // opened before
	Before     int       // with a lower number: the next page; 0: from the newest
	Limit      int       // at most so many; 0: all
}

// AuditQuery says which entries of the audit log are wanted.
type AuditQuery struct {
	Case   int       // about this case; 0: about anything
	Since  time.Time // at or after; zero: from the beginning
	Before int64     // with a lower sequence number: the next page; 0: from the newest
	Limit  int       // at most so many; 0: all
}

// ChangeQuery says which changes of the network are wanted.
type ChangeQuery struct {
	Tenant  string    // of this tenant, or of all tenants; "": any
	Segment string    // of this segment, or of all segments; "": any
	Since   time.Time // made at or after; zero: from the beginning
	Before  int64     // with a lower ID: the next page; 0: from the newest
	Limit   int       // at most so many; 0: all
}

// CaseCounts are sums over cases for metrics.
type CaseCounts struct {
	Open     []CaseCount // one for each combination that there is
	Opened   uint64      // since the probe began
	Closed   uint64      // the same; a case that closes again counts again
	Reopened uint64
	Breached [Goals]uint64 // targets missed since the probe began
	Missed   [Goals]int    // open cases with a target missed
	Failed   uint64        // journals that could not be kept
	Refused  uint64        // commands that were refused
	Pending  int           // commands that wait
}

// Goals is how many targets a case has.
const Goals = int(alerting.Goals)

// CaseCount is how many open cases share a severity, a sub-state and an owner.
type CaseCount struct {
	Severity  alerting.Severity
	SubStatus alerting.CaseSubStatus
	Owner     string
	Cases     int
}
