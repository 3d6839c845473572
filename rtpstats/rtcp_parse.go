package rtpstats

import (
	"encoding/binary"

	"github.com/pion/rtcp"
)

// Bounds on what one datagram may make us keep; real ones hold a handful.
const (
	maxRTCPParts = 64
	maxXRBlocks  = 64
)

// ParseRTCP reads the parts of an RTCP datagram. Damaged says that some of it
// made no sense and was left out: a part is believed only if another header or
// the end of the datagram follows it. SRTCP gives no packets and isn't damage,
// see [IsSRTCP]. The packets may refer to b.
func ParseRTCP(b []byte) (pkts []rtcp.Packet, damaged bool) {
	if IsSRTCP(b, len(b)) {
		return nil, false
	}
	for parts := 0; !isStrayTail(b); parts++ {
		if parts == maxRTCPParts || !isRTCPHeader(b) || rtcpLen(b) > len(b) {
			return pkts, true
		}
		part, rest := b[:rtcpLen(b)], b[rtcpLen(b):]
		if !isStrayTail(rest) && !isRTCPHeader(rest) {
			return pkts, true
		}
		if pkts == nil {
			pkts = make([]rtcp.Packet, 0, 2) // a report and its SDES
		}
		if p, ok := parsePart(part); ok {
			pkts = append(pkts, p)
		} else {
			damaged = true
		}
		b = rest
	}
	return pkts, damaged
}

// parsePart reads one packet of a compound. Pion's parser takes all parts of a
// datagram or none, so it gets them one by one.
func parsePart(part []byte) (rtcp.Packet, bool) {
	part = withoutPadding(part)
	if part[1] == rtcpXR && !fewXRBlocks(part) {
		return nil, false
	}
	switch part[1] { // without the list that Unmarshal makes
	case rtcpSR:
		p := new(rtcp.SenderReport)
		return p, p.Unmarshal(part) == nil
	case rtcpRR:
		p := new(rtcp.ReceiverReport)
		return p, p.Unmarshal(part) == nil
	}
	pkts, err := rtcp.Unmarshal(part)
	for err != nil && part[1] == rtcpSDES && endsInZeros(part) {
		part = shortened(part, len(part)-4)
		pkts, err = rtcp.Unmarshal(part)
	}
	if err != nil || len(pkts) != 1 {
		return nil, false
	}
	return pkts[0], true
}

// endsInZeros reports whether a part ends in a word of zeros. Some senders put
// a whole one behind the null octets that end an SDES chunk.
func endsInZeros(part []byte) bool {
	return len(part) > rtcpSSRCEnd && binary.BigEndian.Uint32(part[len(part)-4:]) == 0
}

// shortened returns the first n octets of a part as a part of its own, copied.
func shortened(part []byte, n int) []byte {
	short := append([]byte(nil), part[:n]...)
	short[0] &^= paddingBit
	binary.BigEndian.PutUint16(short[2:], uint16(n/4-1))
	return short
}

// withoutPadding returns the part without its padding (RFC 3550 6.4.1), as a
// copy: the parser would read it as report blocks or SDES items. A pad count
// that can't be stays.
func withoutPadding(part []byte) []byte {
	if part[0]&paddingBit == 0 {
		return part
	}
	n := len(part) - int(part[len(part)-1])
	if n == len(part) || n < rtcpHeaderLen || n%4 != 0 {
		return part
	}
	return shortened(part, n)
}

// fewXRBlocks reports whether an extended report (RFC 3611 2) has a believable
// number of blocks, each within it: the parser spends microseconds and an
// allocation on every one.
func fewXRBlocks(part []byte) bool {
	at := rtcpSSRCEnd
	for range maxXRBlocks {
		if at == len(part) {
			return true
		}
		if at+rtcpHeaderLen > len(part) {
			return false
		}
		at += rtcpLen(part[at:]) // a block's length is coded as a packet's
	}
	return at == len(part)
}

// CumulativeLost returns the report block's cumulative number of packets lost,
// a signed 24-bit field (RFC 3550 6.4.1): duplicates make it negative.
func CumulativeLost(r *rtcp.ReceptionReport) int32 {
	return int32(r.TotalLost<<8) >> 8
}

// FractionLost returns the report block's fraction lost as a ratio, 0 to 255/256.
func FractionLost(r *rtcp.ReceptionReport) float64 {
	return float64(r.FractionLost) / 256
}
