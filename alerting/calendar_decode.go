package alerting

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// The most that settings may declare.
const (
	MaxCalendars = 100

	maxSpansADay      = 6
	maxHolidaySets    = 10
	maxOwnHolidays    = 400
	maxYearlyHolidays = 100 // so that every calendar has working time
	maxLeftHolidays   = 100
	minutesADay       = 24 * 60
)

var calendarKeys = []string{"name", "zone", "hours", "holidays", "without", "closed"}

// DecodeCalendars reads a list of calendars strictly:
//
//   - name: berlin
//     zone: Europe/Berlin
//     hours: {mon-thu: ["08:00-12:00", "13:00-17:00"], fri: "08:00-14:00"}
//     holidays: [de-be]             # sets by country, or country and region
//     without: [Frauentag]          # holidays of these sets that are worked
//     closed: ["12-24", 2027-05-07] # own holidays, of every year or single
//
// The error joins a Problem for everything that is wrong.
func DecodeCalendars(n *yaml.Node) (map[string]*Calendar, error) {
	s := &settings{}
	calendars := map[string]*Calendar{}
	if absent(n) {
		return calendars, nil
	}
	s.list(n, "calendars", MaxCalendars, func(entry *yaml.Node) {
		c := s.calendar(entry)
		if c.name == "" {
			return
		}
		if calendars[c.name] != nil {
			s.errorf(entry, "calendar %q is declared twice", c.name)
		}
		calendars[c.name] = c
	})
	if err := s.err(); err != nil {
		return nil, err
	}
	return calendars, nil
}

func (s *settings) calendar(n *yaml.Node) *Calendar {
	c := &Calendar{zone: time.UTC, week: defaultCalendar.week}
	named := false
	var without []*yaml.Node
	before := len(s.wrong)
	s.mapping(n, "a calendar", calendarKeys, func(key string, v *yaml.Node) bool {
		switch key {
		case "name":
			c.name, named = s.name(v, "name of a calendar"), true
		case "zone":
			c.zone = s.zone(v)
		case "hours":
			c.week = s.hours(v)
		case "holidays":
			s.list(v, key, maxHolidaySets, func(e *yaml.Node) { s.holidaySet(e, &c.holidays) })
		case "without":
			s.list(v, key, maxLeftHolidays, func(e *yaml.Node) { without = append(without, e) })
		case "closed":
			s.list(v, key, maxOwnHolidays, func(e *yaml.Node) { s.ownHoliday(e, &c.holidays) })
		default:
			return false
		}
		return true
	})
	if !named && len(s.wrong) == before {
		s.errorf(n, "a calendar has no name")
	}
	for _, e := range without {
		s.withoutHoliday(e, &c.holidays)
	}
	if yearly := len(c.holidays.yearly); yearly > maxYearlyHolidays {
		s.errorf(n, "calendar %q has %d own holidays of every year, at most %d are possible", c.name, yearly, maxYearlyHolidays)
	}
	c.holidays.prepare()
	return c
}

// zone reads the name of a time zone, "Europe/Berlin" or "UTC".
func (s *settings) zone(n *yaml.Node) *time.Location {
	name, ok := s.text(n, "zone")
	if !ok {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // what is local changes with the machine
		s.errorf(n, `zone is %q, want a name of the time zone database, as "Europe/Berlin" or "UTC"`, name)
		return time.UTC
	}
	return zone
}

func (s *settings) holidaySet(n *yaml.Node, h *holidays) {
	code, ok := s.text(n, "holidays")
	if !ok {
		return
	}
	set, ok := holidaySet(code)
	if !ok {
		s.errorf(n, `holidays: %q is no set that is known: want a country, as "fr", or country and region, as "de-by"%s`, code, spelling.Hint(code, holidaySetNames()))
		return
	}
	h.sets = append(h.sets, set...)
}

// withoutHoliday takes holidays of a name out of the sets.
func (s *settings) withoutHoliday(n *yaml.Node, h *holidays) {
	name, ok := s.text(n, "without")
	if !ok {
		return
	}
	left := slices.DeleteFunc(slices.Clone(h.sets), func(holiday *cal.Holiday) bool { return holiday.Name == name })
	if len(left) == len(h.sets) {
		var known []string
		for _, holiday := range h.sets {
			known = append(known, holiday.Name)
		}
		s.errorf(n, "without: no holiday of the sets is called %q%s", name, spelling.Hint(name, known))
	}
	h.sets = left
}

// ownHoliday reads a date of every year, "12-24", or a single one, "2026-12-24".
func (s *settings) ownHoliday(n *yaml.Node, h *holidays) {
	text, ok := s.text(n, "closed")
	if !ok {
		return
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		if h.single == nil {
			h.single = map[day]bool{}
		}
		h.single[dayOf(t.Date())] = true
		return
	}
	if t, err := time.Parse(time.DateOnly, "2000-"+text); err == nil { // a leap year, for 02-29
		if h.yearly == nil {
			h.yearly = map[monthDay]bool{}
		}
		h.yearly[monthDay{t.Month(), t.Day()}] = true
		return
	}
	s.errorf(n, `closed: %q is no date: want "2026-12-24", or "12-24" for every year`, text)
}
