package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// registrar makes the REGISTER transactions of a site's phones, each challenged
// once; storms make them come many times as often. It is an actor that fires at
// the highest rate and lets chances pass.
type registrar struct {
	w      *siteWorld
	g      *group
	p      *premises
	r      *rand.Rand
	storms []*fault
	bars   []*fault // that refuse
	most   float64  // factor of all storms together
	n      int
}

func (f *fault) hasPlace(p *premises) bool { return slices.Contains(f.places, p) }

func (x *registrar) next(e *engine, now int64) int64 {
	mean := float64(x.p.registerEvery) / float64(x.p.phones) / x.most
	return e.tick(now + 1 + int64(x.r.ExpFloat64()*mean))
}

func (x *registrar) fire(e *engine, now int64) int64 {
	if now >= x.w.end {
		return done
	}
	factor := 1.0
	var storm *fault
	for _, f := range x.storms {
		if f.when.open(now) {
			factor *= f.storm
			storm = f
		}
	}
	if v := x.r.Float64() * x.most; v < factor {
		last := x.register(e, now)
		if v >= 1 { // not one of those that come anyway
			storm.account.hit(now)
			storm.account.hit(last)
			storm.account.transactions++
			storm.account.note(last, x.p.segment())
		}
	}
	return x.next(e, now)
}

// register writes one REGISTER, its challenge, and the REGISTER with
// credentials; it returns the time of the answer.
func (x *registrar) register(e *engine, now int64) int64 {
	x.n++
	phone := x.r.IntN(x.p.phones)
	c := &call{g: x.g, n: x.n, r: x.r, traits: traits{encap: e.encaps["none"]}}
	c.truth.Transport = "UDP"
	user := (&route{place: x.p, phone: phone}).user()
	from := c.agent(e, place(x.p.net, phone, false, 0), x.p.agents.pick(x.r))
	l := c.newLeg(e, []node{from, c.agent(e, x.w.sbcFor(phone), x.w.agentOf("sbc", sbcAgent, now))}, user, user)
	l.delayA, l.delayB = x.p.delay, serverDelay
	c.legs = []*leg{l}
	p := &planner{c: c, e: e, now: now}
	realm := x.p.domain
	first := p.request(l, "REGISTER", false, x.bare(realm, ""))
	p.fromCallee(l)
	nonce := token(x.r, 32)
	p.respond(l, first, 401, "Unauthorized", func(m *message) {
		m.extra = []string{fmt.Sprintf(`WWW-Authenticate: Digest realm="%s", nonce="%s", algorithm=MD5, qop="auth"`, realm, nonce)}
	})
	p.fromCaller(l)
	credentials := fmt.Sprintf(`Authorization: Digest username="%s", realm="%s", nonce="%s", uri="sip:%s", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="%s"`,
		user.user, realm, nonce, realm, token(x.r, 32), token(x.r, 8))
	second := p.request(l, "REGISTER", false, x.bare(realm, credentials))
	p.fromCallee(l)
	status := x.answer(p, l, second)
	for i := range c.steps {
		s := c.steps[i]
		e.add(s.at, deferred(func(e *engine, at int64) { c.say(e, at, &s) }))
	}
	e.truth.write(&transactionTruth{"transaction", "REGISTER", l.callID, stamp(now), status})
	return e.tick(p.now)
}

// answer plans the final response: 200, or the refusal of a fault that is at work.
func (x *registrar) answer(p *planner, l *leg, request *message) int {
	for _, f := range x.bars {
		if f.when.open(p.now) && f.share.hit(x.r) {
			at := p.e.tick(p.now)
			f.account.hit(at)
			f.account.transactions++
			f.account.note(at, x.p.segment())
			p.respond(l, request, f.barred, "Refused", nil)
			return f.barred
		}
	}
	p.respond(l, request, 200, "OK", nil)
	return 200
}

func (x *registrar) bare(domain, authorization string) func(*message) {
	return func(m *message) {
		m.noTag, m.uri = true, "sip:"+domain
		m.extra = []string{fmt.Sprintf("Expires: %d", 2*x.p.registerEvery/time.Second)}
		if authorization != "" {
			m.extra = append(m.extra, authorization)
		}
	}
}
