package pipeline

import (
	"context"
	"encoding/binary"
	"io"
	"runtime"
	"testing"

	"earshot/capture"
)

// talk is a source of n RTP packets of one G.711 stream, made in place.
type talk struct {
	n, next int
	packet  []byte
}

// newTalk builds an Ethernet frame with IPv4, UDP and PCMU, sent every millisecond.
func newTalk(n int) *talk {
	p := make([]byte, 14+20+8+12+160)
	p[12], p[13] = 0x08, 0x00 // IPv4
	ip := p[14:]
	ip[0], ip[8], ip[9] = 0x45, 64, 17 // no options, TTL, UDP
	binary.BigEndian.PutUint16(ip[2:], uint16(len(p)-14))
	copy(ip[12:], []byte{192, 0, 2, 1, 192, 0, 2, 2})
	udp := ip[20:]
	binary.BigEndian.PutUint16(udp, 4000)
	binary.BigEndian.PutUint16(udp[2:], 5000)
	binary.BigEndian.PutUint16(udp[4:], uint16(len(p)-14-20))
	udp[8] = 0x80 // RTP version 2; payload type 0
	return &talk{n: n, packet: p}
}

func (s *talk) Next(f *capture.Frame) error {
	if s.next == s.n {
		return io.EOF
	}
	i := s.next
	s.next++
	binary.BigEndian.PutUint16(s.packet[18:], uint16(i+1)) // IP identification
	rtp := s.packet[42:]
	binary.BigEndian.PutUint16(rtp[2:], uint16(i))
	binary.BigEndian.PutUint32(rtp[4:], uint32(i*8))
	*f = capture.Frame{At: 1_700_000_000e9 + int64(i)*1e6, Data: s.packet, OrigLen: len(s.packet), Link: capture.LinkEthernet}
	return nil
}

func (s *talk) Drops() (uint64, bool) { return 0, false }
func (s *talk) Close() error          { return nil }

// TestNoAllocationPerPacket: the whole path, from frame to stream, allocates
// for ticks and reports but not for packets.
func TestNoAllocationPerPacket(t *testing.T) {
	mallocs := func(n int) uint64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		p := New(Config{Shards: 2}, []capture.Source{newTalk(n)}, &lines{})
		if err := p.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := p.Summary().RTPPackets; got != uint64(n) {
			t.Fatalf("got %d RTP packets, want %d", got, n)
		}
		return after.Mallocs - before.Mallocs
	}
	const some, many = 50_000, 150_000
	few, lot := mallocs(some), mallocs(many)
	// The 100 ticks and 20 reports between allocate a little.
	if each := float64(lot-few) / (many - some); each > 0.05 {
		t.Errorf("%d packets more cost %d allocations, %.2f a packet", many-some, lot-few, each)
	}
}
