package capture

// gtpu reads a GTP-U G-PDU (TS 29.281 5): flags, message type, length of what
// follows the first 8 octets, tunnel identifier; then, if any of the E, S and
// PN flags is set, sequence number, N-PDU number and the first extension type.
func (d *Decoder) gtpu(w *descent, b []byte) Reason {
	const header, optional, pdu = 8, 4, 0xff
	if len(b) < header+optional {
		return w.short()
	}
	flags := b[0]
	if flags>>4 != 0x3 || b[1] != pdu { // version 1, protocol type GTP
		return PassedBadHeader
	}
	length := be16(b[2:])
	if length > len(b)+w.cut-header {
		return PassedBadHeader
	}
	b = w.limit(b[header:], length)
	if flags&0x07 == 0 {
		return d.ip(w, b)
	}
	if len(b) < optional {
		return w.short()
	}
	extension := b[3]
	b = b[optional:]
	for range maxExtensions {
		if flags&0x04 == 0 || extension == 0 {
			return d.ip(w, b)
		}
		if len(b) == 0 {
			return w.short()
		}
		size := int(b[0]) * 4
		if size == 0 {
			return PassedBadHeader
		}
		if len(b) < size {
			return w.short()
		}
		extension = b[size-1]
		b = b[size:]
	}
	return PassedTooDeep
}
