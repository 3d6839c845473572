package rig

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/capture"
)

// newTestLink makes a link, or skips the test where there can be none.
func newTestLink(t *testing.T) *Link {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("network namespaces need root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("ip (iproute2) is not installed")
	}
	l, err := NewLink("earshot-t-")
	if err != nil {
		t.Skipf("no network namespaces here: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// arrived is what the kernel counted at the probe's end.
func arrived(t *testing.T, l *Link) int {
	t.Helper()
	out, err := exec.Command("ip", "netns", "exec", l.Probe, "cat", "/sys/class/net/"+l.ProbeEnd+"/statistics/rx_packets").Output()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// counted is n frames of 100 octets, a second apart by their times.
type counted struct{ n, next int }

func (c *counted) Next(buf []byte) (n int, at int64, err error) {
	if c.next == c.n {
		return 0, 0, io.EOF
	}
	c.next++
	copy(buf, []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5}) // EtherType for experiments
	return 100, int64(c.next) * 1e9, nil
}

// TestFrames: every frame arrives once, and no faster than the rate.
func TestFrames(t *testing.T) {
	l := newTestLink(t)
	s, err := NewFrameSender(l.Sender, l.SenderEnd)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := arrived(t, l)
	sent, err := s.Run(t.Context(), &counted{n: 10_000}, 20_000, 0)
	if err != nil || sent.Packets != 10_000 {
		t.Fatalf("sent %d frames, want 10000; error %v", sent.Packets, err)
	}
	if sent.Elapsed < 490*time.Millisecond {
		t.Errorf("10000 frames at 20000/s took %v, want half a second at least", sent.Elapsed)
	}
	if got := arrived(t, l) - before; got != 10_000 {
		t.Errorf("%d frames arrived, want 10000", got)
	}
	sent, err = s.Run(t.Context(), &counted{n: 10}, 0, 1500*time.Millisecond)
	if err != nil || sent.Packets != 2 {
		t.Errorf("sent %d frames, one a second, in 1.5 s, want 2; error %v", sent.Packets, err)
	}
}

// TestDatagrams: they arrive whole at a socket in the other namespace.
func TestDatagrams(t *testing.T) {
	l := newTestLink(t)
	var in net.PacketConn
	err := Within(l.Probe, func() (err error) {
		in, err = net.ListenPacket("udp4", ProbeAddress+":9")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	s, err := NewDatagramSender(l.Sender, netip.MustParseAddrPort(ProbeAddress+":9"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Run(t.Context(), &counted{n: 3}, 1000, 0); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 200)
	for range 3 {
		in.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, _, err := in.ReadFrom(buf); err != nil || n != 100 {
			t.Fatalf("got %d octets, want 100; error %v", n, err)
		}
	}
}

// TestLoop: the second round of a capture differs from the first in Call-IDs,
// branches and SSRCs only, of which it has as many, all new.
func TestLoop(t *testing.T) {
	r := someCalls(t)
	l, frames := r.Loop(), r.Frames()
	rounds := make([][][]byte, 3)
	last := int64(0)
	for i := range rounds {
		for range frames {
			buf := make([]byte, maxFrame)
			n, at, err := l.Next(buf)
			if err != nil {
				t.Fatal(err)
			}
			if at < last-1e9 {
				t.Fatalf("time goes back from %d to %d", last, at)
			}
			last = at
			rounds[i] = append(rounds[i], buf[:n])
		}
	}
	ids := map[string]int{}
	for round, all := range rounds {
		own := map[string]bool{}
		for i, f := range all {
			if len(f) != len(rounds[0][i]) {
				t.Fatalf("round %d, frame %d: got %d octets, want %d", round, i, len(f), len(rounds[0][i]))
			}
			for _, id := range identities(f) {
				own[id] = true
			}
		}
		for id := range own {
			if before, ok := ids[id]; ok {
				t.Errorf("round %d has %s of round %d", round, id, before)
			}
			ids[id] = round
		}
		if want := len(ids) / (round + 1); len(own) != want {
			t.Errorf("round %d has %d identities, want %d", round, len(own), want)
		}
	}
}

// identities returns the Call-ID or the SSRC of an RTP packet.
func identities(f []byte) []string {
	p := f[framePayload:]
	if p[0]>>6 == 2 {
		if p[1] >= 192 && p[1] <= 223 {
			return nil
		}
		return []string{fmt.Sprintf("SSRC %x of %x", p[8:12], f[26:framePayload])}
	}
	_, rest, ok := bytes.Cut(p, []byte("\r\nCall-ID: "))
	if !ok {
		return nil
	}
	id, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return []string{"Call-ID " + string(id)}
}

// TestMessages: a HEP packet's chunks fill it exactly, and it says its length.
func TestMessages(t *testing.T) {
	r := someCalls(t)
	m, err := r.Messages()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, maxFrame)
	for range 2*len(m.packets) + 1 {
		n, _, err := m.Next(buf)
		if err != nil {
			t.Fatal(err)
		}
		b := buf[:n]
		if string(b[:4]) != "HEP3" || int(b[4])<<8|int(b[5]) != n {
			t.Fatalf("begins %q and says %d octets, want HEP3 and %d", b[:4], int(b[4])<<8|int(b[5]), n)
		}
		b = b[6:]
		var payload []byte
		for len(b) >= 6 {
			length := int(b[4])<<8 | int(b[5])
			if length < 6 || length > len(b) {
				t.Fatalf("chunk %d of %d octets where %d are left", b[3], length, len(b))
			}
			if b[3] == 15 {
				payload = b[6:length]
			}
			b = b[length:]
		}
		if len(b) != 0 || !bytes.Contains(payload, []byte("\r\nCall-ID: ")) {
			t.Fatalf("%d octets are left; payload %q", len(b), payload)
		}
	}
}

// someCalls has callgen make a small capture.
func someCalls(t *testing.T) *Recording {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calls.pcap")
	out, err := exec.Command("go", "run", "earshot/cmd/callgen", "-calls", "5", "-duration", "2s", "-rtcp", "1s", "-o", file).CombinedOutput()
	if err != nil {
		t.Fatalf("cannot make a capture: %v: %s", err, out)
	}
	r, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMetrics: series are found by name and by parts of their labels.
func TestMetrics(t *testing.T) {
	m, err := parseMetrics("# HELP a b\na 1\na_total{x=\"1\",y=\"p q\"} 2\na_total{x=\"2\",y=\"p q\"} 3e3\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		parts []string
		want  float64
	}{{"a", nil, 1}, {"a_total", nil, 3002}, {"a_total", []string{`x="2"`}, 3000}, {"a_total", []string{`x="2"`, `y="p q"`}, 3000}, {"b", nil, 0}} {
		if got := m.Sum(c.name, c.parts...); got != c.want {
			t.Errorf("%s %v: got %v, want %v", c.name, c.parts, got, c.want)
		}
	}
	if _, err := parseMetrics("a b\n"); err == nil {
		t.Error("got no error for a value that is no number")
	}
}

// TestFloods: what a flood sends is what it says, as tshark reads it.
func TestFloods(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, c := range []struct {
		name   string
		flood  *Flood
		filter string // that all of the frames pass
	}{
		{"junk", NewJunk(1), "udp && ip.checksum.status == Good"},
		{"scan", NewScan(1), "sip.Method && sip.User-Agent == \"friendly-scanner\" && ip.checksum.status == Good"},
		{"half-open", NewHalfOpen(1), "sip.CSeq.method == \"INVITE\" && (sdp.media || sip.Status-Code < 200)"},
		{"random SSRC", NewRandomSSRC(1), "rtp.version == 2 && rtp.p_type == 0 && udp.length == 180"},
	} {
		file := filepath.Join(t.TempDir(), "flood.pcapng")
		out, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		w, err := capture.NewWriter(out)
		if err != nil {
			t.Fatal(err)
		}
		const frames = 300
		buf := make([]byte, maxFrame)
		for i := range frames {
			n, _, err := c.flood.Next(buf)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.WriteFrame(&capture.Frame{At: int64(i), Data: buf[:n], OrigLen: n, Link: capture.LinkEthernet}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := exec.Command("tshark", "-n", "-r", file, "-o", "ip.check_checksum:TRUE", "-o", "rtp.heuristic_rtp:TRUE",
			"--enable-heuristic", "rtp_udp", "-Y", c.filter, "-T", "fields", "-e", "frame.number").Output()
		if err != nil {
			t.Fatalf("%s: cannot run tshark: %v", c.name, err)
		}
		if n := strings.Count(string(got), "\n"); n != frames {
			t.Errorf("%s: %d of %d frames pass %s", c.name, n, frames, c.filter)
		}
	}
}
