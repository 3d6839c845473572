package alerting

import (
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
)

// The years for which a calendar knows its holidays ahead; those of others are
// reckoned whenever they are asked for.
const firstHolidayYear, lastHolidayYear = 2015, 2060

// monthDay is a date of every year.
type monthDay struct {
	month time.Month
	day   int
}

// holidays are the days without working hours.
type holidays struct {
	sets   []*cal.Holiday
	yearly map[monthDay]bool
	single map[day]bool
	known  map[day]string // what sets come to in the known years
}

// ownHoliday is what a holiday that a calendar has of its own is called.
const ownHoliday = "closed"

// on returns the name of a day's holiday, "" where it is none.
func (h *holidays) on(d day) string {
	if len(h.single) > 0 && h.single[d] {
		return ownHoliday
	}
	if len(h.yearly) > 0 {
		if _, month, dayOfMonth := d.utc().Date(); h.yearly[monthDay{month, dayOfMonth}] {
			return ownHoliday
		}
	}
	if len(h.sets) == 0 {
		return ""
	}
	year := d.utc().Year()
	if year >= firstHolidayYear && year <= lastHolidayYear {
		return h.known[d]
	}
	found := ""
	h.reckon(year, func(on day, name string) {
		if on == d {
			found = name
		}
	})
	return found
}

// prepare reckons the known years. The library reckons in the machine's zone,
// and is a day wrong in zones whose clocks change at midnight; dates have no
// zone. Nobody else uses it, and it is set once, before there is any calendar.
func (h *holidays) prepare() {
	if cal.DefaultLoc != time.UTC {
		cal.DefaultLoc = time.UTC
	}
	h.known = map[day]string{}
	for year := firstHolidayYear; year <= lastHolidayYear; year++ {
		h.reckon(year, func(d day, name string) {
			if d.utc().Year() == year {
				h.known[d] = name
			}
		})
	}
}

// reckon calls found for the holidays of a year, and for some of the years
// beside it: New Year's Day may be kept in December. A holiday that is kept on
// another day, as it falls on a weekend, is one on both days.
func (h *holidays) reckon(year int, found func(day, string)) {
	for y := year - 1; y <= year+1; y++ {
		for _, holiday := range h.sets {
			actual, observed := holiday.Calc(y)
			for _, t := range []time.Time{actual, observed} {
				if !t.IsZero() {
					found(dayOf(t.Date()), holiday.Name)
				}
			}
		}
	}
}

// holidaySetNames lists the known sets in order.
func holidaySetNames() []string {
	names := make([]string, 0, len(holidaySets))
	for name := range holidaySets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// holidaySet returns the set of a country or region code in any case.
func holidaySet(code string) ([]*cal.Holiday, bool) {
	set, ok := holidaySets[strings.ToLower(code)]
	return set, ok
}
