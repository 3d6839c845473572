package alerting

import (
	"hash/fnv"
	"testing"
)

// The fingerprint is Prometheus': FNV-1a over each name and value, an octet
// 255 behind each.
func TestFingerprint(t *testing.T) {
	h := fnv.New64a()
	h.Write([]byte("alertname\xffloss\xffsegment\xfftrunk-a\xff"))
	got := fingerprint([]Label{{"alertname", "loss"}, {"segment", "trunk-a"}})
	if got != Fingerprint(h.Sum64()) || len(got.String()) != 16 {
		t.Errorf("fingerprint %s, want %016x", got, h.Sum64())
	}
	if other := fingerprint([]Label{{"alertname", "losss"}, {"egment", "trunk-a"}}); other == got {
		t.Error("a letter that moved from a name to a value makes no difference")
	}
}

// The five worst are kept, a stream once with its worst.
func TestSamples(t *testing.T) {
	var s samples
	offer := func(call string, v float64, below bool) { s.offer(&sample{call: call, value: v, at: int64(v)}, below) }
	for i, v := range []float64{3, 9, 1, 7, 5, 8, 2} {
		offer(string(rune('a'+i)), v, false)
	}
	offer("b", 4, false)  // less than its 9
	offer("d", 10, false) // more than its 7
	got := map[string]float64{}
	for _, x := range s.list[:s.n] {
		got[x.call] = x.value
	}
	want := map[string]float64{"a": 3, "b": 9, "d": 10, "e": 5, "f": 8}
	if len(got) != len(want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	for call, v := range want {
		if got[call] != v {
			t.Errorf("kept %v, want %v", got, want)
		}
	}
	s.forget(8)
	if s.n != 3 {
		t.Errorf("%d kept from 8 on, want 3", s.n)
	}
	s = samples{}
	for i, v := range []float64{4, 3, 2, 3.5, 1, 5, 0.5} {
		offer(string(rune('a'+i)), v, true)
	}
	for _, x := range s.list {
		if x.value > 3.5 {
			t.Errorf("kept %g; want the five smallest", x.value)
		}
	}
}

func TestWords(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.1042: "0.104", 5: "5", 12.34: "12.3", 1234.5: "1234", 99.96: "100"} {
		if got := short(v); got != want {
			t.Errorf("%g is %q, want %q", v, got, want)
		}
	}
	if got := percent(0.1042); got != "10.4 %" {
		t.Errorf("%q, want 10.4 %%", got)
	}
}
