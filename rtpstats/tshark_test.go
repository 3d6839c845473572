package rtpstats

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tsharkStream is a row of tshark's "-z rtp,streams" table.
type tsharkStream struct {
	src, dst        string
	ssrc            uint32
	packets         uint64
	lost            int64
	meanJit, maxJit float64
}

// tsharkRow: start, end, source, port, destination, port, SSRC, payload names,
// packets, lost, three deltas and three jitters.
var tsharkRow = regexp.MustCompile(`^\s*\S+\s+\S+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x([0-9A-F]{8})\s+.+?\s+(\d+)\s+(-?\d+) \(-?[0-9.]+%\)\s+\S+\s+\S+\s+\S+\s+\S+\s+(\S+)\s+(\S+)`)

// readTshark returns the streams of the table that tshark makes with its
// heuristics on: it sees, as the test does, no more than the packets.
func readTshark(tb testing.TB, path string) []tsharkStream {
	tb.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "heuristic rtp_udp")
	var out []tsharkStream
	for line := range strings.Lines(table) {
		m := tsharkRow.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		ssrc, _ := strconv.ParseUint(m[5], 16, 32)
		packets, _ := strconv.ParseUint(m[6], 10, 64)
		lost, _ := strconv.ParseInt(m[7], 10, 64)
		mean, _ := strconv.ParseFloat(m[8], 64)
		highest, _ := strconv.ParseFloat(m[9], 64)
		out = append(out, tsharkStream{hostPort(m[1], m[2]), hostPort(m[3], m[4]), uint32(ssrc), packets, lost, mean, highest})
	}
	return out
}

func hostPort(addr, port string) string {
	if strings.Contains(addr, ":") {
		addr = "[" + addr + "]"
	}
	return addr + ":" + port
}

// tsharkDiffers lists the streams where tshark and this package disagree, and
// who is right.
var tsharkDiffers = map[string]string{
	"arkime__gtp-iphone.pcap A2FF620F":                "inside GTP, which this test's reader does not open",
	"arkime__gtp-iphone.pcap 6399BBC1":                "inside GTP, which this test's reader does not open",
	"ndpi__fuzz-2006-06-26-2594.pcap 3796CB71":        "three damaged packets prove nothing without their SDP",
	"sipnab__sip-rtp-opus-hybrid.pcap 043EEE04":       "five packets, 311 lost between them, prove nothing without their SDP",
	"ndpi__rtp.pcapng 00001646":                       "tshark leaves packets with the marker out of the mean; RFC 3550 A.8 does not",
	"ptaviJavier__sip.cap 43306582":                   "tshark leaves packets with the marker out of the mean; RFC 3550 A.8 does not",
	"sipnab__rtp-protocol.pcap 44C61AFB":              "tshark's jitter goes on across comfort noise",
	"sipnab__sip-over-tcp.pcap 5A3361B3":              "tshark's jitter goes on across comfort noise",
	"sipnab__sip-over-tcp.pcap 42F433D4":              "tshark's jitter goes on across comfort noise",
	"wsw__SIP_DTMF2.pcap 5711BF84":                    "tshark counts the audio after each telephone-event as jitter",
	"wsw__FAX-Call-t38-CA-TDM-SIP-FB-1.pcap 0EAF0EAF": "tshark takes 27 of the RTP packets for T.38",
}

// TestAgainstTshark: packets and loss agree on every stream without duplicates
// or restarts, mean and largest jitter within 1 %.
func TestAgainstTshark(t *testing.T) {
	dir := shared(t, "captures/files")
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		truth := filepath.Join(dir, "..", "truth", f.Name()+".rtpstreams.txt")
		if _, err := os.Stat(truth); err != nil {
			continue
		}
		t.Run(f.Name(), func(t *testing.T) {
			final, _ := run(t, Config{}, readPcap(t, filepath.Join(dir, f.Name())))
			for _, want := range readTshark(t, truth) {
				compareTshark(t, want, final)
			}
		})
	}
}

func compareTshark(t *testing.T, want tsharkStream, all []Report) {
	t.Helper()
	reason, listed := tsharkDiffers[fmt.Sprintf("%s %08X", strings.TrimPrefix(t.Name(), "TestAgainstTshark/"), want.ssrc)]
	var got *Report
	for i := range all {
		r := &all[i]
		if r.Src.String() == want.src && r.Dst.String() == want.dst && r.SSRC == want.ssrc {
			got = r
		}
	}
	if got == nil {
		if want.packets >= 3 && !listed { // fewer packets prove nothing without signalling
			t.Errorf("%+v is missing", want)
		}
		return
	}
	ordinary := got.Duplicates == 0 && got.Restarts == 0
	differs := ""
	switch {
	case got.Packets != want.packets:
		differs = fmt.Sprintf("packets %d, tshark %d", got.Packets, want.packets)
	case ordinary && int64(got.Lost) != want.lost:
		differs = fmt.Sprintf("lost %d, tshark %d", got.Lost, want.lost)
	case want.maxJit <= 0 || got.ClockInferred || !ordinary:
	case !within(got.Jitter.Mean, want.meanJit) || !within(got.Jitter.Max, want.maxJit):
		differs = fmt.Sprintf("jitter %.3f/%.3f, tshark %.3f/%.3f", got.Jitter.Mean, got.Jitter.Max, want.meanJit, want.maxJit)
	}
	if differs != "" && !listed {
		t.Errorf("%v to %v %08X: %s", got.Src, got.Dst, got.SSRC, differs)
	}
	if differs == "" && listed {
		t.Errorf("%08X agrees with tshark, but is listed: %s", want.ssrc, reason)
	}
}

// within allows 1 % and the rounding of tshark's three decimals.
func within(got, want float64) bool { return math.Abs(got-want) <= want/100+0.00051 }
