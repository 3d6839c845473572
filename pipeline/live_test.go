package pipeline

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/capture"
	"earshot/dialog"
)

// quietWire is a live source made of a capture: it is idle between frames, as a
// quiet interface is, and vouches for the time until the next one.
type quietWire struct {
	capture.Source
	next capture.Frame
	have bool
	now  int64
	rest func() bool
}

func (w *quietWire) Next(f *capture.Frame) error {
	if !w.have {
		if err := w.Source.Next(&w.next); err != nil {
			return err
		}
		w.have = true
	}
	const pause = second / 2
	if gap := w.next.At - w.now; w.now != 0 && gap > pause && gap < maxLeap {
		w.now += pause
		f.At = w.now
		return capture.ErrIdle
	}
	w.have = false
	w.now = max(w.now, w.next.At)
	*f = w.next
	return nil
}

// Rest lets the stages behind catch up, as a kernel's ring does.
func (w *quietWire) Rest() bool { return w.rest() }

func sorted(records string) string {
	all := strings.Split(records, "\n")
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// TestLiveIsReplay: what a live pipeline that loses nothing makes of packets is
// what a replay makes of them, but for pauses longer than maxLeap, of which a
// replay learns a packet later. Records may come in another order, as a quiet
// wire has ticks of its own.
func TestLiveIsReplay(t *testing.T) {
	for _, f := range captures(t) {
		want, _ := replay(t, Config{Shards: 1}, f)
		src, err := capture.Open([]string{f}, capture.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var out lines
		cfg := Config{Shards: 3, RingSize: 512, Live: true, View: true}
		cfg.Dialog.KeepTimeline = true
		p := New(cfg, []capture.Source{&quietWire{Source: src, rest: patient}}, &out)
		if err := p.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		src.Close()
		if p.corr.stage.Load().ShedRecords > 0 {
			t.Fatalf("%s: the recorder was too slow for its ring", filepath.Base(f))
		}
		if got := out.String(); sorted(got) != sorted(want) {
			t.Errorf("%s: live records differ from the replay's\n%s", filepath.Base(f), firstDifference(sorted(want), sorted(got)))
		}
	}
}

// patient gives the processor to the stages behind.
func patient() bool {
	runtime.Gosched()
	return true
}

// flood is a live source of RTP that never waits: one stream of PCMU, a packet
// every 20 ms of packet time, with a call's INVITE and 200 before it.
type flood struct {
	talk
	asked int
}

// Rest gives the shard time but for one in a hundred times, as a kernel's ring
// that runs full now and then.
func (s *flood) Rest() bool {
	s.asked++
	if s.asked%100 < 5 {
		return false
	}
	runtime.Gosched()
	return true
}

func (s *flood) Next(f *capture.Frame) error {
	if s.next == s.n {
		return io.EOF
	}
	if err := s.talk.Next(f); err != nil {
		return err
	}
	f.At = 1_700_000_000e9 + int64(s.next)*20e6
	return nil
}

// TestOverload: a live lane that runs away from its shard sheds RTP, counts
// every packet of it, and every interval that misses packets says so: the
// monitor's own trouble never shows as loss that can be trusted.
func TestOverload(t *testing.T) {
	const n = 20_000
	src := &flood{talk: *newTalk(n)}
	var records collected
	p := New(Config{Shards: 1, RingSize: 1, BatchSize: 8, Live: true, Dialog: dialog.Config{KeepTimeline: true}}, []capture.Source{src}, &records)
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	lane := p.Stages().Lanes[0]
	if lane.ShedRTP == 0 {
		t.Fatal("nothing was shed: the test shows nothing")
	}
	if lane.RTP != n {
		t.Errorf("lane saw %d RTP packets, want %d", lane.RTP, n)
	}
	var packets uint64
	for _, r := range records.streams {
		packets += r.Packets
		if r.Trust != "suspect" {
			t.Errorf("stream %s lost %d of %d and has trust %q, want suspect", r.ID, r.Lost, r.Expected, r.Trust)
		}
		for _, v := range r.Timeline {
			if v.Lost > 0 && !v.Suspect {
				t.Errorf("interval %s lost %d packets and is not suspect", v.Start.Timestamp(), v.Lost)
			}
		}
	}
	s := p.Summary()
	if packets+lane.ShedRTP+s.Streams.Rejected != n {
		t.Errorf("measured %d, rejected %d and shed %d packets, want %d together", packets, s.Streams.Rejected, lane.ShedRTP, n)
	}
	if s.CaptureDrops != lane.ShedRTP {
		t.Errorf("drops told to the correlator: got %d, want %d", s.CaptureDrops, lane.ShedRTP)
	}
}

// TestOverloadEnds: a lane whose source ends while all its rings are full and
// ticks wait for room comes to its end, whichever ring gets room first.
func TestOverloadEnds(t *testing.T) {
	for range 300 {
		src := &flood{talk: *newTalk(2_000)}
		var records collected
		p := New(Config{Shards: 1, RingSize: 1, BatchSize: 8, Live: true}, []capture.Source{src}, &records)
		done := make(chan error, 1)
		go func() { done <- p.Run(t.Context()) }()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the pipeline does not end")
		}
	}
}

// collected is a Sink that keeps stream records.
type collected struct{ streams []*dialog.StreamRecord }

func (c *collected) Record(r dialog.Record) {
	if s, ok := r.(*dialog.StreamRecord); ok {
		c.streams = append(c.streams, s)
	}
}

// half gives the frames of a capture that fall to one of two lanes, as the
// kernel spreads flows: both directions of an address pair to the same lane.
type half struct {
	capture.Source
	lane    int
	decoder *capture.Decoder
}

func (h *half) Next(f *capture.Frame) error {
	for {
		if err := h.Source.Next(f); err != nil {
			return err
		}
		var dg capture.Datagram
		h.decoder.Decode(f, &dg)
		var sum byte
		for i := range dg.SrcAddr {
			sum += dg.SrcAddr[i] + dg.DstAddr[i]
		}
		sum += byte(dg.SrcPort) + byte(dg.DstPort)
		if int(sum%2) == h.lane {
			return nil
		}
	}
}

// TestLanesMeasureTheSame: flows spread over two lanes are measured as in one:
// every stream with the same counts, every call with the same outcome.
func TestLanesMeasureTheSame(t *testing.T) {
	for _, name := range []string{"proxy", "b2bua", "loss-burst", "reorder-duplicates", "nat", "failures", "two-interfaces", "demo"} {
		found, err := filepath.Glob("../testdata/" + name + "/input.*")
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %v, %v", name, found, err)
		}
		var one, two outcome
		replayInto(t, Config{Shards: 2}, &one, found[0])
		var sources []capture.Source
		for lane := range 2 {
			src, err := capture.Open(found, capture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer src.Close()
			h := &half{Source: src, lane: lane, decoder: capture.NewDecoder(capture.DecoderConfig{})}
			sources = append(sources, &quietWire{Source: h, rest: patient})
		}
		p := New(Config{Shards: 2, RingSize: 512, Live: true}, sources, &two)
		if err := p.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(one.facts)
		slices.Sort(two.facts)
		if !slices.Equal(one.facts, two.facts) {
			t.Errorf("%s: two lanes measured\n%s\nwant\n%s", name, strings.Join(two.facts, "\n"), strings.Join(one.facts, "\n"))
		}
	}
}

// outcome is a Sink that keeps what must not depend on lanes.
type outcome struct{ facts []string }

func (o *outcome) Record(r dialog.Record) {
	switch r := r.(type) {
	case *dialog.CallRecord:
		o.facts = append(o.facts, fmt.Sprintln("call", r.ID, r.Disposition, r.EndedBy, len(r.Legs), len(r.Streams), r.Start, r.Answer, r.End))
	case *dialog.StreamRecord:
		o.facts = append(o.facts, fmt.Sprintln("stream", r.Src, r.Dst, r.SSRC, r.Binding, r.Packets, r.Lost, r.Duplicates, r.Reordered, r.JitterMS.Mean))
	}
}
