package alerting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// hours reads working hours by weekday.
func (s *settings) hours(n *yaml.Node) (week [7][]daySpan) {
	set := map[time.Weekday]bool{}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		s.errorf(n, `hours is %s, want a mapping of weekdays to times, as {mon-fri: "09:00-17:00"}`, KindOf(n))
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
	some := false
	for d, spans := range week {
		for i, span := range spans {
			some = true
			next, shift := week[(d+1)%7], minutesADay
			if i+1 < len(spans) {
				next, shift = spans[i+1:], 0
			}
			if len(next) > 0 && span.to > next[0].from+shift {
				s.errorf(n, "hours of %s that end %s overlap the next ones", time.Weekday(d), clockText(span.to))
			}
		}
	}
	if !some && len(s.wrong) == 0 {
		s.errorf(n, "hours have no working time in any week")
	}
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
