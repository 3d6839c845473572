package web

import (
	"context"

	"earshot/store"
)

// Records is how calls that are over, and were kept, are found again. It is
// called from any goroutine, and may take its time.
type Records interface {
	// Find gives what a query wants to take, the newest first, as a
	// store.Reader does.
	Find(ctx context.Context, q *store.Query, take func(*store.Found) error) error
	// Figures says what the store of records did.
	Figures() RecordFigures
}

// RecordFigures says what a store of records and the queue before it did since
// the probe began.
type RecordFigures struct {
	store.Stats
	Queued, Room int    // records that wait, and how many may
	Dropped      uint64 // records that found the queue full
}
