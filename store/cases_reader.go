package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"earshot/alerting"
)

// ErrNoCases says that a folder holds no file of cases.
var ErrNoCases = errors.New("store: no cases are kept there")

// ErrNoCase says that no case has the number.
var ErrNoCase = errors.New("store: no case has this number")

// CasesReader finds cases and what was audited. It changes nothing; any number
// of goroutines may use it while a Cases writes, in this process or another.
type CasesReader struct {
	path string
	read *sql.DB
}

// readersAtOnce bounds the questions that are answered at a time; more wait.
const readersAtOnce = 4

// OpenCasesReader opens the cases of a folder for reading. Where there are none
// the error is ErrNoCases.
func OpenCasesReader(dir string) (*CasesReader, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, CasesFile)
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w: %q", ErrNoCases, dir)
		}
		return nil, fmt.Errorf("cannot read the cases: %w", err)
	}
	return readCases(path)
}

func readCases(path string) (*CasesReader, error) {
	db, err := sql.Open("sqlite", dsn(path, "ro", "busy_timeout(5000)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readersAtOnce)
	r := &CasesReader{path, db}
	if err := r.check(context.Background()); err != nil {
		_ = db.Close() // the first error tells
		return nil, err
	}
	return r, nil
}

func (r *CasesReader) check(ctx context.Context) error {
	conn, err := r.read.Conn(ctx)
	if err != nil {
		return fmt.Errorf("cannot read %q: %w", r.path, err)
	}
	defer conn.Close()
	version, err := casesSchema.versionOf(ctx, conn, r.path)
	if err == nil && version < len(casesSchema.versions) {
		err = fmt.Errorf("%q is of version %d; start the probe, which brings it to %d", r.path, version, len(casesSchema.versions))
	}
	return err
}

// Close frees what the reader holds.
func (r *CasesReader) Close() error { return r.read.Close() }

// Find returns the cases that a query wants, the newest number first, without
// their clocks.
func (r *CasesReader) Find(ctx context.Context, q *CaseQuery) ([]*alerting.Case, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	question, args := q.sql()
	list, err := collect[alerting.Case](ctx, r.read, question, args...)
	return list, r.wrap(err)
}

// Case returns one case, without its clocks; ErrNoCase where there is none.
func (r *CasesReader) Case(ctx context.Context, number int) (*alerting.Case, error) {
	list, err := collect[alerting.Case](ctx, r.read, "SELECT body FROM case_bodies WHERE number = ?", number)
	if err == nil && len(list) == 0 {
		return nil, fmt.Errorf("%w: %d", ErrNoCase, number)
	}
	if err != nil {
		return nil, r.wrap(err)
	}
	return list[0], nil
}

// Changes returns changes of the network, the latest number first.
func (r *CasesReader) Changes(ctx context.Context, q *ChangeQuery) ([]*alerting.NetworkChange, error) {
	question, args := q.sql()
	list, err := collect[alerting.NetworkChange](ctx, r.read, question, args...)
	return list, r.wrap(err)
}

// Audit returns entries of the audit log, the latest first.
func (r *CasesReader) Audit(ctx context.Context, q *AuditQuery) ([]alerting.AuditEntry, error) {
	question, args := q.sql()
	rows, err := r.read.QueryContext(ctx, question, args...)
	if err != nil {
		return nil, r.wrap(err)
	}
	defer rows.Close()
	var list []alerting.AuditEntry
	for rows.Next() {
		var e alerting.AuditEntry
		var at int64
		if err := rows.Scan(&e.Seq, &at, &e.Who, &e.What, &e.Case, &e.Detail); err != nil {
			return nil, r.wrap(err)
		}
		e.At = time.Unix(0, at).UTC()
		list = append(list, e)
	}
	return list, r.wrap(rows.Err())
}

func (r *CasesReader) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot read %q: %w", r.path, err)
}

// collect decodes the bodies that a question gives.
func collect[T any](ctx context.Context, db *sql.DB, question string, args ...any) ([]*T, error) {
	rows, err := db.QueryContext(ctx, question, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*T
	var body sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&body); err != nil {
			return nil, err
		}
		v, err := decode[T](body)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
