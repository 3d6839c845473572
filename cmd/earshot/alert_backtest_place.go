package main

import (
	"net/netip"
	"strings"

	"earshot/dialog"
	"earshot/topology"
)

// place finds what a record does not keep: the segments and peers of a call
// and its streams, as they are configured now.
func (b *backtest) place(r *dialog.CallRecord) {
	r.Plan = b.plan
	domains := domainsOf(r)
	hops := hopsOf(r.Legs)
	for _, s := range r.Media {
		b.placeStream(domains, s)
		s.Hop = hopOf(s, r.Legs, hops)
	}
	if n := len(r.Legs); n > 0 {
		first, last := &r.Legs[0], &r.Legs[n-1]
		r.PeerFrom, r.PeerTo = b.plan.Peer(first.Src.Addr()), b.plan.Peer(last.Dst.Addr())
		r.SegmentFromCaller, r.SegmentFromCallee = b.signalling(first, domains), b.signalling(last, domains)
	}
	// The first stream of each side that has a segment goes before its signalling.
	for i := len(r.Media) - 1; i >= 0; i-- {
		switch s := r.Media[i]; {
		case s.SegmentID == topology.Other:
		case s.Speaker == dialog.SpeakerCaller:
			r.SegmentFromCaller = s.SegmentID
		case s.Speaker == dialog.SpeakerCallee:
			r.SegmentFromCallee = s.SegmentID
		}
	}
	r.TrunkFromCaller = b.plan.Trunk(r.SegmentFromCaller, domains)
	r.TrunkFromCallee = b.plan.Trunk(r.SegmentFromCallee, domains)
}

// signalling is the segment of a hop's messages.
func (b *backtest) signalling(l *dialog.LegRecord, domains []string) topology.SegmentID {
	id, _ := b.plan.Segment(&topology.Flow{Src: l.Src.Addr(), Dst: l.Dst.Addr(), Domains: domains})
	return id
}

// placeStream finds a stream's segment. Its capture point is not kept.
func (b *backtest) placeStream(domains []string, s *dialog.StreamRecord) {
	f := topology.Flow{Src: s.Src.Addr(), Dst: s.Dst.Addr(), Domains: domains}
	if len(s.VLAN) > 0 {
		f.VLAN = uint16(s.VLAN[0])
	}
	s.Plan = b.plan
	s.SegmentID, s.Toward = b.plan.Segment(&f)
	s.Trunk = b.plan.Trunk(s.SegmentID, domains)
	switch s.Direction {
	case "from_caller":
		s.Speaker = dialog.SpeakerCaller
	case "from_callee":
		s.Speaker = dialog.SpeakerCallee
	}
}

// domainsOf lists the hosts of a call's URIs. The Request-URI is not kept: it
// mostly has the host of To.
func domainsOf(r *dialog.CallRecord) []string {
	var list []string
	for _, uri := range []string{r.FromURI, r.ToURI} {
		_, host, isSIP := strings.Cut(uri, "@")
		if !isSIP {
			_, host, isSIP = strings.Cut(uri, ":")
		}
		if end := strings.IndexAny(host, ":;?>"); end >= 0 && !strings.HasPrefix(host, "[") {
			host = host[:end]
		}
		if isSIP && host != "" {
			list = append(list, strings.ToLower(host))
		}
	}
	return list
}

// hopsOf numbers legs along the way from the caller, whose own is 1: a leg
// that begins where another one ends is behind it.
func hopsOf(legs []dialog.LegRecord) []uint8 {
	hops := make([]uint8, len(legs))
	for i := range legs {
		hops[i] = 1
		for j := range legs[:i] {
			if legs[j].Dst.Addr() == legs[i].Src.Addr() {
				hops[i] = max(hops[i], hops[j]+1)
			}
		}
	}
	return hops
}

// hopOf is the hop of a stream that runs between the hosts of one leg, 0 where
// no leg's hosts, or those of several hops, are its own.
func hopOf(s *dialog.StreamRecord, legs []dialog.LegRecord, hops []uint8) uint8 {
	found := uint8(0)
	for i := range legs {
		if !sameHosts(s.Src, s.Dst, legs[i].Src, legs[i].Dst) {
			continue
		}
		if found != 0 && found != hops[i] {
			return 0
		}
		found = hops[i]
	}
	return found
}

func sameHosts(a, b, c, d netip.AddrPort) bool {
	return a.Addr() == c.Addr() && b.Addr() == d.Addr() || a.Addr() == d.Addr() && b.Addr() == c.Addr()
}
