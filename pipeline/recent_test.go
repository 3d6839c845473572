package pipeline

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"earshot/capture"
	"earshot/dialog"
)

// calls is a Sink that keeps the calls.
type calls struct{ all []*dialog.CallRecord }

func (c *calls) Record(r dialog.Record) {
	if call, ok := r.(*dialog.CallRecord); ok {
		c.all = append(c.all, call)
	}
}

// demo is a capture with calls of all kinds.
const demo = "../testdata/demo/input.pcap.gz"

// TestExtractRecent: a call that is cut from memory has the frames that a cut
// from the capture itself has, RTP shortened to its header, and gives the same
// record; by its id and by its Call-ID.
func TestExtractRecent(t *testing.T) {
	src, err := capture.Open([]string{demo}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var found calls
	p := New(Config{Keep: KeepConfig{Bytes: 64 << 20}}, []capture.Source{src}, &found)
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	open := func() (capture.Source, error) { return capture.Open([]string{demo}, capture.Options{}) }
	dir := t.TempDir()
	media := 0
	for _, call := range found.all {
		var want, byID, byCallID bytes.Buffer
		n, err := Extract(open, []*dialog.CallRecord{call}, &want)
		if err != nil {
			t.Fatal(err)
		}
		cut := func(name string, got int, err error) {
			t.Helper()
			if err != nil || got != n {
				t.Errorf("call %s %s: cut %d packets, want %d; error %v", call.ID, name, got, n, err)
			}
		}
		got, err := p.ExtractRecent(call.ID, &byID)
		cut("by id", got, err)
		got, err = p.ExtractRecent(call.CallIDs[0], &byCallID)
		cut("by Call-ID", got, err)
		if !bytes.Equal(byID.Bytes(), byCallID.Bytes()) {
			t.Errorf("call %s: its id and its Call-ID give different packets", call.ID)
		}
		if len(call.Media) == 0 {
			continue
		}
		media++
		if byID.Len() >= want.Len() {
			t.Errorf("call %s: got %d octets, want fewer than the %d with payload", call.ID, byID.Len(), want.Len())
		}
		whole, short := filepath.Join(dir, "whole.pcapng"), filepath.Join(dir, "short.pcapng")
		if err := errors.Join(os.WriteFile(whole, want.Bytes(), 0o600), os.WriteFile(short, byID.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
		wantRecords, _ := replay(t, Config{}, whole)
		if gotRecords, _ := replay(t, Config{}, short); gotRecords != wantRecords {
			t.Errorf("call %s: records differ\n%s", call.ID, firstDifference(wantRecords, gotRecords))
		}
	}
	if media == 0 {
		t.Fatal("the demo has no call with media")
	}
	if n, err := p.ExtractRecent("nobody@nowhere", io.Discard); n != 0 || err != nil {
		t.Errorf("unknown call: got %d packets, %v", n, err)
	}
	ring := p.keeping.lanes[0].recent.ring
	for i := range ring {
		if c := ring[i].Load(); c != nil && c.pins.Load() != 0 {
			t.Errorf("chunk %d has %d pins left", c.seq, c.pins.Load())
		}
	}
}

// TestExtractRecentForgotten: of a call whose INVITE has left the ring the view
// knows the id and the streams.
func TestExtractRecentForgotten(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	k := newKeeping(KeepConfig{Bytes: 1 << 20}, SaveConfig{}, 1)
	for i := range int64(100) {
		f.At = 100*second + i*20e6
		k.lane(0).take(&f, &dg, keepRTP, kept)
	}
	k.lane(0).tick(103 * second)
	x := newExtractor(k, Config{})
	view := &dialog.View{
		At:    103 * second,
		Calls: []dialog.CallView{{ID: "other", CallID: "x@y"}, {ID: "forgotten", CallID: "a@b", Start: dialog.Time(second)}},
		Streams: []dialog.StreamView{
			{Call: "forgotten", Src: dg.Source(), Dst: dg.Destination(), SSRC: "0x00000000", Start: dialog.Time(2 * second)},
		},
	}
	for _, c := range []struct {
		id   string
		want int
	}{{"forgotten", 100}, {"a@b", 100}, {"other", 0}, {"nobody", 0}} {
		if got, err := x.call(c.id, view, io.Discard); got != c.want || err != nil {
			t.Errorf("%s: cut %d packets, want %d; error %v", c.id, got, c.want, err)
		}
	}
}

// TestExtractRecentBusy: the third extraction at once is refused, and the next
// one after that works.
func TestExtractRecentBusy(t *testing.T) {
	k := newKeeping(KeepConfig{Bytes: 1 << 20}, SaveConfig{}, 1)
	x := newExtractor(k, Config{})
	x.running.Store(maxExtractions)
	if _, err := x.call("id", nil, io.Discard); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	x.running.Add(-1)
	if _, err := x.call("id", nil, io.Discard); err != nil {
		t.Errorf("got %v, want none", err)
	}
	if n := x.running.Load(); n != maxExtractions-1 {
		t.Errorf("%d extractions run, want %d", n, maxExtractions-1)
	}
}

// TestRecentMergesLanes: packets of several lanes come by time.
func TestRecentMergesLanes(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	k := newKeeping(KeepConfig{Bytes: 4 << 20}, SaveConfig{}, 2)
	const packets = 20_000
	for i := range int64(packets) {
		f.At = i
		k.lane(int(i/7)%2).take(&f, &dg, keepRTP, kept)
	}
	k.lane(0).tick(second)
	k.lane(1).tick(second)
	recent := k.recent()
	defer recent.release()
	src, err := recent.open()
	if err != nil {
		t.Fatal(err)
	}
	var got capture.Frame
	for i := range int64(packets) {
		if err := src.Next(&got); err != nil || got.At != i {
			t.Fatalf("got packet %d, want %d; error %v", got.At, i, err)
		}
	}
	if err := src.Next(&got); !errors.Is(err, io.EOF) {
		t.Errorf("got %v after the last packet, want EOF", err)
	}
}
