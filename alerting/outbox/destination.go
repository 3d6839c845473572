package outbox

import (
	"context"
	"time"
)

// Destination speaks the language of one kind of system. It may be called from
// any goroutine, keeps nothing between calls, and makes each request once: it
// is the Box that tries again. What a kind cannot do, see Abilities, is never
// asked of it.
//
// An error is a *Failure where the destination can say what it means for the
// request. Any other error is taken as one whose outcome is in doubt.
type Destination interface {
	Abilities() Abilities
	// Find looks for an existing ticket by its key; false: there is none. Where
	// there are several it returns the oldest.
	Find(ctx context.Context, t *Ticket) (Remote, bool, error)
	Create(ctx context.Context, t *Ticket, c *Content) (Remote, error)
	Update(ctx context.Context, t *Ticket, c *Content) (Remote, error)
	Comment(ctx context.Context, t *Ticket, c *Content) error // c.Notes, as one
	Attach(ctx context.Context, t *Ticket, f *File) error
	Close(ctx context.Context, t *Ticket, c *Content) (Remote, error)
	Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error)
	Read(ctx context.Context, t *Ticket) (Human, error)
}

// Abilities says what a kind of destination can be asked for.
type Abilities struct {
	Find       bool // by key
	Idempotent bool // Create with the same key makes no second ticket, so that it may simply be sent again
	Comment    bool // else what happened goes with updates
	Attach     bool
	Close      bool
	Reopen     bool // else a case that opens again makes a ticket with another key
	Read       bool
	Refresh    time.Duration // what is open is told again this often, by Update; 0: it need not
	FindLag    time.Duration // what was just created may not be found for so long: only then does finding nothing mean that there is nothing
}

// Plain is embedded by destinations that lack some abilities: what it is asked
// for fails.
type Plain struct{}

// Find is not something that it can do.
func (Plain) Find(context.Context, *Ticket) (Remote, bool, error) { return Remote{}, false, errUnable }

// Update is not something that it can do.
func (Plain) Update(context.Context, *Ticket, *Content) (Remote, error) { return Remote{}, errUnable }

// Comment is not something that it can do.
func (Plain) Comment(context.Context, *Ticket, *Content) error { return errUnable }

// Attach is not something that it can do.
func (Plain) Attach(context.Context, *Ticket, *File) error { return errUnable }

// Close is not something that it can do.
func (Plain) Close(context.Context, *Ticket, *Content) (Remote, error) { return Remote{}, errUnable }

// Reopen is not something that it can do.
func (Plain) Reopen(context.Context, *Ticket, *Content) (Remote, error) { return Remote{}, errUnable }

// Read is not something that it can do.
func (Plain) Read(context.Context, *Ticket) (Human, error) { return Untouched, errUnable }
