package rtpstats

import "testing"

func TestPortReuse(t *testing.T) {
	next := pcmuHint()
	next.Owner = 2
	tests := []struct {
		name    string
		between func(s *script)
		second  bool // the new owner's hint comes in between
		streams int
	}{
		{"the next call starts its sequence again", func(s *script) { s.pass(3000, 0); s.p.Seq, s.p.Timestamp = 1, 0 }, true, 2},
		{"at once", func(s *script) { s.p.Seq, s.p.Timestamp = 30000, 99 }, true, 2},
		{"a replayed file goes on in sequence but not in time", func(s *script) { s.pass(5000, 0); s.p.Seq += 300 }, true, 2},
		{"a B2BUA repeats the SDP", func(s *script) {}, true, 1},
		{"hold over a re-INVITE of another leg", func(s *script) { s.pass(4000, 8000) }, true, 1},
		{"no new owner: the stream restarts", func(s *script) { s.pass(3000, 0); s.p.Seq, s.p.Timestamp = 30000, 0 }, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript(1).send(50, 20, 8000)
			tt.between(s)
			hints := []Hint{pcmuHint()}
			if tt.second {
				next.At = s.p.At - 1e6
				hints = append(hints, next)
			}
			s.send(50, 20, 8000)
			final, intervals := run(t, Config{}, s.ps, hints...)
			if len(final) != tt.streams {
				t.Fatalf("got %d streams, want %d", len(final), tt.streams)
			}
			for i := range final {
				r := &final[i]
				checkIntervals(t, r, intervals[i])
				if r.Lost != 0 && tt.streams == 2 || r.Packets != uint64(100/tt.streams) {
					t.Errorf("stream %d: %d packets, %d lost", i, r.Packets, r.Lost)
				}
			}
			if restarts := final[0].Restarts; (restarts == 1) != (!tt.second) {
				t.Errorf("restarts %d", restarts)
			}
		})
	}
}

func TestShortStreamReusedWithLowSequence(t *testing.T) {
	// The first call ended at 20, the next begins at 1: within MAX_MISORDER, and yet new.
	s := newScript(1).send(20, 20, 8000).pass(4000, 0)
	s.p.Seq, s.p.Timestamp = 1, 0
	next := pcmuHint()
	next.Owner, next.At = 2, s.p.At-1e6
	s.send(20, 20, 8000)
	final, _ := run(t, Config{}, s.ps, pcmuHint(), next)
	if len(final) != 2 || final[0].Reordered+final[1].Reordered+final[0].Duplicates != 0 {
		t.Errorf("got %d streams, want 2 without reordering", len(final))
	}
}

// TestMediaBeforeSDP: the hint comes while the packets wait on probation, or
// after the stream began; in the end the figures are the same as with the hint first.
func TestMediaBeforeSDP(t *testing.T) {
	hint := pcmuHint()
	hint.Formats = []Format{{PayloadType: 99, Encoding: "speex", ClockRate: 16000}}
	s := newScript(1).payload(99, 60).send(200, 20, 16000)
	want := s.report(t, hint)
	if !want.Announced || want.Codec != "speex" || want.ClockInferred {
		t.Fatalf("announced stream: %+v", want)
	}
	for _, after := range []int64{0, 1, 2, 30, 49, 52, 120, 199} {
		hint.At = s.ps[after].At
		got := s.report(t, hint)
		if !got.Announced || got.Codec != "speex" || got.ClockRate != 16000 || got.ClockInferred {
			t.Errorf("hint at packet %d: codec %q clock %d inferred %v", after, got.Codec, got.ClockRate, got.ClockInferred)
		}
		if got.Packets != 200 || got.Lost != 0 || got.MediaPackets != want.MediaPackets || got.Jitter != want.Jitter || got.Start != want.Start {
			t.Errorf("hint at packet %d: packets %d lost %d media %d jitter %v", after, got.Packets, got.Lost, got.MediaPackets, got.Jitter)
		}
	}
}

// TestHintCorrectsClock: where the estimate was wrong, the hint that knows better
// resets the timing and leaves the counts.
func TestHintCorrectsClock(t *testing.T) {
	s := newScript(1).payload(99, 60).send(100, 20, 16000) // taken for 16 kHz
	hint := pcmuHint()
	hint.Formats = []Format{{PayloadType: 99, Encoding: "L16", ClockRate: 15000}}
	hint.At = s.p.At
	s.send(100, 20, 15000)
	r := s.report(t, hint)
	if r.ClockRate != 15000 || r.Jitter.Max > 1e-9 || r.MediaPackets != 99 || r.LateFixed != 0 {
		t.Errorf("clock %d jitter %v media %d late %d, want 15000 0 99 0", r.ClockRate, r.Jitter.Max, r.MediaPackets, r.LateFixed)
	}
}

// TestNextCallKeepsItsCodecToItself: the next call on a port gives payload type
// 99 another meaning; the last call's stream keeps its own. Where the next
// call's media runs ahead of its SDP, it gets the new one.
func TestNextCallKeepsItsCodecToItself(t *testing.T) {
	first, second := pcmuHint(), pcmuHint()
	first.Formats = []Format{{PayloadType: 99, Encoding: "G726-16", ClockRate: 8000}}
	second.Formats = []Format{{PayloadType: 99, Encoding: "speex", ClockRate: 16000}}
	second.Owner = 2
	for _, ahead := range []int{0, 10} {
		s := newScript(1).payload(99, 40).send(100, 20, 8000).pass(1000, 8000)
		s.p.SSRC++
		s.send(ahead, 20, 16000)
		second.At = s.p.At
		s.send(100, 20, 16000)
		final, _ := run(t, Config{}, s.ps, first, second)
		if len(final) != 2 || final[0].Codec != "G726-16" || final[1].Codec != "speex" || final[0].MediaPackets != 99 {
			t.Fatalf("%d packets ahead: %d streams, codecs %q and %q", ahead, len(final), final[0].Codec, final[1].Codec)
		}
		if final[1].Jitter.Max > 1e-9 {
			t.Errorf("%d packets ahead: jitter %v", ahead, final[1].Jitter.Max)
		}
	}
}

func TestEndpointsAreForgotten(t *testing.T) {
	table := NewTable(Config{MaxStreams: 4})
	emit := func(*Report) {}
	for i := range 100 {
		h := pcmuHint()
		p := testPacket(0)
		p.DstPort = uint16(1000 + i)
		h.Endpoint, h.Owner = p.Destination(), uint64(i)
		table.Hint(&h)
	}
	if c := table.Counters(); c.Endpoints != 8 || c.RefusedHints != 0 {
		t.Errorf("endpoints %d refused %d, want 8 (twice MaxStreams) and 0: the oldest make room", c.Endpoints, c.RefusedHints)
	}
	at := testPacket(0).At
	table.Tick(at+endpointAge-1e9, 0, emit)
	if c := table.Counters(); c.Endpoints != 8 {
		t.Errorf("endpoints %d before their age, want 8", c.Endpoints)
	}
	table.Tick(at+endpointAge+1e9, 0, emit)
	if c := table.Counters(); c.Endpoints != 0 {
		t.Errorf("endpoints %d after their age, want 0", c.Endpoints)
	}
}
