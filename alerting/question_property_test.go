package alerting

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Whatever a fault holds, and however little: there are eight answers, each of
// them says something, and none shows what only a program would say.
func TestQuestionsAnyFault(t *testing.T) {
	negative := regexp.MustCompile(` -\d`)
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		f := anyFault(r)
		c := &Case{Number: 1, Segment: f.Verdict.Segment, Severity: Severity(r.IntN(5)), Opened: sceneAt("09:00:00"), Probe: f.Probe}
		if r.IntN(2) == 0 {
			c.Occurrences, c.FirstSeen, c.Owner = anySpells(r), f.Began.Add(-time.Hour), "someone"
		}
		changes := []*NetworkChange{{At: f.Began.Add(-time.Duration(r.Int64N(int64(20 * 24 * time.Hour)))), Text: "x", Author: "ann"}}
		texts := []string{subjectOf(f), describe(f), businessImpact(f)}
		list := answers(c, f, changes, sceneAt("12:00:00"))
		if len(list) != len(Questions) {
			t.Fatalf("seed %d: %d answers", seed, len(list))
		}
		for _, a := range list {
			texts = append(texts, a.Text)
		}
		for i, text := range texts {
			for _, bad := range []string{"%!", "NaN", "Inf", "0001-01-01", "  ", " .", "..", "<nil>", " ,", "\n\n", "1970"} {
				if strings.Contains(text, bad) {
					t.Errorf("seed %d, text %d holds %q: %s", seed, i, bad, text)
				}
			}
			if negative.MatchString(text) {
				t.Errorf("seed %d, text %d holds a negative number: %s", seed, i, text)
			}
			if text == "" || strings.TrimSpace(text) != text {
				t.Errorf("seed %d, text %d: got %q", seed, i, text)
			}
		}
	}
}

// anyFault is a fault of which any part may be missing.
func anyFault(r *rand.Rand) *Fault {
	some := func() bool { return r.IntN(2) == 0 }
	f := &Fault{Began: sceneAt("09:00:00"), Severity: Severity(1 + r.IntN(4)), Probe: r.IntN(8) == 0}
	f.Seen = f.Began.Add(time.Duration(r.Int64N(int64(time.Hour))))
	if some() {
		f.Fired = f.Began.Add(time.Duration(r.Int64N(int64(time.Hour))))
	}
	if some() {
		f.Over = f.Seen.Add(time.Hour)
	}
	for range r.IntN(4) {
		f.Signals = append(f.Signals, signals[r.IntN(len(signals))].name)
	}
	names := append([]FactorName{"novel"}, factorOrder...)
	for range r.IntN(4) {
		f.Factors = append(f.Factors, Factor{names[r.IntN(len(names))], "v"})
	}
	if some() {
		f.Verdict = Verdict{Segment: "s", Direction: []string{"", "from_peer", "to_peer", "unknown"}[r.IntN(4)], Share: r.Float64(), Reason: "all say so"}
	} else if some() {
		f.Verdict = Verdict{Segments: []string{"a", "b"}, Peer: []string{"", "p"}[r.IntN(2)]}
	}
	if some() {
		f.Impact = Impact{Calls: r.IntN(100), CallsTotal: r.IntN(100), Users: r.IntN(3), Streams: r.IntN(3), Sites: []string{"x", "y", "z"}[:r.IntN(4)]}
	}
	f.Spells = anySpells(r)
	anyEvidence(r, f)
	return f
}

func anyEvidence(r *rand.Rand, f *Fault) {
	traffic := func() Traffic {
		if r.IntN(3) == 0 {
			return Traffic{}
		}
		n := r.IntN(50)
		from := sceneAt("08:00:00").Add(time.Duration(r.Int64N(int64(72 * time.Hour))))
		return Traffic{from, from.Add(time.Duration(r.Int64N(int64(time.Hour)))), n, r.IntN(n + 1)}
	}
	f.Inside, f.Outside, f.Before = traffic(), traffic(), traffic()
	for range r.IntN(5) {
		f.Hours = append(f.Hours, traffic())
	}
	for range r.IntN(3) {
		f.Alerts = append(f.Alerts, Alert{Rule: "r", Signal: signals[r.IntN(len(signals))].name, State: State(r.IntN(4)), Severity: Severity(r.IntN(5)),
			Worst: Figures{Affected: r.IntN(9), Total: r.IntN(9), Unit: []string{"", "calls", "streams", "registrations", "seconds"}[r.IntN(5)]}, Figures: Figures{Affected: r.IntN(2)},
			Annotations: []Label{{"description", "d"}, {"summary", "The probe is late"}}})
	}
	for range r.IntN(6) {
		n := r.IntN(20)
		f.Contrast = append(f.Contrast, Contrast{Factor{factorOrder[r.IntN(len(factorOrder))], "v"}, r.IntN(n + 1), n})
	}
	for range r.IntN(3) {
		f.Examples = append(f.Examples, Example{Stream: "s", Call: []string{"", "c"}[r.IntN(2)], At: f.Began, Value: r.Float64()})
		f.Levels = append(f.Levels, Level{signals[r.IntN(len(signals))].name, r.Float64(), r.Float64(), r.Float64()})
	}
	if r.IntN(2) == 0 {
		f.Proof = Proof{Since: f.Seen, Units: r.IntN(3), Reason: []string{"", "no traffic"}[r.IntN(2)]}
	}
}

func anySpells(r *rand.Rand) []FaultSpell {
	var list []FaultSpell
	at := sceneAt("09:00:00")
	for range r.IntN(9) {
		to := at.Add(time.Duration(r.Int64N(int64(20 * time.Hour))))
		list = append(list, FaultSpell{at, to})
		at = to.Add(time.Minute)
	}
	if len(list) > 0 && r.IntN(2) == 0 {
		list[len(list)-1].To = time.Time{}
	}
	return list
}
