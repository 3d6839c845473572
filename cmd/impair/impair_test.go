package main

import (
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// rtpFrame is an Ethernet frame with IPv4, UDP and an RTP header of SSRC 7.
func rtpFrame(seq uint16) []byte {
	b := make([]byte, 14+20+8+12+160)
	binary.BigEndian.PutUint16(b[12:], 0x0800)
	b[14], b[23] = 0x45, 17
	copy(b[26:], "\x0a\x00\x00\x01\x0a\x00\x00\x02")
	binary.BigEndian.PutUint16(b[34:], 20000)
	binary.BigEndian.PutUint16(b[36:], 30000)
	b[42] = 0x80
	binary.BigEndian.PutUint16(b[44:], seq)
	b[53] = 7
	return b
}

func TestReadPacket(t *testing.T) {
	want := flowKey{netip.MustParseAddrPort("10.0.0.1:20000"), netip.MustParseAddrPort("10.0.0.2:30000"), 7}
	plain := rtpFrame(513)
	tagged := append(append(append([]byte(nil), plain[:12]...), 0x81, 0x00, 0x00, 0x05), plain[12:]...)
	for name, frame := range map[string][]byte{"plain": plain, "tagged": tagged} {
		if p := readPacket(frame); !p.rtp || p.key != want || p.seq != 513 {
			t.Errorf("%s: got %+v", name, p)
		}
		for n := range frame { // never past the end
			readPacket(frame[:n])
		}
	}
	rtcp := rtpFrame(1)
	rtcp[43] = 200 // sender report
	if p := readPacket(rtcp); p.rtp || !p.udp || p.key.ssrc != 0 {
		t.Errorf("RTCP: got %+v", p)
	}
	fragment := rtpFrame(1)
	fragment[21] = 185 // offset 1480
	if p := readPacket(fragment); p.udp {
		t.Errorf("later fragment: got %+v", p)
	}
}

func TestParseImpairment(t *testing.T) {
	got, err := parseImpairment("loss=1%, gilbert=0.005/25%,duplicate=2%/9ms,reorder=3%/40ms,delay=30ms,jitter=exp/5ms,rate=512k/64k")
	if err != nil {
		t.Fatal(err)
	}
	want := impairment{text: got.text, loss: 0.01, toBad: 0.005, toGood: 0.25, duplicate: 0.02, duplicateBy: 9 * time.Millisecond, reorder: 0.03, reorderBy: 40 * time.Millisecond,
		delay: 30 * time.Millisecond, jitter: "exp", jitterTime: 5 * time.Millisecond, bitsPerSec: 512e3, queueOctets: 64e3, impairsFlows: true}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, wrong := range []string{"loss", "loss=2", "loss=x%", "lost=1%", "gilbert=1%", "delay=1h", "delay=-1ms", "jitter=5ms", "rate=0/1", "rate=1k", "loss=NaN"} {
		if _, err := parseImpairment(wrong); err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
}

// fates runs n packets, 20 ms apart, through a flow.
func fates(t *testing.T, text string, n int) (*flow, []fate) {
	t.Helper()
	im, err := parseImpairment(text)
	if err != nil {
		t.Fatal(err)
	}
	f := newFlow(flowKey{ssrc: 7}, &options{seed: 1, spare: 4}, &im, 1)
	var out []fate
	for i := range n {
		at := int64(i) * int64(20*time.Millisecond)
		out = append(out, f.decide(&packet{rtp: true, seq: uint16(i)}, at, at))
	}
	return f, out
}

// TestLossModels: shares and run lengths are those of the models within five
// standard deviations, and the runs tell of every packet.
func TestLossModels(t *testing.T) {
	const n = 200_000
	f, _ := fates(t, "loss=2%", n)
	if got, sigma := float64(f.lostRandom), math.Sqrt(n*0.02*0.98); math.Abs(got-n*0.02) > 5*sigma {
		t.Errorf("loss=2%%: got %v of %d", got, n)
	}

	// Gilbert, p = 1 %, r = 25 %: loss p/(p+r) = 3.85 %, mean run 1/r = 4.
	f, _ = fates(t, "gilbert=1%/25%", n)
	share := float64(f.lostRandom) / n
	if math.Abs(share-0.01/0.26) > 0.004 {
		t.Errorf("gilbert: got a loss of %v, want %v", share, 0.01/0.26)
	}
	total := 0
	for _, r := range f.runs {
		total += r.Count
	}
	if mean := float64(total) / float64(len(f.runs)); math.Abs(mean-4) > 0.4 {
		t.Errorf("gilbert: got a mean run of %v, want 4", mean)
	}
	if uint64(total) != f.lostRandom {
		t.Errorf("runs have %d packets, %d were lost", total, f.lostRandom)
	}
}

func TestDelays(t *testing.T) {
	const n = 50_000
	tests := []struct {
		text string
		mean float64 // ms, of the model: uniform d/2, |N| d*sqrt(2/pi), exp d
	}{
		{"delay=30ms", 30},
		{"delay=10ms,jitter=uniform/8ms", 14},
		{"jitter=normal/5ms", 5 * math.Sqrt(2/math.Pi)},
		{"jitter=exp/2ms", 2},
	}
	for _, tt := range tests {
		_, all := fates(t, tt.text, n)
		sum, last := 0.0, int64(0)
		for i, x := range all {
			sum += float64(x.due-int64(i)*int64(20*time.Millisecond)) / 1e6
			if x.due < last {
				t.Fatalf("%s: packet %d leaves before the one ahead of it", tt.text, i)
			}
			last = x.due
		}
		if got := sum / n; math.Abs(got-tt.mean) > 0.1 {
			t.Errorf("%s: mean %v ms, want %v", tt.text, got, tt.mean)
		}
	}
}

func TestReorderAndDuplicate(t *testing.T) {
	_, all := fates(t, "reorder=5%/50ms,duplicate=3%", 20_000)
	held, twice := 0, 0
	for i, x := range all {
		if x.due-int64(i)*int64(20*time.Millisecond) == int64(50*time.Millisecond) {
			held++
		}
		if x.duplicate {
			twice++
		}
		if i < 4 && (x.due != int64(i)*int64(20*time.Millisecond) || x.duplicate) {
			t.Errorf("packet %d should have been spared: %+v", i, x)
		}
	}
	if held < 850 || held > 1150 || twice < 480 || twice > 720 { // 1000 and 600, five standard deviations
		t.Errorf("got %d held back and %d duplicated", held, twice)
	}
}

// TestSeeded: the same seed and packets have the same fate, whatever else is done.
func TestSeeded(t *testing.T) {
	a, _ := fates(t, "loss=5%", 1000)
	b, _ := fates(t, "loss=5%,jitter=normal/1ms,duplicate=1%,delay=3ms", 1000)
	if len(a.runs) == 0 || !slices.Equal(a.runs, b.runs) {
		t.Errorf("got %v and %v", a.runs, b.runs)
	}
}

// TestSequence: worked by hand from RFC 3550 A.3 and RFC 4737.
func TestSequence(t *testing.T) {
	tests := []struct {
		name                                string
		out                                 []uint16
		expected, lost, reordered, restarts uint64
	}{
		{"in order over the wrap", []uint16{65534, 65535, 0, 1}, 4, 0, 0, 0},
		{"one lost", []uint16{10, 11, 13}, 4, 1, 0, 0},
		{"late repairs", []uint16{10, 12, 11, 13}, 4, 0, 1, 0},
		{"two late", []uint16{10, 13, 12, 11}, 4, 0, 2, 0},
		{"repeated", []uint16{10, 11, 11, 10, 12}, 3, 0, 0, 0},
		{"restart", []uint16{10, 12, 40000, 40001}, 5, 1, 0, 1},
	}
	for _, tt := range tests {
		var s sequence
		for _, seq := range tt.out {
			s.add(seq)
		}
		if e, l := s.expected+s.span(), s.lost+s.missing(); e != tt.expected || l != tt.lost || s.reordered != tt.reordered || s.restarts != tt.restarts {
			t.Errorf("%s: got expected %d, lost %d, reordered %d, restarts %d", tt.name, e, l, s.reordered, s.restarts)
		}
	}
}

// TestThrottle: 80 kbit/s are 10 octets a millisecond.
func TestThrottle(t *testing.T) {
	d := newDirection(&options{}, nil, nil, impairment{bitsPerSec: 80e3, queueOctets: 250}, 1)
	for i, want := range []int64{10, 20} { // ms: two frames of 100 octets
		ready, free := d.throttle(100, 0)
		if !free || ready != want*int64(time.Millisecond) {
			t.Errorf("frame %d: got %v, %v", i, ready, free)
		}
		d.busy = ready
	}
	if _, free := d.throttle(100, 0); free { // 200 wait, 50 are left
		t.Error("the queue took more than it has")
	}
	if _, free := d.throttle(100, int64(6*time.Millisecond)); !free { // 60 have left
		t.Error("the queue had room")
	}
}

func TestRetag(t *testing.T) {
	frame := rtpFrame(1)
	b := append(make([]byte, 4+virtioHeader), frame...)
	b[4] = 1                                   // needs checksum
	binary.NativeEndian.PutUint16(b[4+6:], 34) // where it starts
	out := retag(b, 0x8100, 0xa005)
	if got := binary.NativeEndian.Uint16(out[6:]); got != 38 {
		t.Errorf("checksum starts at %d, want 38", got)
	}
	inner := out[virtioHeader:]
	if string(inner[:12]) != string(frame[:12]) || string(inner[12:16]) != "\x81\x00\xa0\x05" || string(inner[16:]) != string(frame[12:]) {
		t.Errorf("got % x", inner[:20])
	}
}
