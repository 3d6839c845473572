package main

import (
	"slices"
	"time"
)

// fault is one thing that goes wrong in a site scenario: what, where and when;
// and the account of what it did.
type fault struct {
	name  string
	index uint64
	spec  *faultSpec
	when  window

	// What.
	loss     lossModel
	jitter   jitterModel // queueing, or packets that come late
	late     jitterModel
	delay    time.Duration
	oneWay   bool
	noMedia  bool
	dscp     int // -1: untouched
	refusal  *refusal
	pdd      time.Duration
	short    time.Duration
	storm    float64 // factor on registrations
	barred   int     // status that refuses registrations
	mismatch bool
	perCall  bool // decided when a call begins
	answered bool // only answered calls can have it

	// Where.
	atTrunk   bool // on the trunks' segments, else on the sites'
	places    []*premises
	trunks    []*trunk
	codec     *codec
	agent     string
	direction string // from_peer, to_peer or both
	share     percent

	owner, expect, severity string
	account                 faultAccount
}

// The directions of a fault, seen from the SBC.
const (
	fromPeer = "from_peer" // what comes in over the segment
	toPeer   = "to_peer"   // what goes out over it
	bothWays = "both"
)

// touches reports whether a call is of the kind that the fault is about.
func (f *fault) touches(r *route) bool {
	return slices.Contains(f.places, r.place) && slices.Contains(f.trunks, r.trunk) &&
		(f.codec == nil || f.codec == r.codec) && (f.agent == "" || f.agent == r.agent)
}

// sameSegment reports whether a call passes one of the fault's segments.
func (f *fault) sameSegment(r *route) bool {
	if f.atTrunk {
		return slices.Contains(f.trunks, r.trunk)
	}
	return slices.Contains(f.places, r.place)
}

// segments lists where the fault is, by the names of the configuration.
func (f *fault) segments() []segmentOwner {
	var list []segmentOwner
	if f.atTrunk {
		for _, t := range f.trunks {
			list = append(list, segmentOwner{t.name, t.carrier, t.owner})
		}
		return list
	}
	for _, p := range f.places {
		list = append(list, segmentOwner{p.segment(), p.name, p.owner})
	}
	return list
}

// segmentOf is the segment on which a fault touches a call.
func (r *route) segmentOf(f *fault) string {
	if f.atTrunk {
		return r.trunk.name
	}
	return r.place.segment()
}

// outward reports whether a call is set up over the fault's segment away from
// the SBC: only then somebody behind the segment can refuse it or be slow.
func (f *fault) outward(r *route) bool { return f.atTrunk != r.inbound }

// faultAccount is what a fault did, for the truth.
type faultAccount struct {
	first, last                      int64
	calls, streams, packets          int64
	transactions                     int64
	touches                          []touch // in no order
	unaffectedCalls, sameSegment     int64
	unaffectedStreams, sameSegStream int64
}

// hit notes that the fault did something at a moment.
func (a *faultAccount) hit(at int64) {
	if a.first == 0 || at < a.first {
		a.first = at
	}
	a.last = max(a.last, at)
}

// strike applies the faults that are decided when a call begins.
func (r *route) strike(e *engine, c *call, now int64) {
	r.member = make([]bool, len(r.w.faults))
	r.struck = make([]bool, len(r.w.faults))
	for i, f := range r.w.faults {
		r.member[i] = f.touches(r) && f.share.hit(e.random(20, f.index, uint64(c.n)))
		if !r.member[i] || !f.when.open(now) {
			continue
		}
		if f.outward(r) {
			if f.refusal != nil {
				r.refusal, r.refusedBy = f.refusal, f
			}
			if f.pdd > 0 {
				r.pdd, r.slowedBy = r.pdd+f.pdd, f
			}
		}
		if f.short > 0 {
			r.short, r.cutBy = f.short, f
		}
		if f.oneWay || f.noMedia {
			r.silent = append(r.silent, f)
		}
		if f.delay > 0 {
			r.delayed = append(r.delayed, f)
		}
		if f.dscp >= 0 || f.mismatch && c.isG711() {
			r.marked = append(r.marked, f)
		}
	}
}

// note enters in the accounts what was decided for the call, once its script is
// written.
func (r *route) note(p *planner) {
	rang, answer, end := p.e.tick(r.rang), p.e.tick(p.answer), p.e.tick(p.end)
	if r.slowedBy != nil && r.rang != 0 {
		r.touch(r.slowedBy, rang, rang)
	}
	if r.refusedBy != nil && p.end != 0 && p.answer == 0 {
		r.touch(r.refusedBy, end, end)
	}
	if p.answer == 0 {
		return
	}
	if r.cutBy != nil {
		r.touch(r.cutBy, end, end)
	}
	for _, f := range slices.Concat(r.silent, r.delayed) {
		r.touch(f, answer, end)
	}
}

// touch counts the call once as the fault's.
func (r *route) touch(f *fault, first, last int64) {
	f.account.hit(first)
	f.account.hit(last)
	if !r.struck[f.index] {
		r.struck[f.index] = true
		f.account.calls++
		f.account.note(last, r.segmentOf(f))
		r.truth.Faults = append(r.truth.Faults, f.name)
	}
}
