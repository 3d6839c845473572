package pipeline

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	"earshot/capture"
	"earshot/rtpstats"
)

// keepAll reads a capture as a lane does and has it kept: RTP headers only, and
// everything else whole.
func keepAll(t *testing.T, file string, k *laneKeeper) {
	t.Helper()
	src, err := capture.Open([]string{file}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	decoder := capture.NewDecoder(capture.DecoderConfig{})
	var f capture.Frame
	var dg capture.Datagram
	var h rtpstats.Header
	var c clock
	for {
		err := src.Next(&f)
		if errors.Is(err, io.EOF) {
			k.end()
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if at, crossed := c.advance(f.At); crossed {
			k.tick(at)
		}
		kind, kept := keepWhole, 0
		if decoder.Decode(&f, &dg) && dg.Protocol != protocolTCP && len(dg.Payload) > 1 {
			p := dg.Payload
			control := p[1] >= 192 && p[1] <= 223
			if !control && h.Read(p, dg.Length) {
				kind, kept = keepRTP, rtpKept(&h, p)
			}
		}
		k.take(&f, &dg, kind, kept)
	}
}

// replaySource runs a source through a pipeline and returns its records.
func replaySource(t *testing.T, src capture.Source) string {
	t.Helper()
	var out lines
	cfg := Config{}
	cfg.Dialog.KeepTimeline = true
	p := New(cfg, []capture.Source{src}, &out)
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// doubt is what a call's line says of packets that the capture lost.
var doubt = regexp.MustCompile(`,"trust":"suspect","trust_reason":"the probe missed [^"]*"`)

// TestKeptHeadersGiveTheSameRecords: what is kept of a capture gives, from
// memory and from the files, the same records as the capture itself.
func TestKeptHeadersGiveTheSameRecords(t *testing.T) {
	files, all := 0, captures(t)
	for _, file := range all {
		name := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		want, _ := replay(t, Config{}, file)
		want = doubt.ReplaceAllString(want, "") // what the capture says to have lost is not in the packets
		dir := t.TempDir()
		k := newKeeping(KeepConfig{Bytes: 1 << 30}, SaveConfig{Dir: dir, FileBytes: 10_000, MinFree: 1}, 1)
		var done sync.WaitGroup
		done.Go(k.run)
		keepAll(t, file, k.lane(0))
		done.Wait()

		recent := k.recent()
		src, err := recent.open()
		if err != nil {
			t.Fatal(err)
		}
		if got := replaySource(t, src); got != want {
			t.Errorf("%s: records of the packets in memory differ\n%s", name, firstDifference(want, got))
		}
		recent.release()

		s := k.stage()
		if s.ShedPackets > 0 || s.SaveErrors > 0 || s.SavedPackets == 0 {
			t.Errorf("%s: got %d packets saved, %d shed, %d errors; want all saved", name, s.SavedPackets, s.ShedPackets, s.SaveErrors)
		}
		files += s.Files
		if got, _ := replay(t, Config{}, dir); got != want {
			t.Errorf("%s: records of the %d files differ\n%s", name, s.Files, firstDifference(want, got))
		}
	}
	if files < 2*len(all) {
		t.Errorf("wrote %d files of %d captures, want many: the test is about more than one of them", files, len(all))
	}
}

// rtpFrame returns a frame of a G.711 packet, and what a lane knows of it.
func rtpFrame(t testing.TB) (f capture.Frame, dg capture.Datagram, kept int) {
	t.Helper()
	if err := newTalk(1).Next(&f); err != nil {
		t.Fatal(err)
	}
	if !capture.NewDecoder(capture.DecoderConfig{}).Decode(&f, &dg) {
		t.Fatal("cannot decode the frame")
	}
	var h rtpstats.Header
	if !h.Read(dg.Payload, dg.Length) {
		t.Fatal("the frame has no RTP header")
	}
	return f, dg, rtpKept(&h, dg.Payload)
}

// TestKeptOctets: 14 of Ethernet, 20 of IPv4, 8 of UDP, 12 of RTP, and 4 by
// which copies and modes are told; the length on the wire stays.
func TestKeptOctets(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	for _, c := range []struct {
		rtp  KeepRTP
		want int
	}{{KeepHeaders, 14 + 20 + 8 + 12 + 4}, {KeepAll, 14 + 20 + 8 + 12 + 160}} {
		k := newKeeper(1, c.rtp, nil)
		k.take(&f, &dg, keepRTP, kept)
		all := k.snapshot()
		var got capture.Frame
		if len(all) != 1 || !all[0].next(&got) {
			t.Fatal("kept nothing")
		}
		if len(got.Data) != c.want || got.OrigLen != 214 || !bytes.Equal(got.Data, f.Data[:c.want]) || got.At != f.At || got.Link != f.Link {
			t.Errorf("RTP %d: kept %d octets of %d from %d, want %d", c.rtp, len(got.Data), got.OrigLen, got.At, c.want)
		}
	}
	k := newKeeper(1, KeepNothing, nil)
	k.take(&f, &dg, keepRTP, kept)
	if octets, oldest := k.usage(); octets != 0 || oldest != 0 {
		t.Errorf("kept %d octets, want none", octets)
	}
}

// TestKeeperForgetsTheOldest: a ring holds the latest packets, in order and
// without a hole.
func TestKeeperForgetsTheOldest(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	k := newKeeper(4*chunkBytes, KeepHeaders, nil)
	const packets = 50_000 // 88 octets each: 17 chunks
	for i := range packets {
		f.At = int64(i)
		k.take(&f, &dg, keepRTP, kept)
	}
	octets, oldest := k.usage()
	if octets > 4*chunkBytes || octets < 3*chunkBytes {
		t.Errorf("holds %d octets, want 3 to 4 chunks", octets)
	}
	next := oldest
	for _, c := range k.snapshot() {
		var got capture.Frame
		for c.next(&got) {
			if got.At != next {
				t.Fatalf("got packet %d, want %d", got.At, next)
			}
			next++
		}
	}
	if next != packets {
		t.Errorf("the last packet is %d, want %d", next-1, packets-1)
	}
}

// TestKeeperTurnsWhileRead: a lane that goes on to its next chunk between the
// reader's pin on the one and its pin on the other leaves no hole between them.
func TestKeeperTurnsWhileRead(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	k := newKeeper(3*chunkBytes, KeepHeaders, nil)
	packets := int64(0)
	take := func() {
		f.At = packets
		k.take(&f, &dg, keepRTP, kept)
		packets++
	}
	take()
	first := k.pin(0)
	for k.next < 2 {
		take()
	}
	next := int64(0)
	for _, c := range cursors([]*chunk{k.pin(1), first}) {
		var got capture.Frame
		for c.next(&got) {
			if got.At != next {
				t.Fatalf("got packet %d, want %d", got.At, next)
			}
			next++
		}
		c.chunk.unpin()
	}
	if next != packets {
		t.Errorf("the last packet is %d, want %d", next-1, packets-1)
	}
}

// TestKeeperReaders: readers see whole packets in order while the lane goes
// round its ring, and what they have pinned stays as it is.
func TestKeeperReaders(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	k := newKeeper(3*chunkBytes, KeepHeaders, nil)
	var stop atomic.Bool
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for !stop.Load() {
				last := int64(-1)
				for _, c := range k.snapshot() {
					var got capture.Frame
					for c.next(&got) {
						if last >= 0 && got.At != last+1 || len(got.Data) != 58 || got.Data[26] != byte(got.At) {
							t.Errorf("packet %d of %d octets follows %d", got.At, len(got.Data), last)
							stop.Store(true)
							break
						}
						last = got.At
					}
					c.chunk.unpin()
				}
				k.usage()
			}
		})
	}
	f.Data = bytes.Clone(f.Data)
	dg.Payload = f.Data[42:]
	for i := int64(0); i < 300_000 && !stop.Load(); i++ {
		f.At, f.Data[26] = i, byte(i)
		k.take(&f, &dg, keepRTP, kept)
	}
	stop.Store(true)
	readers.Wait()
	for i := range k.ring {
		if c := k.ring[i].Load(); c != nil && c.pins.Load() != 0 {
			t.Errorf("chunk %d has %d pins left", c.seq, c.pins.Load())
		}
	}
}

// TestKeeperRefusesWhatDoesNotFit: a frame larger than a chunk is counted.
func TestKeeperRefusesWhatDoesNotFit(t *testing.T) {
	k := newKeeper(1, KeepAll, nil)
	f := capture.Frame{Data: make([]byte, chunkBytes), OrigLen: chunkBytes}
	k.take(&f, new(capture.Datagram), keepWhole, 0)
	if octets, _ := k.usage(); octets != 0 || k.large.Load() != 1 {
		t.Errorf("got %d octets and %d refused, want 0 and 1", octets, k.large.Load())
	}
}

// TestKeepingAllocatesNothing: of a ring that has gone round once.
func TestKeepingAllocatesNothing(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	k := newKeeper(2*chunkBytes, KeepHeaders, nil)
	for range 2 * chunkBytes / RecentOctets(58) {
		k.take(&f, &dg, keepRTP, kept)
	}
	if n := testing.AllocsPerRun(50_000, func() { k.take(&f, &dg, keepRTP, kept) }); n != 0 {
		t.Errorf("got %v allocations a packet, want 0", n)
	}
}
