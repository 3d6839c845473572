package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"earshot/alerting"
)

// stateAt is the key of meta that holds when the alerts and faults were.
const stateAt = "state_at"

// SaveState keeps the alerts and faults as they were at a packet time (ns since
// 1970), in the place of what was kept of an earlier one. What is as it was is
// not written again.
func (c *Cases) SaveState(at int64, alerts []alerting.Alert, faults []alerting.Fault) error {
	err := c.change(func(ctx context.Context, tx *sql.Tx) error {
		err := putList(ctx, tx, "alerts", "fingerprint", len(alerts), func(i int) (string, any) { return alerts[i].Fingerprint.String(), &alerts[i] })
		if err == nil {
			err = putList(ctx, tx, "faults", "id", len(faults), func(i int) (string, any) { return string(faults[i].ID), &faults[i] })
		}
		if err == nil {
			_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES (?,?)", stateAt, at)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("cannot keep the alerts: %w", err)
	}
	return nil
}

// putList makes a table hold just these, in their order.
func putList(ctx context.Context, tx *sql.Tx, table, name string, n int, get func(int) (string, any)) error {
	put, err := tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %[1]s VALUES (?,?,?) ON CONFLICT DO UPDATE SET %[2]s = excluded.%[2]s, body = excluded.body WHERE body <> excluded.body", table, name))
	if err != nil {
		return err
	}
	defer put.Close()
	for i := range n {
		id, v := get(i)
		body, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("%s %q: %w", table, id, err)
		}
		if _, err := put.ExecContext(ctx, i, id, string(body)); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE place >= ?", n)
	return err
}

// LoadState returns what SaveState kept last, and the time of it; 0 where
// nothing was.
func (c *Cases) LoadState() (at int64, alerts []alerting.Alert, faults []alerting.Fault, err error) {
	ctx := context.Background()
	err = c.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", stateAt).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil, nil
	}
	var a []*alerting.Alert
	var f []*alerting.Fault
	if err == nil {
		a, err = collect[alerting.Alert](ctx, c.read, "SELECT body FROM alerts ORDER BY place")
	}
	if err == nil {
		f, err = collect[alerting.Fault](ctx, c.read, "SELECT body FROM faults ORDER BY place")
	}
	if err != nil {
		return 0, nil, nil, fmt.Errorf("cannot read the alerts in %q: %w", c.dir, err)
	}
	for _, one := range a {
		alerts = append(alerts, *one)
	}
	for _, one := range f {
		faults = append(faults, *one)
	}
	return at, alerts, faults, nil
}
