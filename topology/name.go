package topology

import (
	"fmt"
	"strings"

	"earshot/spelling"
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
	if best := spelling.Nearest(name, known); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return ""
}
