package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func gunzip(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tshark runs tshark on a capture with every checksum verified; the test is
// skipped where it is not installed.
func tshark(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed")
	}
	args = append([]string{"-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE",
		"-o", "rtp.heuristic_rtp:TRUE"}, args...)
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatalf("tshark %q: %v", args, err)
	}
	return string(out)
}

// truthLines reads a truth file.
func truthLines(t *testing.T, path string) (streams []streamTruth, calls []callTruth, total totalTruth) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(bytes.NewReader(b))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var kind struct{ Type string }
		read := func(v any) {
			if err := json.Unmarshal(sc.Bytes(), v); err != nil {
				t.Fatalf("%s: %v", sc.Text(), err)
			}
		}
		read(&kind)
		switch kind.Type {
		case "stream":
			streams = append(streams, streamTruth{})
			read(&streams[len(streams)-1])
		case "call":
			calls = append(calls, callTruth{})
			read(&calls[len(calls)-1])
		case "total":
			read(&total)
		}
	}
	return streams, calls, total
}

const badFrames = "_ws.malformed || ip.checksum.status==0 || udp.checksum.status==0 || tcp.checksum.status==0 || tcp.analysis.flags || _ws.expert.severity>=6291456"

// TestTsharkAgrees: every frame is well formed, and tshark finds the streams,
// packets, losses and jitter that the truth has.
func TestTsharkAgrees(t *testing.T) {
	for _, flags := range []string{"-profile mixed -calls 6 -duration 6s", "-profile faults -calls 2 -duration 6s"} {
		t.Run(flags, func(t *testing.T) {
			capture, truth := generate(t, "a.pcap", flags)
			if out := tshark(t, "-r", capture, "-Y", badFrames); out != "" {
				t.Errorf("frames that tshark objects to:\n%s", out)
			}
			streams, _, total := truthLines(t, truth)
			compareStreams(t, tshark(t, "-r", capture, "-q", "-z", "rtp,streams"), streams)
			sip := strings.Count(tshark(t, "-r", capture, "-Y", "sip", "-T", "fields", "-e", "sip.Call-ID"), "\n")
			if int64(sip) != total.SIPMessages {
				t.Errorf("tshark sees %d SIP messages, the truth %d", sip, total.SIPMessages)
			}
		})
	}
}

// TestTsharkEncapsulations: tshark finds everything inside each encapsulation.
func TestTsharkEncapsulations(t *testing.T) {
	for _, e := range newTunnels().encapsulations() {
		t.Run(e.name, func(t *testing.T) {
			flags := "-calls 1 -duration 500ms -ring 50ms -loss 5% -encap " + e.name
			if e.inner == 6 {
				flags += " -ipv6 100"
			}
			capture, truth := generate(t, "a.pcap", flags)
			if out := tshark(t, "-r", capture, "-Y", badFrames); out != "" {
				t.Errorf("frames that tshark objects to:\n%s", out)
			}
			streams, _, _ := truthLines(t, truth)
			compareStreams(t, tshark(t, "-r", capture, "-q", "-z", "rtp,streams"), streams)
		})
	}
}

// compareStreams holds tshark's table against the truth. Its loss counts packets
// less duplicates, and a reordered last packet shortens it; its jitter doesn't
// take a late packet for the next one's reference, nor leave out the step at a
// telephone-event: those streams are compared by packets only.
func compareStreams(t *testing.T, table string, want []streamTruth) {
	t.Helper()
	byKey := map[string]*streamTruth{}
	for i := range want {
		byKey[want[i].Src+" "+want[i].Dst+" "+want[i].SSRC] = &want[i]
	}
	found := 0
	for line := range strings.Lines(table) {
		f := strings.Fields(strings.TrimSuffix(strings.TrimSpace(line), "X"))
		if len(f) < 16 || f[0] == "Start" {
			continue
		}
		key := join(f[2], f[3]) + " " + join(f[4], f[5]) + " " + strings.ToLower(f[6])
		w := byKey[key]
		if w == nil {
			t.Errorf("tshark sees a stream that the truth lacks: %s", line)
			continue
		}
		found++
		n := len(f) // packets, lost, percentage, delta and jitter in threes close the line
		num := func(i int) float64 {
			v, err := strconv.ParseFloat(f[i], 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			return v
		}
		if got := int64(num(n - 9)); got != w.Packets {
			t.Errorf("%s: %d packets, truth %d", key, got, w.Packets)
		}
		if w.Duplicates+w.Restarts+w.Reordered == 0 {
			if got := int64(num(n - 8)); got != w.Lost {
				t.Errorf("%s: %d lost, truth %d", key, got, w.Lost)
			}
		}
		if w.Duplicates+w.Restarts+w.Reordered+w.EventPackets+w.ComfortNoise == 0 {
			near(t, key+" mean jitter", num(n-2), w.Jitter.Mean)
			near(t, key+" maximum jitter", num(n-1), w.Jitter.Max)
		}
	}
	if found != len(want) {
		t.Errorf("tshark sees %d streams, the truth has %d", found, len(want))
	}
}

func join(host, port string) string { return hostText(host) + ":" + port }

// near allows 1 %, and the microsecond that tshark's table rounds to.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.01*want+0.001 {
		t.Errorf("%s: %v ms, truth %v", what, got, want)
	}
}
