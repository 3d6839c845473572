package capture

import "earshot/capture/wire"

// readHEP3 reads a packet of version 3: chunks of the generic vendor are known,
// others are stepped over. A chunk that does not fit ends the packet: it is
// broken, unless the snap length cut it.
func (p *hepPacket) readHEP3(w *descent, b []byte) Reason {
	total := be16(b[4:])
	if total < wire.HEP3Header {
		return PassedHEPBroken
	}
	cut := 0
	if total > len(b) {
		if cut = total - len(b); cut > w.cut {
			return PassedHEPBroken
		}
		total = len(b)
	}
	b = b[wire.HEP3Header:total]
	for len(b) > 0 {
		if len(b) < wire.HEP3Chunk {
			return p.ended(cut)
		}
		length := be16(b[4:])
		if length < wire.HEP3Chunk {
			return PassedHEPBroken
		}
		if length > len(b) {
			p.shortChunk(b, length)
			return p.ended(cut)
		}
		if be16(b) == 0 && !p.chunk(be16(b[2:]), b[wire.HEP3Chunk:length]) {
			return PassedHEPBroken
		}
		b = b[length:]
	}
	if cut > 0 {
		return p.ended(cut)
	}
	return decoded
}

// ended says what a packet that ends within its chunks is worth: a capture that
// was cut still has the beginning of its payload.
func (p *hepPacket) ended(cut int) Reason {
	switch {
	case cut == 0:
		return PassedHEPBroken
	case len(p.payload) == 0 && len(p.compressed) == 0:
		return PassedTruncatedHeaders
	}
	return decoded
}

// shortChunk takes what there is of a payload that the capture cut.
func (p *hepPacket) shortChunk(b []byte, length int) {
	if be16(b) != 0 {
		return
	}
	switch be16(b[2:]) {
	case 0x0f:
		p.payload, p.lacks = b[wire.HEP3Chunk:], length-len(b)
	case 0x10:
		p.compressed, p.lacks = b[wire.HEP3Chunk:], length-len(b)
	}
}

// chunk takes one generic chunk; false means that its size is wrong.
func (p *hepPacket) chunk(kind int, b []byte) bool {
	switch kind {
	case 0x01: // IP family: the addresses say it themselves
	case 0x02:
		return set8(&p.protocol, b)
	case 0x03, 0x05:
		p.hasSrc = len(b) == addressSize(kind)
		if p.hasSrc {
			p.address(&p.src, b)
		}
		return p.hasSrc
	case 0x04, 0x06:
		p.hasDst = len(b) == addressSize(kind)
		if p.hasDst {
			p.address(&p.dst, b)
		}
		return p.hasDst
	case 0x07:
		return set16(&p.srcPort, b)
	case 0x08:
		return set16(&p.dstPort, b)
	case 0x09: // seconds
		return p.time(b, 1e9)
	case 0x0a: // microseconds
		return p.time(b, 1e3)
	case 0x0b:
		return set8(&p.kind, b)
	case 0x0c:
		return p.setNode(b)
	case 0x0e:
		p.key = b
	case 0x0f:
		p.payload = b
	case 0x10:
		if isCompressed(b) { // a draft has the correlation id here
			p.compressed = b
		}
	case 0x11:
		p.correlation = text(b)
	case 0x12:
		p.tagged = true
		return set16(&p.vlan, b)
	case 0x18:
		p.hasTOS = true
		return set8(&p.tos, b)
	}
	return true
}

// addressSize is the size of the address chunks 3 to 6.
func addressSize(kind int) int {
	if kind < 0x05 {
		return 4
	}
	return 16
}

func set8(to *uint8, b []byte) bool {
	if len(b) != 1 {
		return false
	}
	*to = b[0]
	return true
}

func set16(to *uint16, b []byte) bool {
	if len(b) != 2 {
		return false
	}
	*to = uint16(be16(b))
	return true
}

func (p *hepPacket) time(b []byte, unit int64) bool {
	if len(b) != 4 {
		return false
	}
	p.at += int64(be32(b)) * unit
	return true
}

// setNode reads the capture node: 4 octets, from some senders 2.
func (p *hepPacket) setNode(b []byte) bool {
	switch len(b) {
	case 4:
		p.node = be32(b)
	case 2:
		p.node = uint32(be16(b))
	default:
		return false
	}
	return true
}
