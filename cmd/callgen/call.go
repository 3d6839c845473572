package main

import (
	"fmt"
	"math/rand/v2"
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
	origin  *call  // the call that referred to this one, or nil
	route   *route // of a site scenario, or nil
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

// drop takes back a fault that this call cannot have.
func (t *traits) drop(name string) {
	t.faults = slices.DeleteFunc(t.faults, func(s string) bool { return s == name })
}

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
	if t.v6 {
		t.drop("natoneway")
	}
	t.nat = !t.v6 && (t.nat || t.fault("natoneway"))
	t.recodec = t.recodec && c.isG711()
	t.refer = t.refer && !t.b2bua
	t.proxy = t.proxy && !t.b2bua
	t.fragment = t.fragment && !t.tcp
	if t.fault("codecmismatch") && t.codec.name != "pcmu" {
		t.drop("codecmismatch")
	}
	if t.fail != "" && t.fail != "auth" {
		t.faults = slices.DeleteFunc(t.faults, func(s string) bool { return s != "retransmit" && s != "sipdscp" && s != "nosip" })
	}
}

// isG711 reports whether the call agreed on one of G.711's laws.
func (c *call) isG711() bool { return c.traits.codec.name == "pcmu" || c.traits.codec.name == "pcma" }

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
	p := &planner{c: c, e: e, now: now}
	p.script()
	if c.route != nil {
		c.route.note(p)
		c.route.answer, c.route.end = p.answer, max(p.end, p.answer, c.route.start)
	}
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
	if c.route != nil {
		c.route.closed(c)
	}
	e.truth.write(&c.truth)
	c.steps, c.legs, c.streams = nil, nil, nil
}
