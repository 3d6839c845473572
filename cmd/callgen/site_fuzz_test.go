package main

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzSite: a site scenario is refused or can be run; what it names exists, and
// every time lies within it.
func FuzzSite(f *testing.F) {
	f.Add([]byte(smallSite))
	files, err := filepath.Glob("../../testdata/faults/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		w, _, err := parseSite(text)
		if err != nil {
			return
		}
		if len(w.places) == 0 || len(w.trunks) == 0 || len(w.sbcs) == 0 || w.start >= w.end || !(w.perHour > 0) {
			t.Fatalf("%d sites, %d trunks, %d SBCs, %d to %d, %g calls an hour", len(w.places), len(w.trunks), len(w.sbcs), w.start, w.end, w.perHour)
		}
		for _, x := range w.faults {
			if x.when.from < w.start || x.when.to > w.end || x.when.from >= x.when.to || len(x.segments()) == 0 || x.owner == "" {
				t.Fatalf("fault %q: %+v of %d to %d, %d segments, owner %q", x.name, x.when, w.start, w.end, len(x.segments()), x.owner)
			}
		}
		for _, p := range w.places {
			if !p.net.IsValid() || p.phones < 1 || p.weight <= 0 {
				t.Fatalf("site %q: %s, %d phones, weight %g", p.name, p.net, p.phones, p.weight)
			}
		}
	})
}
