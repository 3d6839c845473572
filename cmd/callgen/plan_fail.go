package main

import "time"

// refusal is a final response that ends an INVITE.
type refusal struct {
	status      int
	reason      string
	disposition string
	rings       bool
	extra       []string
}

// failures are the calls that end with a refusal, by the name that -fail uses.
var failures = map[string]refusal{
	"busy":        {486, "Busy Here", "busy", false, nil},
	"noanswer":    {480, "Temporarily Unavailable", "no_answer", true, nil},
	"timeout":     {408, "Request Timeout", "no_answer", true, nil},
	"reject":      {603, "Decline", "rejected", true, nil},
	"notfound":    {404, "Not Found", "failed", false, nil},
	"unavailable": {503, "Service Unavailable", "failed", false, []string{"Retry-After: 30"}},
	"redirect":    {302, "Moved Temporarily", "redirected", false, []string{"Contact: <sip:+4930555999@192.0.2.99>"}},
	"authfail":    {403, "Forbidden", "rejected", false, nil},
}

// refuse plans a final response on every leg, from the callee's back.
func (p *planner) refuse(f refusal) {
	if f.rings {
		p.ring()
	}
	p.wait(p.processing())
	p.backwards(func(l *leg) {
		p.end = p.now
		p.respond(l, p.invites[l], f.status, f.reason, func(m *message) { m.extra = f.extra })
		p.fromCaller(l)
		p.ack(l, p.invites[l], false, "")
	})
	p.finish(f.disposition, f.status, "callee", p.end)
}

// cancel plans a caller who gives up while it rings (RFC 3261 9).
func (p *planner) cancel() {
	p.ring()
	p.end = p.now
	for _, l := range p.c.legs {
		inv := p.invites[l]
		m := &message{method: "CANCEL", cseq: inv.cseq, txn: inv.txn, uri: inv.uri, noTag: true}
		p.send(l, m)
		p.fromCallee(l)
		p.respond(l, m, 200, "OK", nil)
		p.wait(time.Millisecond)
	}
	p.backwards(func(l *leg) {
		p.respond(l, p.invites[l], 487, "Request Terminated", nil)
		p.fromCaller(l)
		p.ack(l, p.invites[l], false, "")
	})
	p.finish("cancelled", 487, "caller", p.end)
}

// unanswered plans an INVITE that nobody answers: retransmitted at T1 and its
// doubles until Timer B (RFC 3261 17.1.1.2).
func (p *planner) unanswered() {
	l := p.c.legs[0]
	m := p.invite(l, "")
	for d := 500 * time.Millisecond; d <= 16*time.Second; d *= 2 {
		if l.transport == "TCP" {
			break // a reliable transport repeats nothing
		}
		p.repeat(l, m, d)
	}
	p.finish("failed", 0, "timeout", 0)
}

// finish completes the truth of a call's end; no end is known where end is 0.
func (p *planner) finish(disposition string, status int, endedBy string, end int64) {
	t := &p.c.truth
	t.Disposition, t.EndedBy = disposition, endedBy
	if status != 0 {
		t.FinalStatus = &status
	}
	if end != 0 {
		t.End = stampPtr(p.e.tick(end))
	}
	for _, l := range p.c.legs {
		for _, h := range l.paths {
			if h.tcp != nil {
				p.c.steps = append(p.c.steps, step{at: p.now + int64(50*time.Millisecond), act: func(e *engine, now int64) { h.tcp.close(e, now) }})
			}
		}
	}
}
