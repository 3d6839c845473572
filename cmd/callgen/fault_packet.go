package main

// harm is what one fault does to one stream on one hop.
type harm struct {
	f      *fault
	behind bool // the tap sees the packets before they suffer
	marks  bool // the fault took the mark of every packet
	loss   loss
	hits   int64
}

// harms lists what may befall a stream on the way in over a segment, or behind
// the tap on the way out.
func (r *route) harms(trunkSide, relayed bool) []harm {
	var list []harm
	for i, f := range r.w.faults {
		if !r.member[i] || f.atTrunk != trunkSide {
			continue
		}
		if relayed && f.direction == fromPeer || !relayed && f.direction == toPeer {
			continue
		}
		h := harm{f: f, behind: relayed, loss: loss{model: f.loss}}
		h.marks = !relayed && r.lostMarks(f)
		if f.loss.p > 0 || f.jitter.kind != "none" || f.late.kind != "none" || h.marks {
			list = append(list, h)
		}
	}
	return list
}

func (r *route) lostMarks(f *fault) bool {
	for _, m := range r.marked {
		if m == f {
			return true
		}
	}
	return false
}

// suffer lets the faults before the tap work on a packet on its way to it, and
// returns the delay that they add. Protected packets are not lost, calm ones not
// delayed.
func (s *stream) suffer(f *flight, calm bool) (delay int64) {
	at := f.at + int64(s.near)
	for i := range s.harms {
		h := &s.harms[i]
		if h.behind || !h.f.when.open(at) {
			continue
		}
		lost := h.loss.lost(s.r) && s.protect == 0
		d := h.f.jitter.draw(s.r) + h.f.late.draw(s.r)
		if calm {
			d = 0
		}
		delay = min(delay+d, maxJitterMS*1e6)
		if lost || d > 0 {
			f.lost = f.lost || lost
			s.hit(h, at)
		}
	}
	return delay
}

// passed lets the faults at and behind the tap work on a packet that passes it:
// whether it gets lost, and how much later it arrives.
func (s *stream) passed(now int64) (lost bool, delay int64) {
	for i := range s.harms {
		h := &s.harms[i]
		if h.marks {
			s.hit(h, now)
		}
		if !h.behind || !h.f.when.open(now) {
			continue
		}
		gone := h.loss.lost(s.r)
		d := h.f.jitter.draw(s.r) + h.f.late.draw(s.r)
		if gone || d > 0 {
			lost, delay = lost || gone, delay+d
			s.hit(h, now)
		}
	}
	return lost, delay
}

// hit counts a packet that a fault touched.
func (s *stream) hit(h *harm, at int64) {
	a := &h.f.account
	if h.hits == 0 {
		a.streams++
	}
	h.hits++
	a.packets++
	s.call.route.touch(h.f, at, at)
}
