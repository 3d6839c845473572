package alerting

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawTime draws a time of 2026 to 2028, half of them near a change of clocks
// or a year's end.
func drawTime(t *rapid.T, label string) time.Time {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if rapid.Bool().Draw(t, label+" is anywhere") {
		return start.Add(time.Duration(rapid.Int64Range(0, int64(3*365*24*time.Hour)).Draw(t, label)))
	}
	near := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC),
		time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC),
	}).Draw(t, label+" is near")
	return near.Add(time.Duration(rapid.Int64Range(-4*24*60, 4*24*60).Draw(t, label+" minutes")) * time.Minute)
}

func drawAmount(t *rapid.T, label string) Amount {
	if rapid.Bool().Draw(t, label+" in business days") {
		return Of(rapid.IntRange(1, 40).Draw(t, label), BusinessDays)
	}
	return Amount{BusinessHours, rapid.Int64Range(1, int64(300*time.Hour)).Draw(t, label)}
}

// slack is what a nanosecond comes to: it is exact in hours, and in days it is
// a share of the shortest working day of the calendars, of 4 h, rounded.
func slack(u Unit) int64 {
	if u == BusinessDays {
		return businessDay/int64(4*time.Hour) + 2
	}
	return 0
}

func forAllCalendars(t *testing.T, check func(t *rapid.T, c *Calendar)) {
	for name, c := range calendarsOf(t, testCalendars) {
		t.Run(name, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { check(t, c) }) })
	}
}

// A later start or a longer amount never ends earlier.
func TestAddIsMonotone(t *testing.T) {
	forAllCalendars(t, func(t *rapid.T, c *Calendar) {
		a, b := drawTime(t, "a"), drawTime(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		short, long := drawAmount(t, "short"), drawAmount(t, "long")
		if endA, endB := c.Add(a, short), c.Add(b, short); endA.After(endB) || endA.Before(a) {
			t.Fatalf("%s from %s ends %s, from %s %s", short, a, endA, b, endB)
		}
		if short.unit == long.unit {
			if long.ticks < short.ticks {
				short, long = long, short
			}
			if c.Add(a, short).After(c.Add(a, long)) {
				t.Fatalf("from %s %s ends after %s", a, short, long)
			}
		}
	})
}

// What was added is between; adding in two parts ends where adding at once does.
func TestAddThenBetween(t *testing.T) {
	forAllCalendars(t, func(t *rapid.T, c *Calendar) {
		from, amount := drawTime(t, "from"), drawAmount(t, "amount")
		end := c.Add(from, amount)
		if off := c.Between(from, end, amount.unit).ticks - amount.ticks; off > slack(amount.unit) || off < -slack(amount.unit) {
			t.Fatalf("from %s to %s are %d ticks more than %s", from, end, off, amount)
		}
		first := Amount{amount.unit, amount.ticks / 3}
		parts := c.Add(c.Add(from, first), Amount{amount.unit, amount.ticks - first.ticks})
		if off := c.Between(end, parts, BusinessHours).ticks; off > 3 || off < -3 {
			t.Fatalf("%s in two parts ends %s, at once %s", amount, parts, end)
		}
	})
}

// Within working time, adding what is between two times leads from one to the other.
func TestBetweenThenAdd(t *testing.T) {
	forAllCalendars(t, func(t *rapid.T, c *Calendar) {
		a, b := drawTime(t, "a"), c.NextOpening(drawTime(t, "b")).Add(1)
		if !c.Open(b) {
			return // the very last nanosecond
		}
		if b.Before(a) {
			a, b = b.Add(-1), c.NextOpening(a).Add(1)
		}
		if !c.Open(b) {
			return
		}
		for _, u := range []Unit{Minutes, Hours, Days, BusinessHours, BusinessDays} {
			if got := c.Add(a, c.Between(a, b, u)); !got.Equal(b) {
				t.Fatalf("%s: from %s to %s, but adding that gives %s", u, a, b, got)
			}
		}
	})
}

// Business hours are the minutes at which a clock on the wall shows working
// time: counted one by one.
func TestBetweenCountsMinutes(t *testing.T) {
	c := calendarsOf(t, testCalendars)["office"]
	berlin := c.Zone()
	free := map[string]bool{ // Germany's holidays of these years that are no Saturday or Sunday
		"2026-01-01": true, "2026-04-03": true, "2026-04-06": true, "2026-05-01": true, "2026-05-14": true, "2026-05-25": true, "2026-12-25": true,
		"2027-01-01": true, "2027-03-26": true, "2027-03-29": true, "2027-05-06": true, "2027-05-17": true,
		"2028-04-14": true, "2028-04-17": true, "2028-05-01": true, "2028-05-25": true, "2028-06-05": true, "2028-10-03": true, "2028-12-25": true, "2028-12-26": true, "2029-01-01": true,
	}
	rapid.Check(t, func(t *rapid.T) {
		a := drawTime(t, "a").Truncate(time.Minute)
		length := rapid.IntRange(0, 20*24*60).Draw(t, "minutes")
		want := 0
		for i := range length {
			now := a.Add(time.Duration(i) * time.Minute).In(berlin)
			if d := now.Weekday(); d != time.Saturday && d != time.Sunday && now.Hour() >= 9 && now.Hour() < 17 && !free[now.Format(time.DateOnly)] {
				want++
			}
		}
		got := c.Between(a, a.Add(time.Duration(length)*time.Minute), BusinessHours)
		if got.ticks != int64(want)*int64(time.Minute) {
			t.Fatalf("from %s %d minutes on: %s, want %d min", a, length, got, want)
		}
	})
}
