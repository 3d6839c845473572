package store

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"earshot/dialog"
)

// Day is a UTC day, counted from 1970-01-01.
type Day int

// DayOf returns the day of an instant.
func DayOf(t time.Time) Day {
	s := t.Unix()
	if s < 0 {
		s -= secondsOfDay - 1 // rounds down before 1970 too
	}
	return Day(s / secondsOfDay)
}

// ParseDay reads what String writes.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, err
	}
	return DayOf(t), nil
}

const secondsOfDay = 24 * 60 * 60

// String is the day as 2006-01-02.
func (d Day) String() string { return d.begin().Format(time.DateOnly) }

func (d Day) begin() time.Time { return time.Unix(int64(d)*secondsOfDay, 0).UTC() }

func dayOfRecord(end, start dialog.Time) Day { return DayOf(max(end, start).Timestamp()) }

// Day files are calls-2006-01-02.db; SQLite puts -wal and -shm beside the one
// being written. A damaged one is renamed to calls-2006-01-02.db.damaged-1, one
// in whose place a backup came to calls-2006-01-02.db.replaced-1.
const (
	filePrefix    = "calls-"
	fileSuffix    = ".db"
	damagedSuffix = ".damaged-"
)

func dayPath(dir string, d Day) string {
	return filepath.Join(dir, filePrefix+d.String()+fileSuffix)
}

// dayFiles is what the folder holds of one day.
type dayFiles struct {
	day   Day
	db    bool // there is a file to read, not only damaged ones
	names []string
	bytes int64
}

// listDays lists the days in a folder, the oldest first. Names of others are
// passed over.
func listDays(dir string) ([]dayFiles, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	byDay := map[Day]*dayFiles{}
	for _, e := range entries {
		day, rest, ok := dayOfName(e.Name())
		info, err := e.Info()
		if !ok || err != nil || !info.Mode().IsRegular() {
			continue // another's, or just deleted
		}
		f := byDay[day]
		if f == nil {
			f = &dayFiles{day: day}
			byDay[day] = f
		}
		f.db = f.db || rest == fileSuffix
		f.names = append(f.names, e.Name())
		f.bytes += info.Size()
	}
	var list []dayFiles
	for _, f := range byDay {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b dayFiles) int { return cmp.Compare(a.day, b.day) })
	return list, nil
}

// dayOfName takes the day out of a file's name, and what follows it.
func dayOfName(name string) (d Day, rest string, ok bool) {
	text, found := strings.CutPrefix(name, filePrefix)
	if !found || len(text) < len(time.DateOnly) {
		return 0, "", false
	}
	rest = text[len(time.DateOnly):]
	d, err := ParseDay(text[:len(time.DateOnly)])
	switch {
	case err != nil:
		return 0, "", false
	case rest == fileSuffix, rest == fileSuffix+"-wal", rest == fileSuffix+"-shm", strings.HasPrefix(rest, fileSuffix+damagedSuffix), strings.HasPrefix(rest, fileSuffix+replacedSuffix):
		return d, rest, true
	}
	return 0, "", false
}
