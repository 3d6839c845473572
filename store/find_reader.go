package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// Reader finds records. It opens files as it needs them and changes none, so
// any number may look while a Store writes. One goroutine uses one Reader.
type Reader struct {
	dir  string
	zstd *zstd.Decoder
}

// OpenReader returns a reader of a folder that a Store has made.
func OpenReader(dir string) (*Reader, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.ReadDir(abs); err != nil {
		return nil, fmt.Errorf("cannot read the store: %w", err)
	}
	z, err := newUnpacker()
	return &Reader{abs, z}, err
}

// Close frees what the reader holds.
func (r *Reader) Close() { r.zstd.Close() }

// Days lists the days that have a file, the oldest first.
func (r *Reader) Days() ([]Day, error) {
	files, err := listDays(r.dir)
	var days []Day
	for i := range files {
		if files[i].db {
			days = append(days, files[i].day)
		}
	}
	return days, err
}

// errEnough ends a search whose limit is reached.
var errEnough = errors.New("store: enough")

// Find gives what a query wants to take, the newest or the oldest first: in the
// order in which records were written, which is that of their ends within seconds. It
// ends with ctx's error where that is done first, and with take's where it
// returns one. A day that cannot be read does not hide the others; the error
// then names it at the end.
func (r *Reader) Find(ctx context.Context, q *Query, take func(*Found) error) error {
	if err := q.Check(); err != nil {
		return err
	}
	days, err := r.Days()
	if err != nil {
		return fmt.Errorf("cannot read the store: %w", err)
	}
	left := q.Limit
	var unread []error
	if !q.Oldest {
		slices.Reverse(days)
	}
	for _, d := range days {
		if !q.reaches(d) {
			continue
		}
		err := r.findIn(ctx, d, q, left, func(f *Found) error {
			if err := take(f); err != nil {
				return stopped{err}
			}
			if left--; left == 0 {
				return errEnough
			}
			return nil
		})
		var stop stopped
		switch {
		case errors.Is(err, errEnough):
			return errors.Join(unread...)
		case errors.As(err, &stop):
			return stop.error
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, os.ErrNotExist): // deleted meanwhile
		case err != nil:
			unread = append(unread, fmt.Errorf("cannot read the records of %s: %w", d, err))
		}
	}
	return errors.Join(unread...)
}

// stopped is an error of whoever takes what is found.
type stopped struct{ error }

func (r *Reader) findIn(ctx context.Context, d Day, q *Query, limit int, take func(*Found) error) error {
	db, format, err := r.openDay(ctx, d)
	if err != nil {
		return err
	}
	defer db.Close()
	if q.Tenant != "" && format.version < versionOfTenants {
		return nil // they have none
	}
	p := q.plan(d, format)
	if format.version >= versionOfBatches && !(q.After.IsZero() && q.Before.IsZero()) {
		first, last, some, err := startedWithin(ctx, db, q.After, q.Before)
		if err != nil || !some {
			return err
		}
		p.between(first, last)
	}
	text, args := p.sql(q.Oldest, limit)
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var body sql.RawBytes
	var lines []byte
	for rows.Next() {
		f := Found{Cursor: Cursor{Day: d}}
		if err := rows.Scan(&f.Cursor.N, &body); err != nil {
			return err
		}
		if lines, err = r.zstd.DecodeAll(body, lines[:0]); err != nil {
			return fmt.Errorf("record %s: %w", f.Cursor, err)
		}
		f.Lines = string(lines)
		if ok, err := p.agrees(&f); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		if err := take(&f); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (p *plan) agrees(f *Found) (bool, error) {
	if p.check == nil {
		return true, nil
	}
	rec, err := f.Record()
	return err == nil && p.check(rec), err
}

// dayFormat is what a file of records knows.
type dayFormat struct {
	version int
	quality bool // every row has its words of quality
}

// openDay opens a day's file for reading.
func (r *Reader) openDay(ctx context.Context, d Day) (*sql.DB, dayFormat, error) {
	return openRecords(ctx, dayPath(r.dir, d))
}

// openRecords opens a file of records for reading, of any version.
func openRecords(ctx context.Context, path string) (_ *sql.DB, f dayFormat, _ error) {
	if _, err := os.Stat(path); err != nil {
		return nil, f, err
	}
	db, err := sql.Open("sqlite", dsn(path, "ro", "busy_timeout(5000)", "cache_size(-16384)"))
	if err != nil {
		return nil, f, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err == nil {
		f, err = formatOf(ctx, conn, path)
		err = errors.Join(err, conn.Close())
	}
	if err != nil {
		_ = db.Close() // the first error tells
		return nil, f, err
	}
	return db, f, nil
}

func formatOf(ctx context.Context, conn *sql.Conn, path string) (f dayFormat, err error) {
	f.version, err = daySchema.versionOf(ctx, conn, path)
	if err == nil && f.version == 0 {
		err = fmt.Errorf("%q is empty: its making was interrupted; the next start of the probe goes on with it", path)
	}
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT count(*) FROM meta WHERE key = 'quality'").Scan(&f.quality)
	}
	return f, err
}
