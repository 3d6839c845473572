package topology

import (
	"cmp"
	"encoding/binary"
	"math"
	"net/netip"
	"slices"
)

// address is an IPv6 address, or an IPv4 one mapped into it (RFC 4291 2.5.5.2),
// as a number of 128 bits.
type address struct{ hi, lo uint64 }

func addressOf(a netip.Addr) address {
	b := a.As16()
	return address{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (a address) compare(b address) int {
	return cmp.Or(cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
}

// next returns the address after a, and whether there is one.
func (a address) next() (address, bool) {
	if a.lo != math.MaxUint64 {
		return address{a.hi, a.lo + 1}, true
	}
	return address{a.hi + 1, 0}, a.hi != math.MaxUint64
}

// networks finds the longest prefix: nested prefixes are cut into ranges that
// do not overlap, so a look-up is one binary search.
type networks struct {
	starts []address // of the ranges, ascending; the first is 0
	peers  []PeerID  // of the range that begins there
}

// find returns the peer of an address, Other for an invalid one.
func (n *networks) find(addr netip.Addr) PeerID {
	if !addr.IsValid() || len(n.starts) == 0 {
		return Other
	}
	a := addressOf(addr)
	lo, hi := 0, len(n.starts) // starts[lo] <= a < starts[hi]
	for hi-lo > 1 {
		mid := int(uint(lo+hi) >> 1)
		if s := &n.starts[mid]; s.hi < a.hi || s.hi == a.hi && s.lo <= a.lo {
			lo = mid
		} else {
			hi = mid
		}
	}
	return n.peers[lo]
}

// network is a prefix with its peer, as a range of addresses.
type network struct {
	first, last address
	peer        PeerID
}

func networkOf(p netip.Prefix, peer PeerID) network {
	p = mapped(p)
	first := addressOf(p.Addr())
	last := first
	switch host := uint(128 - p.Bits()); {
	case host >= 64:
		last.hi |= 1<<(host-64) - 1
		last.lo = math.MaxUint64
	default:
		last.lo |= 1<<host - 1
	}
	return network{first, last, peer}
}

// mapped returns a prefix as one of IPv6, without host bits and zone.
func mapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4() {
		return netip.PrefixFrom(netip.AddrFrom16(p.Addr().As16()), p.Bits()+96).Masked()
	}
	return p.Masked()
}

// compileNetworks cuts prefixes into ranges. No two are the same. Other has all
// addresses, and once more the IPv4-mapped ones: without that, a peer with ::/0
// would have IPv4 too.
func compileNetworks(list []network) networks {
	list = append(list, networkOf(netip.MustParsePrefix("::/0"), Other), networkOf(netip.MustParsePrefix("::ffff:0:0/96"), Other))
	slices.SortStableFunc(list, func(a, b network) int { // outer ones first; of equal ones the configured one last
		return cmp.Or(a.first.compare(b.first), b.last.compare(a.last), cmp.Compare(min(a.peer, 1), min(b.peer, 1)))
	})
	var n networks
	var open []network // that hold the place reached, the outermost first
	for _, inner := range list {
		open = n.closeBefore(open, inner.first)
		n.begin(inner.first, inner.peer)
		open = append(open, inner)
	}
	for len(open) > 1 {
		open = n.close(open)
	}
	return n
}

// closeBefore ends the open networks that end before a place.
func (n *networks) closeBefore(open []network, place address) []network {
	for len(open) > 0 && open[len(open)-1].last.compare(place) < 0 {
		open = n.close(open)
	}
	return open
}

// close ends the innermost network: what lies behind it belongs to the one around it.
func (n *networks) close(open []network) []network {
	inner, outer := open[len(open)-1], open[:len(open)-1]
	if next, ok := inner.last.next(); ok && len(outer) > 0 {
		n.begin(next, outer[len(outer)-1].peer)
	}
	return outer
}

// begin starts a range, in place of one that began at the same address.
func (n *networks) begin(at address, peer PeerID) {
	if last := len(n.starts) - 1; last >= 0 && n.starts[last] == at {
		n.peers[last] = peer
		return
	}
	n.starts = append(n.starts, at)
	n.peers = append(n.peers, peer)
}
