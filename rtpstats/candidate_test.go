package rtpstats

import (
	"math/rand"
	"testing"
)

func TestProbationCountsEverything(t *testing.T) {
	for _, n := range []int{3, 4, 10, 60, 127, 128, 129, 300} {
		r := newScript(65530).send(n, 20, 8000).report(t)
		if r.Packets != uint64(n) || r.Expected != uint64(n) || r.Start != testPacket(0).At || r.Announced {
			t.Errorf("%d packets: counted %d expected %d announced %v", n, r.Packets, r.Expected, r.Announced)
		}
	}
}

func TestInferredClocks(t *testing.T) {
	rng := rand.New(rand.NewSource(99))
	for _, clock := range []int{8000, 16000, 24000, 32000, 44100, 48000} {
		s := newScript(1).payload(96, 80).send(150, 20, clock)
		for i := range s.ps {
			s.ps[i].At += rng.Int63n(8e6)
		}
		r := s.report(t)
		if r.ClockRate != clock || !r.ClockInferred || r.Kind != MediaAudio {
			t.Errorf("clock %d: got %d inferred %v kind %d", clock, r.ClockRate, r.ClockInferred, r.Kind)
		}
		if r.Packets != 150 || r.PTimeMS != 20 || r.Jitter.Max > 8 || r.Jitter.Max == 0 {
			t.Errorf("clock %d: packets %d ptime %v jitter max %v", clock, r.Packets, r.PTimeMS, r.Jitter.Max)
		}
	}
	video := newScript(1).payload(96, 900)
	for frame := range 60 {
		video.p.Timestamp = uint32(frame) * 3000
		video.send(3, 1, 0)
		video.pass(30.333, 0)
	}
	if r := video.report(t); r.ClockRate != 90000 || r.Kind != MediaVideo {
		t.Errorf("video: clock %d kind %d, want 90000 and video", r.ClockRate, r.Kind)
	}
}

// TestClockOfTwoFrames: 12 packets of a conference's video, as captured; 90,000
// because a frame takes several packets, though these arrive as at 38,000.
func TestClockOfTwoFrames(t *testing.T) {
	s := newScript(44814).payload(101, 1091)
	for _, us := range []float64{20, 98, 21, 46364} {
		s.send(1, us/1000, 0)
	}
	s.p.Timestamp += 2880
	for _, us := range []float64{29171, 0, 130, 25, 29, 49, 4661, 0} {
		s.send(1, us/1000, 0)
	}
	r := s.report(t)
	if r.ClockRate != 90000 || r.Kind != MediaVideo {
		t.Errorf("clock %d kind %d, want 90000 and video", r.ClockRate, r.Kind)
	}
}

// TestCopiesInProbation: copies made by the capture count from the first packet on.
func TestCopiesInProbation(t *testing.T) {
	s := newScript(1).payload(96, 80)
	for range 100 {
		s.send(1, 20, 8000)
		again := s.ps[len(s.ps)-1]
		again.Link |= LinkCopy
		s.ps = append(s.ps, again)
	}
	if r := s.report(t); r.Packets != 100 || r.Duplicates != 0 || r.CaptureCopies != 100 {
		t.Errorf("packets %d duplicates %d copies %d, want 100, 0, 100", r.Packets, r.Duplicates, r.CaptureCopies)
	}
}

func TestUnannouncedEvents(t *testing.T) {
	s := newScript(1).payload(101, 4)
	for range 10 {
		s.send(1, 20, 0)
	}
	r := s.report(t)
	if r.Events != 1 || r.EventPackets != 10 || r.MediaPackets != 0 || r.Codec != "telephone-event" {
		t.Errorf("events %d packets %d media %d codec %q", r.Events, r.EventPackets, r.MediaPackets, r.Codec)
	}
}

// TestBait feeds what is not RTP: random words, a constant SSRC with random
// rest, counters of the wrong size, reserved payload types.
func TestBait(t *testing.T) {
	rng := rand.New(rand.NewSource(5761))
	tests := []struct {
		name string
		next func(i int, p *Packet)
	}{
		{"everything random", func(_ int, p *Packet) { p.SSRC, p.Timestamp, p.Seq = rng.Uint32(), rng.Uint32(), uint16(rng.Uint32()) }},
		{"one SSRC, the rest random", func(_ int, p *Packet) { p.Timestamp, p.Seq = rng.Uint32(), uint16(rng.Uint32()) }},
		{"counter and random timestamp", func(i int, p *Packet) { p.Timestamp, p.Seq = rng.Uint32(), uint16(i) }},
		{"counter and constant", func(i int, p *Packet) { p.Seq, p.PayloadLen = uint16(i), 300 }},
		{"constant", func(int, *Packet) {}},
		{"timestamp without sequence", func(i int, p *Packet) { p.Timestamp = uint32(i) * 160 }},
		{"RTCP's payload types", func(i int, p *Packet) { p.Seq, p.Timestamp, p.MarkerPT = uint16(i), uint32(i)*160, 72 }},
	}
	for _, tt := range tests {
		table := NewTable(Config{})
		p := testPacket(0)
		p.MarkerPT = 110
		var ps []Packet
		for i := range 500 {
			tt.next(i, &p)
			p.At += 10e6
			ps = append(ps, p)
		}
		final, _ := runTable(table, ps)
		if len(final) != 0 {
			t.Errorf("%s: %d streams, want none", tt.name, len(final))
		}
		if c := table.Counters(); c.Rejected != 500 || c.Probation != 0 {
			t.Errorf("%s: rejected %d of 500, %d still waiting", tt.name, c.Rejected, c.Probation)
		}
	}
}

func TestProbationIsBounded(t *testing.T) {
	table := NewTable(Config{MaxProbation: 10})
	for i := range uint32(1000) {
		p := testPacket(1)
		p.SSRC = i
		table.UpdateBatch([]Packet{p}, nil)
	}
	c := table.Counters()
	if c.Probation != 10 || c.RefusedProbation != 990 {
		t.Errorf("waiting %d refused %d, want 10 and 990", c.Probation, c.RefusedProbation)
	}
	table.Tick(testPacket(0).At+10e9, 0, func(*Report) {})
	if c := table.Counters(); c.Probation != 0 || c.Rejected != 10 {
		t.Errorf("after a while waiting %d rejected %d, want 0 and 10", c.Probation, c.Rejected)
	}
	if table.chunks.live() != 0 {
		t.Errorf("%d chunks leaked", table.chunks.live())
	}
}

// TestProvenCandidatesNeedNoRoom: where the candidates' memory ends, what has
// proved to be RTP becomes a stream early and loses no packet.
func TestProvenCandidatesNeedNoRoom(t *testing.T) {
	s := newScript(1).payload(96, 80).send(100, 20, 16000)
	table := NewTable(Config{MaxProbation: 1}) // two chunks
	final, _ := runTable(table, s.ps)
	if len(final) != 1 || final[0].Packets != 100 || final[0].ClockRate != 16000 || table.Counters().RefusedProbation != 0 {
		t.Fatalf("streams %d, counters %+v", len(final), table.Counters())
	}
}

func TestAnnouncedAfterItsLastPacket(t *testing.T) {
	s := newScript(1).send(2, 20, 8000) // two packets prove nothing
	hint := pcmuHint()
	hint.At = s.p.At + 1e9
	if r := s.report(t, hint); r.Packets != 2 || !r.Announced {
		t.Errorf("packets %d announced %v", r.Packets, r.Announced)
	}
}

// TestClockFromStepAlone: a backlog that drains at the start hides the rate.
func TestClockFromStepAlone(t *testing.T) {
	s := newScript(1).payload(124, 60)
	for range 200 {
		s.send(1, 1, 0)
		s.p.Timestamp += 960
	}
	if r := s.report(t); r.ClockRate != 48000 || !r.ClockInferred {
		t.Errorf("clock %d inferred %v, want 48000", r.ClockRate, r.ClockInferred)
	}
}

// TestWellFormedWithoutClock: many packets in perfect sequence are a stream even
// where their timestamps fit nothing.
func TestWellFormedWithoutClock(t *testing.T) {
	s := newScript(1).payload(124, 60)
	for range 200 {
		s.send(1, 20, 0)
		s.p.Timestamp += 7
	}
	r := s.report(t)
	if r.Packets != 200 || r.Lost != 0 || r.ClockRate != 0 || r.MediaPackets != 0 || r.Kind != MediaUnknown {
		t.Errorf("packets %d lost %d clock %d media %d", r.Packets, r.Lost, r.ClockRate, r.MediaPackets)
	}
}

// TestNoFalseStreamsInBait runs captures that hold no RTP.
func TestNoFalseStreamsInBait(t *testing.T) {
	for _, name := range []string{"ndpi__gnutella.pcap", "arkime__arkime_synthetic.pcap", "ndpi__discord_mid_flow.pcap", "flowlab__showcase__pcap_flow_lab_showcase.pcap"} {
		final, _ := run(t, Config{}, readPcap(t, shared(t, "captures/files/"+name)))
		for _, r := range final {
			t.Errorf("%s: stream %v to %v with %d packets", name, r.Src, r.Dst, r.Packets)
		}
	}
}
