package rtpstats

import "encoding/binary"

// Header is what the data path takes from an RTP packet (RFC 3550 5.1).
type Header struct {
	SSRC       uint32
	Timestamp  uint32 // in units of the payload's clock
	Seq        uint16
	HeaderLen  uint16   // fixed header, CSRC list and extension, octets
	PayloadLen uint16   // without header and padding, octets, as the packet claims
	MarkerPT   uint8    // second octet as sent: marker bit and payload type
	Head       [2]uint8 // first two payload octets; 0 where there are none or they were cut off
}

// The fixed header and its first octet.
const (
	fixedHeaderLen = 12
	versionMask    = 0xc0
	version2       = 0x80
	paddingBit     = 0x20
	extensionBit   = 0x10
	countMask      = 0x0f
)

// ReadHeader is [Header.Read] for callers without a hot path.
func ReadHeader(b []byte, claimed int) (Header, bool) {
	var h Header
	ok := h.Read(b, claimed)
	return h, ok
}

// Read reads an RTP header without allocating. B holds the captured octets of
// the UDP payload and claimed its length as the packet says, which is more
// where the capture cut it. It reports false for what cannot be RTP version 2:
// a length that header, extension and padding don't fit into; h is then
// unchanged.
//
// A cut costs only what it hides: an extension whose length was cut off counts
// as payload, and so does padding whose last octet was.
//
// It fills the caller's header because returning one doubles the time, 12 ns
// against 6: its fields are stored one by one and loaded again in one piece
// (BenchmarkHeaderRead, BenchmarkReadHeader).
func (h *Header) Read(b []byte, claimed int) bool {
	if len(b) < fixedHeaderLen || claimed < fixedHeaderLen || claimed > 0xffff || b[0]&versionMask != version2 {
		return false
	}
	b = b[:min(len(b), claimed)]
	n, payload := fixedHeaderLen, claimed-fixedHeaderLen
	if b[0] != version2 {
		var ok bool
		if n, payload, ok = variableParts(b, claimed); !ok {
			return false
		}
	}
	h.MarkerPT = b[1]
	h.Seq = binary.BigEndian.Uint16(b[2:])
	h.Timestamp = binary.BigEndian.Uint32(b[4:])
	h.SSRC = binary.BigEndian.Uint32(b[8:])
	h.HeaderLen = uint16(n)
	h.PayloadLen = uint16(payload)
	h.Head = [2]uint8{}
	if payload >= 1 && n < len(b) {
		h.Head[0] = b[n]
	}
	if payload >= 2 && n+1 < len(b) {
		h.Head[1] = b[n+1]
	}
	return true
}

// variableParts returns the lengths of header and payload of a packet with
// CSRCs, an extension or padding.
func variableParts(b []byte, claimed int) (header, payload int, ok bool) {
	header = fixedHeaderLen + 4*int(b[0]&countMask)
	if b[0]&extensionBit != 0 {
		switch {
		case header+4 <= len(b): // RFC 3550 5.3.1: profile, then length in words
			header += 4 + 4*int(binary.BigEndian.Uint16(b[header+2:]))
		case header+4 > claimed:
			return 0, 0, false
		}
	}
	if header > claimed {
		return 0, 0, false
	}
	payload = claimed - header
	if b[0]&paddingBit != 0 && len(b) == claimed {
		padding := int(b[claimed-1]) // counts itself
		if padding == 0 || padding > payload {
			return 0, 0, false
		}
		payload -= padding
	}
	return header, payload, true
}
