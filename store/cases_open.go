package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// CasesFile is the name of the file in the folder that holds cases, changes,
// the audit log, and the alerts and faults of the last moment.
const CasesFile = "cases.db"

// Cases keeps cases. One goroutine commits and sweeps; what it has from its
// CasesReader may be called by any, at any time.
type Cases struct {
	*CasesReader
	dir  string
	lock *os.File
	db   *sql.DB
	conn *sql.Conn
}

// logOctets is what the log is cut to when it has been put back into the file.
const logOctets = 8 << 20

// OpenCases opens the folder's cases for writing, makes the folder and the file
// where there are none, and brings the file to the newest version. Nobody else
// may be writing there: the error is then ErrInUse. What was interrupted, by
// whatever, is put right by SQLite's log.
func OpenCases(dir string, now time.Time) (_ *Cases, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot keep cases: %w", err)
	}
	c := &Cases{dir: dir}
	if c.lock, err = lockFolder(dir, casesLock); err != nil {
		return nil, fmt.Errorf("cannot open the cases in %q: %w", dir, err)
	}
	defer func() {
		if err != nil {
			_ = c.Close() // the first error tells
		}
	}()
	if err := c.open(context.Background(), now); err != nil {
		if damaged(err) {
			err = fmt.Errorf("%w; the file %q is damaged: put a backup in its place with \"earshot store restore\", or move it away to begin without cases", err, CasesFile)
		}
		return nil, fmt.Errorf("cannot open the cases in %q: %w", dir, err)
	}
	c.CasesReader, err = OpenCasesReader(dir)
	return c, err
}

// open opens the file. FULL: an accepted case is on the disk before anybody is
// told, so that it survives a loss of power too. What is deleted is overwritten:
// a case that was deleted by request must not be found in the file.
func (c *Cases) open(ctx context.Context, now time.Time) error {
	path := filepath.Join(c.dir, CasesFile)
	if err := makeFile(path); err != nil {
		return err
	}
	var err error
	c.db, err = sql.Open("sqlite", dsn(path, "rw", "busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)",
		"foreign_keys(ON)", fmt.Sprintf("journal_size_limit(%d)", logOctets)))
	if err != nil {
		return err
	}
	if c.conn, err = c.db.Conn(ctx); err != nil {
		return err
	}
	if err := casesSchema.migrate(ctx, c.conn, path); err != nil {
		return err
	}
	_, err = c.conn.ExecContext(ctx, "INSERT OR IGNORE INTO meta VALUES ('made', ?)", now.UnixNano())
	return err
}

// makeFile makes an empty file where there is none, whose name survives a loss
// of power. Files name people: they are not readable for everybody.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), syncFolder(filepath.Dir(path)))
}

// syncFolder brings the names in a folder to the disk.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Close puts the log back into the file, so that it can be copied and read
// anywhere, and closes it. Where somebody is reading the log stays beside it.
func (c *Cases) Close() error {
	var errs []error
	if c.CasesReader != nil {
		errs = append(errs, c.CasesReader.Close())
	}
	if c.conn != nil {
		ctx := context.Background()
		_, _ = c.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // busy: somebody reads
		_, _ = c.conn.ExecContext(ctx, "PRAGMA journal_mode(DELETE)")
		errs = append(errs, c.conn.Close())
	}
	if c.db != nil {
		errs = append(errs, c.db.Close())
	}
	return errors.Join(append(errs, c.lock.Close())...)
}

// change does what do does in one transaction: all of it, or with an error none.
func (c *Cases) change(do func(context.Context, *sql.Tx) error) error {
	ctx := context.Background()
	tx, err := c.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		_ = tx.Rollback() // the first error tells
		return err
	}
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback() // the first error tells
		return err
	}
	return nil
}
