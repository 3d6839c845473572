package main

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// streamSpec is what a call decides about one of its RTP streams.
type streamSpec struct {
	codec      *codec // as sent
	ptimeMS    int
	plan       speechPlan
	near, far  time.Duration // one-way delay from the sender to the tap, and on to the receiver
	loss       lossModel
	lossAfter  lossModel
	jitter     jitterModel
	reorder    float64 // probability per packet
	duplicate  float64
	dtx, srtp  bool
	reporting  bool // the receiver keeps statistics for RTCP
	skewPPM    float64
	unheard    bool // the receiver's network drops everything after the tap
	announced  string
	src, dst   endpoint
	dscp       uint8
	ssrc       uint32
	callerSide bool // the caller sends it
	relayed    bool // an SBC sends it on
	onTrunk    bool // between SBC and trunk
	keep       bool // the capture keeps the headers only
	harms      []harm
}

// flight is a packet between its sender and the tap.
type flight struct {
	packet
	arrival   int64
	index     int64 // sequence number counted from the segment's first, never wrapped
	segment   int
	seq       uint16
	duplicate bool
	lost      bool // before the tap: it holds its place only for the sender's count
}

// stream sends one RTP stream past the tap. It is an actor that fires at every
// arrival at the tap.
type stream struct {
	streamSpec
	call   *call
	talker talker
	r      *rand.Rand

	before, after loss
	pending       []flight // by arrival; the sender runs ahead only as far as packets can overtake

	base       uint16
	index      int64
	segment    int
	protect    int   // packets that must come through in order: the first of a restart
	floor      int64 // nothing of a restart arrives before its first packet
	lastArrive int64 // of the packets so far

	sent, sentBytes int64
	lostAfter       int64
	tap, remote     reception
	runs            burstGap // at the receiver
	last            senderReport
	toldLost        int64 // what the receiver's last report said
	toldJitterMS    float64
	reports         int64
	path            path
	next            *stream // that an SBC makes of it
	sourceOver      bool    // of a relay: nothing more comes in
	relayEnded      bool

	// The state behind r and the first of pending lie here, and not elsewhere on
	// the heap, for the same reason as path's rooms.
	source      rand.PCG
	random      rand.Rand
	pendingRoom [2]flight
}

// senderReport is what a receiver remembers of the stream's last SR.
type senderReport struct {
	ntpMiddle uint32
	tapAt     int64
}

func newStream(e *engine, c *call, s streamSpec, source rand.PCG) *stream {
	samples := int64(s.codec.clock * s.ptimeMS / 1000)
	st := &stream{
		streamSpec: s, call: c, source: source,
		before: loss{model: s.loss}, after: loss{model: s.lossAfter},
	}
	st.random = *rand.New(&st.source)
	st.r, st.pending = &st.random, st.pendingRoom[:0]
	st.base = uint16(st.r.Uint32())
	st.talker = talker{
		plan: s.plan, codec: s.codec, bodies: e.bodiesOf(s.codec, s.ptimeMS, s.srtp),
		slotNS:  float64(s.ptimeMS) * 1e6 / (1 + s.skewPPM/1e6),
		samples: samples, dtx: s.dtx, r: st.r, ts0: st.r.Uint32(), fresh: true, marker: true,
	}
	if s.plan.recodec != nil {
		st.talker.next = e.bodiesOf(s.plan.recodec, s.ptimeMS, s.srtp)
	}
	st.talker.turn = st.talker.length(talkMS)
	st.tap.clock, st.tap.samples = float64(s.codec.clock), samples
	st.remote.clock, st.remote.samples = st.tap.clock, samples
	return st
}

// touch reads one word of most cache lines that fire will need.
func (s *stream) touch() int64 {
	t, a, b := &s.talker, &s.tap, &s.remote
	return s.index + s.sent + t.plan.from + t.slot + t.samples + t.turn + t.event +
		a.packets + a.prevAt + a.deltaMax + b.packets + b.prevAt + b.deltaMax + s.runs.run +
		int64(s.near) + int64(s.loss.p) + int64(s.ssrc) + int64(s.pendingRoom[0].arrival) + int64(s.pendingRoom[1].arrival) +
		int64(s.path.hdrRoom[0]) + int64(s.path.hdrRoom[63]) + int64(s.path.l4) + int64(s.path.lensRoom[0].off) + int64(s.path.src.id)
}

// start fills the flight and enters the stream in the agenda.
func (s *stream) start(e *engine) {
	s.fill(e)
	if len(s.pending) == 0 {
		s.finished(e)
		return
	}
	e.add(s.pending[0].arrival, s)
}

// fire lets the next packet pass the tap.
func (s *stream) fire(e *engine, now int64) int64 {
	if s.relayed {
		return s.fireRelayed(e, now)
	}
	now = e.tick(now)
	f := &s.pending[0]
	heard := !f.lost && s.pass(e, now, f)
	if s.next != nil && !f.lost {
		s.next.forward(e, f, now)
	}
	if s.reporting && !f.duplicate {
		s.runs.add(heard)
	}
	s.pending = s.pending[:copy(s.pending, s.pending[1:])]
	s.fill(e)
	if len(s.pending) == 0 {
		s.finished(e)
		return done
	}
	return s.pending[0].arrival
}

// fill lets the sender run until no packet to come can overtake the next arrival.
func (s *stream) fill(e *engine) {
	for len(s.pending) == 0 || s.talker.nextAt()+int64(s.near) <= s.pending[0].arrival {
		p, ok := s.talker.speak()
		if !ok {
			return
		}
		s.send(e, p)
	}
}

// restartProtected is how many packets of a restarted numbering come through
// unharmed, so that every receiver can tell a restart from a stray packet
// (RFC 3550 A.1 wants two in sequence).
const restartProtected = 3

// send decides a packet's fate on its way to the tap.
func (s *stream) send(e *engine, p packet) {
	if p.fresh {
		s.renumber()
	}
	s.sent++
	s.sentBytes += int64(s.payloadLen(&p))
	f := flight{packet: p, index: s.index, segment: s.segment, seq: s.base + uint16(s.index)}
	s.index++
	calm := s.lastArrive == 0 || s.protect > 0
	f.lost = s.before.lost(s.r) && s.protect == 0
	delay := s.jitter.draw(s.r)
	if s.reorder > 0 && s.r.Float64() < s.reorder {
		delay += int64(s.talker.slotNS * (1.2 + 0.6*s.r.Float64()))
	}
	if len(s.harms) > 0 {
		delay += s.suffer(&f, calm)
	}
	if calm {
		delay = 0 // nothing overtakes a numbering's first packet, or lost would depend on who counts
	}
	f.arrival = e.tick(p.at + int64(s.near) + delay)
	if s.protect == restartProtected {
		s.floor = max(f.arrival, s.lastArrive)
	}
	f.arrival = max(f.arrival, s.floor)
	s.protect = max(0, s.protect-1)
	s.fly(f)
	if !f.lost && !calm && s.duplicate > 0 && s.r.Float64() < s.duplicate {
		f.duplicate = true
		f.arrival = e.tick(f.arrival + 100_000 + int64(s.r.Float64()*2e6))
		s.fly(f)
	}
}

// renumber opens a new segment: the first, or after a restart one further away
// than RFC 3550's MAX_DROPOUT in either direction.
func (s *stream) renumber() {
	if s.sent == 0 {
		return
	}
	s.base += uint16(s.index) + uint16(10000+s.r.IntN(45000))
	s.index = 0
	s.segment++
	s.protect = restartProtected
}

// fly puts a packet in its place by arrival; equals keep the order of sending.
func (s *stream) fly(f flight) {
	if !f.lost {
		s.lastArrive = max(s.lastArrive, f.arrival)
	}
	i := len(s.pending)
	s.pending = append(s.pending, f)
	for i > 0 && s.pending[i-1].arrival > f.arrival {
		s.pending[i] = s.pending[i-1]
		i--
	}
	s.pending[i] = f
}

const rtpHeaderLen = 12

// pass writes the packet and counts it at the tap and, unless lost behind it, at
// the receiver; it reports whether the receiver heard it.
func (s *stream) pass(e *engine, now int64, f *flight) bool {
	buf := s.path.begin(e.buf)
	buf = append(buf, 0x80, f.pt, byte(f.seq>>8), byte(f.seq))
	if f.marker {
		buf[len(buf)-3] |= 0x80
	}
	buf = binary.BigEndian.AppendUint32(buf, f.ts)
	buf = binary.BigEndian.AppendUint32(buf, s.ssrc)
	sum := checksum(0, buf[len(buf)-rtpHeaderLen:])
	if f.kind == telephoneEvent {
		buf = append(buf, f.event[:]...)
		if s.srtp {
			buf = append(buf, zeros[:10]...)
		}
		sum = checksum(sum, f.event[:])
	} else {
		buf = append(buf, f.body.data...)
		sum += f.body.sum
	}
	s.path.finishUDP(buf, sum)
	buf = pad(buf)
	e.buf = buf
	e.emit(now, &s.path, buf)
	e.totals.rtp++
	s.tap.add(now, f, wireLen(buf))
	lost, later := false, int64(0)
	if len(s.harms) > 0 {
		lost, later = s.passed(now)
	}
	if s.unheard || s.after.lost(s.r) || lost {
		if !f.duplicate {
			s.lostAfter++
		}
		return false
	}
	if s.reporting {
		s.remote.add(now+later, f, 0)
	}
	return true
}

func (s *stream) payloadLen(p *packet) int {
	if p.kind == telephoneEvent {
		return len(p.event)
	}
	return len(p.body.data)
}

// sentUntil is how many packets and payload octets the sender had sent by a
// moment: all that it made, less what is in flight from later.
func (s *stream) sentUntil(at int64) (packets, octets int64) {
	packets, octets = s.sent, s.sentBytes
	for i := range s.pending {
		if f := &s.pending[i]; f.at > at && !f.duplicate {
			packets--
			octets -= int64(s.payloadLen(&f.packet))
		}
	}
	return packets, octets
}
