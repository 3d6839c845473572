package capture

import (
	"bytes"
	"crypto/subtle"
	"slices"

	"earshot/capture/wire"
)

// IP protocol numbers that kamailio writes for transports which have none of
// their own: TLS as IDP, WebSocket as ESP.
const (
	hepProtocolTLS       = 22
	hepProtocolWebSocket = 50
)

// defaultHEPPort is the port that Homer registered nowhere, and everyone uses.
const defaultHEPPort = 9060

// hepClock is how far the time in a HEP packet may be from its arrival. More is
// a sender whose clock is wrong, and one wrong clock must not end calls.
const hepClock = int64(3600e9)

// hepPacket is what one HEP packet says, whatever its version.
type hepPacket struct {
	src, dst         [16]byte
	srcPort, dstPort uint16
	hasSrc, hasDst   bool
	v6               bool
	protocol         uint8 // IP protocol
	kind             uint8 // what the payload is, 0 where the packet does not say
	tos              uint8 // chunk 0x18
	hasTOS           bool
	tagged           bool   // chunk 0x12 was there
	vlan             uint16 // and its value
	node             uint32
	at               int64 // ns since the epoch, 0 without a time
	key              []byte
	correlation      []byte
	payload          []byte
	compressed       []byte
	lacks            int // octets of the payload that the capture cut off
}

// hepDecoder is the Decoder's part for HEP.
type hepDecoder struct {
	keys     [][]byte
	nodes    map[uint32]uint16
	ports    []uint16
	inflater hepInflater
	rtcp     rtcpReport // scratch for JSON
	compound []byte     // RTCP made of it
}

func newHEPDecoder(config HEPDecoding) hepDecoder {
	h := hepDecoder{nodes: config.Nodes, ports: config.Ports}
	for _, key := range config.Keys {
		h.keys = append(h.keys, []byte(key))
	}
	if h.ports == nil {
		h.ports = []uint16{defaultHEPPort}
	}
	return h
}

// unwrapHEP looks for HEP in a UDP payload. HEP is a tunnel: what comes out is
// the message with the addresses, the time and the place that its sender saw.
// ok is false, and nothing changed, where there is no HEP.
func (d *Decoder) unwrapHEP(w *descent, port int, b []byte) (reason Reason, ok bool) {
	var p hepPacket
	switch {
	case wire.IsHEP3(b):
		reason = p.readHEP3(w, b)
	case len(b) > 0 && (b[0] == 1 || b[0] == 2) && slices.Contains(d.hep.ports, uint16(port)):
		if !p.readHEP12(w, b) {
			return decoded, false
		}
	default:
		return decoded, false
	}
	if reason == decoded {
		reason = d.takeHEP(w, &p)
	}
	return reason, true
}

// takeHEP makes the datagram of a HEP packet.
func (d *Decoder) takeHEP(w *descent, p *hepPacket) Reason {
	h := &d.hep
	if !h.admits(p.key) {
		return PassedHEPKey
	}
	if p.kind != wire.HEPSIP && p.kind != wire.HEPRTP && p.kind != wire.HEPRTCP {
		return PassedHEPOther
	}
	if !p.hasSrc || !p.hasDst {
		return PassedHEPBroken
	}
	if reason := d.hepPayload(p); reason != decoded {
		return reason
	}

	dg := w.dg
	dg.Message = true
	dg.SrcAddr, dg.DstAddr = p.src, p.dst
	dg.SrcPort, dg.DstPort = p.srcPort, p.dstPort
	dg.Payload, dg.Length = p.payload, len(p.payload)+p.lacks
	dg.Truncated = p.lacks > 0
	dg.TTL, dg.TOS, dg.NoTOS = 0, p.tos, !p.hasTOS
	dg.Tagged, dg.VLAN, dg.Priority = p.tagged, p.vlan&0x0fff, uint8(p.vlan>>13)
	dg.Correlation = p.correlation
	dg.Protocol = wire.ProtocolUDP
	if p.kind == wire.HEPSIP {
		dg.TLS = p.protocol == hepProtocolTLS
		if dg.TLS || p.protocol == wire.ProtocolTCP || p.protocol == hepProtocolWebSocket {
			dg.Protocol = wire.ProtocolTCP
		}
	}
	d.count(p.kind)
	if off := p.at - dg.At; p.at == 0 || off > hepClock || off < -hepClock {
		d.counters.HEP.Clock++
	} else {
		dg.At = p.at
	}
	if point, ok := h.nodes[p.node]; ok {
		dg.Point = point
	}
	w.wire = p.wireLen(dg)
	w.id, w.checksum, w.whole = p.node|1<<31, 0, true
	return decoded
}

func (d *Decoder) count(kind uint8) {
	switch kind {
	case wire.HEPSIP:
		d.counters.HEP.SIP++
	case wire.HEPRTP:
		d.counters.HEP.RTP++
	case wire.HEPRTCP:
		d.counters.HEP.RTCP++
	}
}

// admits reports whether a packet's key is one that is accepted. All are
// compared, each in constant time, so that the time tells nothing of them.
func (h *hepDecoder) admits(key []byte) bool {
	if len(h.keys) == 0 {
		return true
	}
	found := 0
	for _, k := range h.keys {
		found |= subtle.ConstantTimeCompare(k, key)
	}
	return found == 1
}

// hepPayload brings the payload into the form that it had on the wire.
func (d *Decoder) hepPayload(p *hepPacket) Reason {
	h := &d.hep
	if len(p.payload) == 0 && len(p.compressed) > 0 {
		if p.lacks > 0 {
			return PassedTruncatedHeaders
		}
		plain, ok := h.inflater.inflate(p.compressed)
		if !ok {
			return PassedHEPBroken
		}
		p.payload = plain
		d.counters.HEP.Compressed++
	}
	if p.kind != wire.HEPRTCP || len(p.payload) == 0 || p.payload[0]>>6 == 2 {
		return decoded
	}
	if p.lacks > 0 {
		return PassedTruncatedHeaders
	}
	if !h.rtcp.readJSON(p.payload) {
		return PassedHEPBroken
	}
	h.compound = h.rtcp.appendCompound(h.compound[:0])
	if len(h.compound) == 0 {
		return PassedHEPOther // neither a report nor a description
	}
	p.payload = h.compound
	d.counters.HEP.RTCPJSON++
	return decoded
}

// wireLen reckons how long the message was on the wire where it was seen, which
// HEP does not say: as if in one Ethernet frame with the smallest headers.
func (p *hepPacket) wireLen(dg *Datagram) int {
	const ipv4, ipv6, udp, tcp, tag = 20, 40, 8, 20, 4
	n := ethernetHeader + ipv4 + udp + dg.Length
	if p.v6 {
		n += ipv6 - ipv4
	}
	if dg.Protocol == wire.ProtocolTCP {
		n += tcp - udp
	}
	if p.tagged {
		n += tag
	}
	return max(n, ethernetMin) + ethernetFCS
}

// address takes an address of either family.
func (p *hepPacket) address(to *[16]byte, b []byte) {
	if len(b) == 4 {
		mapIPv4(to, b)
		return
	}
	copy(to[:], b)
	p.v6 = true
}

// text is a string chunk without what C programs append to it.
func text(b []byte) []byte { return bytes.TrimRight(b, "\x00") }
