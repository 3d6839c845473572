package dialog

import (
	"net/netip"
	"slices"

	"earshot/sipparse"
)

// legMedia is what the media half keeps of a leg.
type legMedia struct {
	lines   [2][]*mline // by side
	streams []*stream   // bound to it, in the order in which they were bound
	shared  [2]string   // by speaker: the finished call that had the stream to an endpoint of this leg
	done    bool        // its call was finished
}

// describe takes one side's offer or answer. An early answer (183) leaves the
// endpoints of other early answers standing: forked early media (RFC 3261
// 13.2.2.4) may come from several.
func (m *media) describe(at int64, _ *call, l *leg, s side, sdp *sipparse.SDP, answer, early bool) {
	if l.media.done {
		return // a straggler of a call whose record is written
	}
	lines := &l.media.lines[s]
	for i := range min(len(sdp.Media), maxLines) {
		if i == len(*lines) {
			*lines = append(*lines, &mline{leg: l, side: s, index: i})
		}
		line, d := (*lines)[i], &sdp.Media[i]
		line.update(at, d, m.intern)
		m.announceSSRCs(line, d.SSRCs)
		m.announce(at, line, wanted(sdp, i), answer && early)
		m.announceRTCP(at, line, d)
	}
}

// wanted lists the addresses at which an m-line receives: its own, its ICE
// candidates (RFC 8445: the pair is chosen later, and the m-line may hold one
// that is never used) and, in a BUNDLE group, those of the group's first
// m-line (RFC 9143).
func wanted(sdp *sipparse.SDP, i int) []netip.AddrPort {
	list := receives(nil, &sdp.Media[i])
	if tag := bundleTag(sdp, sdp.Media[i].MID); tag != nil {
		list = receives(list, tag)
	}
	return list
}

func receives(list []netip.AddrPort, d *sipparse.Media) []netip.AddrPort {
	list = appendAddr(list, d.Addr)
	for _, c := range d.Candidates[:min(len(d.Candidates), maxCandidates)] {
		list = appendAddr(list, c)
	}
	return list
}

func appendAddr(list []netip.AddrPort, a netip.AddrPort) []netip.AddrPort {
	a = unmap(a)
	if !a.IsValid() || a.Port() == 0 || a.Addr().IsUnspecified() || slices.Contains(list, a) {
		return list
	}
	return append(list, a)
}

// bundleTag returns the m-line whose address the group of mid uses.
func bundleTag(sdp *sipparse.SDP, mid string) *sipparse.Media {
	if mid == "" {
		return nil
	}
	for _, group := range sdp.Bundle {
		if len(group) == 0 || !slices.Contains(group, mid) {
			continue
		}
		for i := range sdp.Media {
			if sdp.Media[i].MID == group[0] {
				return &sdp.Media[i]
			}
		}
	}
	return nil
}

// announce makes list the addresses of the line. What it no longer names stays
// valid for a moment, and is the last choice after that. An SDP without any
// address (0.0.0.0, port 0) puts the line on hold and closes nothing.
func (m *media) announce(at int64, line *mline, list []netip.AddrPort, keep bool) {
	if len(list) == 0 {
		return
	}
	for _, e := range line.endpoints {
		if !keep && !e.learned && e.until == 0 && !slices.Contains(list, e.addr) {
			e.until = at + changeGrace
		}
	}
	line.announced = append(line.announced[:0], list...)
	for _, addr := range list {
		open := func(e *endpoint) bool { return e.addr == addr && !e.learned && e.until == 0 }
		if slices.ContainsFunc(line.endpoints, open) {
			continue
		}
		e := m.addEndpoint(&endpoint{line: line, addr: addr, from: at})
		if e != nil {
			m.settle(m.waiting.get(addr)...)
		}
	}
}

// addEndpoint puts an endpoint into the index, within the table's limits.
func (m *media) addEndpoint(e *endpoint) *endpoint {
	full := m.endpointCount >= m.maxEndpoints
	if full || len(e.line.endpoints) >= 4*maxCandidates {
		m.refused.endpoints++
		if full {
			m.full++
		}
		return nil
	}
	m.endpointCount++
	e.line.endpoints = append(e.line.endpoints, e)
	m.endpoints.add(e.addr, e)
	return e
}

func (m *media) announceSSRCs(line *mline, ssrcs []uint32) {
	for _, ssrc := range ssrcs {
		if slices.Contains(line.ssrcs, ssrc) {
			continue
		}
		if len(line.ssrcs) == maxSSRCs {
			return
		}
		line.ssrcs = append(line.ssrcs, ssrc)
		m.announcedSSRC.add(ssrc, line)
	}
}

// announceRTCP notes where the line's RTCP goes: a=rtcp (RFC 3605), and the
// next port, which is right when the far side did not agree to rtcp-mux (RFC
// 5761 5.1.1). RTCP on the media port itself needs no entry of its own.
func (m *media) announceRTCP(at int64, line *mline, d *sipparse.Media) {
	list := appendAddr(nil, d.RTCP)
	if d.Addr.IsValid() && d.Addr.Port() != 0 && d.Addr.Port() != 65535 {
		list = appendAddr(list, netip.AddrPortFrom(d.Addr.Addr(), d.Addr.Port()+1))
	}
	for _, addr := range list {
		known := func(e *endpoint) bool { return e.addr == addr }
		if len(line.rtcp) >= maxCandidates || slices.ContainsFunc(line.rtcp, known) {
			continue
		}
		e := &endpoint{line: line, addr: addr, from: at}
		line.rtcp = append(line.rtcp, e)
		m.rtcpPorts.add(addr, e)
	}
}

// forgetLeg takes all that a leg announced out of the indexes.
func (m *media) forgetLeg(l *leg) {
	for _, lines := range l.media.lines {
		for _, line := range lines {
			for _, e := range line.endpoints {
				m.endpoints.remove(e.addr, e)
				m.endpointCount--
			}
			for _, e := range line.rtcp {
				m.rtcpPorts.remove(e.addr, e)
			}
			for _, ssrc := range line.ssrcs {
				m.announcedSSRC.remove(ssrc, line)
			}
		}
	}
	l.media.done = true
}

// unmap writes an IPv4-mapped address as IPv4: SDP and packets must agree.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
