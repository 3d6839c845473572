package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"earshot/alerting"
)

// What a desk is told of the past: plans reopen within 30 days unless they say
// otherwise, and the question of what has changed looks back a month.
const (
	closedLately  = 92 * 24 * time.Hour
	changedLately = 92 * 24 * time.Hour
	mostLately    = 10_000 // closed cases, and changes: the latest
)

// knownCases are the numbers of the cases that a desk begins with.
const knownCases = `SELECT number FROM cases WHERE status <> 'closed'
	UNION SELECT number FROM (SELECT number FROM cases WHERE status = 'closed' AND closed >= ? ORDER BY closed DESC LIMIT ?)`

// Load returns what a desk begins with: every open case, those closed in the
// last three months, the changes of that time, and the next numbers.
func (c *Cases) Load(now time.Time) (*alerting.Memory, error) {
	ctx := context.Background()
	m := &alerting.Memory{NextCase: 1, NextChange: 1, NextAudit: 1}
	var err error
	m.Cases, err = collect[alerting.Case](ctx, c.read, "SELECT body FROM case_bodies WHERE number IN ("+knownCases+") ORDER BY number",
		now.Add(-closedLately).UnixNano(), mostLately)
	if err == nil {
		m.Changes, err = collect[alerting.NetworkChange](ctx, c.read, "SELECT body FROM (SELECT id, body FROM changes WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?) ORDER BY id",
			now.Add(-changedLately).UnixNano(), mostLately)
	}
	if err == nil {
		m.Foreign, err = c.loadForeign(ctx, now)
	}
	if err == nil {
		err = c.nextNumbers(ctx, m)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the cases in %q: %w", c.dir, err)
	}
	return m, nil
}

func (c *Cases) nextNumbers(ctx context.Context, m *alerting.Memory) error {
	rows, err := c.read.QueryContext(ctx, "SELECT key, value FROM meta WHERE key IN (?,?,?)", nextCase, nextChange, nextAudit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var n int64
		if err := rows.Scan(&key, &n); err != nil {
			return err
		}
		switch key {
		case nextCase:
			m.NextCase = int(n)
		case nextChange:
			m.NextChange = n
		case nextAudit:
			m.NextAudit = n
		}
	}
	return rows.Err()
}

// decode reads a body.
func decode[T any](body []byte) (*T, error) {
	v := new(T)
	if err := json.Unmarshal(body, v); err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	return v, nil
}
