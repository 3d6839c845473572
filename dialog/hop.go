package dialog

// nextHop numbers a new leg along the way from the caller, whose own is 1: it
// is one behind the leg that ends where this one begins. A fork, a failover or
// a redirect is beside its sibling. What a border controller sends from another
// address than it received at comes behind everything seen so far.
func nextHop(l *leg, earlier []*leg) uint8 {
	var last, sibling uint8
	for i := len(earlier) - 1; i >= 0; i-- {
		p := earlier[i]
		if p.leadsTo(l) {
			return p.hop + 1
		}
		if sibling == 0 && p.src.Addr() == l.src.Addr() {
			sibling = p.hop
		}
		last = max(last, p.hop)
	}
	if sibling != 0 {
		return sibling
	}
	return last + 1
}

// leadsTo reports whether a leg ends at the host where another one begins. On
// one host only the port tells who is who.
func (l *leg) leadsTo(next *leg) bool {
	return l.dst.Addr() == next.src.Addr() && (next.src.Addr() != next.dst.Addr() || l.dst == next.src)
}

// hop returns the number of the hop that a stream's destination was announced
// on, 0 where it is bound by weaker evidence, which does not tell.
func (s *stream) hop() uint8 {
	if s.proof < proofLearned {
		return 0
	}
	return s.leg.hop
}

// upstream reports whether the stream is on a hop that the same voice passes
// before it comes to o's.
func (s *stream) upstream(o *stream) bool {
	mine, theirs := s.hop(), o.hop()
	if mine == 0 || theirs == 0 {
		return false
	}
	return s.from == caller && mine < theirs || s.from == callee && mine > theirs
}

// Speaker says whose voice a stream carries.
type Speaker uint8

// The speakers.
const (
	SpeakerUnknown Speaker = iota // the stream belongs to no call
	SpeakerCaller
	SpeakerCallee
)

// String returns "caller", "callee" or "".
func (s Speaker) String() string {
	switch s {
	case SpeakerCaller:
		return "caller"
	case SpeakerCallee:
		return "callee"
	}
	return ""
}

// speaker returns whose voice the stream carries.
func (s *stream) speaker() Speaker {
	if !s.bound() {
		return SpeakerUnknown
	}
	return SpeakerCaller + Speaker(s.from)
}
