package sanitise

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"earshot/sipparse"

	"go.yaml.in/yaml/v3"
)

const capturesDir = "../../shared/captures"

// corpus gives every message of the RFCs' examples and of the captures.
func corpus(t *testing.T, each func(name string, message []byte)) {
	t.Helper()
	texts, _ := filepath.Glob(capturesDir + "/sip-text/*/*")
	if len(texts) == 0 {
		t.Skipf("no messages in %s", capturesDir)
	}
	for _, file := range texts {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		switch filepath.Ext(file) {
		case ".dat":
			each(name, b)
			each(name+" with bare LF", bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
		case ".yaml":
			var messages []string
			if err := yaml.Unmarshal(b, &messages); err != nil {
				t.Fatal(err)
			}
			for i, m := range messages {
				each(fmt.Sprintf("%s %d", name, i), []byte(strings.ReplaceAll(m, "\n", "\r\n")))
			}
		}
	}
	captured(t, each)
}

// captured gives the messages of the captures, as tshark takes them out.
func captured(t *testing.T, each func(name string, message []byte)) {
	t.Helper()
	if testing.Short() {
		return
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	truths, _ := filepath.Glob(capturesDir + "/truth/*.sip.tsv")
	for _, truth := range truths {
		name := strings.TrimSuffix(filepath.Base(truth), ".sip.tsv")
		out, err := exec.Command("tshark", "-r", capturesDir+"/files/"+name, "-Y", "udp and not icmp and not icmpv6",
			"-T", "fields", "-E", "occurrence=l", "-e", "frame.number", "-e", "udp.payload").Output()
		if err != nil {
			t.Fatalf("tshark: %v", err)
		}
		for row := range strings.Lines(string(out)) {
			frame, text, _ := strings.Cut(strings.TrimRight(row, "\n"), "\t")
			payload, err := hex.DecodeString(text)
			if err == nil && sipparse.Looks(payload) {
				each(name+" frame "+frame, payload)
			}
		}
	}
}

// TestCorpus: what a parser makes of the messages of the RFCs, torture included,
// and of the captures, is the same afterwards, but for the pseudonyms.
func TestCorpus(t *testing.T) {
	text, names := testText(t)
	messages := 0
	corpus(t, func(name string, message []byte) {
		messages++
		result := text.SIP(nil, message)
		if err := sameStructure(names, message, result); err != nil {
			t.Errorf("%s: %v\nwas %q\n is %q", name, err, message, result)
		}
	})
	t.Logf("%d messages", messages)
}
