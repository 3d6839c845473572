package store

import (
	"context"
	"fmt"

	"earshot/alerting/outbox"
)

// checkTickets reads every ticket, and holds its columns to it.
func (r *CasesReader) checkTickets(ctx context.Context) error {
	rows, err := r.read.QueryContext(ctx, `SELECT id, destination, coalesce("case", 0), key, state, version, body FROM tickets`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c outbox.Ticket // as its columns are
		var body []byte
		if err := rows.Scan(&c.ID, &c.Destination, &c.Case, &c.Key, &c.State, &c.Version, &body); err != nil {
			return err
		}
		t, err := decode[outbox.Ticket](body)
		if err != nil {
			return fmt.Errorf("ticket %d: %w", c.ID, err)
		}
		if t.ID != c.ID || t.Destination != c.Destination || t.Case != c.Case || t.Key != c.Key || t.State != c.State || t.Version != c.Version {
			return fmt.Errorf("ticket %d: %w: its columns do not agree with it", c.ID, errBroken)
		}
	}
	return rows.Err()
}
