package capture

import (
	"encoding/binary"

	"earshot/capture/wire"
)

// maxTags bounds the VLAN tags of one frame.
const maxTags = 8

// ethernet reads an Ethernet header (IEEE 802.3).
func (d *Decoder) ethernet(w *descent, b []byte) Reason {
	if len(b) < ethernetHeader {
		return w.short()
	}
	w.trait(le64(b) ^ uint64(binary.LittleEndian.Uint32(b[8:]))<<31)
	etherType := be16(b[12:])
	if etherType == wire.EtherIPv4 { // nearly always
		return d.ipv4(w, b[ethernetHeader:])
	}
	return d.etherType(w, etherType, b[ethernetHeader:])
}

// etherType goes on by an EtherType, through VLAN tags.
func (d *Decoder) etherType(w *descent, etherType int, b []byte) Reason {
	for tags := 0; etherType == wire.EtherVLAN || etherType == wire.EtherQinQ || etherType == wire.EtherQinQOld; tags++ {
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
	case wire.EtherIPv4:
		return d.ipv4(w, b)
	case wire.EtherIPv6:
		return d.ipv6(w, b)
	case wire.EtherARP:
		return PassedARP
	case wire.EtherMPLS, wire.EtherMPLSUp:
		return d.mpls(w, b)
	case wire.EtherPPPoE:
		return d.pppoe(w, b)
	case wire.EtherTEB:
		return d.bridged(w, b)
	case wire.EtherPBB:
		const serviceTag = 4
		if len(b) < serviceTag {
			return w.short()
		}
		return d.bridged(w, b[serviceTag:])
	case wire.EtherPPP:
		return d.ppp(w, b)
	}
	if etherType < wire.EtherMinValue {
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
	if !snap || !encapsulatedEthernet || etherType < wire.EtherMinValue {
		return PassedNotIP
	}
	return d.etherType(w, etherType, b[8:])
}
