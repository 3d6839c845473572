package sipparse

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
)

// capturesDir holds real captures and what tshark says of them.
const capturesDir = "../../shared/captures"

// segment is the payload of one frame, as tshark extracts it.
type segment struct {
	frame   int
	flow    string // direction of a TCP stream; empty for UDP
	payload []byte
	again   bool // TCP retransmission
}

// segments has tshark take the UDP and TCP payloads out of a capture.
func segments(t *testing.T, file, filter string) (all []segment) {
	t.Helper()
	out, err := exec.Command("tshark", "-r", file, "-Y", filter, "-T", "fields", "-E", "occurrence=l",
		"-e", "frame.number", "-e", "udp.payload", "-e", "tcp.payload", "-e", "tcp.stream", "-e", "tcp.srcport",
		"-e", "tcp.analysis.retransmission", "-e", "tcp.analysis.out_of_order").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	for line := range bytes.Lines(out) {
		f := strings.Split(strings.TrimRight(string(line), "\n"), "\t")
		if len(f) < 7 {
			t.Fatalf("tshark line %q", line)
		}
		s := segment{again: f[5]+f[6] != ""}
		s.frame, _ = strconv.Atoi(f[0])
		text := f[1]
		if f[3] != "" {
			s.flow, text = f[3]+"/"+f[4], f[2]
		}
		if s.payload, err = hex.DecodeString(text); err != nil {
			t.Fatalf("frame %d: %v", s.frame, err)
		}
		all = append(all, s)
	}
	return all
}

// summary is what is compared of a message.
type summary struct{ start, callID, cseq string }

// ours reads a capture's SIP with the package, message by message in the order
// of the frames that complete them.
func ours(t *testing.T, file string) map[int][]summary {
	t.Helper()
	got := map[int][]summary{}
	p := NewParser(Config{})
	streams := map[string]*Stream{}
	for _, s := range segments(t, file, "(udp or tcp.payload) and not icmp and not icmpv6") {
		if s.flow == "" {
			if Looks(s.payload) {
				got[s.frame] = append(got[s.frame], summarize(t, p, s.payload))
			}
			continue
		}
		stream := streams[s.flow]
		if stream == nil {
			if !Wants(s.payload) {
				continue
			}
			stream = new(Stream)
			streams[s.flow] = stream
		}
		if s.again {
			continue
		}
		stream.Write(s.payload)
		for msg, ok := stream.Next(); ok; msg, ok = stream.Next() {
			got[s.frame] = append(got[s.frame], summarize(t, p, msg))
		}
	}
	return got
}

func summarize(t *testing.T, p *Parser, msg []byte) summary {
	t.Helper()
	m, err := p.Parse(msg)
	if m == nil {
		return summary{start: err.Error()}
	}
	checkSDP(t, m, msg)
	s := summary{start: m.Method, callID: asTshark(m.CallID)}
	if !m.IsRequest() {
		s.start = strconv.Itoa(m.StatusCode)
	}
	if m.CSeqMethod != "" {
		s.cseq = fmt.Sprintf("%d %s", m.CSeq, asTshark(m.CSeqMethod))
	}
	return s
}

// checkSDP holds a message's description against Announce's and, where pion
// accepts it, against pion's.
func checkSDP(t *testing.T, m *Message, msg []byte) {
	t.Helper()
	owner, announced := Announce(msg)
	if m.CallID != "" && owner != HashCallID(m.CallID) || m.CallID != "" && !reflect.DeepEqual(announced, m.SDP) {
		t.Errorf("announced %x %+v, want %x %+v", owner, announced, HashCallID(m.CallID), m.SDP)
	}
	body := FindSDP(msg)
	if body == nil || new(sdp.SessionDescription).Unmarshal(body) != nil {
		return
	}
	if err := agree(body); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

// asTshark writes text as tshark's fields do: an octet that is no UTF-8 as
// U+FFFD, a control character escaped.
func asTshark(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < ' ' {
			fmt.Fprintf(&b, `\x%02x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// truth is what tshark's SIP dissector found.
func truth(t *testing.T, file string) map[int][]summary {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := map[int][]summary{}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 || len(f) < 8 || len(f) > 8 && f[8] == "icmp-quoted" {
			continue
		}
		frame, _ := strconv.Atoi(f[0])
		want[frame] = append(want[frame], summary{f[5], f[6], f[7]})
	}
	return want
}

// differences are the frames where tshark and we part, and why. All are of a
// capture whose octets were damaged at random, or no SIP.
var differences = map[string]string{
	"ndpi__fuzz-2006-06-26-2594.pcap/108": "ours: a response; tshark stops at the NUL in its reason phrase",
	"ndpi__fuzz-2006-06-26-2594.pcap/144": "the last line, Call-ID, does not end: what is there may be half of it",
	"ndpi__fuzz-2006-06-26-2594.pcap/154": "ours: a request whose version is damaged; data to tshark",
	"ndpi__fuzz-2006-06-26-2594.pcap/155": "CSeq \"%s\\0 REGISTER\": we keep the method, tshark the text up to the NUL",
	"ndpi__fuzz-2006-06-26-2594.pcap/182": "Call-ID with a NUL inside: tshark's text ends there, ours does not",
	"ndpi__fuzz-2006-06-26-2594.pcap/223": "ours: a request whose version is damaged; data to tshark",
	"ndpi__fuzz-2006-06-26-2594.pcap/247": "Call-ID with a NUL inside: tshark's text ends there, ours does not",
	"ndpi__fuzz-2006-06-26-2594.pcap/274": "ours: status \"40\", given as 0 with ErrStatus; data to tshark",
	"ndpi__fuzz-2006-06-26-2594.pcap/346": "ours: NUL in the Request-URI; tshark stops there",
	"ndpi__fuzz-2006-06-26-2594.pcap/348": "ours: NUL in the reason phrase; tshark stops there",
	"ndpi__fuzz-2006-06-26-2594.pcap/441": "ours: NUL in the Request-URI; tshark stops there",
	"ndpi__fuzz-2006-06-26-2594.pcap/527": "the last line, CSeq, does not end",
	"ndpi__fuzz-2006-06-26-2594.pcap/550": "CSeq number is the octet 0x11: 0 to us, text to tshark",
	"ndpi__fuzz-2006-06-26-2594.pcap/558": "ours: a request whose version is damaged; data to tshark",
	"ndpi__fuzz-2006-06-26-2594.pcap/560": "ours: status \"4v1\", given as 0 with ErrStatus; data to tshark",
	"ndpi__http_on_sip_port.pcap/3":       "HTTP on port 5060: tshark goes by the port",
	"ndpi__http_on_sip_port.pcap/4":       "HTTP on port 5060: tshark goes by the port",
}

// TestCaptures holds Call-ID, CSeq and method or status of every message of
// the captures against tshark's.
func TestCaptures(t *testing.T) {
	if testing.Short() {
		t.Skip("runs tshark on every capture")
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	files, _ := filepath.Glob(capturesDir + "/truth/*.sip.tsv")
	if len(files) == 0 {
		t.Skipf("no captures in %s", capturesDir)
	}
	messages := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".sip.tsv")
		want := truth(t, file)
		got := ours(t, capturesDir+"/files/"+name)
		for _, frame := range slices.Sorted(maps.Keys(union(want, got))) {
			messages += len(want[frame])
			reason := differences[fmt.Sprintf("%s/%d", name, frame)]
			if same := slices.Equal(got[frame], want[frame]); same && reason != "" {
				t.Errorf("%s frame %d agrees, but is listed: %s", name, frame, reason)
			} else if !same && reason == "" {
				t.Errorf("%s frame %d:\n got %q\nwant %q", name, frame, got[frame], want[frame])
			}
		}
	}
	t.Logf("%d messages in %d captures", messages, len(files))
}

func union(a, b map[int][]summary) map[int][]summary {
	u := maps.Clone(a)
	maps.Copy(u, b)
	return u
}
