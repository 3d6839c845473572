// Package spelling finds the known word that a misspelt one was meant to be, so
// that an error can say it.
package spelling

import (
	"fmt"
	"strings"
)

// longest is what is still looked at: no key or name is longer, and the
// distance costs the product of both lengths.
const longest = 100

// Nearest returns the known word that the fewest edits lead to, the first of
// several, or "" where none is near: more than two edits, and more than a third
// of a long word, make another word. Upper and lower case are one.
func Nearest(word string, known []string) string {
	best, fewest := "", max(3, len(word)/3)
	if len(word) > longest {
		return ""
	}
	for _, k := range known {
		if len(k) > longest {
			continue
		}
		if d := Distance(strings.ToLower(word), strings.ToLower(k)); d < min(fewest, len(k)) {
			best, fewest = k, d
		}
	}
	return best
}

// Hint returns ` (did you mean "x"?)` for the nearest known word, or nothing
// where none is near.
func Hint(word string, known []string) string {
	if best := Nearest(word, known); best != "" {
		return fmt.Sprintf(" (did you mean %q?)", best)
	}
	return ""
}

// Distance counts the octets to insert, delete or replace (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
