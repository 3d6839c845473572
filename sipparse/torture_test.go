package sipparse

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const textsDir = capturesDir + "/sip-text/rfc4475-and-callflows"

// The fields of a message by regular expressions over its unfolded headers: a
// reading that has nothing in common with the parser.
var (
	foldRE   = regexp.MustCompile(`[ \t]*\r?\n[ \t]+`)
	callIDRE = regexp.MustCompile(`(?mi)^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$`)
	cseqRE   = regexp.MustCompile(`(?mi)^cseq[ \t]*:[ \t]*\d+[ \t]+([^\s]+)[ \t]*\r?$`)
	fromRE   = regexp.MustCompile(`(?mi)^(?:from|f)[ \t]*:.*;[ \t]*tag[ \t]*=[ \t]*([^;\s]+)`)
	toRE     = regexp.MustCompile(`(?mi)^(?:to|t)[ \t]*:.*;[ \t]*tag[ \t]*=[ \t]*([^;\s]+)`)
	viaRE    = regexp.MustCompile(`(?mi)^(?:via|v)[ \t]*:([^,\r\n]*)`)
	branchRE = regexp.MustCompile(`;[ \t]*branch[ \t]*=[ \t]*([^;,\s]+)`)
	methodRE = regexp.MustCompile(`^([^\s]+)[ \t]+`)
	statusRE = regexp.MustCompile(`^SIP/\d\.\d[ \t]+(\d+)`)
)

func first(re *regexp.Regexp, b []byte) string {
	if m := re.FindSubmatch(b); m != nil {
		return string(m[1])
	}
	return ""
}

// compare parses a message and holds it against the regular expressions.
func compare(t *testing.T, name string, b []byte) *Message {
	t.Helper()
	m, err := NewParser(Config{}).Parse(b)
	if m == nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	head, _, _ := bytes.Cut(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	head = append(foldRE.ReplaceAll(head, []byte(" ")), '\n')
	method := first(methodRE, head)
	if statusRE.Match(head) {
		method = ""
	}
	for _, c := range []struct{ field, got, want string }{
		{"method", m.Method, method},
		{"Call-ID", m.CallID, first(callIDRE, head)},
		{"CSeq method", m.CSeqMethod, first(cseqRE, head)},
		{"From tag", m.From.Tag, first(fromRE, head)},
		{"To tag", m.To.Tag, first(toRE, head)},
		{"branch", m.Branch, first(branchRE, []byte(first(viaRE, head)))},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s: got %q, want %q", name, c.field, c.got, c.want)
		}
	}
	if wantErr := first(callIDRE, head) == ""; wantErr != errors.Is(err, ErrNoCallID) && !errors.Is(err, ErrStatus) {
		t.Errorf("%s: error %v", name, err)
	}
	return m
}

// TestTorture reads the messages of RFC 4475: whatever of Call-ID, CSeq, tags
// and branch is there is taken, from the invalid ones too.
func TestTorture(t *testing.T) {
	files, _ := filepath.Glob(textsDir + "/*.dat")
	if len(files) == 0 {
		t.Skipf("no messages in %s", textsDir)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		compare(t, name, b)
		compare(t, name+" with bare LF", bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
	}
}

// TestCallFlows reads the example flows of RFC 3665, 3515, 4916 and 5626: no
// damage but what the RFCs leave out, and a session description wherever there
// is a media line.
func TestCallFlows(t *testing.T) {
	files, _ := filepath.Glob(textsDir + "/*.yaml")
	if len(files) == 0 {
		t.Skipf("no messages in %s", textsDir)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var messages []string
		if err := yaml.Unmarshal(b, &messages); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, text := range messages {
			text = strings.ReplaceAll(text, "\n", "\r\n")
			m := compare(t, filepath.Base(file)+" "+text[:20], []byte(text))
			hasSDP := strings.Contains(text, "\r\nm=")
			if m != nil && (m.SDP != nil) != hasSDP {
				t.Errorf("%s: %.40s: session description: got %v, want %v", file, text, m.SDP != nil, hasSDP)
			}
			if m != nil && m.Damage&^(DamageTruncated|DamageMissing) != 0 {
				t.Errorf("%s: %.40s: damage %b", file, text, m.Damage)
			}
		}
	}
}
