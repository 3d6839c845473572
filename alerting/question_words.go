package alerting

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The words that descriptions and answers are made of. Times are UTC and say
// so; a number has its unit and, where it is a part, the whole.

// sayTime writes a time to the minute.
func sayTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// sayPeriod writes a time from, to; zero is now.
func sayPeriod(from, to time.Time) string {
	from, to = from.UTC(), to.UTC()
	switch {
	case to.IsZero():
		return "since " + sayTime(from)
	case from.Truncate(24 * time.Hour).Equal(to.Truncate(24 * time.Hour)):
		return from.Format("2006-01-02 15:04 to ") + to.Format("15:04 UTC")
	}
	return from.Format("2006-01-02 15:04 to ") + sayTime(to)
}

// saySpan writes a length of time to two units.
func saySpan(d time.Duration) string {
	s := int64(max(d, 0).Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min", (s+30)/60)
	}
	m := (s + 30) / 60
	if m < 24*60 {
		return twoUnits(m/60, "h", m%60, "min")
	}
	h := (m + 30) / 60
	return twoUnits(h/24, sayNoun(int(h/24), "day"), h%24, "h")
}

func twoUnits(a int64, first string, b int64, second string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, first)
	}
	return fmt.Sprintf("%d %s %d %s", a, first, b, second)
}

// sayCount writes a number in groups of three digits.
func sayCount(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// sayNoun is a noun as it follows a number.
func sayNoun(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// sayMany is a number with its noun.
func sayMany(n int, noun string) string { return sayCount(n) + " " + sayNoun(n, noun) }

// sayPart writes "41 of 43 calls (95 %)"; the share where the whole is large
// enough for one.
func sayPart(part, whole int, noun string) string {
	text := sayCount(part) + " of " + sayCount(whole)
	if noun != "" {
		text += " " + sayNoun(whole, noun)
	}
	if whole < 10 || part == 0 {
		return text
	}
	return text + " (" + sayShare(part, whole) + ")"
}

// sayShare writes a share in percent. What is not nothing never reads 0, and
// what is not all never reads 100.
func sayShare(part, whole int) string {
	p := 100 * float64(part) / float64(max(whole, 1))
	switch {
	case part < whole && p >= 99.5:
		return "over 99 %"
	case part > 0 && p < 0.05:
		return "below 0.1 %"
	case p < 10 && part > 0:
		return strings.TrimSuffix(strconv.FormatFloat(p, 'f', 1, 64), ".0") + " %"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + " %"
}

// sayList joins texts: "a, b and c".
func sayList(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// saySome is sayList of at most so many, with the number of the others.
func saySome(list []string, most int) string {
	if len(list) <= most {
		return sayList(list)
	}
	return sayList(append(slices.Clone(list[:most]), fmt.Sprintf("%d more", len(list)-most)))
}

// capital makes a text begin with a capital letter.
func capital(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}

// lowered is the opposite.
func lowered(text string) string {
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return text
	}
	return string(text[0]-'A'+'a') + text[1:]
}

// sentence ends a text with a full stop, unless it is ended.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// paragraphs joins texts, one a line; empty ones are left out.
func paragraphs(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "\n")
}

// unitOf is the noun of what a fault counts: "call", "stream", "registration".
func unitOf(f *Fault) string {
	for i := range f.Alerts {
		if unit := f.Alerts[i].Worst.Unit; unit != "" {
			return strings.TrimSuffix(unit, "s")
		}
	}
	return "call"
}
