package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"earshot/dialog"
)

// thinAtOnce is how many records of a day one sweep looks at: with their words
// taken out of the index they take a fifth of a second, and writers wait for it.
const thinAtOnce = 2000

// metaNext is the key of meta that holds the next n of a file from which
// records were deleted: an n is given once.
const metaNext = "next"

// thinning is how far the day has been gone through whose records are thinned.
type thinning struct {
	day   Day
	after int64
	zstd  *zstd.Decoder
}

// thin deletes records of tenants whose time is over from days that hold
// others' too, a few at a time; days that hold nothing else are deleted.
func (b *budget) thin(now time.Time) error {
	s := b.store
	if len(s.cfg.Tenants) == 0 && len(b.held.tenants) == 0 || b.held.all {
		return nil
	}
	for i := range b.days {
		d := &b.days[i]
		if !d.db || b.held.keeps(d.day) {
			continue
		}
		pairs, err := s.tenantsOn(d)
		if errors.Is(err, errForeign) || damaged(err) {
			continue // Check and writing tell of it
		}
		if err != nil {
			return err
		}
		var over []tenantPair
		for _, p := range pairs {
			if s.isOver(p, d.day, now, &b.held) {
				over = append(over, p)
			}
		}
		switch {
		case len(over) == 0:
			continue
		case len(over) == len(pairs) && d.day < b.today:
			return b.drop(i, "nobody's time for them goes on")
		}
		return s.thinDay(d.day, over)
	}
	return nil
}

// thinDay goes on with a day.
func (s *Store) thinDay(d Day, over []tenantPair) (err error) {
	if s.thins.zstd == nil {
		if s.thins.zstd, err = newUnpacker(); err != nil {
			return err
		}
	}
	if s.thins.day != d {
		s.thins.day, s.thins.after = d, 0
	}
	w, err := s.dayWriter(d)
	if err != nil {
		return err
	}
	deleted, err := w.thin(over, s.thins.after, s.words, s.thins.zstd)
	if err != nil {
		return fmt.Errorf("cannot delete records of tenants from %s: %w", d, err)
	}
	s.stats.Thinned += uint64(deleted)
	if s.thins.after += thinAtOnce; s.thins.after >= w.next {
		s.thins.after = 0
	}
	delete(s.seen, d)
	return nil
}

// thin deletes those records after n that are of these tenants, and their words.
// What is deleted is overwritten.
func (w *dayWriter) thin(over []tenantPair, after int64, words *wordList, z *zstd.Decoder) (deleted int, err error) {
	ctx := context.Background()
	if _, err := w.conn.ExecContext(ctx, "PRAGMA secure_delete = ON"); err != nil {
		return 0, err
	}
	defer func() { _, _ = w.conn.ExecContext(ctx, "PRAGMA secure_delete = OFF") }() // it costs writing
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	rows, err := thinRows(ctx, tx, over, after, z)
	for i := 0; err == nil && i < len(rows); i++ {
		err = rows[i].delete(ctx, tx, words)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO meta VALUES (?,?)", metaNext, w.next)
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		_ = tx.Rollback() // the first error tells
		return 0, err
	}
	return len(rows), nil
}

// thinRow is a row that goes.
type thinRow struct {
	n int64
	row
	rec dialog.Record // nil: it cannot be read
}

func thinRows(ctx context.Context, tx *sql.Tx, over []tenantPair, after int64, z *zstd.Decoder) ([]thinRow, error) {
	args := []any{after, after + thinAtOnce}
	for _, p := range over {
		args = append(args, p[0], p[1])
	}
	rows, err := tx.QueryContext(ctx, `SELECT r.n, r.id, r.disposition, r.final_status, r.mos_worst, r.loss, r.segment_from_caller, r.segment_from_callee, r.peer_from, r.peer_to, r.tenant_from_caller, r.tenant_from_callee, b.body
		FROM records r JOIN bodies b ON b.n = r.n WHERE r.n > ? AND r.n <= ? AND (r.tenant_from_caller, r.tenant_from_callee) IN (VALUES (?,?)`+strings.Repeat(",(?,?)", len(over)-1)+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []thinRow
	for rows.Next() {
		var r thinRow
		var body sql.RawBytes
		if err := rows.Scan(&r.n, &r.id, &r.disposition, &r.status, &r.mos, &r.loss, &r.segments[0], &r.segments[1], &r.peers[0], &r.peers[1], &r.tenants[0], &r.tenants[1], &body); err != nil {
			return nil, err
		}
		if lines, err := z.DecodeAll(body, nil); err == nil {
			r.rec, _ = (&Found{Lines: string(lines)}).Record() // words of what cannot be read stay
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// delete takes the row out of every table. The index has no contents: it has to
// be told the words that it is to forget.
func (r *thinRow) delete(ctx context.Context, tx *sql.Tx, w *wordList) error {
	text := ""
	switch rec := r.rec.(type) {
	case *dialog.CallRecord:
		text = w.ofCall(rec, &r.row)
	case *dialog.StreamRecord:
		text = w.ofStream(rec, &r.row)
	}
	if text != "" {
		if _, err := tx.ExecContext(ctx, "INSERT INTO words (words, rowid, word) VALUES ('delete', ?, ?)", r.n, text); err != nil {
			return err
		}
	}
	for _, table := range []string{"records", "bodies"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE n = ?", r.n); err != nil {
			return err
		}
	}
	return addTenants(ctx, tx, r.tenants, -1)
}
