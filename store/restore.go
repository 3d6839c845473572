package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// replacedSuffix is put behind the name of a file in whose place another came.
const replacedSuffix = ".replaced-"

// Restore puts the files of a backup into a folder, which is made where it is
// not there: the days, the cases, their attachments and the hold file. It refuses a folder that a
// running probe writes to. All are copied and read to their end first, so a
// backup that is damaged changes nothing. What stands in the place of a file is
// not deleted but gets another name; days that the backup does not have stay.
// Numbers that cases, changes and audit entries got after the backup are not
// given again. report hears each file, and the other name of what it replaced.
func Restore(ctx context.Context, from, to string, report func(name, replaced string)) (err error) {
	r := restore{}
	if r.from, err = filepath.Abs(from); err != nil {
		return err
	}
	if r.to, err = filepath.Abs(to); err != nil {
		return err
	}
	if r.from == r.to {
		return fmt.Errorf("cannot restore %q from itself", to)
	}
	names, err := backedUp(r.from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.to, 0o750); err != nil {
		return fmt.Errorf("cannot restore into %q: %w", to, err)
	}
	for _, lock := range []string{recordsLock, casesLock} {
		f, err := lockFolder(r.to, lock)
		if err != nil {
			return fmt.Errorf("cannot restore into %q: %w; stop the probe first", to, err)
		}
		defer f.Close()
	}
	defer r.clean()
	for _, name := range names {
		if err := r.bring(ctx, name); err != nil {
			return fmt.Errorf("cannot restore %q: %w; nothing was replaced", filepath.Join(from, name), err)
		}
	}
	if _, err := CopyAttachments(ctx, r.from, r.to); err != nil {
		return fmt.Errorf("cannot restore from %q: %w; nothing was replaced", from, err)
	}
	for _, name := range names {
		replaced, err := r.replace(name)
		if err != nil {
			return fmt.Errorf("cannot put %q into its place: %w; restoring again goes on", name, err)
		}
		report(name, replaced)
	}
	return syncFolder(r.to)
}

// backedUp lists what a folder has to restore from.
func backedUp(dir string) (names []string, err error) {
	days, err := listDays(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read the backup: %w", err)
	}
	for i := range days {
		if days[i].db {
			names = append(names, filepath.Base(dayPath(dir, days[i].day)))
		}
	}
	for _, name := range []string{CasesFile, HoldFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%q holds no backup: it has neither files of calls (%s2006-01-02%s) nor %s", dir, filePrefix, fileSuffix, CasesFile)
	}
	return names, nil
}

// restore is one restoration.
type restore struct {
	from, to string
	parts    []string
}

// part is where a file is made ready.
func (r *restore) part(name string) string { return filepath.Join(r.to, name+".part") }

// clean removes what was made ready and not put into its place.
func (r *restore) clean() {
	for _, p := range r.parts {
		for _, end := range []string{"", "-wal", "-shm", "-journal"} {
			_ = os.Remove(p + end)
		}
	}
}

// bring copies a file and looks at the copy.
func (r *restore) bring(ctx context.Context, name string) error {
	part := r.part(name)
	r.parts = append(r.parts, part)
	// A folder that is no backup but a store may have a log beside the file.
	for _, end := range []string{"", "-wal"} {
		_ = os.Remove(part + end) // of an earlier try
		err := copyFile(filepath.Join(r.from, name+end), part+end)
		if err != nil && !(end != "" && errors.Is(err, os.ErrNotExist)) {
			return err
		}
	}
	switch name {
	case HoldFile:
		text, err := os.ReadFile(part)
		if err == nil {
			_, err = parseHold(string(text))
		}
		return err
	case CasesFile:
		return errors.Join(r.settle(ctx, casesSchema, part), r.keepNumbers(ctx, part), checkCases(ctx, part))
	}
	if err := r.settle(ctx, daySchema, part); err != nil {
		return err
	}
	_, err := checkRecords(ctx, part)
	return err
}

// settle puts a log back into its file, so that the file alone can be moved.
func (r *restore) settle(ctx context.Context, s *schema, path string) error {
	return withDatabase(ctx, path, func(c *sql.Conn) error {
		version, err := s.versionOf(ctx, c, path)
		if err == nil && version == 0 {
			err = fmt.Errorf("%w: it is empty", errBroken)
		}
		if err == nil {
			_, err = c.ExecContext(ctx, "PRAGMA journal_mode(DELETE)")
		}
		return err
	})
}

// keepNumbers carries the next numbers of the file that is replaced over to the
// new one, where that can be read.
func (r *restore) keepNumbers(ctx context.Context, part string) error {
	old := filepath.Join(r.to, CasesFile)
	if _, err := os.Stat(old); err != nil {
		return nil // there is none
	}
	next := map[string]int64{}
	err := withDatabase(ctx, old, func(c *sql.Conn) error {
		for _, key := range []string{nextCase, nextChange, nextAudit, nextTicket} {
			var n int64
			if err := c.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&n); err == nil {
				next[key] = n
			}
		}
		return nil
	})
	if err != nil || len(next) == 0 {
		return nil // it is damaged, which is why it is replaced
	}
	return withDatabase(ctx, part, func(c *sql.Conn) error {
		tx, err := c.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for key, n := range next {
			if err := atLeast(ctx, tx, key, n); err != nil {
				_ = tx.Rollback() // the first error tells
				return err
			}
		}
		return tx.Commit()
	})
}

// withDatabase opens a file for a moment.
func withDatabase(ctx context.Context, path string, do func(*sql.Conn) error) error {
	db, err := sql.Open("sqlite", dsn(path, "rw", "busy_timeout(5000)", "synchronous(FULL)"))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close())
}

// replace puts a file that is ready into its place.
func (r *restore) replace(name string) (replaced string, err error) {
	path := filepath.Join(r.to, name)
	if _, err := os.Lstat(path); err == nil {
		to, err := moveAside(path, replacedSuffix)
		if err != nil {
			return "", err
		}
		replaced = filepath.Base(to)
	}
	_ = os.Remove(path + "-wal") // a log without its file belongs to nothing
	_ = os.Remove(path + "-shm")
	part := r.part(name)
	if err := errors.Join(syncFile(part), os.Rename(part, path)); err != nil {
		return "", err
	}
	r.parts = slices.DeleteFunc(r.parts, func(p string) bool { return p == part })
	return replaced, nil
}

// copyFile copies a file's octets.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
