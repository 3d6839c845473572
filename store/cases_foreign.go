package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"earshot/alerting"
)

// foreignLately is for how long an ended alert of another system is told to a
// desk: other members of the cluster may still speak of it.
const foreignLately = 24 * time.Hour

// putForeign keeps an alert of another system as it is now. One that has ended
// does not fire again: that would be another one.
func putForeign(ctx context.Context, tx *sql.Tx, a *alerting.ForeignAlert) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO foreign_alerts VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET
		ends = excluded.ends, "case" = excluded."case", body = excluded.body WHERE ends IS NULL`,
		a.Source, a.Fingerprint, instant(a.Starts), instantOrNull(a.Ends), numberOrNull(a.Case), string(body))
	return err
}

// numberOrNull is the number of a case, NULL for none.
func numberOrNull(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// loadForeign returns the alerts of other systems that fire, and those that
// ended lately.
func (c *Cases) loadForeign(ctx context.Context, now time.Time) ([]*alerting.ForeignAlert, error) {
	return collect[alerting.ForeignAlert](ctx, c.read, "SELECT body FROM foreign_alerts WHERE ends IS NULL OR ends >= ? ORDER BY starts, source, fingerprint",
		now.Add(-foreignLately).UnixNano())
}
