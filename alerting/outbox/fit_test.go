package outbox

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"", 5, ""}, {"abcde", 5, "abcde"}, {"abcdef", 5, "abcd…"}, {"ab cdef", 4, "ab…"}, {"äöüäöü", 4, "äöü…"},
		{"a\xffb", 5, "a\uFFFDb"}, {"\xff\xff", 1, "\uFFFD"}, {"ab", 1, "…"}, {"語語語", 2, "語…"},
	} {
		if got := fit(c.text, c.most); got != c.want {
			t.Errorf("%q in %d characters is %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestFitProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, most := string(rapid.SliceOf(rapid.Byte()).Draw(t, "text")), rapid.IntRange(1, 50).Draw(t, "most")
		got := fit(text, most)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > most {
			t.Fatalf("%q in %d characters is %q", text, most, got)
		}
		head, cut := strings.CutSuffix(got, "…")
		if cut && !strings.HasPrefix(strings.ToValidUTF8(text, "\uFFFD"), head) {
			t.Fatalf("%q is not the beginning of %q", head, text)
		}
	})
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{"a\r\n b\tc": "a b c", " x ": "x", "a\x00\x1b[31mb": "a [31mb", "\u0085": ""} {
		if got := oneLine(text); got != want {
			t.Errorf("%q in one line is %q, want %q", text, got, want)
		}
	}
	if got, want := plain("a\r\nb\x00\tc\x07"), "a\nb\tc"; got != want {
		t.Errorf("plain text is %q, want %q", got, want)
	}
}
