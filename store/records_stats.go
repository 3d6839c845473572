package store

// Stats is what a store has done and has. Counters begin at 0 with Open.
type Stats struct {
	Written uint64 // records
	Failed  uint64 // that could not be written
	Refused uint64 // whose day is too far back, or to come
	Deleted uint64 // days, for age or for space
	Thinned uint64 // records, of tenants whose time for them is over
	// SetAside counts files that were found damaged.
	SetAside uint64

	// As the last sweep found them.
	Bytes  int64 // of all files, those of cases too
	Free   int64 // on their disk
	Days   int   // that have a file
	Oldest Day   // of those; today's where there is none
	Held   int   // days that a hold keeps
	Full   bool  // nothing is written until there is room
}

// Stats returns the figures after the last Write or Sweep, to any goroutine.
func (s *Store) Stats() Stats { return *s.shown.Load() }

func (s *Store) show() {
	copied := s.stats
	s.shown.Store(&copied)
}
