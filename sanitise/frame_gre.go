package sanitise

import "earshot/capture/wire"

// gre copies a GRE header, or PPTP's version of it, and mends its checksum
// (RFC 2784 2.5) and, of version 1, its length (RFC 2637 4.1).
func (r *rewriter) gre(b []byte, cut int) (int, bool) {
	const checksum, routing, key, sequence, acknowledgment = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	if len(b) < 4 {
		return r.senseless(b, cut)
	}
	flags, protocol := be16(b), be16(b[2:])
	version := flags & 7
	if version > 1 || flags&routing != 0 {
		return r.senseless(b, cut)
	}
	header := 4
	for _, flag := range [...]int{checksum, key, sequence} {
		if flags&flag != 0 {
			header += 4
		}
	}
	if version == 1 && flags&acknowledgment != 0 {
		header += 4
	}
	if len(b) < header {
		return r.senseless(b, cut)
	}
	start := r.copyHeader(b[:header])
	if version == 1 && protocol != wire.EtherEoIP && flags&sequence == 0 {
		return r.opaque(b[header:], cut)
	}
	lacks, ok := r.grePayload(protocol, flags&sequence != 0, b[header:], cut)
	if version == 1 && flags&key != 0 { // the upper half of the key is the length of the payload
		r.put16(start+4, max(be16(b[4:])+len(r.out)-start-len(b)+lacks-cut, 0))
	}
	if version == 0 && flags&checksum != 0 {
		kind := checksumKind(b, 4, 0, cut)
		r.mendChecksum(kind, start, start+4, 0)
	}
	return lacks, ok
}

func (r *rewriter) grePayload(protocol int, sequenced bool, b []byte, cut int) (int, bool) {
	switch protocol {
	case wire.EtherEoIP:
		return r.bridged(b, cut)
	case wire.EtherERSPAN:
		return r.erspan(sequenced, b, cut)
	case wire.EtherERSPAN3:
		return r.erspan3(b, cut)
	}
	return r.etherType(protocol, b, cut)
}

// erspan copies the header of ERSPAN type II; type I has none.
func (r *rewriter) erspan(sequenced bool, b []byte, cut int) (int, bool) {
	if !sequenced {
		return r.bridged(b, cut)
	}
	const header = 8
	if len(b) < header || b[0]>>4 != 1 {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:header])
	return r.bridged(b[header:], cut)
}

// erspan3 copies the header of ERSPAN type III.
func (r *rewriter) erspan3(b []byte, cut int) (int, bool) {
	header := 12
	if len(b) < header || b[0]>>4 != 2 {
		return r.senseless(b, cut)
	}
	if b[11]&1 != 0 {
		header += 8
	}
	if len(b) < header {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:header])
	if frameType := b[10] >> 2 & 0x1f; frameType == 2 {
		return r.ip(b[header:], cut)
	}
	return r.bridged(b[header:], cut)
}
