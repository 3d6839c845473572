package capture

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	defaultHEPBuffer = 64 << 20
	// hepUnit is how much is written at once: what one TLS record holds
	// (RFC 8446 5.1), so that a connection that breaks leaves the receiver with
	// all packets of a record or none.
	hepUnit = 16384
	// hepCoalesce is how long a message may wait for others to go with it.
	hepCoalesce = 10 * time.Millisecond
	// hepSettle is how long a new connection is not trusted: a balancer without
	// a server behind it accepts, and closes.
	hepSettle = 50 * time.Millisecond
	// hepFarewell is how long Close goes on sending.
	hepFarewell = time.Second
	// Waits between attempts to connect, doubled from the first to the last.
	hepRetryFirst = 250 * time.Millisecond
	hepRetryLast  = 10 * time.Second
)

// HEPSender sends HEP v3. One goroutine drives it; only Stats may be called by
// others.
//
// What waits for a receiver that is away is kept in order, the oldest dropped
// when the buffer is full. A connection that breaks loses what the two systems
// hold of it: at most the socket's send buffer, for which 512 KiB is asked, and
// what the receiver's system had acknowledged and its program not read.
type HEPSender struct {
	cfg     HEPSenderConfig
	encoder hepEncoder
	queue   hepQueue
	unit    []byte // packets that are being written
	link    *hepLink
	dialing chan hepDialed // nil when no attempt is on its way
	cancel  context.CancelFunc
	ctx     context.Context

	flushed time.Time     // when the link was last given something
	upAt    time.Time     // when it came up
	retryAt time.Time     // not before this
	wait    time.Duration // after the next failure
	downed  bool          // Notice knows that there is none

	connected                                   atomic.Bool
	sent, dropped, retries, refused, unsendable atomic.Uint64
	buffered                                    atomic.Int64
}

// NewHEPSender returns a sender that has not connected yet.
func NewHEPSender(cfg HEPSenderConfig) *HEPSender {
	if cfg.BufferBytes <= 0 {
		cfg.BufferBytes = defaultHEPBuffer
	}
	if cfg.Notice == nil {
		cfg.Notice = func(bool, error) {}
	}
	s := &HEPSender{cfg: cfg, encoder: newHEPEncoder(cfg), queue: hepQueue{limit: cfg.BufferBytes}, wait: hepRetryFirst}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Send sends one message, or buffers it while the receiver is away. It never
// waits.
func (s *HEPSender) Send(m *HEPMessage) {
	packet, ok := s.encoder.encode(m)
	if !ok {
		s.unsendable.Add(1)
		return
	}
	if n := s.queue.push(packet); n > 0 {
		s.dropped.Add(n)
	}
	now := time.Now()
	if s.cfg.Network == "udp" || s.queue.octets >= hepUnit || now.Sub(s.flushed) >= hepCoalesce {
		s.flush(now)
	}
	s.buffered.Store(int64(s.queue.octets + len(s.unit)))
}

// Idle is called about every 100 ms when there is nothing to send: it
// reconnects and sends what is buffered.
func (s *HEPSender) Idle() {
	s.flush(time.Now())
	s.buffered.Store(int64(s.queue.octets + len(s.unit)))
}

// flush gives the link what it takes.
func (s *HEPSender) flush(now time.Time) {
	s.flushed = now
	if s.link == nil && !s.connect(now) {
		return
	}
	if now.Sub(s.upAt) < hepSettle && s.cfg.Network != "udp" {
		return
	}
	if err := s.link.alive(); err != nil {
		s.down(now, err)
		return
	}
	for {
		if len(s.unit) == 0 {
			if s.queue.octets == 0 {
				return
			}
			s.unit = s.queue.take(s.unit, s.unitSize())
		}
		done, err := s.link.write(s.unit)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED) && s.cfg.Network == "udp":
			s.refused.Add(1) // it tells of an earlier datagram; this one has not been sent
			continue
		case errors.Is(err, syscall.EMSGSIZE):
			s.unsendable.Add(1)
			s.unit = s.unit[:0]
			continue
		case err != nil:
			s.down(now, err)
			return
		case !done:
			return
		}
		s.sent.Add(packetsIn(s.unit))
		s.unit = s.unit[:0]
	}
}

// unitSize is how much is written at once; a datagram holds one packet.
func (s *HEPSender) unitSize() int {
	if s.cfg.Network == "udp" {
		return 0
	}
	return hepUnit
}

// connect takes the connection that an attempt brought, or begins an attempt.
func (s *HEPSender) connect(now time.Time) bool {
	if s.dialing == nil {
		if now.Before(s.retryAt) {
			return false
		}
		s.dialing = dialHEP(s.ctx, s.cfg)
	}
	select {
	case d := <-s.dialing:
		s.dialing = nil
		if d.err != nil {
			s.retries.Add(1)
			s.failed(now, d.err)
			return false
		}
		s.link, s.upAt = d.link, now
		s.connected.Store(true)
		s.downed = false
		s.cfg.Notice(true, nil)
		return true
	default:
		return false
	}
}

// failed plans the next attempt. Many senders lose one server at once, and must
// not come back at once.
func (s *HEPSender) failed(now time.Time, err error) {
	s.retryAt = now.Add(s.wait/2 + rand.N(s.wait))
	s.wait = min(2*s.wait, hepRetryLast)
	if !s.downed {
		s.downed = true
		s.cfg.Notice(false, err)
	}
}

// down gives up the link, and keeps of the unit what has not been sent whole.
func (s *HEPSender) down(now time.Time, err error) {
	whole := s.link.gone(s.unit)
	s.sent.Add(packetsIn(s.unit[:whole]))
	s.unit = append(s.unit[:0], s.unit[whole:]...)
	_ = s.link.close() // it is broken already
	s.link = nil
	s.connected.Store(false)
	if now.Sub(s.upAt) > hepRetryLast {
		s.wait = hepRetryFirst // it had worked
	}
	s.failed(now, err)
}

// Stats returns what was counted. Any goroutine may call it.
func (s *HEPSender) Stats() HEPSenderStats {
	return HEPSenderStats{
		Connected: s.connected.Load(), Sent: s.sent.Load(), Dropped: s.dropped.Load(), Retries: s.retries.Load(),
		Refused: s.refused.Load(), Unsendable: s.unsendable.Load(), Buffered: int(s.buffered.Load()),
	}
}

// Close sends what it can within a second, and closes the connection.
func (s *HEPSender) Close() error {
	for end := time.Now().Add(hepFarewell); s.queue.octets+len(s.unit) > 0; time.Sleep(time.Millisecond) {
		now := time.Now()
		if now.After(end) {
			break
		}
		s.flush(now)
	}
	s.cancel()
	if s.dialing != nil {
		if d := <-s.dialing; d.link != nil {
			s.link = d.link
		}
		s.dialing = nil
	}
	s.dropped.Add(s.queue.clear() + packetsIn(s.unit))
	s.unit = nil
	s.buffered.Store(0)
	s.connected.Store(false)
	if s.link == nil {
		return nil
	}
	err := s.link.close()
	s.link = nil
	return err
}
