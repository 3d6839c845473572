package capture

import (
	"encoding/binary"

	"earshot/capture/wire"
)

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
	if hardware == wire.CookedNetlink {
		return PassedNotIP
	}
	if protocol == wire.CookedLLC {
		return d.llc(w, 0, b)
	}
	return d.etherType(w, protocol, b)
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
	onWire := be16(b[14:])
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
		w.wire = max(onWire, ethernetMin+ethernetFCS) // counts the frame check sequence
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
