package main

import (
	"math"
	"math/rand/v2"
	"time"
)

// flow decides the fate of one stream's packets and remembers it.
type flow struct {
	key     flowKey
	im      *impairment
	random  *rand.Rand // four draws for every packet, so that no parameter disturbs another
	times   *rand.Rand // for the jitter, whose distributions draw as often as they like
	spare   int        // packets that still only get the fixed delay
	bad     bool       // Gilbert's state
	lastDue int64      // so that jitter keeps the order
	rtp     bool

	received   uint64
	relayed    uint64 // copies not counted
	duplicated uint64
	lostRandom uint64
	lostQueue  uint64
	runs       []lostRun
	moreRuns   uint64 // that were not kept
	out        sequence
	added      delays
}

// lostRun is a stretch of RTP packets, one after the other as they came, that were
// dropped.
type lostRun struct {
	First uint16 `json:"first"`
	Count int    `json:"count"`
	next  uint16
}

// maxRuns bounds what is kept of one flow.
const maxRuns = 100_000

// fate is what happens to one packet.
type fate struct {
	drop      bool
	due       int64 // when it goes out, ns
	duplicate bool
}

// newFlow seeds the flow's randomness by what it is, so that what happens to it
// doesn't depend on what other flows do.
func newFlow(key flowKey, o *options, im *impairment, direction uint64) *flow {
	seed := direction
	for _, part := range []string{key.src.String(), key.dst.String()} {
		for i := range len(part) {
			seed = (seed ^ uint64(part[i])) * 0x100000001b3 // FNV-1a
		}
	}
	seed ^= uint64(key.ssrc)
	return &flow{key: key, im: im, spare: o.spare, random: rand.New(rand.NewPCG(o.seed, seed)), times: rand.New(rand.NewPCG(o.seed, ^seed))}
}

// decide draws the fate of a packet that came at now and would leave at ready:
// after the throttle, without any delay.
func (f *flow) decide(p *packet, now, ready int64) fate {
	f.received++
	f.rtp = f.rtp || p.rtp
	lose, state, twice, hold := f.random.Float64(), f.random.Float64(), f.random.Float64(), f.random.Float64()
	queueing := f.queueing()
	due := ready + int64(f.im.delay)
	if f.spare > 0 {
		f.spare--
		f.lastDue = max(f.lastDue, due)
		return fate{due: f.lastDue}
	}
	if f.inBurst(state) || lose < f.im.loss {
		f.lostRandom++
		f.dropped(p)
		return fate{drop: true}
	}
	out := fate{due: max(due+queueing, f.lastDue), duplicate: twice < f.im.duplicate}
	f.lastDue = out.due
	if hold < f.im.reorder {
		out.due += int64(f.im.reorderBy) // lastDue stays: later ones overtake
	}
	return out
}

// inBurst moves Gilbert's chain by one packet.
func (f *flow) inBurst(draw float64) bool {
	if f.bad {
		f.bad = draw >= f.im.toGood
	} else {
		f.bad = draw < f.im.toBad
	}
	return f.bad
}

// queueing draws the jitter of one packet, ns.
func (f *flow) queueing() int64 {
	scale := float64(f.im.jitterTime)
	var d float64
	switch f.im.jitter {
	case "uniform":
		d = f.times.Float64() * scale
	case "normal":
		d = math.Abs(f.times.NormFloat64()) * scale
	case "exp":
		d = f.times.ExpFloat64() * scale
	}
	return int64(min(d, float64(maxDelay)))
}

// overflowed counts a packet that found the queue full.
func (f *flow) overflowed(p *packet) {
	f.received++
	f.lostQueue++
	f.dropped(p)
}

// dropped notes which packet it was.
func (f *flow) dropped(p *packet) {
	if !p.rtp {
		return
	}
	if n := len(f.runs); n > 0 && f.runs[n-1].next == p.seq {
		f.runs[n-1].Count++
		f.runs[n-1].next++
		return
	}
	if len(f.runs) == maxRuns {
		f.moreRuns++
		return
	}
	f.runs = append(f.runs, lostRun{First: p.seq, Count: 1, next: p.seq + 1})
}

// sent notes that a packet left.
func (f *flow) sent(s *scheduled, now int64) {
	if s.copy {
		f.duplicated++
		return
	}
	f.relayed++
	f.added.add(time.Duration(now - s.came))
	if s.rtp {
		f.out.add(s.seq)
	}
}

// delays are statistics of the time that packets spent here.
type delays struct {
	n        uint64
	sum      float64
	min, max time.Duration
}

func (d *delays) add(t time.Duration) {
	if d.n == 0 || t < d.min {
		d.min = t
	}
	d.n++
	d.sum += float64(t)
	d.max = max(d.max, t)
}
