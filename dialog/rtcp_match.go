package dialog

// How well RTCP's addresses suit a stream's, best last.
const (
	pathNone  = iota
	pathParty // another address, but the port was announced by the same call for the same voice
	pathHosts // the same two hosts
	pathPorts // the stream's own ports (rtcp-mux), or the next ones (RFC 3550 11)
)

// onPath reports whether RTCP went the way of packets from src to dst.
func onPath(k rtcpKey, src, dst packed) bool {
	return k.src == src && k.dst == dst || k.src == nextPort(src) && k.dst == nextPort(dst)
}

func nextPort(a packed) packed { return packed{addr: a.addr, port: a.port + 1} }

// onPathOf reports whether the witness's reports go straight back to the
// stream's source.
func (x *witness) onPathOf(s *stream) bool {
	src, dst := s.key.packed()
	return onPath(x.key, dst, src)
}

// path rates an RTCP path against the way that it should have gone for s.
func (p *party) path(k rtcpKey, src, dst packed, s *stream) int {
	foreign := p.leg != nil && s.leg != nil && p.leg.call != s.leg.call
	switch {
	case onPath(k, src, dst):
		return pathPorts
	case foreign:
		return pathNone
	case k.src.addr == src.addr && k.dst.addr == dst.addr:
		return pathHosts
	case p.leg != nil && s.leg != nil && p.from == s.from:
		return pathParty
	}
	return pathNone
}

// witnessOf finds what the stream's receiver reports of it, nil where nothing.
func (m *media) witnessOf(s *stream) *witness {
	src, dst := s.key.packed()
	for _, k := range [2]rtcpKey{
		{ssrc: s.key.ssrc, src: dst, dst: src},
		{ssrc: s.key.ssrc, src: nextPort(dst), dst: nextPort(src)},
	} {
		if x := m.witnesses[k]; x != nil && x.last >= s.report.Start {
			return x
		}
	}
	var b bestPath[*witness]
	for _, x := range m.witnessesBySSRC.get(s.key.ssrc) {
		if x.last >= s.report.Start {
			b.offer(x, x.path(x.key, dst, src, s))
		}
	}
	return b.only()
}

// speakerOf finds what the stream's sender says of itself, nil where nothing.
func (m *media) speakerOf(s *stream) *speaker {
	src, dst := s.key.packed()
	for _, k := range [2]rtcpKey{
		{ssrc: s.key.ssrc, src: src, dst: dst},
		{ssrc: s.key.ssrc, src: nextPort(src), dst: nextPort(dst)},
	} {
		if x := m.speakers[k]; x != nil && x.last >= s.report.Start {
			return x
		}
	}
	var b bestPath[*speaker]
	for _, x := range m.speakersBySSRC.get(s.key.ssrc) {
		if x.last >= s.report.Start {
			b.offer(x, x.path(x.key, src, dst, s))
		}
	}
	return b.only()
}

// bestPath keeps the candidate of the best path; two equally good ones prove
// nothing.
type bestPath[T any] struct {
	best T
	path int
	tie  bool
}

func (b *bestPath[T]) offer(x T, path int) {
	switch {
	case path > b.path:
		b.best, b.path, b.tie = x, path, false
	case path == b.path && path != pathNone:
		b.tie = true
	}
}

func (b *bestPath[T]) only() T {
	var none T
	if b.tie {
		return none
	}
	return b.best
}

// byRTCP finds the one call at whose announced RTCP ports the stream's SSRC is
// named, by its sender or by its receiver, on one of the stream's hosts; or,
// asked for that, in RTCP that is only said to be of the call.
func (m *media) byRTCP(s *stream, named bool) (*leg, side, bool) {
	var one unique
	take := func(p party, k rtcpKey, last int64) {
		if p.leg != nil && p.named == named && !p.leg.media.done && last+rtcpIdle >= s.report.Start && sharesHost(k, s.key) {
			one.add(p.leg, p.from)
		}
	}
	for _, x := range m.speakersBySSRC.get(s.key.ssrc) {
		take(x.party, x.key, x.last)
	}
	for _, x := range m.witnessesBySSRC.get(s.key.ssrc) {
		take(x.party, x.key, x.last)
	}
	return one.leg, one.from, one.leg != nil && !one.several
}

func sharesHost(k rtcpKey, s streamKey) bool {
	src, dst := s.packed()
	for _, a := range [2]packed{k.src, k.dst} {
		if a.addr == src.addr || a.addr == dst.addr {
			return true
		}
	}
	return false
}
