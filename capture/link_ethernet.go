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
