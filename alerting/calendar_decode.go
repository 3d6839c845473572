package alerting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"go.yaml.in/yaml/v3"
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
	c := &Calendar{zone: time.UTC, week: defaultCalendar().week}
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

// hours reads working hours by weekday.
func (s *settings) hours(n *yaml.Node) (week [7][]daySpan) {
	set := map[time.Weekday]bool{}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		s.errorf(n, `hours is %s, want a mapping of weekdays to times, as {mon-fri: "09:00-17:00"}`, kindOf(n))
		return week
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		days, err := parseWeekdays(n.Content[i].Value)
		if err != nil {
			s.errorf(n.Content[i], "hours: %v", err)
			continue
		}
		var spans []daySpan
		s.list(n.Content[i+1], "hours", maxSpansADay, func(e *yaml.Node) {
			text, ok := s.text(e, "hours")
			if !ok {
				return
			}
			span, err := parseDaySpan(text)
			if err != nil {
				s.errorf(e, "hours: %v", err)
				return
			}
			spans = append(spans, span)
		})
		slices.SortFunc(spans, func(a, b daySpan) int { return a.from - b.from })
		for _, d := range days {
			if set[d] {
				s.errorf(n.Content[i], "hours of %s are there twice", d)
			}
			set[d], week[d] = true, spans
		}
	}
	s.overlaps(n, &week)
	return week
}

// overlaps refuses hours that count twice, and a week without any.
func (s *settings) overlaps(n *yaml.Node, week *[7][]daySpan) {
	any := false
	for d, spans := range week {
		for i, span := range spans {
			any = true
			next, shift := week[(d+1)%7], minutesADay
			if i+1 < len(spans) {
				next, shift = spans[i+1:], 0
			}
			if len(next) > 0 && span.to > next[0].from+shift {
				s.errorf(n, "hours of %s that end %s overlap the next ones", time.Weekday(d), clockText(span.to))
			}
		}
	}
	if !any && len(s.wrong) == 0 {
		s.errorf(n, "hours have no working time in any week")
	}
}

func (s *settings) holidaySet(n *yaml.Node, h *holidays) {
	code, ok := s.text(n, "holidays")
	if !ok {
		return
	}
	set, ok := holidaySet(code)
	if !ok {
		s.errorf(n, `holidays: %q is no set that is known: want a country, as "fr", or country and region, as "de-by"%s`, code, nearestName(code, holidaySetNames()))
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
		s.errorf(n, "without: no holiday of the sets is called %q%s", name, nearestName(name, known))
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

var weekdayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseWeekdays reads "mon", "mon-fri", "sat-mon", "mon,wed" or "daily".
func parseWeekdays(text string) ([]time.Weekday, error) {
	if strings.EqualFold(text, "daily") {
		text = "mon-sun"
	}
	var days []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(strings.TrimSpace(part), "-")
		a := slices.Index(weekdayNames, strings.ToLower(first))
		b := a
		if ranged {
			b = slices.Index(weekdayNames, strings.ToLower(last))
		}
		if a < 0 || b < 0 {
			return nil, fmt.Errorf("%q are no weekdays: want mon, tue, wed, thu, fri, sat, sun, a range as mon-fri, or daily", text)
		}
		for d := a; ; d = (d + 1) % 7 {
			if slices.Contains(days, time.Weekday(d)) {
				return nil, fmt.Errorf("%q names %s twice", text, weekdayNames[d])
			}
			days = append(days, time.Weekday(d))
			if d == b {
				break
			}
		}
	}
	return days, nil
}

// parseDaySpan reads "09:00-17:00"; "22:00-06:00" ends on the next day.
func parseDaySpan(text string) (daySpan, error) {
	a, b, _ := strings.Cut(text, "-")
	from, okFrom := parseClock(strings.TrimSpace(a))
	to, okTo := parseClock(strings.TrimSpace(b))
	if !okFrom || !okTo || from == minutesADay || from == to {
		return daySpan{}, fmt.Errorf(`%q are no times of a day: want "09:00-17:00", "22:00-06:00" over midnight, or "00:00-24:00"`, text)
	}
	if to < from {
		to += minutesADay
	}
	return daySpan{from, to}, nil
}

// parseClock reads "00:00" to "24:00" as minutes.
func parseClock(text string) (int, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	h, errH := strconv.ParseUint(text[:2], 10, 8)
	m, errM := strconv.ParseUint(text[3:], 10, 8)
	minutes := int(h)*60 + int(m)
	return minutes, errH == nil && errM == nil && m < 60 && minutes <= minutesADay
}

func clockText(minutes int) string {
	return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
}
