package capture

import "encoding/binary"

// EtherTypes (IEEE 802 numbers) that lead on.
const (
	etherIPv4     = 0x0800
	etherARP      = 0x0806
	etherTEB      = 0x6558 // transparent Ethernet bridging: a whole frame inside GRE or Geneve
	etherVLAN     = 0x8100
	etherPPP      = 0x880b
	etherIPv6     = 0x86dd
	etherMPLS     = 0x8847
	etherMPLSUp   = 0x8848 // upstream-assigned label (RFC 5332)
	etherPPPoE    = 0x8864
	etherQinQ     = 0x88a8
	etherPBB      = 0x88e7 // provider backbone bridge (IEEE 802.1ah)
	etherERSPAN   = 0x88be // types I and II
	etherEoIP     = 0x6400 // MikroTik's Ethernet in GRE
	etherERSPAN3  = 0x22eb
	etherQinQOld  = 0x9100
	etherMinValue = 0x0600 // below it the field is an IEEE 802.3 length
)

// maxTags bounds the VLAN tags of one frame.
const maxTags = 8

// link begins at a link-layer header other than Ethernet.
func (d *Decoder) link(w *descent, link LinkType, b []byte) Reason {
	switch link {
	case LinkRaw, LinkRaw12, LinkRaw14:
		return d.ip(w, b)
	case LinkIPv4:
		return d.ipv4(w, b)
	case LinkIPv6:
		return d.ipv6(w, b)
	case LinkNull, LinkLoop:
		return d.loopback(w, b)
	case LinkLinuxSLL:
		return d.cooked(w, b)
	case LinkLinuxSLL2:
		return d.cooked2(w, b)
	case LinkPPP, LinkPPPHDLC:
		return d.ppp(w, b)
	case LinkPPPoE:
		return d.pppoe(w, b)
	case LinkERF:
		return d.erf(w, b)
	}
	return PassedUnknownLink
}

// ethernet reads an Ethernet header (IEEE 802.3).
func (d *Decoder) ethernet(w *descent, b []byte) Reason {
	if len(b) < ethernetHeader {
		return w.short()
	}
	w.trait(le64(b) ^ uint64(binary.LittleEndian.Uint32(b[8:]))<<31)
	etherType := be16(b[12:])
	if etherType == etherIPv4 { // nearly always
		return d.ipv4(w, b[ethernetHeader:])
	}
	return d.etherType(w, etherType, b[ethernetHeader:])
}

// etherType goes on by an EtherType, through VLAN tags.
func (d *Decoder) etherType(w *descent, etherType int, b []byte) Reason {
	for tags := 0; etherType == etherVLAN || etherType == etherQinQ || etherType == etherQinQOld; tags++ {
		if tags == maxTags {
			return PassedTooDeep
		}
		if len(b) < 4 {
			return w.short()
		}
		w.dg.Tagged = true
		w.dg.Priority = b[0] >> 5
		w.trait(uint64(be16(b)))
		etherType = be16(b[2:])
		b = b[4:]
	}
	switch etherType {
	case etherIPv4:
		return d.ipv4(w, b)
	case etherIPv6:
		return d.ipv6(w, b)
	case etherARP:
		return PassedARP
	case etherMPLS, etherMPLSUp:
		return d.mpls(w, b)
	case etherPPPoE:
		return d.pppoe(w, b)
	case etherTEB:
		return d.bridged(w, b)
	case etherPBB:
		const serviceTag = 4
		if len(b) < serviceTag {
			return w.short()
		}
		return d.bridged(w, b[serviceTag:])
	case etherPPP:
		return d.ppp(w, b)
	}
	if etherType < etherMinValue {
		return d.llc(w, etherType, b)
	}
	return PassedNotIP
}

// llc reads an IEEE 802.2 header; only SNAP with an EtherType leads on (RFC 1042).
func (d *Decoder) llc(w *descent, length int, b []byte) Reason {
	if length > 0 && length <= len(b)+w.cut {
		b = w.limit(b, length)
	}
	if len(b) < 8 {
		return PassedNotIP
	}
	snap := b[0] == 0xaa && b[1] == 0xaa && b[2] == 0x03
	encapsulatedEthernet := b[3] == 0 && b[4] == 0 && (b[5] == 0 || b[5] == 0xf8)
	etherType := be16(b[6:])
	if !snap || !encapsulatedEthernet || etherType < etherMinValue {
		return PassedNotIP
	}
	return d.etherType(w, etherType, b[8:])
}

// loopback reads the four octets of LINKTYPE_NULL and LINKTYPE_LOOP: an address
// family, in the byte order of the capturing host or in network order.
func (d *Decoder) loopback(w *descent, b []byte) Reason {
	if len(b) < 4 {
		return w.short()
	}
	family := be32(b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(b)
	}
	switch family {
	case 2: // AF_INET everywhere
		return d.ipv4(w, b[4:])
	case 10, 24, 28, 30: // AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin
		return d.ipv6(w, b[4:])
	}
	return PassedNotIP
}

// Packet type and hardware type of a Linux cooked header.
const (
	cookedOutgoing = 4
	cookedNetlink  = 824 // ARPHRD_NETLINK: the protocol field is a netlink family
	cookedLLC      = 4   // protocol: an 802.2 header follows
)

// cooked reads a Linux cooked header, version 1.
func (d *Decoder) cooked(w *descent, b []byte) Reason {
	const header = 16
	if len(b) < header {
		return w.short()
	}
	w.trait(uint64(be16(b)))
	return d.cookedPayload(w, be16(b[2:]), be16(b[14:]), b[header:])
}

// cooked2 reads a Linux cooked header, version 2, which names the interface.
func (d *Decoder) cooked2(w *descent, b []byte) Reason {
	const header = 20
	if len(b) < header {
		return w.short()
	}
	w.trait(uint64(be32(b[4:]))<<8 | uint64(b[10]))
	return d.cookedPayload(w, be16(b[8:]), be16(b), b[header:])
}

func (d *Decoder) cookedPayload(w *descent, hardware, protocol int, b []byte) Reason {
	if hardware == cookedNetlink {
		return PassedNotIP
	}
	if protocol == cookedLLC {
		return d.llc(w, 0, b)
	}
	return d.etherType(w, protocol, b)
}

// PPP protocol numbers (RFC 1661, IANA) that lead on.
const (
	pppIPv4 = 0x0021
	pppIPv6 = 0x0057
	pppMPLS = 0x0281
)

// ppp reads PPP with or without the HDLC address and control octets, with one
// or two octets of protocol (RFC 1661 6.5 and 6.6), and Cisco's HDLC, which
// shares their link type.
func (d *Decoder) ppp(w *descent, b []byte) Reason {
	if w.enter() {
		return PassedTooDeep
	}
	if len(b) >= 4 && (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0 {
		return d.etherType(w, be16(b[2:]), b[4:])
	}
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b = b[2:]
	}
	if len(b) < 2 {
		return w.short()
	}
	protocol := int(b[0])
	b = b[1:]
	if protocol&1 == 0 { // the last octet of a protocol number is odd
		protocol = protocol<<8 | int(b[0])
		b = b[1:]
	}
	switch protocol {
	case pppIPv4:
		return d.ipv4(w, b)
	case pppIPv6:
		return d.ipv6(w, b)
	case pppMPLS:
		return d.mpls(w, b)
	}
	return PassedNotIP
}

// pppoe reads a PPPoE session header (RFC 2516 4).
func (d *Decoder) pppoe(w *descent, b []byte) Reason {
	const header = 6
	if len(b) < header {
		return w.short()
	}
	if b[0] != 0x11 { // version 1, type 1
		return PassedBadHeader
	}
	if b[1] != 0 { // discovery
		return PassedNotIP
	}
	length := be16(b[4:])
	return d.ppp(w, w.limit(b[header:], length))
}

// erf reads an Endace extensible record header: timestamp 8, type 1, flags 1,
// record length 2, loss counter or color 2, wire length 2; then extension
// headers of 8 octets as long as the top bit of the type before is set.
func (d *Decoder) erf(w *descent, b []byte) Reason {
	const header, extension, maxExtensions = 16, 8, 16
	if len(b) < header {
		return w.short()
	}
	kind := b[8]
	wire := be16(b[14:])
	more := kind&0x80 != 0
	b = b[header:]
	for i := 0; more; i++ {
		if i == maxExtensions {
			return PassedTooDeep
		}
		if len(b) < extension {
			return w.short()
		}
		more = b[0]&0x80 != 0
		b = b[extension:]
	}
	switch kind & 0x7f {
	case 2, 11, 16, 20: // ETH, COLOR_ETH, DSM_COLOR_ETH, COLOR_HASH_ETH
		const padding = 2 // offset and pad octets align what follows the MACs
		if len(b) < padding {
			return w.short()
		}
		w.wire = max(wire, ethernetMin+ethernetFCS) // counts the frame check sequence
		return d.ethernet(w, b[padding:])
	case 1, 10, 15, 19: // HDLC_POS and its colored kinds
		return d.ppp(w, b)
	case 22: // IPV4
		return d.ipv4(w, b)
	case 23: // IPV6
		return d.ipv6(w, b)
	}
	return PassedNotIP
}
