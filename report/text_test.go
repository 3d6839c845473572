package report

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "alice", "alice"},
		{"colour", "\x1b[31mred\x1b[0m", "red"},
		{"title of the terminal, ended by BEL", "a\x1b]0;owned\ab", "ab"},
		{"title of the terminal, ended by ST", "a\x1b]0;owned\x1b\\b", "ab"},
		{"device control without an end", "a\x1bPq#0", "a"},
		{"CSI of C1", "a\u009b2Jb", "ab"},
		{"CSI without an end", "a\x1b[12;", "a"},
		{"lone escape", "a\x1b", "a"},
		{"line feed", "a\r\nb", "a  b"},
		{"null and bell", "a\x00\ab", "ab"},
		{"right-to-left override", "a\u202eb", "ab"},
		{"zero-width space", "a\u200bb", "ab"},
		{"damaged UTF-8", "a\xffb", "a\ufffdb"},
		{"umlaut", "Müller", "Müller"},
		{"too long", strings.Repeat("x", 12), "xxxxxxxxx…"},
		{"just long enough", strings.Repeat("x", 10), "xxxxxxxxxx"},
	}
	for _, tt := range tests {
		if got := clean(tt.in, 10); got != tt.want {
			t.Errorf("%s: clean(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("alice")
	f.Add("\x1b]0;x\a\u009b\u202e\xff")
	f.Add(strings.Repeat("é", 50))
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s, 40)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 40 {
			t.Fatalf("clean(%q) = %q: damaged or too long", s, got)
		}
		for _, r := range got {
			if unicode.Is(unicode.C, r) {
				t.Fatalf("clean(%q) = %q keeps %U", s, got, r)
			}
		}
		for _, columns := range [...]int{1, 7, 20} {
			if w := width(cut(got, columns)); w > columns {
				t.Fatalf("cut(%q, %d) is %d columns wide", got, columns, w)
			}
		}
	})
}

func TestCutAndPad(t *testing.T) {
	tests := []struct {
		in      string
		columns int
		want    string
	}{
		{"alice", 5, "alice"},
		{"alice", 4, "ali…"},
		{"alice", 0, ""},
		{"電話番号", 8, "電話番号"},
		{"電話番号", 7, "電話番…"}, // three of two columns each, and the dots
		{"電話番号", 6, "電話…"},  // no half characters
	}
	for _, tt := range tests {
		if got := cut(tt.in, tt.columns); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.columns, got, tt.want)
		}
	}
	if got := pad("電話", 6, true); got != "  電話" {
		t.Errorf("pad gives %q", got)
	}
	if got := cutMiddle("+493055506310", 9); got != "+493…6310" {
		t.Errorf("cutMiddle gives %q", got)
	}
}

func TestWrap(t *testing.T) {
	got := strings.Join(wrap("lost 4.8 % in bursts", 10), "|")
	if want := "lost 4.8 %|in bursts"; got != want {
		t.Errorf("wrap gives %q, want %q", got, want)
	}
	if got := strings.Join(wrap("lost 4.8 % in bursts", 9), "|"); got != "lost|4.8 % in|bursts" {
		t.Errorf("a number and its %% were parted: %q", got)
	}
	if got := wrap("no width, no breaks", 0); len(got) != 1 {
		t.Errorf("wrap without a width gives %q", got)
	}
}
