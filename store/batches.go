package store

import (
	"context"
	"database/sql"
	"math"
	"time"
)

// versionOfBatches is the first version of a day's file that has sums.
const versionOfBatches = 2

// batchRows is how many records in a row are summed up by when they started:
// a million have five hundred sums, which a question for a time looks at first.
const batchRows = 2000

// batchSum is what the next rows are summed up into: those from first on.
type batchSum struct{ first, rows int64 }

// sum puts when rows started, which begin at n, into their batch's sum.
func (b batchSum) sum(ctx context.Context, tx *sql.Tx, n int64, rows []row) (batchSum, error) {
	if b.rows == 0 || b.rows >= batchRows {
		b = batchSum{first: n}
	}
	b.rows += int64(len(rows))
	least, most := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range rows {
		least, most = min(least, int64(rows[i].start)), max(most, int64(rows[i].start))
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO batches VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET last = excluded.last,
		start_min = min(start_min, excluded.start_min), start_max = max(start_max, excluded.start_max)`, b.first, n+int64(len(rows))-1, least, most)
	return b, err
}

// startedWithin returns between which rows all lie that started at or after one time
// and before another; none where no row did.
func startedWithin(ctx context.Context, db *sql.DB, after, before time.Time) (first, last int64, some bool, err error) {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !after.IsZero() {
		from = after.UnixNano()
	}
	if !before.IsZero() {
		to = before.UnixNano()
	}
	var least, most sql.NullInt64
	err = db.QueryRowContext(ctx, "SELECT min(first), max(last) FROM batches WHERE start_max >= ? AND start_min < ?", from, to).Scan(&least, &most)
	return least.Int64, most.Int64, least.Valid, err
}
