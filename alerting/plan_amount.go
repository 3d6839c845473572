package alerting

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is what an amount of time is counted in.
type Unit uint8

// The units. Minutes, hours and days are clock time (a day is 24 h); business
// hours and business days are those of a Calendar.
const (
	Minutes Unit = iota
	Hours
	Days
	BusinessHours
	BusinessDays
	unitCount
)

var unitNames = [unitCount]string{"min", "h", "d", "bh", "bd"}

// String returns the unit as settings write it: "min", "h", "d", "bh", "bd".
func (u Unit) String() string {
	if u < unitCount {
		return unitNames[u]
	}
	return fmt.Sprintf("unit %d", uint8(u))
}

// businessDay is one business day in ticks. They are finer than nanoseconds, so
// that going from a time to a share of a day and back loses nothing, even over
// some pauses; maxWalk of them fit into an int64.
const businessDay = 10 * int64(24*time.Hour)

// unitTicks is one unit in ticks: nanoseconds, but for business days.
var unitTicks = [unitCount]int64{
	Minutes: int64(time.Minute), Hours: int64(time.Hour), Days: int64(24 * time.Hour),
	BusinessHours: int64(time.Hour), BusinessDays: businessDay,
}

// maxUnits are the longest amounts that settings may ask for: about three years.
var maxUnits = [unitCount]int{Minutes: 1_500_000, Hours: 26_000, Days: 1000, BusinessHours: 8000, BusinessDays: 1000}

// Amount is a length of time in one unit. The zero Amount means none.
type Amount struct {
	unit  Unit
	ticks int64
}

// Of makes an amount of whole units: Of(15, BusinessDays).
func Of(n int, u Unit) Amount { return Amount{u, int64(n) * unitTicks[u]} }

// IsZero reports no amount at all.
func (a Amount) IsZero() bool { return a.ticks == 0 }

// Unit returns what the amount is counted in.
func (a Amount) Unit() Unit { return a.unit }

// Float returns the amount in its unit: 2.5 business days.
func (a Amount) Float() float64 { return float64(a.ticks) / float64(unitTicks[a.unit]) }

// business reports whether the amount needs a calendar.
func (a Amount) business() bool { return a.unit >= BusinessHours }

// share is so many percent of the amount.
func (a Amount) share(percent int) Amount {
	return Amount{a.unit, a.ticks/100*int64(percent) + a.ticks%100*int64(percent)/100}
}

// String writes "15 bd", "none" for the zero Amount; parts of a unit to two digits.
func (a Amount) String() string {
	if a.ticks == 0 {
		return "none"
	}
	number := strconv.FormatFloat(a.Float(), 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".") + " " + a.unit.String()
}

// ParseAmount reads "15 min", "4 h", "30 d", "6 bh" or "15bd": a whole number
// above 0 and a unit. "none" and "-" are no amount.
func ParseAmount(text string) (Amount, error) {
	if text == "none" || text == "-" {
		return Amount{}, nil
	}
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	name := strings.TrimSpace(text[len(digits):])
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 {
		return Amount{}, fmt.Errorf("%q is no length of time: want a whole number above 0 and a unit (min, h, d, bh, bd), as in \"4 bh\"", text)
	}
	for u := range unitCount {
		if !strings.EqualFold(name, unitNames[u]) {
			continue
		}
		if n > uint64(maxUnits[u]) {
			return Amount{}, fmt.Errorf("%q is too long: at most %d %s are possible", text, maxUnits[u], u)
		}
		return Of(int(n), u), nil
	}
	return Amount{}, fmt.Errorf("%q has no unit that is known: want min, h, d (clock time), bh or bd (business hours, business days)", text)
}

// MarshalText gives the string.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }
