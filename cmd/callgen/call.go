package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// call is one call from its first INVITE to its last packet: an actor that walks
// through the steps of its script.
type call struct {
	g       *group
	n       int
	r       *rand.Rand
	legs    []*leg
	steps   []step
	next    int
	truth   callTruth
	traits  traits
	streams []*stream
	open    int        // streams and reporters that still send
	ports   []endpoint // to give back
	over    bool
	origin  *call // the call that referred to this one, or nil
}

// step is one thing that happens at a moment: a message on one hop, or an act.
type step struct {
	at  int64
	leg *leg
	msg *message
	hop int
	act func(e *engine, now int64)
}

// traits are what was drawn for a call.
type traits struct {
	v6, tcp, nat, b2bua, proxy, early, delayedOffer, prack, srtp, mux, fragment, copies bool
	dtx, dtmf, hold, recodec, update, refer, calleeHangsUp                              bool
	fail                                                                                string
	faults                                                                              []string
	codec                                                                               *codec
	ptime                                                                               int
	encap                                                                               *encapsulation
	delayA, delayB                                                                      time.Duration
}

func (t *traits) fault(name string) bool { return slices.Contains(t.faults, name) }

// draw decides what kind of call this is.
func (c *call) draw(e *engine) {
	g, r, t := c.g, c.r, &c.traits
	t.codec, t.ptime = g.codecs.pick(r), g.ptime.pick(r)
	t.encap = e.encaps[g.encap.pick(r)]
	t.delayA, t.delayB = g.delayA.pick(r), g.delayB.pick(r)
	t.fail = g.fail.pick(r)
	t.faults = g.faults.draw(r)
	for _, f := range []struct {
		set   *bool
		share percent
	}{
		{&t.v6, g.ipv6}, {&t.tcp, g.tcp}, {&t.nat, g.nat}, {&t.b2bua, g.b2bua}, {&t.proxy, g.proxy},
		{&t.early, g.early}, {&t.delayedOffer, g.delayedOffer}, {&t.prack, g.prack}, {&t.srtp, g.srtp},
		{&t.mux, g.rtcpMux}, {&t.fragment, g.fragment}, {&t.copies, g.copies}, {&t.dtx, g.dtx}, {&t.dtmf, g.dtmf},
		{&t.hold, g.hold}, {&t.recodec, g.recodec}, {&t.update, g.update}, {&t.refer, g.refer},
		{&t.calleeHangsUp, g.calleeHangsUp},
	} {
		*f.set = f.share.hit(r)
	}
	if t.fault("natoneway") {
		t.nat = true
	}
	t.nat = t.nat && !t.v6
	t.recodec = t.recodec && (t.codec.name == "pcmu" || t.codec.name == "pcma")
	t.refer = t.refer && !t.b2bua
	t.proxy = t.proxy && !t.b2bua
	t.fragment = t.fragment && !t.tcp
	if t.fault("codecmismatch") && t.codec.name != "pcmu" {
		t.faults = slices.DeleteFunc(t.faults, func(s string) bool { return s == "codecmismatch" })
	}
	if t.fail != "" && t.fail != "auth" {
		t.faults = slices.DeleteFunc(t.faults, func(s string) bool { return s != "retransmit" && s != "sipdscp" && s != "nosip" })
	}
}

// names lists the traits that are set, for the truth.
func (t *traits) names() []string {
	out := []string{}
	for _, f := range []struct {
		set  bool
		name string
	}{
		{t.v6, "ipv6"}, {t.nat, "nat"}, {t.b2bua, "b2bua"}, {t.proxy, "proxy"}, {t.early, "early_media"},
		{t.delayedOffer, "delayed_offer"}, {t.prack, "prack"}, {t.srtp, "srtp"}, {t.mux, "rtcp_mux"},
		{t.fragment, "fragment"}, {t.copies, "copies"}, {t.dtx, "dtx"}, {t.dtmf, "dtmf"}, {t.hold, "hold"},
		{t.recodec, "recodec"}, {t.update, "update"}, {t.refer, "refer"},
	} {
		if f.set {
			out = append(out, f.name)
		}
	}
	return out
}

// newCall draws call n of a group; transferor is the call that referred to it, or nil.
func newCall(e *engine, g *group, n int, transferor *call) *call {
	c := &call{g: g, n: n, r: e.random(g.id, 2, uint64(n)), origin: transferor}
	c.draw(e)
	if transferor != nil { // a plain call from the transferred party
		t := transferor.traits
		t.fail, t.refer, t.nat, t.hold, t.recodec, t.calleeHangsUp = "", false, false, false, false, false
		t.delayA, t.delayB, t.faults = t.delayB, t.delayA, nil
		c.traits = t
	}
	c.truth = callTruth{
		Type: "call", Call: n, Group: g.name, Transport: "UDP", Encapsulation: c.traits.encap.name,
		Faults: append([]string{}, c.traits.faults...), Traits: c.traits.names(), Events: []callEvent{}, Streams: []string{},
	}
	if transferor != nil {
		c.truth.TransferOf = &transferor.n
	}
	if c.traits.tcp {
		c.truth.Transport = "TCP"
	}
	return c
}

// begin writes the script and enters the call in the agenda.
func (c *call) begin(e *engine, now int64) {
	c.buildLegs(e)
	(&planner{c: c, e: e, now: now}).script()
	slices.SortStableFunc(c.steps, func(x, y step) int {
		switch {
		case x.at < y.at:
			return -1
		case x.at > y.at:
			return 1
		}
		return 0
	})
	e.add(c.steps[0].at, c)
}

// fire takes the next step.
func (c *call) fire(e *engine, now int64) int64 {
	s := &c.steps[c.next]
	c.next++
	if s.act != nil {
		s.act(e, now)
	} else {
		c.say(e, now, s)
	}
	if c.next < len(c.steps) {
		return max(now, c.steps[c.next].at)
	}
	c.over = true
	c.finish(e)
	return done
}

// say puts a message on the wire.
func (c *call) say(e *engine, now int64, s *step) {
	l, m := s.leg, s.msg
	if l.silent {
		return
	}
	down := (m.status == 0) != m.up
	h := s.hop
	if m.up {
		h = len(l.paths) - 1 - h
	}
	text := []byte(l.text(m, s.hop))
	e.totals.sip++
	c.truth.SIPMessages++
	switch {
	case l.paths[h].tcp != nil:
		l.paths[h].tcp.send(e, now, down, text)
	case down:
		l.paths[h].down.sendUDP(e, now, text)
	default:
		l.paths[h].up.sendUDP(e, now, text)
	}
}

// ended is called by a stream or reporter that has sent its last packet.
func (c *call) ended(e *engine) {
	c.open--
	c.finish(e)
}

// finish writes the truth of the call and its streams once all have ended.
func (c *call) finish(e *engine) {
	if !c.over || c.open > 0 {
		return
	}
	for _, p := range c.ports {
		e.releasePort(p)
	}
	for _, s := range c.streams {
		if s.tap.packets > 0 {
			c.truth.Streams = append(c.truth.Streams, fmt.Sprintf("0x%08x", s.ssrc))
			e.truth.write(s.truth())
		}
	}
	e.truth.write(&c.truth)
	c.steps, c.legs, c.streams = nil, nil, nil
}

// buildLegs makes the call's dialogs and places its agents.
func (c *call) buildLegs(e *engine) {
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
		h := &hop{down: c.path(a, b, proto, tos), up: c.path(b, a, proto, tos)}
		h.up.iface = e.ifaceTowards(true)
		if t.tcp {
			h.tcp = newConnection(h.down, h.up, c.r)
		}
		l.paths = append(l.paths, h)
	}
	return l
}

// path builds one direction.
func (c *call) path(src, dst endpoint, proto, tos uint8) *path {
	p := newPath(pathSpec{src: src, dst: dst, proto: proto, tos: tos, encap: c.traits.encap})
	p.copy = c.traits.copies
	return p
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
		originA: uint64(c.r.Uint32()), originB: uint64(c.r.Uint32()),
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
