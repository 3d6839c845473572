package capture

import "earshot/capture/wire"

// gre reads a GRE header (RFC 2784 2, RFC 2890 2) or PPTP's version 1 of it
// (RFC 2637 4.1).
func (d *Decoder) gre(w *descent, b []byte) Reason {
	const checksum, routing, key, sequence, acknowledgment = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	if len(b) < 4 {
		return w.short()
	}
	flags, protocol := be16(b), be16(b[2:])
	version := flags & 7
	if version > 1 || flags&routing != 0 {
		return PassedBadHeader
	}
	header := 4
	if flags&checksum != 0 {
		header += 4
	}
	if flags&key != 0 {
		header += 4
	}
	if flags&sequence != 0 {
		header += 4
	}
	if version == 1 && flags&acknowledgment != 0 {
		header += 4
	}
	if len(b) < header {
		return w.short()
	}
	if protocol == wire.EtherEoIP {
		return d.bridged(w, b[header:])
	}
	if version == 1 && flags&sequence == 0 {
		return PassedOtherProtocol // an acknowledgement, without payload
	}
	b = b[header:]
	switch protocol {
	case wire.EtherERSPAN:
		return d.erspan(w, flags&sequence != 0, b)
	case wire.EtherERSPAN3:
		return d.erspan3(w, b)
	}
	return d.etherType(w, protocol, b)
}

// bridged reads an Ethernet frame that a tunnel carries.
func (d *Decoder) bridged(w *descent, b []byte) Reason {
	if w.enter() {
		return PassedTooDeep
	}
	return d.ethernet(w, b)
}

// erspan reads ERSPAN type I, which has no header of its own, or type II, which
// has 8 octets (draft-foschiano-erspan 4.1 and 4.2). GRE's sequence number
// tells them apart.
func (d *Decoder) erspan(w *descent, sequenced bool, b []byte) Reason {
	if !sequenced {
		return d.bridged(w, b)
	}
	const header = 8
	if len(b) < header {
		return w.short()
	}
	if b[0]>>4 != 1 {
		return PassedBadHeader
	}
	return d.bridged(w, b[header:])
}

// erspan3 reads ERSPAN type III: 12 octets, and a platform subheader of 8 where
// the O bit says so (draft-foschiano-erspan 4.3). A frame type other than
// Ethernet may be IP.
func (d *Decoder) erspan3(w *descent, b []byte) Reason {
	header := 12
	if len(b) < header {
		return w.short()
	}
	if b[0]>>4 != 2 {
		return PassedBadHeader
	}
	if b[11]&1 != 0 {
		header += 8
	}
	if len(b) < header {
		return w.short()
	}
	if frameType := b[10] >> 2 & 0x1f; frameType == 2 {
		return d.ip(w, b[header:])
	}
	return d.bridged(w, b[header:])
}
