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

// ReadHeader reads an RTP header without allocating. B holds the captured
// octets of the UDP payload and claimed its length as the packet says, which
// is more where the capture cut it. It reports false for what cannot be RTP
// version 2: a length that header, extension and padding don't fit into.
//
// A cut costs only what it hides: an extension whose length was cut off counts
// as payload, and so does padding whose last octet was.
func ReadHeader(b []byte, claimed int) (Header, bool) {
	var h Header
	if len(b) < fixedHeaderLen || claimed < fixedHeaderLen || claimed > 0xffff || b[0]&versionMask != version2 {
		return h, false
	}
	b = b[:min(len(b), claimed)]
	n := fixedHeaderLen + 4*int(b[0]&countMask)
	if b[0]&extensionBit != 0 && n+4 <= len(b) {
		n += 4 + 4*int(binary.BigEndian.Uint16(b[n+2:])) // RFC 3550 5.3.1
	} else if b[0]&extensionBit != 0 && n+4 > claimed {
		return h, false
	}
	if n > claimed {
		return h, false
	}
	payload := claimed - n
	if b[0]&paddingBit != 0 && len(b) >= claimed {
		padding := int(b[claimed-1]) // counts itself
		if padding == 0 || padding > payload {
			return h, false
		}
		payload -= padding
	}
	h.MarkerPT = b[1]
	h.Seq = binary.BigEndian.Uint16(b[2:])
	h.Timestamp = binary.BigEndian.Uint32(b[4:])
	h.SSRC = binary.BigEndian.Uint32(b[8:])
	h.HeaderLen = uint16(n)
	h.PayloadLen = uint16(payload)
	if payload >= 1 && n < len(b) {
		h.Head[0] = b[n]
	}
	if payload >= 2 && n+1 < len(b) {
		h.Head[1] = b[n+1]
	}
	return h, true
}
