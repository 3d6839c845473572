package pipeline

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"earshot/dialog"
)

// The projects that the real captures come from say what their own tools make
// of them. Their texts lie beside tshark's tables.

// proxyLeg is what rtpproxy's extractaudio prints of one leg.
type proxyLeg struct {
	ssrc                                   string
	sent, received, lost, duplicates       uint64
	ssrcChanges                            int
	lastJitter, averageJitter, maxJitterTS float64 // in timestamp units
}

var proxyValue = regexp.MustCompile(`(\w+)=([0-9A-Fx.]+)`)

func readProxyLegs(t *testing.T, file string) []proxyLeg {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var legs []proxyLeg
	for _, part := range strings.Split(string(text), "# rtpproxy ")[1:] {
		values := map[string]string{}
		for _, m := range proxyValue.FindAllStringSubmatch(part, -1) {
			values[m[1]] = m[2]
		}
		count := func(name string) uint64 {
			n, err := strconv.ParseUint(values[name], 10, 64)
			if err != nil {
				t.Fatalf("%s: no %s: %v", file, name, err)
			}
			return n
		}
		jitter := func(name string) float64 {
			v, err := strconv.ParseFloat(values[name], 64)
			if err != nil {
				t.Fatalf("%s: no %s: %v", file, name, err)
			}
			return v
		}
		legs = append(legs, proxyLeg{
			ssrc: strings.ToLower(values["ssrc"]),
			sent: count("psent"), received: count("precvd"), lost: count("plost"), duplicates: count("duplicates"),
			ssrcChanges: int(count("ssrc_changes")),
			lastJitter:  jitter("last_jitter"), averageJitter: jitter("average_jitter"), maxJitterTS: jitter("max_jitter"),
		})
	}
	return legs
}

// proxyTicksPerMS: all the legs have a clock of 8,000 Hz, at which rtpproxy
// counts jitter in whole units. It cuts every arrival to one, so that each D is
// off by less than a unit, and J, a mean of them, too.
const proxyTicksPerMS = 8

// proxyOtherJitter are the legs on which rtpproxy means something else.
var proxyOtherJitter = map[string]string{
	"0xae9dd7af": "rtpproxy leaves packets out of J whose timestamp is among the last ten; RFC 3550 A.8 takes the duplicate too, 18.955 ms behind its original",
}

func TestRTPProxyAgrees(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(truthDir, "*.upstream.rtpproxy.txt"))
	if err != nil || len(files) == 0 {
		t.Skip("rtpproxy's results are not beside the repository")
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".upstream.rtpproxy.txt")
		t.Run(name, func(t *testing.T) {
			var k recordList
			replayInto(t, Config{}, &k, filepath.Join(capturesDir, name))
			for _, leg := range readProxyLegs(t, f) {
				leg.compare(t, k.streams)
			}
		})
	}
}

// compare holds a leg against the streams with its SSRC: rtpproxy's leg goes on
// when the sender's port changes, Earshot's stream ends there.
func (l proxyLeg) compare(t *testing.T, all []*dialog.StreamRecord) {
	t.Helper()
	var got proxyLeg
	var weight float64
	for _, s := range all {
		if s.SSRC != l.ssrc {
			continue
		}
		got.ssrcChanges = 1 // one SSRC a leg, which is how rtpproxy counts
		got.sent += s.Expected
		got.received += s.Packets - s.Duplicates
		got.lost += s.Lost
		got.duplicates += s.Duplicates
		got.lastJitter = s.JitterMS.Last * proxyTicksPerMS
		got.maxJitterTS = max(got.maxJitterTS, s.JitterMS.Max*proxyTicksPerMS)
		got.averageJitter += s.JitterMS.Mean * proxyTicksPerMS * float64(s.Packets)
		weight += float64(s.Packets)
	}
	got.averageJitter /= max(weight, 1)
	for _, c := range []struct {
		what      string
		got, want uint64
	}{
		{"sent", got.sent, l.sent}, {"received", got.received, l.received}, {"lost", got.lost, l.lost},
		{"duplicates", got.duplicates, l.duplicates}, {"SSRCs", uint64(got.ssrcChanges), uint64(l.ssrcChanges)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s %d, rtpproxy %d", l.ssrc, c.what, c.got, c.want)
		}
	}
	reason, other := proxyOtherJitter[l.ssrc]
	agree := true
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"last", got.lastJitter, l.lastJitter}, {"average", got.averageJitter, l.averageJitter}, {"max", got.maxJitterTS, l.maxJitterTS},
	} {
		if math.Abs(c.got-c.want) < 1 {
			continue
		}
		agree = false
		if !other {
			t.Errorf("%s: %s jitter %.3f units, rtpproxy %.3f", l.ssrc, c.what, c.got, c.want)
		}
	}
	if agree && other {
		t.Errorf("%s: jitter agrees, but is listed: %s", l.ssrc, reason)
	}
}

// TestMediastreamerAgrees: packets received, and next to none out of time on a
// network without jitter, by an adaptive buffer as theirs is. How many of the
// poor network are late depends on the buffer: mediastreamer2's own two have 200
// to 250 and 290 to 400.
func TestMediastreamerAgrees(t *testing.T) {
	tests := []struct {
		file            string
		packets, atMost uint64 // "packet_recv" and "outoftime" of mediastreamer2's tests
	}{
		{"ms2__pcmu_8k_no_jitter.pcap", 2524, 1},
		{"ms2__opus-poor-quality.pcapng", 4228, 4228},
	}
	for _, tt := range tests {
		file := filepath.Join(capturesDir, tt.file)
		if _, err := os.Stat(file); err != nil {
			t.Skip("mediastreamer2's captures are not beside the repository")
		}
		var k recordList
		replayInto(t, Config{}, &k, file)
		if len(k.streams) != 1 {
			t.Fatalf("%s: %d streams, want 1", tt.file, len(k.streams))
		}
		s := k.streams[0]
		if s.Packets != tt.packets {
			t.Errorf("%s: %d packets, mediastreamer2 %d", tt.file, s.Packets, tt.packets)
		}
		if s.Late.Adaptive > tt.atMost {
			t.Errorf("%s: %d late, mediastreamer2 at most %d", tt.file, s.Late.Adaptive, tt.atMost)
		}
	}
}

// TestDuplicatesHideNoLoss: the sequence numbers in the packets, counted by hand
// from tshark's list of them, on the captures whose senders repeat packets.
func TestDuplicatesHideNoLoss(t *testing.T) {
	tests := []struct {
		file, ssrc                          string
		packets, expected, lost, duplicates uint64
	}{
		// 151 packets with 99 different numbers from 27137 to 27428: 292 expected.
		{"rtpproxy__catch_dtmf__dtmf.pcap", "0x37ed87f3", 151, 292, 193, 52},
		// Ten packets, eight different numbers in a row: the end of the event is sent three times.
		{"sipp__dtmf_2833_1.pcap", "0x0e05384e", 10, 8, 0, 2},
		{"sipp__dtmf_2833_pound.pcap", "0x0e05384e", 10, 8, 0, 2},
	}
	for _, tt := range tests {
		file := filepath.Join(capturesDir, tt.file)
		if _, err := os.Stat(file); err != nil {
			t.Skip("the real captures are not beside the repository")
		}
		var k recordList
		replayInto(t, Config{}, &k, file)
		found := false
		for _, s := range k.streams {
			if s.SSRC != tt.ssrc {
				continue
			}
			found = true
			if s.Packets != tt.packets || s.Expected != tt.expected || s.Lost != tt.lost || s.Duplicates != tt.duplicates {
				t.Errorf("%s: packets %d expected %d lost %d duplicates %d, want %d %d %d %d", tt.file,
					s.Packets, s.Expected, s.Lost, s.Duplicates, tt.packets, tt.expected, tt.lost, tt.duplicates)
			}
		}
		if !found {
			t.Errorf("%s: no stream %s", tt.file, tt.ssrc)
		}
	}
}
