package rtpstats

import (
	"slices"
	"testing"
)

// script builds a packet stream step by step.
type script struct {
	p  Packet
	ps []Packet
}

func newScript(seq uint16) *script { return &script{p: testPacket(seq)} }

// send adds n packets that follow each other by ms in both arrival and media time.
func (s *script) send(n int, ms float64, clock int) *script {
	for range n {
		s.ps = append(s.ps, s.p)
		s.p.Seq++
		s.pass(ms, clock)
		s.p.MarkerPT &= 0x7f
	}
	return s
}

// pass lets time go by on both ends.
func (s *script) pass(ms float64, clock int) *script {
	s.p.At += int64(ms * 1e6)
	s.p.Timestamp += uint32(ms * float64(clock) / 1000)
	return s
}

func (s *script) payload(pt uint8, length uint16) *script {
	s.p.MarkerPT, s.p.PayloadLen = pt, length
	return s
}

func (s *script) report(t *testing.T, hints ...Hint) Report {
	t.Helper()
	final, intervals := run(t, Config{}, s.ps, hints...)
	if len(final) != 1 {
		t.Fatalf("got %d streams, want 1", len(final))
	}
	checkIntervals(t, &final[0], intervals[0])
	return final[0]
}

func TestTelephoneEvents(t *testing.T) {
	s := newScript(1).send(50, 20, 8000)
	for digit := range 3 {
		s.payload(101, 4)
		start := s.p.Timestamp
		for range 7 { // RFC 4733: the timestamp stands at the start of the event
			s.p.Timestamp = start
			s.send(1, 20, 8000)
		}
		s.p.Timestamp = start + 7*160
		s.payload(0, 160).send(10+digit, 20, 8000)
	}
	r := s.report(t, pcmuHint())
	if r.Events != 3 || r.EventPackets != 21 || r.Lost != 0 || r.Restarts != 0 || r.CodecChanges != 0 {
		t.Errorf("events %d packets %d lost %d restarts %d codec changes %d, want 3 21 0 0 0", r.Events, r.EventPackets, r.Lost, r.Restarts, r.CodecChanges)
	}
	if r.Jitter.Max > 1e-9 || r.LateFixed != 0 || r.Codec != "PCMU" || !slices.Equal(r.PayloadTypes, []uint8{0, 101}) {
		t.Errorf("jitter %v late %d codec %q types %v", r.Jitter.Max, r.LateFixed, r.Codec, r.PayloadTypes)
	}
	// 50 + 10 + 11 + 12 audio packets; the first and the three after events have no reference.
	if r.MediaPackets != 83-4 {
		t.Errorf("media packets %d, want 79", r.MediaPackets)
	}
}

func TestComfortNoiseAndSilence(t *testing.T) {
	s := newScript(1).send(50, 20, 8000)
	s.payload(13, 1).send(1, 200, 8000).send(1, 300, 8000)
	s.payload(0x80, 160).send(50, 20, 8000) // marker: a talkspurt begins
	s.pass(2000, 8000)                      // DTX: silence without comfort noise
	s.payload(0x80, 160).send(50, 20, 8000)
	r := s.report(t, pcmuHint())
	if r.ComfortNoise != 2 || r.Silences != 1 || r.Lost != 0 || r.Restarts != 0 {
		t.Errorf("comfort noise %d silences %d lost %d restarts %d, want 2 1 0 0", r.ComfortNoise, r.Silences, r.Lost, r.Restarts)
	}
	if !near(r.DeltaMaxMS, 20, 1e-9) || r.Jitter.Max > 1e-9 || r.PTimeMS != 20 {
		t.Errorf("delta max %v jitter max %v ptime %v, want 20 0 20", r.DeltaMaxMS, r.Jitter.Max, r.PTimeMS)
	}
}

func TestClockChange(t *testing.T) {
	hint := pcmuHint()
	hint.Formats = append(hint.Formats, Format{PayloadType: 111, Encoding: "opus", ClockRate: 48000, Channels: 2})
	s := newScript(1).send(40, 20, 8000)
	s.payload(111, 100)
	s.p.Timestamp = 0xfffff000 // its own base, and it wraps
	s.send(200, 20, 48000)
	r := s.report(t, hint)
	if r.Codec != "opus" || r.ClockRate != 48000 || r.Channels != 2 || r.CodecChanges != 1 {
		t.Errorf("codec %q clock %d channels %d changes %d", r.Codec, r.ClockRate, r.Channels, r.CodecChanges)
	}
	if r.Jitter.Max > 1e-9 || r.Restarts != 0 || r.LateFixed+r.LateAdaptive != 0 || r.PTimeMS != 20 {
		t.Errorf("jitter %v restarts %d late %d/%d ptime %v", r.Jitter.Max, r.Restarts, r.LateFixed, r.LateAdaptive, r.PTimeMS)
	}
}

func TestPTimeChange(t *testing.T) {
	s := newScript(1).send(60, 20, 8000).payload(0, 320).send(100, 40, 8000)
	r := s.report(t, pcmuHint())
	if r.PTimeMS != 40 || r.PTimeChanges != 1 || r.Silences != 0 {
		t.Errorf("ptime %v changes %d silences %d, want 40 1 0", r.PTimeMS, r.PTimeChanges, r.Silences)
	}
	if r.AnnouncedPTimeMS != 20 {
		t.Errorf("announced ptime %d, want 20", r.AnnouncedPTimeMS)
	}
}

func TestTimestampBaseChange(t *testing.T) {
	s := newScript(1).send(60, 20, 8000)
	s.p.Timestamp += 5_000_000
	s.send(60, 20, 8000)
	s.ps[62], s.ps[61] = s.ps[61], s.ps[62] // reordering after the change must not count twice
	s.ps[62].At, s.ps[61].At = s.ps[61].At, s.ps[62].At
	r := s.report(t, pcmuHint())
	if r.Restarts != 1 || r.Lost != 0 || r.Reordered != 1 {
		t.Errorf("restarts %d lost %d reordered %d, want 1 0 1", r.Restarts, r.Lost, r.Reordered)
	}
}

func TestMarksOnTheWay(t *testing.T) {
	s := newScript(1).send(5, 20, 8000)
	s.p.TOS = 0xb8 | 1 // ECN alone is no change of path
	s.send(5, 20, 8000)
	s.p.TOS, s.p.TTL = 0, 63
	s.send(5, 20, 8000)
	s.p.TOS = 0xb8
	s.p.Link = LinkVLAN | 5
	s.send(5, 20, 8000)
	r := s.report(t, pcmuHint())
	if !slices.Equal(r.DSCP, []uint8{46, 0}) || !slices.Equal(r.TTL, []uint8{64, 63}) || !slices.Equal(r.VLAN, []uint8{5}) || r.MarkChanges != 2 {
		t.Errorf("DSCP %v TTL %v VLAN %v changes %d", r.DSCP, r.TTL, r.VLAN, r.MarkChanges)
	}
}

func TestModes(t *testing.T) {
	tests := []struct {
		name, encoding string
		clock          int
		length         uint16
		head           [2]uint8
		want           Mode
	}{
		// RFC 6716 3.1: configuration 9 is SILK WB 20 ms; 60 octets every 20 ms are 24 kbit/s.
		{"opus wideband", "opus", 48000, 60, [2]uint8{9 << 3, 0}, Mode{Bandwidth: "WB", BitrateKbps: 24, FrameType: -1}},
		{"opus fullband", "opus", 48000, 80, [2]uint8{31 << 3, 0}, Mode{Bandwidth: "FB", BitrateKbps: 32, FrameType: -1}},
		// RFC 4867 4.3: CMR 15, F 0, FT 7, Q 1: 1111 0011 11...; 10 + 244 bits in 32 octets.
		{"AMR 12.2 bandwidth-efficient", "AMR", 8000, 32, [2]uint8{0xf3, 0xc0}, Mode{BitrateKbps: 12.8, FrameType: 7}},
		// RFC 4867 4.4: CMR octet, then F 0, FT 7, Q 1, 00; 2 + 31 octets.
		{"AMR 12.2 octet-aligned", "AMR", 8000, 33, [2]uint8{0xf0, 0x3c}, Mode{BitrateKbps: 13.2, FrameType: 7}},
		// FT 2 is 12.65 kbit/s with 253 bits: 10 + 253 bits in 33 octets.
		{"AMR-WB 12.65 bandwidth-efficient", "AMR-WB", 16000, 33, [2]uint8{0xf1, 0x40}, Mode{BitrateKbps: 13.2, FrameType: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hint := pcmuHint()
			hint.Formats = []Format{{PayloadType: 97, Encoding: tt.encoding, ClockRate: tt.clock}}
			s := newScript(1).payload(97, tt.length)
			s.p.Head = tt.head
			s.send(50, 20, tt.clock)
			if tt.encoding == "opus" { // DTX frames are not part of the bit rate
				s.payload(97, 1).send(5, 20, tt.clock)
			}
			if got := s.report(t, hint).Mode; got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestEncryptedPayloadTellsNoMode(t *testing.T) {
	hint := pcmuHint()
	hint.SRTP = true
	hint.Formats = []Format{{PayloadType: 97, Encoding: "opus", ClockRate: 48000}}
	s := newScript(1).payload(97, 70)
	s.p.Head = [2]uint8{31 << 3, 0}
	r := s.send(50, 20, 48000).report(t, hint)
	if !r.SRTP || r.Mode.Bandwidth != "" {
		t.Errorf("SRTP %v, bandwidth %q from encrypted octets", r.SRTP, r.Mode.Bandwidth)
	}
}

func TestVideoHasNoPacketTime(t *testing.T) {
	hint := Hint{Endpoint: newScript(0).p.Destination(), Owner: 1, Kind: MediaVideo, Formats: []Format{{PayloadType: 97, Encoding: "VP8", ClockRate: 90000}}}
	s := newScript(1).payload(97, 1000)
	for range 50 { // four packets a frame, one timestamp
		start := s.p.Timestamp
		for range 4 {
			s.p.Timestamp = start
			s.send(1, 1, 0)
		}
		s.p.Timestamp = start
		s.pass(36, 0)
		s.p.Timestamp = start + 3600
	}
	r := s.report(t, hint)
	if r.Kind != MediaVideo || r.PTimeMS != 0 || r.PTimeChanges != 0 || r.Silences != 0 || r.Lost != 0 {
		t.Errorf("kind %d ptime %v changes %d silences %d lost %d", r.Kind, r.PTimeMS, r.PTimeChanges, r.Silences, r.Lost)
	}
}

func TestStaticTypes(t *testing.T) {
	// RFC 3551 tables 4 and 5, the clocks that are not 8000.
	clocks := map[uint8]uint32{6: 16000, 10: 44100, 11: 44100, 14: 90000, 16: 11025, 17: 22050, 25: 90000, 26: 90000, 28: 90000, 31: 90000, 32: 90000, 33: 90000, 34: 90000}
	n := newNames()
	for pt := range uint8(payloadTypes) {
		f, ok := n.static(pt)
		if !ok {
			continue
		}
		want := uint32(8000)
		if c, other := clocks[pt]; other {
			want = c
		}
		if f.clock != want {
			t.Errorf("payload type %d: clock %d, want %d", pt, f.clock, want)
		}
		if video := pt >= 25; video != (f.kind == MediaVideo) {
			t.Errorf("payload type %d: kind %d", pt, f.kind)
		}
	}
}
