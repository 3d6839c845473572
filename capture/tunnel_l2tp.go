package capture

// l2tpUDP reads an L2TP data message in UDP: version 2 (RFC 2661 3.1) or
// version 3 (RFC 3931 4.1.2.1).
func (d *Decoder) l2tpUDP(w *descent, b []byte) Reason {
	const control, lengthBit, sequenceBit, offsetBit = 0x8000, 0x4000, 0x0800, 0x0200
	if len(b) < 6 {
		return w.short()
	}
	flags := be16(b)
	if flags&control != 0 {
		return PassedBadHeader // not data; the datagram itself is given
	}
	switch flags & 0x000f {
	case 2:
	case 3:
		return d.l2tpSession(w, b[4:])
	default:
		return PassedBadHeader
	}
	header := 6 // flags, tunnel, session
	if flags&lengthBit != 0 {
		length := be16(b[2:])
		if length < header+2 || length > len(b)+w.cut {
			return PassedBadHeader
		}
		b = w.limit(b, length)
		header += 2
	}
	if flags&sequenceBit != 0 {
		header += 4
	}
	if flags&offsetBit != 0 {
		if len(b) < header+2 {
			return w.short()
		}
		header += 2 + be16(b[header:])
	}
	if len(b) < header {
		return w.short()
	}
	return d.ppp(w, b[header:])
}

// l2tpIP reads L2TP version 3 directly over IP (RFC 3931 4.1.1.1). Session 0 is
// the control channel.
func (d *Decoder) l2tpIP(w *descent, b []byte) Reason {
	if len(b) < 4 {
		return w.short()
	}
	if be32(b) == 0 {
		return PassedOtherProtocol
	}
	return d.l2tpSession(w, b)
}

// l2tpSession reads the session header of version 3 and what it carries. The
// sizes of the cookie (0, 4 or 8) and of the sublayer (0 or 4) and the kind of
// the payload are settled in the control channel, which the capture may not
// hold: each is tried, and taken where IP follows.
func (d *Decoder) l2tpSession(w *descent, b []byte) Reason {
	const session, step, last = 4, 4, 12
	outer, dg := *w, *w.dg
	for skip := session; skip <= session+last && skip < len(b); skip += step {
		if reason := d.ethernet(w, b[skip:]); !senseless(reason) {
			return reason
		}
		*w, *outer.dg = outer, dg
		if reason := d.ppp(w, b[skip:]); !senseless(reason) {
			return reason
		}
		*w, *outer.dg = outer, dg
	}
	return PassedNotIP
}
