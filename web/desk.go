package web

import (
	"context"

	"earshot/alerting"
	"earshot/store"
)

// Desk is how cases are reached: the questions and commands of people. It is
// called from any goroutine. What it gives out is not modified by anybody.
//
// Its errors are those of alerting's desk, *alerting.CommandError: what is not
// there, what is refused and what is invalid can be told apart. Any other error
// says that nothing was done.
type Desk interface {
	// Do does what somebody wants and answers when its outcome is kept. It
	// returns the case as it is afterwards, with its clocks; a recorded change
	// has none. The context bounds the wait for its turn only: a command that
	// was begun is done, whoever still waits for it, so that an error never
	// hides a change.
	Do(ctx context.Context, c alerting.Command) (*alerting.Case, error)
	// Cases returns the cases that fit, those with the highest numbers first,
	// with their clocks as of now.
	Cases(ctx context.Context, q *store.CaseQuery) ([]*alerting.Case, error)
	// Case returns a case with its clocks as of now.
	Case(ctx context.Context, number int) (*alerting.Case, error)
	// Audit returns entries that fit, the newest first.
	Audit(ctx context.Context, q *store.AuditQuery) ([]alerting.AuditEntry, error)
	// Changes returns changes that fit, the newest first.
	Changes(ctx context.Context, q *store.ChangeQuery) ([]*alerting.NetworkChange, error)
	// Open returns the open cases by number, with their clocks as of a moment ago.
	Open() []*alerting.Case
	// Figures says what the desk did.
	Figures() DeskFigures
}

// DeskFigures says what a desk and its store did since the probe began.
type DeskFigures struct {
	alerting.DeskStats
	Refused uint64 // commands that were refused
	Failed  uint64 // journals that could not be kept
	Waiting int    // commands and journals, now
}
