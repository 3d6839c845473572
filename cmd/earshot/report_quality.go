package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"earshot/report"
	"earshot/store"
)

// quality tells how the calls of a month sounded, and when the store's records
// begin; zero where there are none.
func (r *reporter) quality(ctx context.Context, t *report.MonthlyTerms, terms *reportTerms) (*report.MonthQuality, time.Time, error) {
	zone := t.Tenant.Calendar.Zone()
	bounds := daysUntil(t.Month.Days(zone), t.AsOf())
	q := &report.MonthQuality{Days: []report.QualityDay{}, Segments: []report.QualitySegment{}}
	for _, begin := range bounds[:len(bounds)-1] {
		q.Days = append(q.Days, report.QualityDay{Day: begin.In(zone).Format(time.DateOnly)})
	}
	if r.dir == "" {
		q.Missing = "This probe keeps no calls, so nothing is known of their quality: name a folder in store.dir of its configuration."
		return q, time.Time{}, nil
	}
	reader, err := store.OpenReader(r.dir)
	if errors.Is(err, os.ErrNotExist) {
		q.Missing = "No calls were kept."
		return q, time.Time{}, nil
	}
	if err != nil {
		return nil, time.Time{}, err
	}
	defer reader.Close()
	days, err := reader.Days()
	if err != nil {
		return nil, time.Time{}, err
	}
	want := &store.TrendQuery{Bounds: bounds, Tenant: t.Tenant.Name, Hurt: report.HurtCodes(), MOSBelow: report.ImpairedBelow, LossAbove: report.ImpairedAbove}
	if terms.tenantOf != nil && t.Tenant.Name != "" {
		want.Own = func(segment string) bool { return terms.tenantOf(segment) == t.Tenant.Name }
	}
	got, err := reader.Trend(ctx, want)
	if got == nil {
		return nil, time.Time{}, err
	}
	if err != nil { // a day that cannot be read does not hide the others
		q.Missing = "Not all of the records could be read: " + strings.ReplaceAll(err.Error(), "\n", "; ") + "."
	}
	fillQuality(q, got, bounds)
	var first time.Time
	if len(days) > 0 {
		first, _ = time.Parse(time.DateOnly, days[0].String()) // it writes no other
	}
	tellMissing(q, first)
	return q, first, nil
}

// daysUntil leaves out the days that have not begun.
func daysUntil(bounds []time.Time, end time.Time) []time.Time {
	n := 1
	for n < len(bounds)-1 && bounds[n].Before(end) {
		n++
	}
	return bounds[:n+1]
}

// fillQuality takes over what was counted.
func fillQuality(q *report.MonthQuality, got *store.QualityTrend, bounds []time.Time) {
	q.Total = qualityFigures(&got.Total)
	for i := range got.Days {
		q.Days[i].QualityFigures = qualityFigures(&got.Days[i])
		first, last := store.DayOf(bounds[i]), store.DayOf(bounds[i+1].Add(-1))
		q.Days[i].Kept = slices.ContainsFunc(got.Kept, func(d store.Day) bool { return d >= first && d <= last })
	}
	for name, figures := range got.Segments {
		q.Segments = append(q.Segments, report.QualitySegment{Segment: name, QualityFigures: qualityFigures(figures)})
	}
	slices.SortFunc(q.Segments, func(a, b report.QualitySegment) int {
		return cmp.Or(b.Calls-a.Calls, strings.Compare(a.Segment, b.Segment))
	})
}

func qualityFigures(f *store.Quality) report.QualityFigures {
	g := report.QualityFigures{Calls: f.Units, Impaired: f.Impaired, Scored: f.Scores.Len()}
	if g.Scored > 0 {
		median, low := f.Scores.Quantile(50), f.Scores.Quantile(5)
		g.MOSMedian, g.MOSLowest5 = &median, &low
	}
	return g
}

// tellMissing says of which days nothing is kept.
func tellMissing(q *report.MonthQuality, first time.Time) {
	missing := 0
	for i := range q.Days {
		if !q.Days[i].Kept && q.Days[i].Calls == 0 {
			missing++
		}
	}
	if missing == 0 || q.Missing != "" {
		return
	}
	q.Missing = fmt.Sprintf("Nothing is kept of %d of %d days: no calls then, or no probe.", missing, len(q.Days))
	if !first.IsZero() && first.Format(time.DateOnly) > q.Days[0].Day {
		q.Missing = fmt.Sprintf("Nothing is kept of %d of %d days: the records begin with %s; older ones are deleted (store.days), or were never kept.", missing, len(q.Days), first.Format(time.DateOnly))
	}
}
