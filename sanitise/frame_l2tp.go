package sanitise

// l2tpUDP copies the header of an L2TP data message in UDP and mends its length.
func (r *rewriter) l2tpUDP(b []byte, cut int) (int, bool) {
	const control, lengthBit, sequenceBit, offsetBit = 0x8000, 0x4000, 0x0800, 0x0200
	if len(b) < 6 {
		return r.senseless(b, cut)
	}
	flags := be16(b)
	version := flags & 0x000f
	if flags&control != 0 || version != 2 && version != 3 {
		return r.senseless(b, cut)
	}
	if version == 3 {
		r.copyHeader(b[:4])
		return r.l2tpSession(b[4:], cut)
	}
	header := 6
	e := enclosure{body: b, lack: cut}
	if flags&lengthBit != 0 {
		length := be16(b[2:])
		if length < header+2 || length > len(b)+cut {
			return r.senseless(b, cut)
		}
		e = enclose(b, cut, length)
		header += 2
	}
	if flags&sequenceBit != 0 {
		header += 4
	}
	fixed := header
	if flags&offsetBit != 0 {
		if len(e.body) < header+2 {
			return r.senseless(b, cut)
		}
		fixed += 2
		header = fixed + be16(e.body[header:])
	}
	if len(e.body) < header {
		return r.senseless(b, cut)
	}
	start := r.copyHeader(e.body[:fixed])
	r.blank(e.body[fixed:header])
	lacks, ok := r.ppp(e.body[header:], e.lack)
	if flags&lengthBit != 0 {
		r.put16(start+2, r.length(start, lacks))
	}
	return r.close(&e, lacks), ok
}

// l2tpIP goes into L2TP version 3 directly over IP.
func (r *rewriter) l2tpIP(b []byte, cut int) (int, bool) {
	if len(b) < 4 {
		return r.senseless(b, cut)
	}
	if be32(b) == 0 {
		return r.opaque(b, cut)
	}
	return r.l2tpSession(b, cut)
}

// l2tpSession copies the session identifier of version 3; cookie and sublayer
// are settled elsewhere, so each size is tried.
func (r *rewriter) l2tpSession(b []byte, cut int) (int, bool) {
	const session, step, last = 4, 4, 12
	start := len(r.out)
	for skip := session; skip <= session+last && skip < len(b); skip += step {
		r.copyHeader(b[:session])
		r.blank(b[session:skip]) // a cookie is there to keep others out
		if lacks, ok := r.attempt(r.ethernet, b[skip:], cut); ok {
			return lacks, true
		}
		if lacks, ok := r.attempt(r.ppp, b[skip:], cut); ok {
			return lacks, true
		}
		r.out = r.out[:start]
	}
	return r.senseless(b, cut)
}
