package alerting

import (
	"fmt"
	"strings"
	"time"
)

// hours says at which hours of the day it occurs.
func (q *inquiry) hours() string {
	list := q.occurrences()
	first, last := list[0].From, list[len(list)-1].To
	if last.IsZero() {
		last = q.now
	}
	if last.Sub(first) < 48*time.Hour {
		return "Whether it follows the hours of the day is not known: it is " + saySpan(last.Sub(first)) + " old, and two days would tell."
	}
	var bad, all [24]bool
	for _, t := range q.pieces() {
		h := t.From.UTC().Hour()
		all[h] = all[h] || t.Units > 0
		bad[h] = bad[h] || q.within(&t) && t.Affected > 0
	}
	if bad == all {
		return "It occurs at all hours of the day that have traffic."
	}
	return "Hours of the day with it, UTC: " + hourRanges(&bad) + "; hours with traffic and without it: " + hourRanges(less(&all, &bad)) + "."
}

func less(all, bad *[24]bool) *[24]bool {
	var left [24]bool
	for h := range left {
		left[h] = all[h] && !bad[h]
	}
	return &left
}

// hourRanges writes hours as "08–12, 14–15"; the end is not included.
func hourRanges(set *[24]bool) string {
	var list []string
	for h := 0; h < 24; h++ {
		if !set[h] {
			continue
		}
		from := h
		for h < 24 && set[h] {
			h++
		}
		list = append(list, fmt.Sprintf("%02d–%02d", from, h))
	}
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
