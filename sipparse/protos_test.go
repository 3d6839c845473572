package sipparse

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
)

// placeholders are what the PROTOS tool fills in when it sends a case.
var placeholders = strings.NewReplacer("<From-Address>", "192.0.2.1", "<From-IP>", "192.0.2.1", "<To>", "b@192.0.2.2",
	"<From>", "a@192.0.2.1", "<Teardown-Method>", "BYE", "<Local-Port>", "5060", "<CSeq>", "7", "<Branch-ID>", "1",
	"<Call-ID>", "abc", "<Content-Length>", "131")

// methodTokenRE is a start line with a method that can be one, behind NULs: other cases are
// no SIP to anybody.
var methodTokenRE = regexp.MustCompile("^\x00*[A-Za-z0-9.!%*_+`'~-]{1,64}[ \t]")

// protosCase is the malformed INVITE and its teardown: each behind its length.
func protosCase(t *testing.T, b []byte) (messages []string) {
	for len(b) > 0 {
		n, digits, ok := decimal(b, 1<<30)
		if !ok || digits+1+int(n) > len(b) {
			t.Fatalf("no length before %.40q", b)
		}
		b = b[digits+1:]
		messages = append(messages, placeholders.Replace(string(b[:n])))
		b = b[n:]
	}
	return messages
}

// TestPROTOS feeds the malformed INVITEs of the PROTOS suite (c07-sip), as
// datagrams and as a TCP stream in random segments: nothing panics, nothing
// grows, and a sound message after each is found again.
func TestPROTOS(t *testing.T) {
	file, err := os.Open(capturesDir + "/sip-text/protos-c07-even.tar.xz")
	if err != nil {
		t.Skip("no PROTOS cases: ", err)
	}
	defer file.Close()
	packed, err := xz.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	messages := 0
	for archive := tar.NewReader(packed); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range protosCase(t, b) {
			messages++
			m, _ := NewParser(Config{}).Parse([]byte(text))
			line, _, _ := strings.Cut(text, "\n")
			if want := methodTokenRE.MatchString(line) && len(line) < maxStartLine; (m != nil) != want {
				t.Errorf("%s: %.60q: SIP %v, want %v", entry.Name, line, m != nil, want)
			}
			if m != nil && m.CallID == "" {
				t.Errorf("%s: no Call-ID", entry.Name)
			}
			protosStream(t, r, entry.Name, text)
		}
	}
	if messages != 2*2264 {
		t.Errorf("%d messages", messages)
	}
}

func protosStream(t *testing.T, r *rand.Rand, name, text string) {
	t.Helper()
	var f Framer
	frame(&f, pieces(r, text)...)
	f.Gap()
	got := frame(&f, "\r\n"+bye+ringing)
	if len(got) < 2 || got[len(got)-2] != bye || got[len(got)-1] != ringing {
		t.Errorf("%s: after it %.80q", name, got)
	}
	if cap(f.buf) > 2*maxBuffered || len(bytes.TrimSpace(f.buf[f.pos:])) > 0 {
		t.Errorf("%s: %d octets left in %d", name, len(f.buf)-f.pos, cap(f.buf))
	}
}
