package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"earshot/capture/wire"
)

const (
	// hepWait is how long Next waits for a packet.
	hepWait = 50 * time.Millisecond
	// hepHorizon is how far behind the clock ErrIdle stays, for what a sender
	// has just seen and not yet sent.
	hepHorizon = 100 * time.Millisecond
)

// HEP receives HEP from other probes, proxies and media servers. It is a
// Source: every frame is an IP and UDP header, as long as the sender used, in
// front of one HEP packet, so that a file of them replays like the live feed.
// One goroutine calls its methods; only Stats may be called by others.
type HEP struct {
	point   uint16
	udp     *hepSocket  // nil without UDP
	streams *hepStreams // nil without TCP and TLS
	timer   *time.Timer
	closed  bool

	now   int64     // when what is being given was taken
	chunk *hepChunk // of the streams, being given
	rest  []byte    // of the chunk
	frame []byte    // headroom and one packet of a stream

	packets, octets, foreign atomic.Uint64
	batch                    struct{ packets, octets, foreign uint64 } // since the last refill
	told                     uint64                                    // drops that Drops has told
}

// ListenHEP opens the listeners.
func ListenHEP(cfg HEPConfig) (*HEP, error) {
	if cfg.UDP == "" && cfg.TCP == "" && cfg.TLS == "" {
		return nil, errors.New("cannot listen for HEP: no address is given for UDP, TCP or TLS")
	}
	h := &HEP{point: cfg.Point, timer: time.NewTimer(hepWait)}
	var err error
	if cfg.UDP != "" {
		if h.udp, err = newHEPSocket(cfg.UDP); err != nil {
			return nil, fmt.Errorf("cannot listen for HEP on UDP %q: %w", cfg.UDP, err)
		}
	}
	if cfg.TCP != "" || cfg.TLS != "" {
		if h.streams, err = newHEPStreams(cfg, h.wake()); err != nil {
			return nil, errors.Join(err, h.Close())
		}
		h.frame = make([]byte, hepHeadroom+maxHEPPacket)
	}
	return h, nil
}

// wake returns what ends a wait of Next when a stream has brought something.
func (h *HEP) wake() func() {
	if h.udp == nil {
		return func() {} // Next waits for the streams themselves
	}
	return h.udp.wake
}

// Next returns the next packet. It waits up to 50 ms for one.
func (h *HEP) Next(f *Frame) error {
	if h.closed {
		return io.EOF
	}
	if h.give(f) {
		return nil
	}
	h.refill(false)
	if h.give(f) {
		return nil
	}
	h.refill(true)
	if h.give(f) {
		return nil
	}
	*f = Frame{At: h.now - int64(hepHorizon), Point: h.point, HEP: true}
	return ErrIdle
}

// give gives the next packet of what has been taken.
func (h *HEP) give(f *Frame) bool {
	if len(h.rest) > 0 {
		n := be16(h.rest[4:])
		copy(h.frame[hepHeadroom:], h.rest[:n])
		h.rest = h.rest[n:]
		h.fill(f, hepEnvelope(h.frame, n, h.chunk.remote, h.chunk.local), n)
		return true
	}
	for h.udp != nil {
		b, n, src := h.udp.next()
		if b == nil {
			return false
		}
		if packet := b[hepHeadroom : hepHeadroom+n]; !wire.IsHEP3(packet) && (n == 0 || packet[0] != 1 && packet[0] != 2) {
			h.batch.foreign++ // not for us; nor may it become SIP that no key was asked for
			continue
		}
		h.fill(f, hepEnvelope(b, n, src, h.udp.local), n)
		return true
	}
	return false
}

func (h *HEP) fill(f *Frame, data []byte, n int) {
	h.batch.packets++
	h.batch.octets += uint64(n)
	*f = Frame{At: h.now, Seen: h.now, Data: data, OrigLen: len(data), Link: LinkRaw, Point: h.point, HEP: true}
}

// refill takes what there is from the socket and the streams, some of each.
func (h *HEP) refill(wait bool) {
	h.count()
	if h.chunk != nil {
		h.streams.free <- h.chunk
		h.chunk = nil
	}
	if wait && h.udp == nil {
		h.timer.Reset(hepWait)
		select {
		case h.chunk = <-h.streams.queue:
		case <-h.timer.C:
		}
		h.timer.Stop()
	} else if h.streams != nil {
		h.poll()
	}
	if h.udp != nil {
		h.udp.fill(wait && h.chunk == nil, h.pending)
		if wait {
			h.poll()
		}
	}
	h.now = time.Now().UnixNano()
	if h.chunk != nil {
		h.rest = h.chunk.data
	}
}

// poll takes a chunk of the streams if there is one.
func (h *HEP) poll() {
	if h.streams == nil || h.chunk != nil {
		return
	}
	select {
	case h.chunk = <-h.streams.queue:
	default:
	}
}

// pending reports whether the streams have something.
func (h *HEP) pending() bool { return h.streams != nil && len(h.streams.queue) > 0 }

// count shows others what was counted.
func (h *HEP) count() {
	if h.batch.packets > 0 {
		h.packets.Add(h.batch.packets)
		h.octets.Add(h.batch.octets)
	}
	if h.batch.foreign > 0 {
		h.foreign.Add(h.batch.foreign)
	}
	h.batch.packets, h.batch.octets, h.batch.foreign = 0, 0, 0
}

// Drops tells what the socket's buffer and the queue had no room for.
func (h *HEP) Drops() (lost uint64, suspect bool) {
	if h.udp != nil && !h.closed {
		h.udp.look()
	}
	all := h.dropped()
	lost = all - h.told
	h.told = all
	return lost, lost > 0
}

func (h *HEP) dropped() uint64 {
	n := uint64(0)
	if h.udp != nil {
		n += h.udp.drops.Load()
	}
	if h.streams != nil {
		n += h.streams.dropped.Load()
	}
	return n
}

// Stats returns what was counted. Any goroutine may call it.
func (h *HEP) Stats() HEPStats {
	s := HEPStats{Packets: h.packets.Load(), Bytes: h.octets.Load(), Foreign: h.foreign.Load(), Dropped: h.dropped()}
	if h.streams != nil {
		s.Connections = int(h.streams.connections.Load())
		s.Refused = h.streams.refused.Load()
		s.Broken = h.streams.broken.Load()
	}
	return s
}

// Addr returns the address that a listener has, which matters where port 0 was
// asked for; network is "udp", "tcp" or "tls".
func (h *HEP) Addr(network string) netip.AddrPort {
	if network == "udp" && h.udp != nil {
		return h.udp.local
	}
	if h.streams != nil {
		return h.streams.local[network]
	}
	return netip.AddrPort{}
}

// Close closes the listeners and their connections.
func (h *HEP) Close() error {
	if h.closed {
		return nil
	}
	h.closed = true
	h.count()
	var errs []error
	if h.streams != nil {
		errs = append(errs, h.streams.close())
	}
	if h.udp != nil {
		errs = append(errs, h.udp.conn.Close())
	}
	return errors.Join(errs...)
}

// addrPort returns an address of package net.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		return a.AddrPort()
	case *net.TCPAddr:
		return a.AddrPort()
	}
	return netip.AddrPort{}
}
