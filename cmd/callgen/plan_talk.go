package main

import (
	"slices"
	"time"
)

// answered plans a call that is picked up: 200, ACK, what happens in between, BYE.
func (p *planner) answered() {
	p.ring()
	p.pickUp()
	talk := p.c.g.duration.draw(p.c.r)
	if p.c.route != nil {
		talk = p.c.route.talk(talk)
	}
	p.end = p.answer + int64(talk)
	p.middle(talk)
	p.now = max(p.now, p.end)
	p.end = p.now
	p.media()
	p.hangUp()
}

// pickUp plans 200 and ACK on every leg, and SDP where the offer put it.
func (p *planner) pickUp() {
	t := &p.c.traits
	p.backwards(func(l *leg) {
		p.answer = p.now
		p.respond(l, p.invites[l], 200, "OK", func(m *message) {
			m.extra = append([]string{"Allow: " + allowed}, l.respExtra...)
			m.body = l.media.description(false, t.delayedOffer, "sendrecv")
			m.ctype = typeOf(m.body)
		})
		p.fromCaller(l)
		body := ""
		if t.delayedOffer {
			body = l.media.description(true, false, "sendrecv")
		}
		p.ack(l, p.invites[l], true, body)
	})
	p.c.truth.Answer = stampPtr(p.e.tick(p.answer))
}

// middle plans what happens during the call, spread over its talk time.
func (p *planner) middle(talk time.Duration) {
	t := &p.c.traits
	at := func(share float64) int64 { return p.answer + int64(share*float64(talk)) }
	if t.fault("restart") {
		p.restart = at(0.45)
	}
	if t.dtmf {
		for i := range 1 + p.c.r.IntN(6) {
			p.keys = append(p.keys, at(0.1)+int64(i)*int64(500*time.Millisecond))
		}
		p.keys = slices.DeleteFunc(p.keys, func(k int64) bool { return k > at(0.3) && k > at(0.1) })
	}
	if t.hold && talk >= time.Second {
		p.holdFrom(at(0.35), at(0.55))
	}
	if t.recodec && talk >= time.Second {
		p.now = max(p.now, at(0.65))
		p.changeCodec()
	}
	if t.update {
		p.now = max(p.now, at(0.75))
		p.exchange("UPDATE", false, func(m *message) { m.extra = []string{"Session-Expires: 1800;refresher=uac"} }, nil)
	}
	if t.refer {
		p.now = max(p.now, at(0.9))
		p.transfer()
	}
}

// exchange plans a transaction inside the dialog over all legs: the request
// onwards from the side that begins it, the 200 back.
func (p *planner) exchange(method string, up bool, req, resp func(*message)) {
	p.exchangeOn(method, up, func(*leg) func(*message) { return req }, func(*leg) func(*message) { return resp })
}

func (p *planner) exchangeOn(method string, up bool, req, resp func(*leg) func(*message)) {
	legs := slices.Clone(p.c.legs)
	if up {
		slices.Reverse(legs)
	}
	sent := make([]*message, len(legs))
	for i, l := range legs {
		sent[i] = p.request(l, method, up, req(l))
		p.reaction(l, up)
	}
	for i := len(legs) - 1; i >= 0; i-- {
		p.respond(legs[i], sent[i], 200, "OK", resp(legs[i]))
		p.reaction(legs[i], !up)
		if method == "INVITE" {
			p.ack(legs[i], sent[i], true, "")
		}
	}
}

// reaction waits for the side that a message went to.
func (p *planner) reaction(l *leg, up bool) {
	if up {
		p.fromCaller(l)
		return
	}
	p.fromCallee(l)
}

// holdFrom plans a hold by either side and its end (RFC 3264 8.4): by sendonly
// with music, or inactive with silence both ways.
func (p *planner) holdFrom(from, to int64) {
	byCallee := p.c.r.IntN(3) == 0
	direction, answer := "sendonly", "recvonly"
	if p.c.r.IntN(2) == 0 {
		direction, answer = "inactive", "inactive"
	}
	p.now = max(p.now, from)
	p.reinvite(byCallee, direction, answer)
	begin := p.now
	p.now = max(p.now, to)
	p.reinvite(byCallee, "sendrecv", "sendrecv")
	for side := range p.pauses {
		holds := (side == 1) == byCallee
		if !holds || direction == "inactive" { // the one on hold is silent; the holder plays music
			p.pauses[side] = append(p.pauses[side], pause{begin, p.now})
		}
	}
	p.c.truth.Holds++
}

func (p *planner) reinvite(up bool, offer, answer string) {
	p.exchangeOn("INVITE", up,
		func(l *leg) func(*message) { return withSDP(l.media.description(!up, false, offer)) },
		func(l *leg) func(*message) { return withSDP(l.media.description(up, false, answer)) })
}

// changeCodec plans a re-INVITE that moves the call between PCMU and PCMA.
func (p *planner) changeCodec() {
	other := p.c.otherG711()
	for _, l := range p.c.legs {
		l.media.codec = other
	}
	p.reinvite(false, "sendrecv", "sendrecv")
	p.recodec = p.now
}

func (c *call) otherG711() *codec {
	name := "pcma"
	if c.traits.codec.name == "pcma" {
		name = "pcmu"
	}
	other, err := parseCodec(name)
	if err != nil {
		panic("callgen: " + err.Error()) // our own table lacks G.711
	}
	return other
}

// transfer plans a blind transfer by the caller (RFC 3515): REFER, 202, the
// callee's new call, and NOTIFY of its answer.
func (p *planner) transfer() {
	l := p.c.legs[0]
	refer := p.request(l, "REFER", false, func(m *message) {
		m.extra = []string{"Refer-To: <sip:" + transferUser + "@" + calleeDomain + ">", "Referred-By: <" + l.from.uri() + ">"}
	})
	p.fromCallee(l)
	p.respond(l, refer, 202, "Accepted", nil)
	p.c.truth.Transfers++
	p.c.steps = append(p.c.steps, step{at: p.now, act: func(e *engine, now int64) {
		n := e.calls
		e.calls++
		newCall(e, p.c.g, n, p.c).begin(e, now+int64(10*time.Millisecond))
	}})
	p.notify(l, "SIP/2.0 100 Trying\r\n", "active;expires=60")
	p.wait(p.c.g.ring.mean + 200*time.Millisecond)
	p.notify(l, "SIP/2.0 200 OK\r\n", "terminated;reason=noresource")
}

func (p *planner) notify(l *leg, frag, state string) {
	m := p.request(l, "NOTIFY", true, func(m *message) {
		m.extra = []string{"Event: refer", "Subscription-State: " + state}
		m.body, m.ctype = frag, "message/sipfrag;version=2.0"
	})
	p.fromCaller(l)
	p.respond(l, m, 200, "OK", nil)
	p.wait(p.processing())
}

// hangUp plans the BYE, or what goes wrong with it.
func (p *planner) hangUp() {
	t := &p.c.traits
	endedBy := "caller"
	if t.calleeHangsUp {
		endedBy = "callee"
	}
	switch {
	case t.fault("nobye"):
		p.finish("answered", 200, "timeout", 0)
		return
	case t.fault("nobyeanswer"):
		p.byeUnanswered(t.calleeHangsUp)
	default:
		p.exchange("BYE", t.calleeHangsUp, func(m *message) { m.extra = []string{`Reason: Q.850;cause=16;text="Normal call clearing"`} }, nil)
	}
	p.finish("answered", 200, endedBy, p.end)
}

// byeUnanswered plans a BYE that is repeated until Timer F (RFC 3261 17.1.2.2):
// at T1 and its doubles up to T2.
func (p *planner) byeUnanswered(up bool) {
	l := p.c.legs[0]
	if up {
		l = p.c.legs[len(p.c.legs)-1]
	}
	m := p.request(l, "BYE", up, nil)
	if l.transport == "TCP" {
		return
	}
	wait, total := 500*time.Millisecond, time.Duration(0)
	for total+wait < 32*time.Second {
		p.repeat(l, m, wait)
		total += wait
		wait = min(2*wait, 4*time.Second)
	}
}
