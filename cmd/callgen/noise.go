package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// background makes REGISTER and OPTIONS transactions beside the calls. It is an
// actor that fires once per transaction.
type background struct {
	g      *group
	method string
	rate   float64
	until  int64
	n      int
	r      *rand.Rand
}

// startBackground enters a group's background traffic, which lasts as long as
// its calls begin.
func startBackground(e *engine, g *group, from, until int64) {
	for i, b := range []*background{{method: "REGISTER", rate: g.register}, {method: "OPTIONS", rate: g.options}} {
		if b.rate == 0 {
			continue
		}
		b.g, b.until, b.r = g, until, e.random(g.id, 5, uint64(i))
		e.add(e.tick(from), b)
	}
}

func (b *background) fire(e *engine, now int64) int64 {
	if now > b.until {
		return done
	}
	b.transaction(e, now)
	b.n++
	return e.tick(now + 1 + int64(1e9*b.r.ExpFloat64()/b.rate))
}

// transaction writes one request and its answer; a REGISTER is challenged first.
func (b *background) transaction(e *engine, now int64) {
	c := &call{g: b.g, n: b.n, r: b.r, traits: traits{encap: e.encaps["none"]}}
	c.truth.Transport = "UDP"
	user := party{"", fmt.Sprintf("+1202555%04d", b.n%10000), callerDomain}
	phone := c.agent(e, b.g.callerAddr(b.n, false), callerAgents[b.n%len(callerAgents)])
	server := c.agent(e, b.g.serverAddr(0, false), "registrar/5.7")
	l := c.newLeg(e, []node{phone, server}, user, user)
	l.delayA, l.delayB = 10*time.Millisecond, serverDelay
	c.legs = []*leg{l}
	p := &planner{c: c, e: e, now: now}
	m := b.request(p, l, "")
	p.fromCallee(l)
	if b.method == "REGISTER" {
		nonce := token(b.r, 32)
		p.respond(l, m, 401, "Unauthorized", func(m *message) {
			m.extra = []string{fmt.Sprintf(`WWW-Authenticate: Digest realm="%s", nonce="%s", algorithm=MD5, qop="auth"`, callerDomain, nonce)}
		})
		p.fromCaller(l)
		m = b.request(p, l, fmt.Sprintf(`Authorization: Digest username="%s", realm="%s", nonce="%s", uri="sip:%s", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="%s"`,
			user.user, callerDomain, nonce, callerDomain, token(b.r, 32), token(b.r, 8)))
		p.fromCallee(l)
	}
	p.respond(l, m, 200, "OK", nil)
	for i := range c.steps {
		s := c.steps[i]
		e.add(s.at, deferred(func(e *engine, at int64) { c.say(e, at, &s) }))
	}
	e.truth.write(&transactionTruth{"transaction", b.method, l.callID, stamp(now), 200})
}

func (b *background) request(p *planner, l *leg, authorization string) *message {
	return p.request(l, b.method, false, func(m *message) {
		m.noTag, m.uri = true, "sip:"+callerDomain
		if b.method == "REGISTER" {
			m.extra = []string{"Expires: 3600"}
		}
		if authorization != "" {
			m.extra = append(m.extra, authorization)
		}
	})
}
