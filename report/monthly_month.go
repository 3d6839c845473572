package report

import (
	"fmt"
	"time"
)

// Month is a month of the calendar, without a time zone.
type Month struct {
	Year  int
	Month time.Month
}

// monthLayout is how a month is written: 2026-10.
const monthLayout = "2006-01"

// ParseMonth reads "2026-10".
func ParseMonth(text string) (Month, error) {
	t, err := time.Parse(monthLayout, text)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return Month{}, fmt.Errorf("%q is no month, want one like 2026-10", text)
	}
	return MonthOf(t, time.UTC), nil
}

// MonthOf is the month that the clocks of a zone show at t.
func MonthOf(t time.Time, zone *time.Location) Month {
	t = t.In(zone)
	return Month{t.Year(), t.Month()}
}

// String is the month as 2026-10.
func (m Month) String() string { return m.day(1, time.UTC).Format(monthLayout) }

// Next is the month after it.
func (m Month) Next() Month { return MonthOf(m.day(32, time.UTC), time.UTC) }

// Before is the month before it.
func (m Month) Before() Month { return MonthOf(m.day(0, time.UTC), time.UTC) }

// Days are when its days begin in a zone, and last when the next month does: a
// day has 23 or 25 hours when clocks are changed.
func (m Month) Days(zone *time.Location) []time.Time {
	var days []time.Time
	next := m.Next()
	for n := 1; m.day(n, time.UTC).Before(next.day(1, time.UTC)); n++ {
		days = append(days, m.day(n, zone))
	}
	return append(days, next.day(1, zone))
}

// Begin is when the month begins in a zone.
func (m Month) Begin(zone *time.Location) time.Time { return m.day(1, zone) }

// day is the first instant of its n-th day in a zone. Where clocks skip
// midnight that is the change itself, where they show it twice the first.
func (m Month) day(n int, zone *time.Location) time.Time {
	t := time.Date(m.Year, m.Month, n, 0, 0, 0, 0, zone)
	if t.Hour() > 12 { // Date chose the time before the gap
		_, end := t.ZoneBounds()
		return end
	}
	if early := t.Add(-time.Hour); early.Hour() == 0 && early.Day() == t.Day() {
		return early
	}
	return t
}
