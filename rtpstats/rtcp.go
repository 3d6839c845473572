package rtpstats

import (
	"bytes"
	"encoding/binary"
)

// RTCPKind is what a datagram is by the rules for telling RTCP from the rest.
type RTCPKind uint8

// The kinds.
const (
	NotRTCP       RTCPKind = iota
	RTCPCompound           // begins with SR or RR (RFC 3550 6.1)
	RTCPReduced            // begins with another type (RFC 5506)
	RTCPEncrypted          // SRTCP: readable up to the sender's SSRC (RFC 3711 3.4)
)

// LooksRTCP reports whether a datagram is RTCP, SRTCP included. B holds the
// captured octets of the UDP payload, claimed its length as the packet says.
func LooksRTCP(b []byte, claimed int) bool { return ClassifyRTCP(b, claimed) != NotRTCP }

// IsSRTCP reports whether a datagram is encrypted RTCP: its reports must not be read.
func IsSRTCP(b []byte, claimed int) bool { return ClassifyRTCP(b, claimed) == RTCPEncrypted }

// ClassifyRTCP applies RFC 3550 A.2 and RFC 5761 4: version 2, known packet
// types, and lengths that chain to the end of the datagram exactly. One packet
// type and one exact length in a row are already rarer than 1 in 10 million
// datagrams of noise. Where the capture cut the datagram, the chain must hold as far
// as it can be seen.
func ClassifyRTCP(b []byte, claimed int) RTCPKind {
	b = b[:min(len(b), max(claimed, 0))]
	if len(b) < rtcpSSRCEnd || !isRTCPHeader(b) {
		return NotRTCP
	}
	if chains(b, claimed) {
		if isReport(b[1]) {
			return RTCPCompound
		}
		return RTCPReduced
	}
	if isReport(b[1]) && rtcpLen(b) <= claimed-srtcpIndexLen && hasSRTCPIndex(b, claimed) {
		return RTCPEncrypted
	}
	return NotRTCP
}

const (
	rtcpHeaderLen = 4
	rtcpSSRCEnd   = 8 // header and sender's SSRC: what SRTCP leaves in the clear
)

// RTCP packet types (IANA registry "RTCP Control Packet Types").
const (
	rtcpFIR  = 192 // RFC 2032, historic
	rtcpNACK = 193 // RFC 2032, historic
	rtcpIJ   = 195 // RFC 5450
	rtcpSR   = 200
	rtcpRR   = 201
	rtcpSDES = 202
	rtcpXR   = 207
	rtcpSNM  = 213 // RFC 7728, the last one assigned
)

func isReport(packetType byte) bool { return packetType == rtcpSR || packetType == rtcpRR }

// isRTCPHeader reports whether b begins with the header of a known RTCP type.
func isRTCPHeader(b []byte) bool {
	if len(b) < rtcpHeaderLen || b[0]&versionMask != version2 {
		return false
	}
	t := b[1]
	return t >= rtcpSR && t <= rtcpSNM || t == rtcpFIR || t == rtcpNACK || t == rtcpIJ
}

// rtcpLen returns the length of the RTCP packet that b begins with, octets.
func rtcpLen(b []byte) int { return 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1) }

// chains walks the compound packet and reports whether its parts end where the
// datagram does.
func chains(b []byte, claimed int) bool {
	at := 0
	for at+rtcpHeaderLen <= len(b) {
		if !isRTCPHeader(b[at:]) {
			return false
		}
		at += rtcpLen(b[at:])
		if at >= claimed {
			return at == claimed
		}
	}
	if len(b) < claimed {
		return at+rtcpHeaderLen <= claimed // the rest was cut off
	}
	return isStrayTail(b[at:])
}

// isStrayTail reports whether b, what follows the last part, is a few zeros:
// some senders count SDES padding short by an octet or two.
func isStrayTail(b []byte) bool {
	return len(b) < rtcpHeaderLen && len(bytes.Trim(b, "\x00")) == 0
}

const (
	srtcpIndexLen = 4
	srtcpEFlag    = 1 << 31
	// maxSRTCPIndex bounds a believable index: senders count from 0, so this is
	// a day at 50 datagrams a second, and noise passes once in 350.
	maxSRTCPIndex = 1 << 22
)

// hasSRTCPIndex looks for the E flag and a believable SRTCP index where the
// usual transforms put them (RFC 3711 3.4): before an authentication tag of 10
// or 4 octets, or at the very end (AES-GCM, RFC 7714 9.1).
func hasSRTCPIndex(b []byte, claimed int) bool {
	for _, tag := range [...]int{10, 4, 0} {
		at := claimed - tag - srtcpIndexLen
		if at < rtcpSSRCEnd || at+srtcpIndexLen > len(b) {
			continue
		}
		word := binary.BigEndian.Uint32(b[at:])
		if word&srtcpEFlag != 0 && word&^srtcpEFlag < maxSRTCPIndex {
			return true
		}
	}
	return false
}
