package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"earshot/dialog"
)

// Config says where records are kept, and how much of them.
type Config struct {
	Dir        string
	Days       int   // records of days further back are deleted
	TotalBytes int64 // the oldest days are deleted above this
	MinFree    int64 // and below so much free space
	// Tenant says whose a segment is; "" is nobody's. nil: all records are nobody's.
	Tenant  func(segment string) string
	Tenants map[string]TenantRetention // that have something of their own
	// Intervals keeps each stream's timeline with it.
	Intervals bool
	// Notice hears what an operator should know: a file was set aside, days
	// were deleted, the disk is full. It is called by Open, Write and Sweep.
	Notice func(Notice)
}

// Notice is something that happened to the files.
type Notice struct {
	Text string // a sentence without its end
	File string
	Err  error // nil: nothing is wrong
}

// ErrFull says that the disk has less free space than is to be left, and that
// nothing is left to delete.
var ErrFull = errors.New("store: the disk is full")

// ErrInUse says that another Earshot writes there, or that this one does already.
var ErrInUse = errors.New("it is in use by a running probe: another Earshot writes there")

// The locks of the two writers of a folder: of records and of cases.
const (
	recordsLock = "lock"
	casesLock   = "cases.lock"
)

// mostOpen is how many days are open at a time: today's, yesterday's for what
// comes late, and one that is being thinned.
const mostOpen = 3

// Store writes records. One goroutine calls it; Stats may be called by any.
type Store struct {
	cfg    Config
	lock   *os.File
	packer *packer
	words  *wordList
	open   []*dayWriter
	turn   uint64 // counts writes, for choosing what to close
	seen   map[Day]dayTenants
	thins  thinning
	full   bool // found by the last sweep
	stats  Stats
	shown  atomic.Pointer[Stats]
	other  atomic.Pointer[tenancy] // from the next Write or Sweep on; nil: as before
}

// Open opens the folder for writing, makes it where there is none, and brings
// the file of now's day to the newest version. Nobody else may be writing there.
func Open(cfg Config, now time.Time) (_ *Store, err error) {
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot keep records: %w", err)
	}
	s := &Store{cfg: cfg, words: newWordList(), seen: map[Day]dayTenants{}}
	if s.packer, err = newPacker(dialog.JSONOptions{Intervals: cfg.Intervals}); err != nil {
		return nil, err
	}
	if s.lock, err = lockFolder(cfg.Dir, recordsLock); err != nil {
		return nil, fmt.Errorf("cannot keep records in %q: %w", cfg.Dir, err)
	}
	defer func() {
		if err != nil {
			_ = s.Close() // the first error tells
		}
	}()
	if _, err := s.dayWriter(DayOf(now)); err != nil {
		return nil, fmt.Errorf("cannot keep records: %w", err)
	}
	if err := s.Sweep(now); err != nil {
		return nil, fmt.Errorf("cannot keep records in %q: %w", cfg.Dir, err)
	}
	return s, nil
}

// Write keeps records: calls, and streams of no call; those of a call are kept
// with it, and other records not at all. Each day's part is kept as a whole or,
// with an error, not at all. A record whose day would be deleted is refused.
func (s *Store) Write(now time.Time, list []dialog.Record) error {
	defer s.show()
	s.takeTenants()
	oldest, newest := s.oldestOfAll(now), DayOf(now)+1
	rows := map[Day][]row{}
	for _, rec := range list {
		r, ok := s.row(rec)
		if !ok {
			continue
		}
		if d := r.day(); d < oldest || d > newest {
			s.stats.Refused++
		} else {
			rows[d] = append(rows[d], r)
		}
	}
	var days []Day
	for d := range rows {
		days = append(days, d)
	}
	slices.Sort(days)
	var errs []error
	for _, d := range days {
		if err := s.writeDay(d, rows[d]); err != nil {
			s.stats.Failed += uint64(len(rows[d]))
			errs = append(errs, err)
			continue
		}
		s.stats.Written += uint64(len(rows[d]))
	}
	return errors.Join(errs...)
}

func (s *Store) row(rec dialog.Record) (row, bool) {
	switch r := rec.(type) {
	case *dialog.CallRecord:
		return callRow(s.packer, s.words, s.cfg.Tenant, r), true
	case *dialog.StreamRecord:
		if r.Call == nil {
			return streamRow(s.packer, s.words, s.cfg.Tenant, r), true
		}
	}
	return row{}, false
}

// writeDay writes into a day's file; once more into a new one where the file
// turns out to be damaged.
func (s *Store) writeDay(d Day, rows []row) error {
	if s.full {
		return ErrFull
	}
	for again := true; ; again = false {
		w, err := s.dayWriter(d)
		if err == nil {
			err = w.write(rows)
		}
		if err == nil {
			return nil
		}
		if !again || !damaged(err) {
			return fmt.Errorf("cannot write records of %s: %w", d, err)
		}
		if err := s.replace(d, err); err != nil {
			return err
		}
	}
}

// dayWriter returns the open file of a day, and opens it where it is not.
func (s *Store) dayWriter(d Day) (*dayWriter, error) {
	s.turn++
	for _, w := range s.open {
		if w.day == d {
			w.used = s.turn
			return w, nil
		}
	}
	if len(s.open) >= mostOpen {
		s.close(slices.MinFunc(s.open, func(a, b *dayWriter) int { return int(a.used) - int(b.used) }).day)
	}
	w, err := openDay(s.cfg.Dir, d)
	if err != nil && damaged(err) {
		if err := s.replace(d, err); err != nil {
			return nil, err
		}
		w, err = openDay(s.cfg.Dir, d)
	}
	if err != nil {
		return nil, err
	}
	w.used = s.turn
	s.open = append(s.open, w)
	return w, nil
}

// replace sets a damaged file aside, so that a new one begins.
func (s *Store) replace(d Day, why error) error {
	s.close(d)
	path := dayPath(s.cfg.Dir, d)
	to, err := moveAside(path, damagedSuffix)
	if err != nil {
		return fmt.Errorf("cannot set the damaged file %q aside: %w", path, err)
	}
	s.stats.SetAside++
	s.notice(Notice{Text: "a file of records is damaged and was set aside; a new one begins", File: to, Err: why})
	return nil
}

// close closes a day's file where it is open.
func (s *Store) close(d Day) {
	i := slices.IndexFunc(s.open, func(w *dayWriter) bool { return w.day == d })
	if i < 0 {
		return
	}
	if err := s.open[i].seal(); err != nil {
		s.notice(Notice{Text: "cannot close a file of records", File: s.open[i].path, Err: err})
	}
	s.open = slices.Delete(s.open, i, i+1)
}

// Close closes every file.
func (s *Store) Close() error {
	for len(s.open) > 0 {
		s.close(s.open[0].day)
	}
	return s.lock.Close()
}

func (s *Store) notice(n Notice) {
	if s.cfg.Notice != nil {
		s.cfg.Notice(n)
	}
}
