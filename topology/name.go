package topology

import (
	"fmt"
	"strings"
)

// maxName is the longest name, octets: longer ones make labels that no
// dashboard shows.
const maxName = 64

// checkName reports whether a name can be a label value without quoting
// anywhere, and is free.
func (c *compiler) checkName(what, name string) bool {
	switch {
	case name == "":
		c.errorf("a %s has no name", what)
	case name == OtherName:
		c.errorf("%s %q is what everything undeclared is called: take another name", what, name)
	case len(name) > maxName || strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) }):
		c.errorf("%s %q: a name has 1 to %d of the characters a-z A-Z 0-9 _ . : -", what, name, maxName)
	default:
		return true
	}
	return false
}

func nameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_.:-", r)
}

// didYouMean proposes the known name that is spelt most like one.
func didYouMean(name string, known []string) string {
	best, least := "", 3 // more mistakes than that are another word
	for _, k := range known {
		if d := edits(strings.ToLower(name), strings.ToLower(k), least); d < least || d == least && best == "" && d < len(k) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// edits is the Levenshtein distance of two names, or anything above most
// where it is larger.
func edits(a, b string, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
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
