package dialog

// hearing is what a stream's observations have said of its RTCP.
type hearing struct {
	witness *witness // whose figures these are, nil: nobody's yet
	xr      *XRRecord
	lost    int64 // growth of the receiver's loss
	base    int64 // of it, what was lost before the stream was seen here
	beyond  int64 // by how much the receiver's loss exceeded ours, at most
	blocks  uint32
	trips   uint32 // half round trips, of both kinds
}

// hear notes what the stream's RTCP has said since its previous observation,
// and returns what it says of delay. X is the receiver's word, nil: none.
func (m *media) hear(s *stream, x *witness, clockRate int, o *Observation) roundTrips {
	if x == nil {
		return roundTrips{}
	}
	h := &s.told.rtcp
	if h.witness != x {
		h.follow(x, s)
	}
	if o.RTCP.Reports = uint32(x.blocks) - h.blocks; o.RTCP.Reports > 0 {
		o.RTCP.Lost = x.grown - h.lost
		if clockRate > 0 {
			o.RTCP.JitterMS = float64(x.jitter) * 1000 / float64(clockRate)
		}
		if beyond := x.grown - h.base - int64(s.report.Lost); beyond > h.beyond {
			o.Located.After = uint32(beyond - h.beyond)
			h.beyond = beyond
		}
	}
	h.blocks, h.lost = uint32(x.blocks), x.grown
	if x.xr != h.xr {
		o.RTCP.XR, o.RTCP.Voice = true, x.xr
		h.xr = x.xr
	}
	return m.measured(s, x, o)
}

// follow begins to tell of a witness. One that spoke of the SSRC before the
// stream was seen, or of a stream whose call had begun before, counted losses
// that nobody here can compare; one that takes over from another counted what
// was told already.
func (h *hearing) follow(x *witness, s *stream) {
	another := h.witness != nil
	*h = hearing{witness: x}
	if another || x.born < s.report.Start || !s.bound() || s.leg.call.truncated {
		h.blocks, h.lost, h.base = uint32(max(x.blocks-1, 0)), x.grown, x.grown
	}
}

// measured returns the last round trip at the tap, and notes it where it is new.
func (m *media) measured(s *stream, x *witness, o *Observation) roundTrips {
	trips := roundTrips{xr: x.xr}
	sender := m.speakerOf(s)
	if sender == nil || sender.near.n == 0 || x.far.n == 0 {
		return trips
	}
	trips.ms, trips.measured = sender.near.lastMS+x.far.lastMS, true
	if n := uint32(sender.near.n + x.far.n); n != s.told.rtcp.trips {
		o.RTCP.RTTMS = trips.ms
		s.told.rtcp.trips = n
	}
	return trips
}
