package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var errForeign = errors.New("no file")

// dayWriter is the open file of one day. Only the Store calls it.
type dayWriter struct {
	day    Day
	path   string
	db     *sql.DB
	conn   *sql.Conn
	insert [3]*sql.Stmt // records, bodies, words
	next   int64        // n of the next record
	batch  batchSum
	used   uint64 // when it was last written, for choosing what to close
}

// walPages is after how many pages the log is put back into the file: at the
// default of 1,000 a batch of records writes the same pages over and over.
const walPages = 4000

// openDay opens a day's file for writing, and makes it where there is none.
func openDay(dir string, d Day) (_ *dayWriter, err error) {
	w := &dayWriter{day: d, path: dayPath(dir, d)}
	// SQLite gives the log the mode of the file. Records name people.
	f, err := os.OpenFile(w.path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// NORMAL: a commit survives the process, and a lost power the file.
	w.db, err = sql.Open("sqlite", dsn(w.path, "rw", "busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)",
		"cache_size(-32768)", "temp_store(MEMORY)", fmt.Sprintf("wal_autocheckpoint(%d)", walPages)))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = w.shut() // the first error tells
		}
	}()
	ctx := context.Background()
	if w.conn, err = w.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err := daySchema.migrate(ctx, w.conn, w.path); err != nil {
		return nil, err
	}
	if err := w.prepare(ctx); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *dayWriter) prepare(ctx context.Context) (err error) {
	for i, text := range [...]string{
		"INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		"INSERT INTO bodies VALUES (?,?)",
		"INSERT INTO words (rowid, word) VALUES (?,?)",
	} {
		if w.insert[i], err = w.conn.PrepareContext(ctx, text); err != nil {
			return err
		}
	}
	return w.conn.QueryRowContext(ctx, "SELECT max((SELECT coalesce(max(n), 0) + 1 FROM records), coalesce((SELECT value FROM meta WHERE key = ?), 1))", metaNext).Scan(&w.next)
}

// write puts rows into the file, all or none.
func (w *dayWriter) write(rows []row) error {
	ctx := context.Background()
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	n := w.next
	for i := range rows {
		if err := w.one(ctx, n, &rows[i]); err != nil {
			_ = tx.Rollback() // the first error tells
			return err
		}
		n++
	}
	batch, err := w.batch.sum(ctx, tx, w.next, rows)
	if err == nil {
		err = countTenants(ctx, tx, rows)
	}
	if err != nil {
		_ = tx.Rollback() // the first error tells
		return err
	}
	if err := tx.Commit(); err != nil {
		_ = tx.Rollback() // the first error tells
		return err
	}
	w.next, w.batch = n, batch
	return nil
}

func (w *dayWriter) one(ctx context.Context, n int64, r *row) error {
	_, err := w.insert[0].ExecContext(ctx, n, r.kind, r.id, int64(r.start), int64(r.end), r.disposition, r.status, r.mos, r.loss,
		r.caller, r.callee, r.findings, r.segments[0], r.segments[1], r.peers[0], r.peers[1], r.tenants[0], r.tenants[1])
	if err != nil {
		return err
	}
	if _, err := w.insert[1].ExecContext(ctx, n, r.body); err != nil {
		return err
	}
	_, err = w.insert[2].ExecContext(ctx, n, r.words)
	return err
}

// seal puts the log back into the file, so that the day is one file that can be
// read from anywhere, and closes it. Where somebody is reading, the log stays.
func (w *dayWriter) seal() error {
	ctx := context.Background()
	_, _ = w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // busy: somebody reads
	_, _ = w.conn.ExecContext(ctx, "PRAGMA journal_mode(DELETE)")
	return w.shut()
}

func (w *dayWriter) shut() error {
	var errs []error
	for _, s := range w.insert {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	return errors.Join(append(errs, w.db.Close())...)
}

// dsn names a file, by its absolute path, to the driver.
func dsn(path, mode string, pragmas ...string) string {
	q := url.Values{"mode": {mode}, "_pragma": pragmas, "_txlock": {"immediate"}}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// damaged reports an error that says the file itself is broken.
func damaged(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) {
		code := e.Code() & 0xff
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	return errors.Is(err, errForeign)
}

// moveAside renames a file and its log, and returns the new name.
func moveAside(path, suffix string) (string, error) {
	for i := 1; ; i++ {
		to := fmt.Sprintf("%s%s%d", path, suffix, i)
		if _, err := os.Lstat(to); err == nil {
			continue
		}
		if err := os.Rename(path, to); err != nil {
			return "", err
		}
		_ = os.Rename(path+"-wal", to+"-wal") // there may be none
		_ = os.Remove(path + "-shm")          // made anew from the log
		return to, nil
	}
}
