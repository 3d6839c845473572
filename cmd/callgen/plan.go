package main

import (
	"fmt"
	"time"
)

// planner writes a call's script: every SIP message with the moment at which it
// first passes the tap, and what the senders of media do meanwhile.
type planner struct {
	c       *call
	e       *engine
	now     int64
	answer  int64 // 200 to INVITE on the caller's leg; 0 while unanswered
	early   int64 // 183 with media
	end     int64 // BYE
	pauses  [2][]pause
	keys    []int64
	restart int64
	recodec int64
	invites map[*leg]*message
}

// script plans the whole call.
func (p *planner) script() {
	p.invites = map[*leg]*message{}
	p.c.truth.Start = stamp(p.e.tick(p.now))
	p.c.truth.EndedBy = "timeout"
	fail := p.c.traits.fail
	if fail == "unanswered" {
		p.unanswered()
		return
	}
	p.setup(fail == "auth" || fail == "authfail")
	if r := p.c.route; r != nil && r.refusal != nil {
		p.refuse(*r.refusal)
		return
	}
	if final, failed := failures[fail]; failed {
		p.refuse(final)
		return
	}
	if fail == "cancel" {
		p.cancel()
		return
	}
	p.answered()
}

// send plans a message on every hop of its leg: a request outwards from its
// sender, a response back.
func (p *planner) send(l *leg, m *message) {
	hops := len(l.paths)
	if m.hopBy {
		hops = 1
	}
	for i := range hops {
		hop := i
		if m.status != 0 {
			hop = hops - 1 - i
		}
		p.c.steps = append(p.c.steps, step{at: p.e.tick(p.now), leg: l, msg: m, hop: hop})
		if i == 0 {
			p.note(l, m)
		} else {
			p.now += int64(l.proxyDelay)
			p.c.steps[len(p.c.steps)-1].at = p.e.tick(p.now)
		}
	}
	if m.hopBy && len(l.paths) > 1 && m.status == 100 {
		p.trying(l, m)
	}
}

// trying plans 100 on the hops behind the first.
func (p *planner) trying(l *leg, m *message) {
	for hop := 1; hop < len(l.paths); hop++ {
		p.c.steps = append(p.c.steps, step{at: p.e.tick(p.now + 1000), leg: l, msg: m, hop: hop})
	}
}

// note enters the message in the truth.
func (p *planner) note(l *leg, m *message) {
	if l.silent {
		return
	}
	what := m.method
	if m.status != 0 {
		what = fmt.Sprintf("%d %s", m.status, m.method)
	}
	leg := 0
	for i, x := range p.c.legs {
		if x == l {
			leg = i
		}
	}
	p.c.truth.Events = append(p.c.truth.Events, callEvent{stamp(p.e.tick(p.now)), what, leg})
}

func (p *planner) wait(d time.Duration) { p.now += int64(d) }

// processing is how long an agent thinks: 1 to 5 ms.
func (p *planner) processing() time.Duration {
	return time.Millisecond + time.Duration(p.c.r.IntN(4000))*time.Microsecond
}

// fromCallee and fromCaller wait until the far agent's reaction is seen at the tap.
func (p *planner) fromCallee(l *leg) { p.wait(2*l.delayB + p.processing()) }
func (p *planner) fromCaller(l *leg) { p.wait(2*l.delayA + p.processing()) }

// request makes and plans a request of a new transaction.
func (p *planner) request(l *leg, method string, up bool, mod func(*message)) *message {
	cseq := &l.cseqA
	if up {
		cseq = &l.cseqB
	}
	*cseq++
	l.txn++
	m := &message{method: method, cseq: *cseq, up: up, txn: l.txn}
	if mod != nil {
		mod(m)
	}
	p.send(l, m)
	return m
}

// respond plans a response to a request.
func (p *planner) respond(l *leg, req *message, status int, reason string, mod func(*message)) {
	m := &message{
		method: req.method, status: status, reason: reason, cseq: req.cseq, up: req.up, txn: req.txn,
		uri: req.uri, noTag: req.noTag && status == 100,
	}
	m.hopBy = status == 100
	if mod != nil {
		mod(m)
	}
	p.send(l, m)
}

// ack plans the ACK of an INVITE: of a 2xx a transaction of its own, else part
// of the INVITE's (RFC 3261 17.1.1.3, 13.2.2.4).
func (p *planner) ack(l *leg, invite *message, success bool, body string) {
	m := &message{method: "ACK", cseq: invite.cseq, up: invite.up, txn: invite.txn, uri: invite.uri}
	if success {
		l.txn++
		m.txn, m.uri = l.txn, ""
	}
	m.body, m.ctype = body, typeOf(body)
	p.send(l, m)
}

func typeOf(body string) string {
	if body == "" {
		return ""
	}
	return "application/sdp"
}

// withSDP gives a message a session description.
func withSDP(body string) func(*message) {
	return func(m *message) { m.body, m.ctype = body, typeOf(body) }
}

// setup plans INVITE and 100 on every leg, with a challenge on the first if asked.
func (p *planner) setup(challenge bool) {
	for i, l := range p.c.legs {
		m := p.invite(l, "")
		if challenge && i == 0 {
			m = p.challenge(l, m)
		}
		if i == 0 && p.c.traits.fault("retransmit") && l.transport == "UDP" {
			p.repeat(l, m, 500*time.Millisecond) // T1, before any response
		}
		p.fromCallee(l)
		p.respond(l, m, 100, "Trying", nil)
		p.wait(time.Millisecond)
		p.invites[l] = m
	}
}

const allowed = "INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, UPDATE, PRACK"

// invite plans a leg's first INVITE.
func (p *planner) invite(l *leg, authorization string) *message {
	return p.request(l, "INVITE", false, func(m *message) {
		m.noTag = true
		m.uri = l.to.uri()
		m.extra = append([]string{"Allow: " + allowed}, l.extra...)
		if p.c.traits.prack {
			m.extra = append(m.extra, "Supported: 100rel")
		}
		if authorization != "" {
			m.extra = append(m.extra, authorization)
		}
		if !p.c.traits.delayedOffer {
			m.body = l.media.description(true, true, "sendrecv")
			m.ctype = typeOf(m.body)
		}
	})
}

// challenge plans 407, its ACK, and the INVITE again with credentials.
func (p *planner) challenge(l *leg, first *message) *message {
	nonce := token(p.c.r, 32)
	p.fromCallee(l)
	p.respond(l, first, 407, "Proxy Authentication Required", func(m *message) {
		m.extra = []string{fmt.Sprintf(`Proxy-Authenticate: Digest realm="%s", nonce="%s", algorithm=MD5, qop="auth"`, calleeDomain, nonce)}
	})
	p.fromCaller(l)
	p.ack(l, first, false, "")
	p.wait(p.processing())
	p.c.truth.Challenged = true
	return p.invite(l, fmt.Sprintf(`Proxy-Authorization: Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="%s"`,
		l.from.user, calleeDomain, nonce, l.to.uri(), token(p.c.r, 32), token(p.c.r, 8)))
}

// repeat plans the same request once more, after a timer.
func (p *planner) repeat(l *leg, m *message, after time.Duration) {
	p.now += int64(after)
	p.send(l, m)
	if !l.silent {
		p.c.truth.Retransmissions++
	}
}

// backwards visits the legs from the callee's, as responses pass them.
func (p *planner) backwards(f func(l *leg)) {
	for i := len(p.c.legs) - 1; i >= 0; i-- {
		f(p.c.legs[i])
		p.wait(time.Millisecond)
	}
}

// ring plans 180, or 183 with early media, and the time until somebody decides.
func (p *planner) ring() {
	t := &p.c.traits
	p.wait(time.Duration(20+p.c.r.IntN(80)) * time.Millisecond)
	if p.c.route != nil {
		p.wait(p.c.route.pdd)
		p.c.route.rang = p.now
	}
	p.backwards(func(l *leg) {
		p.c.truth.Ringing = stampPtr(p.e.tick(p.now))
		inv := p.invites[l]
		status, reason := 180, "Ringing"
		body := ""
		if t.early && !t.delayedOffer {
			status, reason = 183, "Session Progress"
			body = l.media.description(false, false, "sendrecv")
			p.early = p.now
		}
		p.respond(l, inv, status, reason, func(m *message) {
			m.extra = append(m.extra, l.respExtra...)
			m.body, m.ctype = body, typeOf(body)
			if t.prack {
				m.extra = append(m.extra, "Require: 100rel", "RSeq: 1")
			}
		})
		if t.prack {
			p.prack(l, inv)
		}
	})
	p.wait(p.c.g.ring.draw(p.c.r))
}

// prack plans the acknowledgement of a reliable provisional response (RFC 3262).
func (p *planner) prack(l *leg, inv *message) {
	p.fromCaller(l)
	m := p.request(l, "PRACK", false, func(m *message) {
		m.extra = []string{fmt.Sprintf("RAck: 1 %d INVITE", inv.cseq)}
	})
	p.fromCallee(l)
	p.respond(l, m, 200, "OK", nil)
}
