package alerting

import "earshot/dialog"

// follows says for a signal which ones, on the stream that comes before, it may
// come from: a relay hands on what it was given.
var follows = map[Signal][]Signal{
	SignalLoss:      {SignalLoss, SignalBurstLoss},
	SignalBurstLoss: {SignalLoss, SignalBurstLoss},
	SignalJitter:    {SignalJitter, SignalLate},
	SignalLate:      {SignalJitter, SignalLate},
	SignalMOS:       {SignalLoss, SignalBurstLoss, SignalJitter, SignalLate, SignalMOS},
	SignalDSCP:      {SignalDSCP},
	// What receivers miss behind the probe was lost behind the last hop that
	// they say it of.
	SignalLossBehind: {SignalLossBehind},
}

// origins tells where along a call's way an impairment begins.
type origins struct {
	t     *unitTable
	mask  uint64 // of judgements that count as the impairment
	since uint32
	back  bool // it begins at the last hop that shows it, not at the first
}

// originsOf are those of one signal.
func (t *unitTable) originsOf(s Signal, since uint32) origins {
	return origins{t, t.streamJudges.with(follows[s]...), since, s == SignalLossBehind}
}

// inherits reports whether another stream of the call had the impairment before.
func (o *origins) inherits(i int32) bool { return o.before(i) != none }

// of returns the stream where a stream's impairment begins: itself where nothing
// before it is impaired.
func (o *origins) of(i int32) int32 {
	for range maxCallStreams {
		before := o.before(i)
		if before == none {
			break
		}
		i = before
	}
	return i
}

// before returns an impaired stream on the way before a stream, none where there
// is none.
func (o *origins) before(i int32) int32 {
	if o.mask == 0 {
		return none
	}
	u := &o.t.streams[i]
	for j := o.t.calls[u.call].first; j != none; j = o.t.streams[j].next {
		if j == i {
			continue
		}
		v := &o.t.streams[j]
		if first := v.upstreamOf(u); o.back && !u.upstreamOf(v) || !o.back && !first {
			continue
		}
		if sum(o.t.marksOf(j), o.mask, o.since).impaired {
			return j
		}
	}
	return none
}

// upstreamOf reports whether a stream of the same call carries the same voice
// on an earlier hop. The hops of signalling tell; where they don't, the host that
// received one stream and sends the other, else the same SSRC heard earlier.
func (u *streamUnit) upstreamOf(v *streamUnit) bool {
	if u.key.ssrc() == v.key.ssrc() && u.src() == v.dst() && u.dst() == v.src() {
		return u.key.start() < v.key.start() // what was sent comes back as it is
	}
	if u.speaker != v.speaker && u.speaker != dialog.SpeakerUnknown && v.speaker != dialog.SpeakerUnknown {
		return false
	}
	if u.speaker != dialog.SpeakerUnknown && u.speaker == v.speaker && u.hop != 0 && v.hop != 0 && u.hop != v.hop {
		return (u.hop < v.hop) == (u.speaker == dialog.SpeakerCaller)
	}
	relayed := u.dst().Addr() == v.src().Addr() && u.src().Addr() != v.dst().Addr()
	if relayed || v.dst().Addr() == u.src().Addr() {
		return relayed
	}
	return u.key.ssrc() == v.key.ssrc() && u.key.start() < v.key.start()
}
