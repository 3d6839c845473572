package sanitise

import (
	"io"
	"testing"

	"earshot/capture"
)

// rtpFrames are frames of many streams in turns, as a trunk has them.
func rtpFrames(streams, each int) *testFrames {
	s := new(testFrames)
	payload := make([]byte, 160)
	for i := range payload {
		payload[i] = byte(i*7 + 3)
	}
	for seq := range each {
		for stream := range streams {
			data := datagramFrame(10000+stream*2, 20000, rtpPacket(0, seq, nil, payload))
			s.addFrame(capture.Frame{At: int64(seq+1) * 20e6, Data: data, OrigLen: len(data), Link: capture.LinkEthernet})
		}
	}
	return s
}

func BenchmarkCapture(b *testing.B) {
	s := rtpFrames(1000, 20)
	b.SetBytes(int64(len(s.frames) * len(s.frames[0].Data)))
	b.ReportAllocs()
	for b.Loop() {
		summary, err := Capture(func() (capture.Source, error) { return &inPlace{testFrames{frames: s.frames}}, nil }, io.Discard, Options{Key: testKey(1)})
		if err != nil || summary.Counts.RTP != uint64(len(s.frames)) {
			b.Fatal(err, summary)
		}
	}
	b.ReportMetric(float64(len(s.frames))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpps")
}

// inPlace gives frames without a copy.
type inPlace struct{ testFrames }

// Next gives the next frame.
func (s *inPlace) Next(f *capture.Frame) error {
	if s.next == len(s.frames) {
		return io.EOF
	}
	*f = s.frames[s.next]
	s.next++
	return nil
}

func BenchmarkFrame(b *testing.B) {
	r := newRewriter(Options{Key: testKey(1)})
	r.plan.surveying = false
	s := rtpFrames(1000, 1)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		f := s.frames[i%len(s.frames)]
		r.frame(&f)
		if len(f.Data) != len(s.frames[0].Data) {
			b.Fatal(len(f.Data))
		}
		i++
	}
}

// TestFrameAllocs: a packet of RTP costs no allocation in either pass.
func TestFrameAllocs(t *testing.T) {
	r := newRewriter(Options{Key: testKey(1)})
	survey := newSurvey(r)
	s := rtpFrames(10, 1)
	i := 0
	pass := func() {
		f := s.frames[i%len(s.frames)]
		survey.take(&f)
		r.plan.surveying = false
		r.frame(&f)
		r.plan.surveying = true
		i++
	}
	pass()
	if n := testing.AllocsPerRun(1000, pass); n != 0 {
		t.Errorf("got %v allocations for a packet, want none", n)
	}
}
