package alerting

import "time"

// day is a date of the proleptic Gregorian calendar: days since 1970-01-01. It
// has no time zone.
type day int

// dayOf makes a date; values out of range go over into the next month or year.
func dayOf(year int, month time.Month, dayOfMonth int) day {
	seconds := time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC).Unix()
	return day(seconds / 86400) // exact: UTC has no other days
}

// civilDay is the date that the clocks of a zone show at t.
func civilDay(t time.Time, zone *time.Location) day {
	return dayOf(t.In(zone).Date())
}

// utc is midnight of the date in UTC.
func (d day) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) weekday() time.Weekday { return d.utc().Weekday() }

func (d day) String() string { return d.utc().Format(time.DateOnly) }

// wallTime is the instant at which the clocks of a zone show so many minutes
// after midnight of a date (above 1440: on the next one). Of a time that comes
// twice it is the first; for one that is skipped it is the instant of the
// change. A later wall-clock time never gives an earlier instant.
func wallTime(d day, minutes int, zone *time.Location) time.Time {
	wall := d.utc().Add(time.Duration(minutes) * time.Minute)
	// Offsets are between -14 h and +14 h, so the instant is within this:
	before, after := offset(wall.Add(-15*time.Hour), zone), offset(wall.Add(15*time.Hour), zone)
	early, late := wall.Add(-before), wall.Add(-after)
	switch {
	case before == after, offset(early, zone) == before:
		return early.In(zone)
	case offset(late, zone) == after:
		return late.In(zone)
	}
	change, _ := early.In(zone).ZoneBounds() // skipped: early is already after the change
	return change
}

// offset is how far the clocks of a zone are ahead of UTC at t.
func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}
