package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Sweep deletes days that are too old, then the oldest ones until what is left
// fits; then some of the records whose tenant's time for them is over. It never
// deletes today's, nor what a hold keeps, nor cases. Call it every few seconds:
// writing stops only when a sweep has found the disk full.
func (s *Store) Sweep(now time.Time) error {
	defer s.show()
	s.takeTenants()
	days, err := listDays(s.cfg.Dir)
	if err != nil {
		return err
	}
	held, holdErr := readHold(s.cfg.Dir)
	b := budget{store: s, days: days, held: held, today: DayOf(now)}
	for i := range days {
		b.bytes += days[i].bytes
		if s.holdsOf(&held, &days[i]) {
			b.holds++
		}
	}
	b.bytes += fileOctets(filepath.Join(s.cfg.Dir, CasesFile)) // their room is taken, but never theirs
	if err = b.fit(s.oldestOfAll(now)); err == nil {
		err = b.thin(now)
	}
	s.stats.Bytes, s.stats.Free, s.stats.Days, s.stats.Held = b.bytes, b.free, len(b.days), b.holds
	s.stats.Oldest = b.today
	if len(b.days) > 0 {
		s.stats.Oldest = b.days[0].day
	}
	return errors.Join(holdErr, err)
}

// budget is one sweep.
type budget struct {
	store *Store
	days  []dayFiles // that are there, the oldest first
	held  hold
	today Day
	bytes int64
	free  int64
	holds int
}

func (b *budget) fit(oldest Day) error {
	s := b.store
	if err := b.deleteWhile(func(d *dayFiles) bool { return d.day < oldest }, "they are older than records are kept"); err != nil {
		return err
	}
	if err := b.deleteWhile(func(*dayFiles) bool { return b.bytes > s.cfg.TotalBytes }, "there are more than fit into the store's size"); err != nil {
		return err
	}
	if err := b.look(); err != nil {
		return err
	}
	err := b.deleteWhile(func(*dayFiles) bool { return b.free < s.cfg.MinFree }, "the disk has too little free space")
	if err != nil {
		return err
	}
	full := b.free < s.cfg.MinFree
	if full && !s.full {
		s.notice(Notice{Text: fmt.Sprintf("records are no longer kept: the disk has %d MiB free, and %d are to be left", b.free>>20, s.cfg.MinFree>>20), File: s.cfg.Dir, Err: ErrFull})
	} else if s.full && !full {
		s.notice(Notice{Text: "records are kept again: the disk has room", File: s.cfg.Dir})
	}
	s.full, s.stats.Full = full, full
	return nil
}

func (b *budget) look() (err error) {
	b.free, err = freeOctets(b.store.cfg.Dir)
	return err
}

// deleteWhile deletes the oldest days as long as one should go.
func (b *budget) deleteWhile(should func(*dayFiles) bool, why string) error {
	var kept []dayFiles
	defer func() { b.days = append(kept, b.days...) }()
	for len(b.days) > 0 {
		d := b.days[0]
		if d.day >= b.today || !should(&d) {
			return nil
		}
		b.days = b.days[1:]
		if b.store.holdsOf(&b.held, &d) {
			kept = append(kept, d)
			continue
		}
		if err := b.delete(&d, why); err != nil {
			kept = append(kept, d)
			return err
		}
	}
	return nil
}

// drop deletes the i-th day.
func (b *budget) drop(i int, why string) error {
	d := b.days[i]
	b.days = slices.Delete(b.days, i, i+1)
	return b.delete(&d, why)
}

// delete removes all files of a day, the database before its log: without the
// database the log means nothing, but without its log a database lacks records.
func (b *budget) delete(d *dayFiles, why string) error {
	b.store.close(d.day)
	db := filepath.Base(dayPath(b.store.cfg.Dir, d.day))
	names := append([]string{db}, d.names...)
	for _, name := range names {
		if err := os.Remove(filepath.Join(b.store.cfg.Dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	delete(b.store.seen, d.day)
	b.bytes -= d.bytes
	b.store.stats.Deleted++
	b.store.notice(Notice{Text: "records of a day were deleted: " + why, File: dayPath(b.store.cfg.Dir, d.day)})
	return b.look()
}

// fileOctets is the size of a database with its log; 0 where there is none.
func fileOctets(path string) (n int64) {
	for _, end := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + end); err == nil {
			n += info.Size()
		}
	}
	return n
}
