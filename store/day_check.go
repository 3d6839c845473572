package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Checked is what was found of a day's file.
type Checked struct {
	Day     Day
	Records int64
	Bytes   int64 // with its log
	Err     error // nil: it is whole
}

// Check looks at every page of every file, and that what belongs together is
// there. It takes a while: about as long as reading the files.
func (r *Reader) Check(ctx context.Context, report func(Checked)) error {
	files, err := listDays(r.dir)
	if err != nil {
		return fmt.Errorf("cannot read the store: %w", err)
	}
	for i := range files {
		if !files[i].db {
			continue
		}
		c := Checked{Day: files[i].day, Bytes: files[i].bytes}
		c.Records, c.Err = checkRecords(ctx, dayPath(r.dir, c.Day))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(c)
	}
	return nil
}

// checkRecords checks a file of records, wherever it lies.
func checkRecords(ctx context.Context, path string) (records int64, err error) {
	db, _, err := openRecords(ctx, path)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return 0, err
	}
	if verdict != "ok" {
		return 0, fmt.Errorf("%w: %s", errBroken, verdict)
	}
	var bodies int64
	err = db.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM records r JOIN bodies b ON b.n = r.n)").Scan(&records, &bodies)
	if err == nil && bodies != records {
		err = fmt.Errorf("%w: %d records have %d bodies", errBroken, records, bodies)
	}
	return records, err
}

var errBroken = errors.New("the file is damaged")

// Backup copies every day, and the hold file, into another folder, each as it
// is at one instant, also while a Store writes. Copies of an earlier time are
// replaced when the new ones are whole.
func (r *Reader) Backup(ctx context.Context, dir string, report func(Day)) error {
	to, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if to == r.dir {
		return fmt.Errorf("cannot back up %q into itself", dir)
	}
	if err := os.MkdirAll(to, 0o750); err != nil {
		return err
	}
	days, err := r.Days()
	if err != nil {
		return fmt.Errorf("cannot read the store: %w", err)
	}
	for _, d := range days {
		err := r.backupDay(ctx, d, to)
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return fmt.Errorf("cannot back up the records of %s: %w", d, err)
		}
		report(d)
	}
	err = copyFile(filepath.Join(r.dir, HoldFile), filepath.Join(to, HoldFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (r *Reader) backupDay(ctx context.Context, d Day, dir string) error {
	db, _, err := r.openDay(ctx, d)
	if err != nil {
		return err
	}
	defer db.Close()
	return copyDatabase(ctx, db, dayPath(dir, d))
}

// copyDatabase copies a database as it is at one instant, in the place of what
// is there.
func copyDatabase(ctx context.Context, db *sql.DB, to string) error {
	part := to + ".part"
	// SQLite writes into an empty file, which has the mode that is wanted.
	if err := os.WriteFile(part, nil, 0o640); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, "VACUUM INTO ?", part)
	if err == nil {
		err = syncFile(part)
	}
	if err != nil {
		_ = os.Remove(part) // the first error tells
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// syncFile brings a file to the disk.
func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
