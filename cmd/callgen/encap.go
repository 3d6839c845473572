package main

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"sort"
	"strings"
)

// encapsulation is what stands between the Ethernet header and the call's own
// IP header.
type encapsulation struct {
	name string
	// carriesIP: the inner IP header follows directly, without an Ethernet
	// header of its own.
	carriesIP bool
	inner     int // IP version that it can carry: 4, 6, or 0 for both
	wrap      func(p *path, s *pathSpec)
}

// tunnels holds the ends of a run's tunnels and their sequence numbers: state
// of a run, not of the package, so that two runs in one process are equal.
type tunnels struct {
	src, dst *host
	greSeq   uint32
}

func newTunnels() *tunnels {
	end := func(n byte) *host { // addresses of RFC 5737's documentation range
		return &host{mac: [6]byte{2, 0, 0x5e, 0, 0, n}, ip: netip.AddrFrom4([4]byte{192, 0, 2, n}), ttl: 62}
	}
	return &tunnels{src: end(1), dst: end(2)}
}

// encapsulations lists every encapsulation by name.
func (t *tunnels) encapsulations() []*encapsulation {
	return []*encapsulation{
		{name: "none", wrap: func(*path, *pathSpec) {}},
		{name: "vlan", carriesIP: true, wrap: wrapVLAN},
		{name: "qinq", carriesIP: true, wrap: wrapQinQ},
		{name: "mpls", carriesIP: true, wrap: wrapMPLS},
		{name: "pppoe", carriesIP: true, wrap: wrapPPPoE},
		{name: "gre", carriesIP: true, wrap: t.wrapGRE},
		{name: "erspan2", wrap: t.wrapERSPAN2},
		{name: "erspan3", wrap: t.wrapERSPAN3},
		{name: "vxlan", wrap: t.wrapVXLAN},
		{name: "geneve", wrap: t.wrapGeneve},
		{name: "ipip", carriesIP: true, inner: 4, wrap: t.wrapIP(protoIPIP)},
		{name: "6in4", carriesIP: true, inner: 6, wrap: t.wrapIP(protoIPv6)},
		{name: "gtpu", carriesIP: true, wrap: t.wrapGTPU},
		{name: "l2tp", carriesIP: true, wrap: t.wrapL2TP},
	}
}

func encapByName(name string) (*encapsulation, error) {
	var names []string
	for _, e := range newTunnels().encapsulations() {
		if e.name == name {
			return e, nil
		}
		names = append(names, e.name)
	}
	sort.Strings(names)
	return nil, fmt.Errorf("unknown encapsulation %q: want some of %s", name, strings.Join(names, ", "))
}

func parseEncap(spec string) (string, error) {
	_, err := encapByName(spec)
	return spec, err
}

// vlanTCI gives voice and signalling their usual IEEE 802.1Q priorities.
func vlanTCI(tos uint8, id uint16) uint16 { return uint16(tos>>5)<<13 | id }

func wrapVLAN(p *path, s *pathSpec) {
	p.ethernet(s.src.mac, s.dst.mac, etherVLAN)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, vlanTCI(s.tos, 100))
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, etherType(s.src.ip))
}

func wrapQinQ(p *path, s *pathSpec) {
	p.ethernet(s.src.mac, s.dst.mac, etherQinQ)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, vlanTCI(s.tos, 200))
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, etherVLAN)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, vlanTCI(s.tos, 100))
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, etherType(s.src.ip))
}

// wrapMPLS adds two labels: label 20, TC 3, S 1, TTL 8 bits each (RFC 3032 2.1).
func wrapMPLS(p *path, s *pathSpec) {
	const outer, inner, bottom, ttl = 16001, 24, 1 << 8, 62
	tc := uint32(s.tos>>5) << 9
	p.ethernet(s.src.mac, s.dst.mac, etherMPLS)
	p.hdr = binary.BigEndian.AppendUint32(p.hdr, outer<<12|tc|ttl)
	p.hdr = binary.BigEndian.AppendUint32(p.hdr, inner<<12|tc|bottom|ttl)
}

func pppProtocol(ip netip.Addr) uint16 {
	if ip.Is4() {
		return 0x0021
	}
	return 0x0057
}

// wrapPPPoE adds RFC 2516's session header and the PPP protocol.
func wrapPPPoE(p *path, s *pathSpec) {
	p.ethernet(s.src.mac, s.dst.mac, etherPPPoE)
	p.hdr = append(p.hdr, 0x11, 0, 0x12, 0x34) // version and type 1, session data, session id
	p.lengthHere(2)
	p.hdr = append(p.hdr, 0, 0)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, pppProtocol(s.src.ip))
}

// lengthHere marks the next two octets as the length of all that follows from
// begin octets after their first.
func (p *path) lengthHere(begin int) {
	at := int16(len(p.hdr))
	p.lens = append(p.lens, lenPatch{at, at + int16(begin)})
}

// outerIP adds the tunnel's own Ethernet and IPv4 headers.
func (t *tunnels) outerIP(p *path, proto, tos uint8) {
	p.ethernet(t.src.mac, t.dst.mac, etherIPv4)
	p.ipHeader(t.src, t.src.ip, t.dst.ip, proto, tos)
}

// outerUDP adds a tunnel's UDP header; its checksum is 0, which RFC 768 allows
// and tunnels use.
func (t *tunnels) outerUDP(p *path, srcPort, dstPort uint16, tos uint8) {
	t.outerIP(p, protoUDP, tos)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, srcPort)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, dstPort)
	p.lengthHere(-4)
	p.hdr = append(p.hdr, 0, 0, 0, 0)
}

func (t *tunnels) wrapIP(proto uint8) func(*path, *pathSpec) {
	return func(p *path, s *pathSpec) { t.outerIP(p, proto, s.tos) }
}

func (t *tunnels) wrapGRE(p *path, s *pathSpec) {
	t.outerIP(p, protoGRE, s.tos)
	p.hdr = append(p.hdr, 0, 0)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, etherType(s.src.ip))
}

// greSequenced adds a GRE header with a sequence number (RFC 2890).
func (t *tunnels) greSequenced(p *path, s *pathSpec, proto uint16) {
	t.outerIP(p, protoGRE, s.tos)
	p.hdr = append(p.hdr, 0x10, 0)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, proto)
	p.seqs = append(p.seqs, seqPatch{len(p.hdr), &t.greSeq})
	p.hdr = append(p.hdr, 0, 0, 0, 0)
}

func (t *tunnels) wrapERSPAN2(p *path, s *pathSpec) {
	t.greSequenced(p, s, 0x88be)
	p.hdr = append(p.hdr, 0x10, 100, 0xa0, 7, 0, 0, 0, 1) // version 1, VLAN 100, CoS 5, session 7, index 1
}

func (t *tunnels) wrapERSPAN3(p *path, s *pathSpec) {
	t.greSequenced(p, s, 0x22eb)
	p.hdr = append(p.hdr, 0x20, 100, 0xa0, 7) // version 2, VLAN 100, CoS 5, session 7
	p.hdr = append(p.hdr, 0, 0, 0, 0)         // timestamp
	p.hdr = append(p.hdr, 0, 0, 0, 0)         // SGT 0, frame type Ethernet, no subheader
}

func (t *tunnels) wrapVXLAN(p *path, s *pathSpec) {
	t.outerUDP(p, 49152+s.src.port%16384, 4789, s.tos)
	p.hdr = append(p.hdr, 0x08, 0, 0, 0, 0, 0x13, 0x88, 0) // VNI valid, VNI 5000
}

func (t *tunnels) wrapGeneve(p *path, s *pathSpec) {
	t.outerUDP(p, 49152+s.src.port%16384, 6081, s.tos)
	p.hdr = append(p.hdr, 0, 0)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, etherTEB)
	p.hdr = append(p.hdr, 0, 0x13, 0x88, 0)
}

func (t *tunnels) wrapGTPU(p *path, s *pathSpec) {
	t.outerUDP(p, 2152, 2152, s.tos)
	p.hdr = append(p.hdr, 0x30, 0xff) // version 1, protocol type GTP, no options; G-PDU
	p.lengthHere(6)
	p.hdr = append(p.hdr, 0, 0, 0, 0, 0x10, 0x01) // TEID
}

// wrapL2TP adds an L2TPv2 data message (RFC 2661 3.1) and PPP.
func (t *tunnels) wrapL2TP(p *path, s *pathSpec) {
	t.outerUDP(p, 1701, 1701, s.tos)
	p.hdr = append(p.hdr, 0, 0x02, 0, 1, 0, 2, 0xff, 0x03) // version 2, tunnel 1, session 2; PPP address, control
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, pppProtocol(s.src.ip))
}
