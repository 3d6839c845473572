package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// mailColumns is how wide a case is where nobody says: what a mail shows
// without breaking lines again.
const mailColumns = 78

// maxProse bounds, in code points, one paragraph of a case.
const maxProse = 8000

// caseColumns is how wide a case's text runs: lines longer than a hundred
// columns are hard to read.
func caseColumns(s Style) int {
	if s.Width == 0 {
		return mailColumns
	}
	return max(40, min(s.Width, 100))
}

// fold breaks a text into lines at spaces. Unlike wrap it cuts no word: a
// Call-ID that misses its end finds nothing.
func fold(s string, columns int) []string { return fill(phrases(s), columns) }

// unitWords stay on the line of the number before them.
var unitWords = []string{"s", "ms", "min", "h", "d", "day", "days", "UTC"}

// phrases are words, those with units together with their number.
func phrases(s string) []string {
	var list []string
	for _, word := range words(s) {
		last := len(list) - 1
		if last >= 0 && slices.Contains(unitWords, strings.TrimRight(word, ".,;:)")) && strings.ContainsAny(list[last][len(list[last])-1:], "0123456789") {
			list[last] += " " + word
			continue
		}
		list = append(list, word)
	}
	return list
}

// writeProse writes paragraphs, one a line of the text.
func writeProse(b *bytes.Buffer, s Style, c color, text string) { writeIndented(b, s, c, text, "  ") }

// writeIndented writes them behind an indent; what begins with "- " hangs.
func writeIndented(b *bytes.Buffer, s Style, c color, text, indent string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		paragraph = clean(paragraph, maxProse)
		if paragraph == "" {
			continue
		}
		hang := ""
		if strings.HasPrefix(paragraph, "- ") {
			hang = "  "
		}
		for i, line := range fold(paragraph, caseColumns(s)-len(indent)-len(hang)) {
			if i > 0 {
				line = hang + line
			}
			b.WriteString(indent + s.paint(c, line) + "\n")
		}
	}
}

// caseTime writes a time to the minute.
func caseTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// caseSpan writes a length of time to two units, from seconds to days.
func caseSpan(d time.Duration) string {
	s := int64(d.Abs().Round(time.Second) / time.Second)
	m, h := s/60, s/3600
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case h < 48:
		return joinUnits(h, "h", m%60, "min")
	}
	return joinUnits(h/24, "d", h%24, "h")
}

func joinUnits(a int64, first string, b int64, second string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, first)
	}
	return fmt.Sprintf("%d %s %d %s", a, first, b, second)
}
