package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"earshot/dialog"
)

// TrendQuery asks how the calls of some days sounded.
type TrendQuery struct {
	// Bounds are where days begin, in order, and where the last one ends: a day
	// is one of whoever asks, in his time zone.
	Bounds []time.Time
	Tenant string              // only what passed its segments; "": everything
	Own    func(s string) bool // segments that are told of; nil: all
	Hurt   []string            // codes of findings that make a call impaired

	// A stream of no call has no findings: it is impaired below this MOS or
	// above this share of loss.
	MOSBelow, LossAbove float64
}

// Quality is how many calls and streams of no call there were, how many of them
// were impaired, and how they sounded.
type Quality struct {
	Units    int
	Impaired int
	Scores   Scores
}

// QualityTrend is the quality of each day, of all of them, and by segment. A
// call counts on the day on which it started, and in each segment it passed.
type QualityTrend struct {
	Days     []Quality
	Total    Quality
	Segments map[string]*Quality
	Kept     []Day // days of the store that were looked into
}

// Trend counts the answered calls and the streams of no call. It reads columns
// alone. Like Find it goes on where a day cannot be read, and the error then
// names that day beside what was counted.
func (r *Reader) Trend(ctx context.Context, q *TrendQuery) (*QualityTrend, error) {
	if len(q.Bounds) < 2 || !slices.IsSortedFunc(q.Bounds, time.Time.Compare) {
		return nil, fmt.Errorf("a trend wants days in order, got %d bounds", len(q.Bounds))
	}
	days, err := r.Days()
	if err != nil {
		return nil, fmt.Errorf("cannot read the store: %w", err)
	}
	t := &QualityTrend{Days: make([]Quality, len(q.Bounds)-1), Segments: map[string]*Quality{}}
	var unread []error
	for _, d := range days {
		if d < DayOf(q.Bounds[0]) { // a record lies in the day of its end
			continue
		}
		err := r.trendIn(ctx, d, q, t)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, os.ErrNotExist): // deleted meanwhile
		case err != nil:
			unread = append(unread, fmt.Errorf("cannot read the records of %s: %w", d, err))
		case d <= DayOf(q.Bounds[len(q.Bounds)-1].Add(-1)):
			t.Kept = append(t.Kept, d)
		}
	}
	return t, errors.Join(unread...)
}

// trendIn counts one day's file.
func (r *Reader) trendIn(ctx context.Context, d Day, q *TrendQuery, t *QualityTrend) error {
	db, format, err := r.openDay(ctx, d)
	if err != nil {
		return err
	}
	defer db.Close()
	if q.Tenant != "" && format.version < versionOfTenants {
		return nil // they have none
	}
	p := &plan{}
	if format.version >= versionOfBatches {
		first, last, some, err := startedWithin(ctx, db, q.Bounds[0], q.Bounds[len(q.Bounds)-1])
		if err != nil || !some {
			return err
		}
		p.between(first, last)
	}
	question, args := q.sql(p, d)
	rows, err := db.QueryContext(ctx, question, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var g trendGroup
		if err := rows.Scan(&g.day, &g.segments[0], &g.segments[1], &g.mos, &g.impaired, &g.n); err != nil {
			return err
		}
		t.add(q, &g)
	}
	return rows.Err()
}

// trendGroup is records of one day that came by the same way and sounded the same.
type trendGroup struct {
	day      int
	segments [2]string
	mos      int // in hundredths; 0: no score
	impaired bool
	n        int
}

func (t *QualityTrend) add(q *TrendQuery, g *trendGroup) {
	t.Days[g.day].add(g)
	t.Total.add(g)
	for i, name := range g.segments {
		if name == "" || i == 1 && name == g.segments[0] || q.Own != nil && !q.Own(name) {
			continue
		}
		s := t.Segments[name]
		if s == nil {
			s = &Quality{}
			t.Segments[name] = s
		}
		s.add(g)
	}
}

func (a *Quality) add(g *trendGroup) {
	a.Units += g.n
	if g.impaired {
		a.Impaired += g.n
	}
	a.Scores.add(g.mos, g.n)
}

// sql groups what a plan lets through. A file of one UTC day holds records that
// started on a few days of whoever asks; bounds that are far from it are left out.
func (q *TrendQuery) sql(p *plan, d Day) (string, []any) {
	last := len(q.Bounds) - 1
	p.and(`r."start" >= ?`, q.Bounds[0].UnixNano())
	p.and(`r."start" < ?`, q.Bounds[last].UnixNano())
	p.and("(r.kind = ? OR r.disposition IN (?,?))", kindStream, string(dialog.Answered), string(dialog.InProgress))
	if q.Tenant != "" {
		p.and("? IN (r.tenant_from_caller, r.tenant_from_callee)", q.Tenant)
	}
	var b strings.Builder
	var args []any
	b.WriteString("SELECT CASE WHEN 0 THEN 0") // for the file of one day alone: no CASE is empty
	for i := 1; i < last; i++ {
		if q.Bounds[i].After((d + 1).begin()) {
			last = i
			break
		}
		b.WriteString(` WHEN r."start" < ? THEN ?`)
		args = append(args, q.Bounds[i].UnixNano(), i-1)
	}
	b.WriteString(" ELSE ? END, r.segment_from_caller, r.segment_from_callee, CAST(round(coalesce(r.mos_worst, 0) * 100) AS INTEGER), CASE WHEN r.kind = ? THEN coalesce(r.mos_worst < ?, 0) OR r.loss > ? ELSE r.findings <> ''")
	args = append(args, last-1, kindStream, q.MOSBelow, q.LossAbove)
	var codes []string
	for _, code := range q.Hurt {
		codes = append(codes, "instr(r.findings, ?) > 0")
		args = append(args, ","+code+",")
	}
	if len(codes) == 0 {
		codes = []string{"0"}
	}
	b.WriteString(" AND (" + strings.Join(codes, " OR ") + ") END, count(*) FROM records r WHERE " + strings.Join(p.where, " AND ") + " GROUP BY 1, 2, 3, 4, 5")
	return b.String(), append(args, p.args...)
}
