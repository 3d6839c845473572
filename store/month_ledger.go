package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// reportPrefix begins the keys of meta that say which reports were made.
const reportPrefix = "report "

// ReportsMade returns when each report was made, by its key: what a schedule
// has done before the probe was restarted.
func (r *CasesReader) ReportsMade(ctx context.Context) (map[string]time.Time, error) {
	rows, err := r.read.QueryContext(ctx, "SELECT key, value FROM meta WHERE key >= ? AND key < ?", reportPrefix, reportPrefix+"\uffff")
	if err != nil {
		return nil, r.wrap(err)
	}
	defer rows.Close()
	made := map[string]time.Time{}
	for rows.Next() {
		var key string
		var at int64
		if err := rows.Scan(&key, &at); err != nil {
			return nil, r.wrap(err)
		}
		made[strings.TrimPrefix(key, reportPrefix)] = time.Unix(0, at).UTC()
	}
	return made, r.wrap(rows.Err())
}

// ReportMade keeps that reports were made, and forgets others: those that
// nothing will ask for again.
func (c *Cases) ReportMade(at time.Time, made, forget []string) error {
	err := c.change(func(ctx context.Context, tx *sql.Tx) error {
		for _, key := range made {
			if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES (?,?)", reportPrefix+key, at.UnixNano()); err != nil {
				return err
			}
		}
		for _, key := range forget {
			if _, err := tx.ExecContext(ctx, "DELETE FROM meta WHERE key = ?", reportPrefix+key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot keep which reports were made: %w", err)
	}
	return nil
}
