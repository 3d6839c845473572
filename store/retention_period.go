package store

import "time"

// Period is how long something is kept: months, then days. The zero Period is
// for ever.
type Period struct{ Months, Days int }

// Ends returns when the period of something made then is over. It ends with a
// day: one of two months that began on 20 March with 20 May, one of a month
// that began on 31 January with the last day of February. Days are those of
// zone; nil is UTC.
func (p Period) Ends(made time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	year, month, day := made.In(zone).Date()
	month += time.Month(p.Months)
	if last := time.Date(year, month+1, 0, 0, 0, 0, 0, zone).Day(); day > last {
		day = last
	}
	return time.Date(year, month, day+p.Days+1, 0, 0, 0, 0, zone)
}

// over returns the first instant whose period is not over now: what was made
// before it goes. It is a midnight of zone.
func (p Period) over(now time.Time, zone *time.Location) time.Time {
	if p == (Period{}) {
		return time.Time{}
	}
	if zone == nil {
		zone = time.UTC
	}
	year, month, day := now.In(zone).Date()
	// The 31 days before a month's last day may all end with it: begin well before.
	for back := p.Days + 40; ; back-- {
		first := time.Date(year, month-time.Month(p.Months), day-back, 0, 0, 0, 0, zone)
		if p.Ends(first, zone).After(now) {
			return first
		}
	}
}

// TenantRetention is what a tenant has of its own.
type TenantRetention struct {
	Days  int            // how long calls and streams are kept; 0: as the others'
	Cases Period         // how long closed cases are; zero: as the others'
	Zone  *time.Location // whose days are meant for cases; nil: UTC
	Left  time.Time      // when it left; zero: it did not
}

// Grace is how long what a tenant had is kept after it left.
const Grace = 30 // days

// gone reports whether all that a tenant had is to be deleted.
func (t *TenantRetention) gone(now time.Time) bool {
	return !t.Left.IsZero() && !now.Before(Period{Days: Grace}.Ends(t.Left, t.Zone))
}
