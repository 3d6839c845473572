package capture

// mpls reads a label stack (RFC 3032 2.1). Nothing says what is below: IP, or
// a pseudowire with Ethernet, with a control word (RFC 4448 4.6) or without.
func (d *Decoder) mpls(w *descent, b []byte) Reason {
	const maxLabels = 16
	if w.enter() {
		return PassedTooDeep
	}
	bottom := false
	for i := 0; !bottom; i++ {
		if i == maxLabels {
			return PassedTooDeep
		}
		if len(b) < 4 {
			return w.short()
		}
		bottom = b[2]&1 != 0
		b = b[4:]
	}
	if isIPv4(b) {
		return d.ipv4(w, b)
	}
	outer, dg := *w, *w.dg
	const controlWord = 4 // begins with 0 to differ from IP (RFC 4385 3)
	if len(b) > controlWord && b[0]>>4 == 0 {
		if reason := d.ethernet(w, b[controlWord:]); !senseless(reason) {
			return reason
		}
		*w, *outer.dg = outer, dg
	}
	if reason := d.ethernet(w, b); !senseless(reason) {
		return reason
	}
	*w, *outer.dg = outer, dg
	return d.ip(w, b)
}

// isIPv4 reports whether b begins with an IPv4 header whose checksum is right.
func isIPv4(b []byte) bool {
	if len(b) < 20 || b[0]>>4 != 4 {
		return false
	}
	header := int(b[0]&0x0f) * 4
	if header < 20 || header > len(b) {
		return false
	}
	sum := 0
	for i := 0; i < header; i += 2 {
		sum += be16(b[i:])
	}
	return sum%0xffff == 0 // one's complement arithmetic (RFC 1071)
}
