package report

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"earshot/dialog"
)

// none is shown where there is no figure.
const none = "–"

// clockTime is the time of day in UTC, with ms where they are asked for.
func clockTime(t dialog.Time, ms bool) string {
	switch {
	case t == 0:
		return none
	case ms:
		return t.Timestamp().Format("15:04:05.000")
	}
	return t.Timestamp().Format("15:04:05")
}

// date is the day in UTC.
func date(t dialog.Time) string { return t.Timestamp().Format("2006-01-02") }

// talkTime is mm:ss, or h:mm:ss from an hour on.
func talkTime(ms *float64) string {
	if ms == nil {
		return none
	}
	s := int64(math.Round(*ms / 1000))
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// percentage writes a ratio in percent. What is not nothing never reads 0, and
// what is not all never reads 100.
func percentage(ratio float64) string {
	p := 100 * ratio
	switch {
	case p > 0 && p < 0.1:
		return "<0.1"
	case p < 100 && p >= 99.95:
		return ">99.9"
	}
	return strconv.FormatFloat(p, 'f', 1, 64)
}

// milliseconds writes a time in ms.
func milliseconds(ms float64) string { return strconv.FormatFloat(ms, 'f', 1, 64) }

// seconds writes ms as seconds.
func seconds(ms *float64) string {
	if ms == nil {
		return none
	}
	return strconv.FormatFloat(*ms/1000, 'f', 3, 64) + " s"
}

// score writes a MOS with two decimals.
func score(mos float64) string { return strconv.FormatFloat(mos, 'f', 2, 64) }

// count writes a number in groups of three digits.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural writes a count and its noun.
func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// octets writes a size in powers of 1000.
func octets(n uint64) string {
	switch f := float64(n); {
	case f >= 1e12:
		return fmt.Sprintf("%.1f TB", f/1e12)
	case f >= 1e9:
		return fmt.Sprintf("%.1f GB", f/1e9)
	case f >= 1e6:
		return fmt.Sprintf("%.1f MB", f/1e6)
	case f >= 1e3:
		return fmt.Sprintf("%.1f kB", f/1e3)
	}
	return fmt.Sprintf("%d B", n)
}

// span writes a duration for people: what a stopwatch shows.
func span(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	}
	s := int64(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
}

// baseNames are the files' names without their folders: a report is handed on,
// and the folders of whoever made it are nobody's business.
func baseNames(files []string) []string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.ToValidUTF8(filepath.Base(f), "\uFFFD")
	}
	return names
}

// integers writes a list of numbers.
func integers(list []int) string {
	if len(list) == 0 {
		return none
	}
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = strconv.Itoa(v)
	}
	return strings.Join(texts, " ")
}
