package main

import (
	"fmt"
	"net/netip"
	"time"
)

// buildLegs makes the call's dialogs and places its agents.
func (c *call) buildLegs(e *engine) {
	if c.route != nil {
		c.buildSiteLegs(e)
		return
	}
	t, g := &c.traits, c.g
	callerIP, calleeIP := g.callerAddr(c.n, t.v6), g.calleeAddr(c.n, t.v6)
	if c.origin != nil { // the transferred party calls somebody at the transferor's side
		callerIP, calleeIP = g.calleeAddr(c.origin.n, t.v6), g.callerAddr(c.n, t.v6)
	}
	caller := c.agent(e, callerIP, callerAgents[c.r.IntN(len(callerAgents))])
	callee := c.agent(e, calleeIP, calleeAgents[c.r.IntN(len(calleeAgents))])
	if t.nat {
		caller.host = fmt.Sprintf("192.168.%d.%d", c.n/250%250, c.n%250+2)
		caller.port = uint16(20000 + c.r.IntN(20000)) // as the NAT mapped it
		caller.client = caller.port
	}
	from := party{"", fmt.Sprintf("+1202555%04d", c.n%10000), callerDomain}
	to := party{"", fmt.Sprintf("+4930555%05d", c.r.IntN(100000)), calleeDomain}
	if c.origin != nil {
		from, to = c.origin.legs[0].to, party{"", transferUser, calleeDomain}
	}
	c.truth.From, c.truth.To = from.uri(), to.uri()
	nodes := [][]node{{caller, callee}}
	switch {
	case t.b2bua:
		back := c.agent(e, g.serverAddr(1, t.v6), "sbc/4.2")
		nodes = [][]node{{caller, back}, {back, callee}}
	case t.proxy:
		nodes = [][]node{{caller, c.agent(e, g.serverAddr(0, t.v6), "proxy/5.7"), callee}}
	}
	sessionID := token(c.r, 32)
	for i, ns := range nodes {
		l := c.newLeg(e, ns, from, to)
		l.delayA, l.delayB = t.delayA, t.delayB
		if t.b2bua && i == 0 {
			l.delayB = serverDelay
		} else if t.b2bua {
			l.delayA = serverDelay
		}
		c.link(l, i, sessionID)
		l.media = c.newSession(e, l)
		c.legs = append(c.legs, l)
		c.truth.CallIDs = append(c.truth.CallIDs, l.callID)
	}
}

// serverDelay is the one-way delay between the tap and a server beside it.
const serverDelay = 300 * time.Microsecond

const (
	callerDomain = "example.com"
	calleeDomain = "example.net"
	transferUser = "+4930555777" // whom every transfer goes to
)

// Agents that calls draw from.
var (
	callerAgents = []string{"Yealink SIP-T46U 108.86.0.20", "PolyEdge-E350-UA/8.1.1", "Cisco-CP8851/14.2", "Linphone/5.2.0"}
	calleeAgents = []string{"Asterisk PBX 20.5.0", "FreeSWITCH-mod_sofia/1.10.11", "MediaGateway/7.20"}
)

const sipPort = 5060

func (c *call) agent(e *engine, ip netip.Addr, name string) node {
	return node{endpoint: endpoint{e.host(ip), sipPort}, client: sipPort, agent: name, host: hostText(ip.String())}
}

func (c *call) newLeg(e *engine, nodes []node, from, to party) *leg {
	t := &c.traits
	l := &leg{
		nodes: nodes, from: from, to: to, transport: c.truth.Transport,
		callID:  token(c.r, 24) + "@" + nodes[0].host,
		fromTag: token(c.r, 8), toTag: token(c.r, 8), txnPrefix: token(c.r, 8),
		cseqA: 1 + c.r.IntN(30000), cseqB: 1 + c.r.IntN(30000),
		proxyDelay: 1500 * time.Microsecond, silent: t.fault("nosip"),
	}
	tos, proto := uint8(tosCS3), uint8(protoUDP)
	if t.fault("sipdscp") {
		tos = 0
	}
	if t.tcp {
		proto = protoTCP
	}
	for i := range len(nodes) - 1 {
		a, b := nodes[i].endpoint, nodes[i+1].endpoint
		if t.tcp {
			a.port = uint16(30000 + c.r.IntN(30000)) // a client's port is ephemeral
			nodes[i].client = a.port
		}
		h := &hop{}
		c.path(&h.down, a, b, proto, tos)
		c.path(&h.up, b, a, proto, tos)
		h.up.iface = e.ifaceTowards(true)
		if t.tcp {
			h.tcp = newConnection(&h.down, &h.up, c.r)
		}
		l.paths = append(l.paths, h)
	}
	return l
}

// path builds one direction.
func (c *call) path(p *path, src, dst endpoint, proto, tos uint8) {
	p.build(pathSpec{src: src, dst: dst, proto: proto, tos: tos, encap: c.traits.encap})
	p.copy = c.traits.copies
}

// link gives a B2BUA's legs what joins them.
func (c *call) link(l *leg, i int, id string) {
	if !c.traits.b2bua {
		return
	}
	switch c.g.linkHeader {
	case "session-id":
		l.extra = append(l.extra, "Session-ID: "+id+";remote=00000000000000000000000000000000")
		l.respExtra = append(l.respExtra, "Session-ID: 00000000000000000000000000000000;remote="+id)
	case "x-call-id":
		if i > 0 {
			l.extra = append(l.extra, "X-Call-ID: "+c.legs[0].callID)
		}
	}
}

// newSession places the leg's media sockets and draws its SDP.
func (c *call) newSession(e *engine, l *leg) *session {
	t, first, last := &c.traits, l.nodes[0], l.nodes[len(l.nodes)-1]
	s := &session{
		a: c.mediaSocket(e, first.endpoint), b: c.mediaSocket(e, last.endpoint),
		codec: t.codec, ptime: t.ptime, mux: t.mux, srtp: t.srtp,
		originA: origin{id: uint64(c.r.Uint32())}, originB: origin{id: uint64(c.r.Uint32())},
	}
	s.hostA, s.portA = s.a.ip.String(), s.a.port
	if t.nat && first.host != hostText(first.ip.String()) {
		s.hostA = first.host
		s.portA = uint16(4000 + 2*c.r.IntN(1000))
	}
	s.offered = []*codec{t.codec}
	for _, name := range []string{"pcma", "pcmu"} {
		if x, err := parseCodec(name); err == nil && x != t.codec {
			s.offered = append(s.offered, x)
		}
	}
	if t.fragment {
		s.candidates = 24
	}
	c.truth.Codec = t.codec.encoding
	c.truth.Offered = nil
	for _, x := range s.offered {
		c.truth.Offered = append(c.truth.Offered, x.encoding)
	}
	return s
}

func (c *call) mediaSocket(e *engine, at endpoint) endpoint {
	ep := endpoint{at.host, e.mediaPort(at.ip, c.g.mediaPorts)}
	c.ports = append(c.ports, ep)
	return ep
}
