package dialog

import "earshot/rtpstats"

// keptStamps is how many of a sender's last reports may still be answered.
const keptStamps = 10

// besideMS is how far below nothing a half round trip may come out and still
// count as nothing. A tap beside one end sees that end's half as zero, and the
// rounding of DLSR (15 µs; a whole millisecond in some stacks) makes it negative.
const besideMS = 1

// stamps are the last reports of one sender: when the tap saw them, by the
// middle 32 bits of their NTP time, which answers quote.
type stamps struct {
	ntp  [keptStamps]uint32
	at   [keptStamps]int64
	next uint8
	n    uint8
}

func (t *stamps) add(ntp uint32, at int64) {
	t.ntp[t.next], t.at[t.next] = ntp, at
	t.next = (t.next + 1) % keptStamps
	t.n = min(t.n+1, keptStamps)
}

// find returns when the report with that time passed the tap, the last one of
// several.
func (t *stamps) find(ntp uint32) (int64, bool) {
	for i := range t.n {
		k := (t.next + keptStamps - 1 - i) % keptStamps
		if t.ntp[k] == ntp {
			return t.at[k], true
		}
	}
	return 0, false
}

// halfTrip is the mean round trip between the tap and one end.
type halfTrip struct {
	sumMS  float64
	lastMS float64
	n      int
}

func (h *halfTrip) add(ms float64) {
	h.sumMS += ms
	h.lastMS = ms
	h.n++
}

func (h *halfTrip) meanMS() (float64, bool) {
	if h.n == 0 {
		return 0, false
	}
	return h.sumMS / float64(h.n), true
}

// roundTrip takes an answer to a report of ssrc that the tap saw pass the other
// way: from then to now, less what the answerer held it, the report travelled
// from the tap to the answerer and back. S is the answerer; x, where there is
// one, is its word of that sender's stream.
func (w *word) roundTrip(s *speaker, x *witness, ssrc, ntp, held uint32) {
	then, ok := w.reportSeen(ssrc, ntp)
	if !ok {
		return
	}
	ms, ok := rtpstats.HalfRoundTripMS(then, w.at, held)
	if !ok {
		if ms > 0 || ms < -besideMS {
			return
		}
		ms = 0
	}
	if s != nil {
		s.near.add(ms)
	}
	if x != nil {
		x.far.add(ms)
	}
}

// reportSeen finds when a report of ssrc passed the tap: on the same path in
// the other direction, so that each hop of a relay has its own figure, else on
// any (RTCP behind NAT).
func (w *word) reportSeen(ssrc, ntp uint32) (int64, bool) {
	if s := w.m.speakers[rtcpKey{ssrc: ssrc, src: w.dst, dst: w.src}]; s != nil {
		if at, ok := s.stamps.find(ntp); ok {
			return at, true
		}
	}
	for _, s := range w.m.speakersBySSRC.get(ssrc) {
		if at, ok := s.stamps.find(ntp); ok {
			return at, true
		}
	}
	return 0, false
}
