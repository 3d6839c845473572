package alerting

import (
	"math/bits"
	"time"
)

// Calendar is the business time of somebody: a time zone, working hours by
// weekday and holidays. It is immutable and safe for any goroutine. A nil
// Calendar is Monday to Friday 09:00 to 17:00 UTC without holidays.
//
// Working hours are wall-clock times of the zone. A wall-clock time that comes
// twice, when clocks are put back, means the first of the two; one that is
// skipped means the instant of the change. Hours that go over midnight belong
// to the day on which they begin: a holiday cancels all hours that begin on it.
//
// A business hour is 60 minutes of working time. A business day is all working
// time of a day that has any: half a business day is half of its working time.
// So one business day on is the same time of the next working day where both
// have the same hours, and the same share of them where one is shorter; what
// is outside working hours counts from the next opening.
type Calendar struct {
	name     string
	zone     *time.Location
	week     [7][]daySpan // by time.Weekday, in order of time
	holidays holidays
}

// daySpan is a part of a day, in minutes after its midnight; to is above 1440
// where it ends on the next day.
type daySpan struct{ from, to int }

// period is the time from start to end, the end not included.
type period struct{ start, end time.Time }

// maxWalk is for how many days working time is looked for, and counted: 27 years.
const maxWalk = 10_000

// defaultCalendar is that of a nil Calendar.
var defaultCalendar = &Calendar{name: "default", zone: time.UTC, week: [7][]daySpan{
	time.Monday:    {{9 * 60, 17 * 60}},
	time.Tuesday:   {{9 * 60, 17 * 60}},
	time.Wednesday: {{9 * 60, 17 * 60}},
	time.Thursday:  {{9 * 60, 17 * 60}},
	time.Friday:    {{9 * 60, 17 * 60}},
}}

// or returns the calendar, the default one for nil.
func (c *Calendar) or() *Calendar {
	if c == nil {
		return defaultCalendar
	}
	return c
}

// Name returns the calendar's name.
func (c *Calendar) Name() string { return c.or().name }

// Zone returns the calendar's time zone.
func (c *Calendar) Zone() *time.Location { return c.or().zone }

// Holiday returns the name of the holiday on the local day of t, "" where it is none.
func (c *Calendar) Holiday(t time.Time) string {
	c = c.or()
	return c.holidays.on(civilDay(t, c.zone))
}

// spans appends the working time that begins on a day, in order of time.
func (c *Calendar) spans(list []period, d day) []period {
	if len(c.week[d.weekday()]) == 0 || c.holidays.on(d) != "" {
		return list
	}
	for _, s := range c.week[d.weekday()] {
		p := period{wallTime(d, s.from, c.zone), wallTime(d, s.to, c.zone)}
		if p.start.Before(p.end) { // it is not where clocks skip all of it
			list = append(list, p)
		}
	}
	return list
}

// Open reports whether t is working time.
func (c *Calendar) Open(t time.Time) bool { return c.NextOpening(t).Equal(t) }

// NextOpening returns t where it is working time, else when that begins next.
func (c *Calendar) NextOpening(t time.Time) time.Time { return c.Add(t, Amount{unit: BusinessDays}) }

// Add returns when an amount that begins to run at t is over. For business
// hours that is at the latest when working time ends; for business days it is
// a time at which working time goes on: one business day from Friday 17:00 or
// from Sunday is Tuesday 09:00. Business time below zero adds nothing. The
// result is in the zone of t.
func (c *Calendar) Add(t time.Time, a Amount) time.Time {
	if !a.business() {
		return t.Add(time.Duration(a.ticks))
	}
	left := max(0, a.ticks)
	if a.unit == BusinessHours && left == 0 {
		return t
	}
	c = c.or()
	var list []period
	first := civilDay(t, c.zone) - 1 // its hours may go over midnight
	for d := first; d < first+maxWalk; d++ {
		list = c.spans(list[:0], d)
		whole := lengthAfter(list, time.Time{})
		gone := whole - lengthAfter(list, t)
		if gone == whole {
			continue
		}
		if a.unit == BusinessHours {
			if left <= whole-gone {
				return instant(list, gone+left, true).In(t.Location())
			}
			left -= whole - gone
			continue
		}
		at := scale(gone, businessDay, whole)
		if left < businessDay-at {
			if gone = scale(at+left, whole, businessDay); gone < whole {
				return instant(list, gone, false).In(t.Location())
			}
			left = businessDay - at // less than a nanosecond before the end
		}
		left -= businessDay - at
	}
	return t.AddDate(0, 0, maxWalk)
}

// Between returns how much of a unit is between two times, negative where b is
// the earlier one.
func (c *Calendar) Between(a, b time.Time, u Unit) Amount {
	switch {
	case u < BusinessHours:
		return Amount{u, int64(b.Sub(a))}
	case b.Before(a):
		return Amount{u, -c.Between(b, a, u).ticks}
	}
	c = c.or()
	sum := int64(0)
	var list []period
	last := civilDay(b, c.zone)
	for d := max(civilDay(a, c.zone)-1, last-maxWalk); d <= last; d++ {
		list = c.spans(list[:0], d)
		whole := lengthAfter(list, time.Time{})
		if whole == 0 {
			continue
		}
		goneA, goneB := whole-lengthAfter(list, a), whole-lengthAfter(list, b)
		if u == BusinessDays {
			goneA, goneB = scale(goneA, businessDay, whole), scale(goneB, businessDay, whole)
		}
		sum += goneB - goneA
	}
	return Amount{u, sum}
}

// lengthAfter is how much of the periods is not before t, in ns.
func lengthAfter(list []period, t time.Time) int64 {
	sum := int64(0)
	for _, p := range list {
		if t.After(p.start) {
			p.start = t
		}
		sum += max(0, int64(p.end.Sub(p.start)))
	}
	return sum
}

// instant is when so many ns of the periods are over. Where one of them ends
// then, it is that end, or else the start of the next, of which there is one.
func instant(list []period, gone int64, ending bool) time.Time {
	for _, p := range list {
		length := int64(p.end.Sub(p.start))
		if gone < length || gone == length && ending {
			return p.start.Add(time.Duration(gone))
		}
		gone -= length
	}
	panic("alerting: an instant after the end of its day")
}

// scale is x times num divided by den, rounded. x is not above den.
func scale(x, num, den int64) int64 {
	hi, lo := bits.Mul64(uint64(x), uint64(num))
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, uint64(den))
	return int64(quotient)
}
