package sanitise

import "earshot/capture/wire"

const (
	ethernetHeader = 14
	maxTags        = 8
)

// ethernet replaces the addresses of an Ethernet header.
func (r *rewriter) ethernet(b []byte, cut int) (int, bool) {
	if len(b) < ethernetHeader {
		return r.senseless(b, cut)
	}
	at := r.copyHeader(b[:ethernetHeader])
	r.tags.mac(r.out[at : at+6])
	r.tags.mac(r.out[at+6 : at+12])
	return r.etherType(be16(b[12:]), b[ethernetHeader:], cut)
}

// etherType goes on by an EtherType, through VLAN tags, which stay.
func (r *rewriter) etherType(etherType int, b []byte, cut int) (int, bool) {
	for tags := 0; etherType == wire.EtherVLAN || etherType == wire.EtherQinQ || etherType == wire.EtherQinQOld; tags++ {
		if tags == maxTags {
			return r.opaque(b, cut)
		}
		if len(b) < 4 {
			return r.senseless(b, cut)
		}
		r.copyHeader(b[:4])
		etherType = be16(b[2:])
		b = b[4:]
	}
	switch etherType {
	case wire.EtherIPv4:
		return r.ipv4(b, cut)
	case wire.EtherIPv6:
		return r.ipv6(b, cut)
	case wire.EtherARP:
		return r.arp(b, cut)
	case wire.EtherMPLS, wire.EtherMPLSUp:
		return r.mpls(b, cut)
	case wire.EtherPPPoE:
		return r.pppoe(b, cut)
	case wire.EtherTEB:
		return r.bridged(b, cut)
	case wire.EtherPBB:
		const serviceTag = 4
		if len(b) < serviceTag {
			return r.senseless(b, cut)
		}
		r.copyHeader(b[:serviceTag])
		return r.bridged(b[serviceTag:], cut)
	case wire.EtherPPP:
		return r.ppp(b, cut)
	case wire.EtherLLDP:
		return r.lldp(b, cut)
	}
	if etherType < wire.EtherMinValue {
		return r.llc(etherType, b, cut)
	}
	return r.senseless(b, cut)
}

// llc copies an IEEE 802.2 header with SNAP and mends the length before it.
// Spanning tree, CDP and the like are zeros.
func (r *rewriter) llc(length int, b []byte, cut int) (int, bool) {
	start := len(r.out)
	e := enclosure{body: b, lack: cut}
	if length > 0 && length <= len(b)+cut {
		e = enclose(b, cut, length)
	}
	lacks, ok := r.snap(e.body, e.lack)
	if length > 0 {
		r.put16(start-2, r.length(start, lacks))
	}
	return r.close(&e, lacks), ok
}

func (r *rewriter) snap(b []byte, cut int) (int, bool) {
	const header = 8
	if len(b) < header {
		return r.senseless(b, cut)
	}
	snap := b[0] == 0xaa && b[1] == 0xaa && b[2] == 0x03
	encapsulatedEthernet := b[3] == 0 && b[4] == 0 && (b[5] == 0 || b[5] == 0xf8)
	if !snap || !encapsulatedEthernet || be16(b[6:]) < wire.EtherMinValue {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:header])
	return r.etherType(be16(b[6:]), b[header:], cut)
}

// arp replaces the addresses of ARP for Ethernet and IPv4 (RFC 826).
func (r *rewriter) arp(b []byte, cut int) (int, bool) {
	const packet = 28
	if len(b) < packet || be32(b) != 0x00010800 || be16(b[4:]) != 0x0604 {
		return r.opaque(b, cut)
	}
	r.note(didBlank)
	at := r.copyHeader(b[:packet])
	for _, half := range [2][]byte{r.out[at+8 : at+18], r.out[at+18 : at+28]} {
		r.tags.mac(half[:6])
		r.addresses.replace4(half[6:])
	}
	r.blank(b[packet:])
	return cut, true
}
