package mos

import (
	"errors"
	"strings"
	"testing"
)

// TestDefaultCodecs holds the built-in table to what every row owes its reader.
func TestDefaultCodecs(t *testing.T) {
	seen := make(map[Model]bool)
	for _, c := range DefaultCodecs().Rows() {
		seen[c.Model] = true
		if c.Source == "configuration" || c.Confidence == "" || c.PLC == "" {
			t.Errorf("%s (%s): source %q, confidence %q, PLC %q", c.Name, c.Encoding, c.Source, c.Confidence, c.PLC)
		}
		if c.Confidence != max(c.IeConfidence, c.BplConfidence) {
			t.Errorf("%s: confidence %q of %q and %q", c.Name, c.Confidence, c.IeConfidence, c.BplConfidence)
		}
		if c.BurstAware && (c.Model != G107 || c.Bpl < 16) {
			t.Errorf("%s: burst-aware on %s with Bpl %v", c.Name, c.Model, c.Bpl)
		}
	}
	if len(seen) != 3 {
		t.Errorf("models: got %v, want all three", seen)
	}
}

func TestLoadCodecsReplacesEncodings(t *testing.T) {
	const doc = `
codecs:
  - {name: "G.711 on our phones", encodings: [PCMU], model: G.107, ie: 0, bpl: 10, plc: none}
  - {name: "Opus", encodings: [opus], model: G.107.2, ie: 10.2, bpl: 4.3, source: "house rule", ie_confidence: B}
  - {name: "DVI4", encodings: [dvi4], model: G.107, ie: 12, bpl: 20}
without:
  - {reason: no_value, encodings: [ilbc]}
`
	table, err := LoadCodecs(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		q          Query
		name       string
		bpl        float64
		confidence string
	}{
		{Query{Encoding: "pcmu", ClockRate: 8000, PLC: "G.711 Appendix I"}, "G.711 on our phones", 10, "C"},
		{Query{Encoding: "pcma", ClockRate: 8000}, "G.711", 25.1, "A"},
		{Query{Encoding: "opus", ClockRate: 48000, Bandwidth: "WB", Kbps: 20}, "Opus", 4.3, "C"},
		{Query{Encoding: "opus", ClockRate: 48000}, "Opus", 4.3, "C"},
		{Query{Encoding: "DVI4", ClockRate: 8000}, "DVI4", 20, "C"},
	}
	for _, tt := range tests {
		c, err := table.Lookup(tt.q)
		if err != nil || c.Name != tt.name || c.Bpl != tt.bpl || c.Confidence != tt.confidence {
			t.Errorf("%+v: got %+v, %v; want %q with Bpl %v, %s", tt.q, c, err, tt.name, tt.bpl, tt.confidence)
		}
	}
	if c, _ := table.Lookup(Query{Encoding: "opus"}); c.Source != "house rule" || c.PLC != "native" || c.BurstAware {
		t.Errorf("opus: got %+v", c)
	}
	if c, _ := table.Lookup(Query{Encoding: "dvi4"}); c.Source != "configuration" || !c.BurstAware {
		t.Errorf("dvi4: got %+v", c)
	}
	if _, err := table.Lookup(Query{Encoding: "iLBC", Kbps: 15.2}); !errors.Is(err, ErrNoValue) {
		t.Errorf("ilbc: got %v, want %v", err, ErrNoValue)
	}
	if got := table.Rows()[0].Name; got != "G.711 on our phones" {
		t.Errorf("first row: got %q, want the configuration's", got)
	}
}

func TestLoadCodecsOfNothing(t *testing.T) {
	for _, doc := range []string{"", "# only a comment\n", "codecs: []\n", "codecs:\n"} {
		table, err := LoadCodecs(strings.NewReader(doc))
		if err != nil {
			t.Errorf("%q: %v", doc, err)
			continue
		}
		if got, want := len(table.Rows()), len(DefaultCodecs().Rows()); got != want {
			t.Errorf("%q: %d rows, want the built-in %d", doc, got, want)
		}
	}
}

func TestLoadCodecsErrors(t *testing.T) {
	const row = `{name: x, encodings: [x], model: G.107, ie: 1, bpl: 5`
	tests := []struct{ doc, want string }{
		{"codec: []", `line 1: unknown key "codec", did you mean "codecs"?`},
		{"codecs:\n  - {nmae: x}", `line 2: unknown key "nmae", did you mean "name"?`},
		{"codecs:\n  - " + row + ", Lookahead_MS: 5}", `line 2: unknown key "Lookahead_MS", did you mean "lookahead_ms"?`},
		{"codecs:\n  - " + row + ", rabbit: 5}", `line 2: unknown key "rabbit", want one of ["name" "encodings"`},
		{"- x", `line 1: want a mapping`},
		{"codecs:\n  - 5", `line 2: want a mapping`},
		{"codecs:\n  - {name: x,\n     ie: abc}", `line 3: cannot unmarshal !!str`},
		{"codecs: [", `did not find expected`},
		{"codecs:\n  - {encodings: [x]}", `line 2: name is missing`},
		{"codecs:\n  - {name: x, model: G.107}", `line 2: encodings is missing for "x"`},
		{"codecs:\n  - {name: x, encodings: [' ']}", `line 2: an encoding of "x" is empty`},
		{"codecs:\n  - {name: x, encodings: [x], model: G.711}", `line 2: model is "G.711", want one of ["G.107" "G.107.1" "G.107.2"]`},
		{"codecs:\n  - {name: x, encodings: [x], model: G.107, bpl: 3}", `line 2: ie is missing for "x"`},
		{"codecs:\n  - {name: x, encodings: [x], model: G.107, ie: 3}", `line 2: bpl is missing for "x"`},
		{"codecs:\n  - {name: x, encodings: [x], model: G.107, ie: 95, bpl: 3}", `line 2: ie is 95, want 0 to below 95 on the scale of G.107`},
		{"codecs:\n  - {name: x, encodings: [x], model: G.107, ie: .nan, bpl: 3}", `line 2: ie is NaN`},
		{"codecs:\n  - {name: x, encodings: [x], model: G.107, ie: 3, bpl: 0}", `line 2: bpl is 0, want above 0`},
		{"codecs:\n  - " + row + ", min_kbps: -1}", `line 2: min_kbps, clock_rate and lookahead_ms of "x" cannot be negative`},
		{"codecs:\n  - " + row + ", frame_type: 16}", `line 2: frame_type is 16, want 0 to 15`},
		{"codecs:\n  - " + row + ", bandwidth: wide}", `line 2: bandwidth is "wide", want one of ["NB"`},
		{"codecs:\n  - " + row + ", ie_confidence: D}", `line 2: ie_confidence is "D", want one of ["A" "B" "C"]`},
		{"codecs:\n  - " + row + ", burst_aware: true}", `line 2: burst_aware needs model "G.107" and a bpl of at least 16`},
		{"codecs:\n  - " + row + "}\n  - " + row + "}", `line 3: "x" holds for the same as line 2`},
		{"codecs:\n  - " + row + "}\nwithout:\n  - {reason: no_value, encodings: [X]}", `encoding "x" is in codecs and in without`},
		{"without:\n  - {reason: because, encodings: [x]}", `line 2: reason is "because", want "no_value" or "no_speech"`},
	}
	for _, tt := range tests {
		_, err := LoadCodecs(strings.NewReader(tt.doc))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "cannot read codec table: ") {
			t.Errorf("%q:\n got %v\nwant %s", tt.doc, err, tt.want)
		}
	}
}

// FuzzLoadCodecs: no document crashes the reader, and what it accepts can be asked.
func FuzzLoadCodecs(f *testing.F) {
	f.Add("codecs:\n  - {name: x, encodings: [x], model: G.107, ie: 1, bpl: 5}\n")
	f.Add("without:\n  - {reason: no_speech, encodings: [x]}\n")
	f.Add("codecs: &a [*a]")
	f.Add("codecs:\n  - &r {name: x, encodings: [x], model: G.107.1, ie: 1, bpl: 5}\n  - *r\n")
	f.Fuzz(func(t *testing.T, doc string) {
		table, err := LoadCodecs(strings.NewReader(doc))
		if err != nil {
			return
		}
		for _, c := range table.Rows() {
			if s := LQ(Input{Codec: c, Ppl: 3, BurstR: 2}); !(s.MOS >= 1 && s.MOS <= 4.5) {
				t.Fatalf("%+v scores %+v", c, s)
			}
		}
	})
}
