package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// HoldFile is the name of the file in the folder that suspends deletions: a
// line for each day (2026-11-22) or span of days (2026-11-01..2026-11-22) of
// records, each tenant ("tenant acme") whose records and cases are meant, or
// "all"; # begins a comment. A single case is held by a command.
const HoldFile = "hold"

// hold is what must not be deleted.
type hold struct {
	all     bool
	spans   [][2]Day
	tenants []string
}

func (h *hold) keepsTenant(name string) bool { return h.all || slices.Contains(h.tenants, name) }

func (h *hold) keeps(d Day) bool {
	if h.all {
		return true
	}
	for _, s := range h.spans {
		if d >= s[0] && d <= s[1] {
			return true
		}
	}
	return false
}

// readHold reads the hold file. What cannot be read holds everything: it was
// meant to hold something.
func readHold(dir string) (hold, error) {
	path := filepath.Join(dir, HoldFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return hold{}, nil
	}
	if err != nil {
		return hold{all: true}, err
	}
	h, err := parseHold(string(text))
	if err != nil {
		return hold{all: true}, fmt.Errorf("%s: %w; until it is right nothing is deleted", path, err)
	}
	return h, nil
}

func parseHold(text string) (hold, error) {
	var h hold
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if line == "all" {
			h.all = true
			continue
		}
		if words := strings.Fields(line); words[0] == "tenant" && len(words) == 2 {
			h.tenants = append(h.tenants, words[1])
			continue
		}
		from, to, spans := strings.Cut(line, "..")
		if !spans {
			to = from
		}
		first, err := ParseDay(strings.TrimSpace(from))
		if err == nil {
			var last Day
			last, err = ParseDay(strings.TrimSpace(to))
			h.spans = append(h.spans, [2]Day{first, last})
			if err == nil && last < first {
				err = errBackwards
			}
		}
		if err != nil {
			return hold{}, fmt.Errorf("line %d: %q is neither a day like 2026-11-22, nor days like 2026-11-01..2026-11-22, nor a tenant as in \"tenant acme\", nor all", number, line)
		}
	}
	return h, nil
}

var errBackwards = errors.New("store: the last day is before the first")
