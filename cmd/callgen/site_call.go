package main

import (
	"fmt"
	"net/netip"
	"time"
)

// route is the way of one call of a site scenario: from a site's phone over the
// SBC to a trunk, or back; and what the faults made of it.
type route struct {
	w       *siteWorld
	place   *premises
	trunk   *trunk
	inbound bool // from the trunk to the site
	phone   int
	agent   string
	codec   *codec
	ssrc    [2]uint32 // of the caller's and the callee's voice; the SBC keeps them
	truth   *routeTruth

	member, struck    []bool // by fault: the call is of its share; it was touched
	refusal           *refusal
	pdd, short        time.Duration
	refusedBy         *fault
	slowedBy, cutBy   *fault
	silent, delayed   []*fault
	marked            []*fault
	start, answer     int64
	rang, end         int64
	originals, relays [2]*stream // by voice
}

// routeTruth is a call's way in the truth file.
type routeTruth struct {
	Site      string   `json:"site"`
	Trunk     string   `json:"trunk"`
	Inbound   bool     `json:"inbound"`
	UserAgent string   `json:"user_agent"`
	Segments  []string `json:"segments"`
	Faults    []string `json:"faults"`
}

// startSiteCall begins one call of a site scenario.
func startSiteCall(e *engine, g *group, r *route, now int64) {
	c := newCall(e, g, e.calls, nil)
	e.calls++
	c.route = r
	r.phone, r.agent = c.r.IntN(r.place.phones), r.place.agents.pick(c.r)
	r.ssrc = [2]uint32{c.r.Uint32(), c.r.Uint32()}
	switch {
	case r.trunk.codecs != nil:
		c.traits.codec = r.trunk.codecs.pick(c.r)
	case r.place.codecs != nil:
		c.traits.codec = r.place.codecs.pick(c.r)
	}
	r.codec, r.start = c.traits.codec, now
	r.truth = &routeTruth{r.place.name, r.trunk.name, r.inbound, r.agent, []string{r.place.segment(), r.trunk.name}, []string{}}
	c.truth.Group, c.truth.Route = "", r.truth
	r.strike(e, c, now)
	if r.refusal != nil {
		c.traits.fail = ""
	}
	c.begin(e, now)
}

// trunkSide reports whether a leg is the one between SBC and trunk.
func (r *route) trunkSide(leg int) bool { return (leg == 1) != r.inbound }

// parties are the ends of a call, the phone's number always the same.
func (r *route) parties(c *call) (from, to party) {
	outside := party{"", fmt.Sprintf("+4930555%05d", c.r.IntN(100000)), r.trunk.domain}
	if r.inbound {
		return outside, r.user()
	}
	return r.user(), outside
}

func (r *route) user() party {
	a := place(r.place.net, r.phone, false, 0).As4()
	return party{"", fmt.Sprintf("+1202%02d%03d%03d", a[1]%100, a[2], a[3]), r.place.domain}
}

// buildSiteLegs makes the two dialogs of a call over the SBC.
func (c *call) buildSiteLegs(e *engine) {
	r := c.route
	phone := c.agent(e, place(r.place.net, r.phone, false, 0), r.agent)
	gateway := c.agent(e, place(r.trunk.net, c.n%r.trunk.gateways, false, 0), r.w.agentOf(r.trunk.name, gatewayAgent, r.start))
	sbc := c.agent(e, r.w.sbcs[c.n%len(r.w.sbcs)], r.w.agentOf("sbc", sbcAgent, r.start))
	caller, callee := phone, gateway
	if r.inbound {
		caller, callee = gateway, phone
	}
	from, to := r.parties(c)
	c.truth.From, c.truth.To = from.uri(), to.uri()
	id := token(c.r, 32)
	for i, ns := range [][]node{{caller, sbc}, {sbc, callee}} {
		l := c.newLeg(e, ns, from, to)
		far := r.farDelay(i)
		l.delayA, l.delayB = far, serverDelay
		if i == 1 {
			l.delayA, l.delayB = serverDelay, far
		}
		c.link(l, i, id)
		l.media = c.newSession(e, l)
		c.legs = append(c.legs, l)
		c.truth.CallIDs = append(c.truth.CallIDs, l.callID)
	}
}

// leastTalk is the shortest talk of a call that no fault cuts short.
const leastTalk = 4 * time.Second

func (r *route) talk(drawn time.Duration) time.Duration {
	if r.short > 0 {
		return min(drawn, r.short)
	}
	return max(drawn, leastTalk)
}

// farDelay is the one-way delay between the tap and a leg's far end.
func (r *route) farDelay(leg int) time.Duration {
	d := r.place.delay
	if r.trunkSide(leg) {
		d = r.trunk.delay
	}
	for _, f := range r.delayed {
		if f.atTrunk == r.trunkSide(leg) {
			d += f.delay
		}
	}
	return d
}

// startRegistrar enters the registrations of a site's phones.
func startRegistrar(e *engine, w *siteWorld, g *group, p *premises, n int) {
	x := &registrar{w: w, g: g, p: p, r: e.random(g.id, 11, uint64(n)), most: 1}
	for i, f := range w.faults {
		if f.storm > 0 && f.hasPlace(p) {
			x.storms = append(x.storms, w.faults[i])
			x.most *= f.storm
		}
		if f.barred > 0 && f.hasPlace(p) {
			x.bars = append(x.bars, w.faults[i])
		}
	}
	e.add(e.tick(w.start), deferred(func(e *engine, now int64) { e.add(x.next(e, now), x) }))
}

// sbcFor is the SBC's address that a phone registers with.
func (w *siteWorld) sbcFor(n int) netip.Addr { return w.sbcs[n%len(w.sbcs)] }
