package main

import (
	"math/rand/v2"
)

// kind tells what an RTP packet carries.
type kind uint8

const (
	media kind = iota
	comfortNoise
	telephoneEvent
)

// pause is a time in which a sender is silent because of a hold.
type pause struct{ from, to int64 }

// speechPlan is what a call's script asks of one sender, on the sender's clock.
type speechPlan struct {
	from, to  int64
	pauses    []pause
	keys      []int64 // when a key is pressed
	restartAt int64   // sequence numbers and timestamps start afresh; 0 never
	recodecAt int64   // recodec takes over; 0 never
	recodec   *codec
}

// packet is one RTP packet as its sender made it.
type packet struct {
	at     int64
	ts     uint32
	kind   kind
	pt     uint8
	marker bool
	fresh  bool // first of a new numbering
	body   *body
	event  [4]byte
}

// talker turns a plan into packets: one slot per packet time, in which it speaks,
// sends a key's tone, marks a silence, or sends nothing.
type talker struct {
	plan     speechPlan
	codec    *codec
	bodies   *bodies
	next     *bodies // of plan.recodec
	slotNS   float64 // packet time on the capture's clock: a fast sender's is shorter
	samples  int64   // timestamp units per packet
	dtx      bool
	r        *rand.Rand
	ts0      uint32
	slot     int64
	turn     int64 // slot at which speech and silence change places
	silent   bool
	sidAt    int64 // next slot of the silence that says so
	marker   bool  // the next media packet opens a talkspurt
	fresh    bool
	event    int64 // slots of the tone in progress, counted from 1; 0 none
	eventLen int64
	eventTS  uint32
	digit    byte
}

const (
	talkMS, silenceMS = 1400, 1100 // mean lengths, as P.59's artificial conversation has them
	sidEveryMS        = 400
	eventEnds         = 3 // RFC 4733 2.5.1.4: the final packet is sent three times
)

func (t *talker) slotAt(slot int64) int64 { return t.plan.from + int64(float64(slot)*t.slotNS) }

func (t *talker) timestamp(slot int64) uint32 { return t.ts0 + uint32(slot*t.samples) }

// timestampAt is the RTP timestamp of a moment, for sender reports.
func (t *talker) timestampAt(at int64) uint32 {
	return t.ts0 + uint32(int64(float64(at-t.plan.from)/t.slotNS*float64(t.samples)))
}

// nextAt is the earliest time of the next packet.
func (t *talker) nextAt() int64 { return t.slotAt(t.slot) }

// speak makes the next packet; false when the plan is over.
func (t *talker) speak() (packet, bool) {
	for {
		at := t.slotAt(t.slot)
		if at >= t.plan.to {
			return packet{}, false
		}
		if !t.skipPause(at) {
			t.change(at)
			p, sent := t.sendSlot(at)
			t.slot++
			if sent {
				p.fresh, t.fresh = t.fresh, false
				return p, true
			}
		}
	}
}

// skipPause moves past a hold and reports whether at lay in one.
func (t *talker) skipPause(at int64) bool {
	for len(t.plan.pauses) > 0 && at >= t.plan.pauses[0].from {
		p := t.plan.pauses[0]
		if at < p.to {
			t.slot = max(t.slot+1, int64(float64(p.to-t.plan.from)/t.slotNS)+1)
			t.marker, t.event, t.silent = true, 0, false
			t.turn = t.slot + t.length(talkMS)
			return true
		}
		t.plan.pauses = t.plan.pauses[1:]
	}
	return false
}

// change applies a codec change or a restart that has come due.
func (t *talker) change(at int64) {
	if t.plan.recodecAt != 0 && at >= t.plan.recodecAt {
		t.plan.recodecAt = 0
		t.codec, t.bodies = t.plan.recodec, t.next
	}
	if t.plan.restartAt != 0 && at >= t.plan.restartAt && t.event == 0 {
		t.plan.restartAt = 0
		t.ts0 = t.r.Uint32()
		t.fresh, t.marker = true, true
	}
}

func (t *talker) sendSlot(at int64) (packet, bool) {
	p := packet{at: at, ts: t.timestamp(t.slot), pt: t.codec.pt}
	if t.event == 0 && len(t.plan.keys) > 0 && at >= t.plan.keys[0] {
		t.press(p.ts)
	}
	if t.event > 0 {
		return t.tone(p), true
	}
	if t.dtx && t.slot >= t.turn {
		t.takeTurn()
	}
	if t.silent {
		return t.silence(p)
	}
	p.kind, p.marker, t.marker = media, t.marker, false
	p.body = &t.bodies.speech[t.slot%bodiesPerCodec]
	return p, true
}

func (t *talker) takeTurn() {
	t.silent = !t.silent
	if t.silent {
		t.turn, t.sidAt = t.slot+t.length(silenceMS), t.slot
		return
	}
	t.turn, t.marker = t.slot+t.length(talkMS), true
}

// silence sends what the codec sends in silence, now and then, or nothing.
func (t *talker) silence(p packet) (packet, bool) {
	if t.codec.quiet || t.slot < t.sidAt {
		return p, false
	}
	t.sidAt += max(1, sidEveryMS*1_000_000/int64(t.slotNS))
	p.body = &t.bodies.sid[t.slot%int64(len(t.bodies.sid))]
	if t.codec.comfortNoise() {
		p.kind, p.pt = comfortNoise, comfortNoisePT
	}
	return p, true
}

// press begins a key's tone of 100 to 240 ms.
func (t *talker) press(ts uint32) {
	t.plan.keys = t.plan.keys[1:]
	t.event, t.eventTS, t.digit = 1, ts, byte(t.r.IntN(12))
	t.eventLen = max(2, int64(float64(100+t.r.IntN(140))*1e6/t.slotNS))
}

// tone makes one packet of the event in progress: event code, end bit with
// volume, duration so far (RFC 4733 2.3).
func (t *talker) tone(p packet) packet {
	const end, volume = 0x80, 10
	duration := uint16(min(t.event, t.eventLen) * t.samples)
	flags := byte(volume)
	if t.event >= t.eventLen {
		flags |= end
	}
	p.kind, p.pt, p.ts = telephoneEvent, t.codec.eventPT(), t.eventTS
	p.marker = t.event == 1
	p.event = [4]byte{t.digit, flags, byte(duration >> 8), byte(duration)}
	t.event++
	if t.event >= t.eventLen+eventEnds {
		t.event = 0
	}
	return p
}

// length draws a turn's length in slots.
func (t *talker) length(meanMS float64) int64 {
	ms := 200 + t.r.ExpFloat64()*(meanMS-200)
	return max(5, int64(ms*1e6/t.slotNS))
}
