package spelling

import (
	"strings"
	"testing"
)

// TestDistance: the textbook's examples.
func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"same", "same", 0},
		{"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"ab", "ba", 2},
	} {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("Distance(%q, %q): got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"jitter_ms", "loss_ratio", "mos_lq", "eth0", "eth1", "x"}
	for _, tt := range []struct{ word, want string }{
		{"jiter_ms", "jitter_ms"}, {"LOSS_RATIO", "loss_ratio"}, {"eth2", "eth0"}, {"mos", ""}, {"bandwidth", ""},
		{"ab", ""}, {strings.Repeat("a", 101), ""},
	} {
		if got := Nearest(tt.word, known); got != tt.want {
			t.Errorf("Nearest(%q): got %q, want %q", tt.word, got, tt.want)
		}
	}
	if got := Hint("eth2", known); got != ` (did you mean "eth0"?)` {
		t.Errorf("Hint: got %q", got)
	}
}
