package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"earshot/alerting"
)

// CheckedCases is what was found of the file of cases.
type CheckedCases struct {
	Cases, Open    int64
	Changes, Audit int64 // entries
	Bytes          int64 // with its log
}

// Check looks at every page of the file and reads every case and every ticket.
func (r *CasesReader) Check(ctx context.Context) (c CheckedCases, err error) {
	c.Bytes = fileOctets(r.path)
	var verdict string
	if err := r.read.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return c, r.wrap(err)
	}
	if verdict != "ok" {
		return c, fmt.Errorf("%w: %s", errBroken, verdict)
	}
	err = r.read.QueryRowContext(ctx, "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM cases WHERE status <> 'closed'), (SELECT count(*) FROM changes), (SELECT count(*) FROM audit)").
		Scan(&c.Cases, &c.Open, &c.Changes, &c.Audit)
	if err != nil {
		return c, r.wrap(err)
	}
	if err := r.checkBodies(ctx, c.Cases); err != nil {
		return c, r.wrap(err)
	}
	return c, r.wrap(r.checkTickets(ctx))
}

// checkCases checks a file of cases, wherever it lies.
func checkCases(ctx context.Context, path string) error {
	r, err := readCases(path)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = r.Check(ctx)
	return err
}

// checkBodies reads every case, and holds its columns to it.
func (r *CasesReader) checkBodies(ctx context.Context, want int64) error {
	rows, err := r.read.QueryContext(ctx, "SELECT number, status, modified, body FROM cases JOIN case_bodies USING (number)")
	if err != nil {
		return err
	}
	defer rows.Close()
	var got int64
	for rows.Next() {
		var number int
		var status string
		var modified int64
		var body []byte
		if err := rows.Scan(&number, &status, &modified, &body); err != nil {
			return err
		}
		one, err := decode[alerting.Case](body)
		if err != nil {
			return fmt.Errorf("case %d: %w", number, err)
		}
		if one.Number != number || string(one.Status) != status || instant(one.Modified) != modified {
			return fmt.Errorf("case %d: %w: its columns do not agree with it", number, errBroken)
		}
		got++
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w: %d cases have %d bodies", errBroken, want, got)
	}
	return nil
}

// Backup copies the file into another folder, as it is at one instant, also
// while a Cases writes. A copy of an earlier time is replaced when the new one
// is whole.
func (r *CasesReader) Backup(ctx context.Context, dir string) error {
	to, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if to == filepath.Dir(r.path) {
		return fmt.Errorf("cannot back up %q into itself", dir)
	}
	if err := os.MkdirAll(to, 0o750); err != nil {
		return err
	}
	if err := copyDatabase(ctx, r.read, filepath.Join(to, CasesFile)); err != nil {
		return fmt.Errorf("cannot back up the cases: %w", err)
	}
	return nil
}
