package main

import (
	"fmt"
	"slices"
	"time"
)

// faults checks the faults.
func (c *siteCompiler) faults() {
	taken := map[string]bool{}
	for i := range c.s.Faults {
		s := &c.s.Faults[i]
		c.name("fault", s.Name, taken)
		f := &fault{name: s.Name, index: uint64(i), spec: s, dscp: -1, jitter: jitterModel{kind: "none"}, late: jitterModel{kind: "none"}}
		p := &faultParser{siteCompiler: c, f: f, s: s}
		for _, part := range []func(){p.what, p.whatOfCalls, p.kind, p.where, p.filter, p.outcome} {
			if part(); c.err != nil {
				return
			}
		}
		f.when = c.window(p.key(""), &s.When)
		c.w.faults = append(c.w.faults, f)
	}
}

// faultParser reads one fault.
type faultParser struct {
	*siteCompiler
	f *fault
	s *faultSpec
}

func (p *faultParser) key(part string) string { return fmt.Sprintf("fault %q%s", p.s.Name, part) }

// what reads the harm that is done to packets.
func (p *faultParser) what() {
	w, f := &p.s.What, p.f
	var err error
	if w.Loss != "" {
		if f.loss, err = parseLoss(w.Loss); err != nil {
			p.failf("%s: %w", p.key(": loss"), err)
		}
	}
	if w.Jitter != "" {
		if f.jitter, err = parseJitter(w.Jitter); err != nil {
			p.failf("%s: %w", p.key(": jitter"), err)
		}
	}
	if w.Late != "" {
		if f.late, err = parseJitter(w.Late); err != nil || f.late.kind != "spikes" {
			p.failf("%s %q: want spikes(ms,p%%)", p.key(": late"), w.Late)
		}
	}
	if w.Delay != "" {
		f.delay = p.delay(p.key(": delay"), w.Delay, "")
		if slowest := f.delay + 100*time.Millisecond; p.w.traffic.rtcp != 0 && p.w.traffic.rtcp < 3*slowest {
			p.failf("%s %s: want a media.rtcp of at least %s", p.key(": delay"), w.Delay, 3*slowest)
		}
	}
	f.oneWay, f.noMedia, f.mismatch = w.OneWay, w.NoMedia, w.CodecMismatch
	if w.DSCP != nil {
		if f.dscp = *w.DSCP; f.dscp < 0 || f.dscp > 63 {
			p.failf("%s %d: want 0 to 63", p.key(": dscp"), f.dscp)
		}
	}
}

// whatOfCalls reads the harm that is done to calls and registrations.
func (p *faultParser) whatOfCalls() {
	w, f := &p.s.What, p.f
	if w.Reject != 0 {
		if w.Reject < 400 || w.Reject > 699 {
			p.failf("%s %d: want a status of 400 to 699", p.key(": reject"), w.Reject)
		}
		f.refusal = &refusal{status: w.Reject, reason: "Refused", disposition: dispositionOf(w.Reject)}
	}
	if w.PDD != "" {
		if f.pdd = p.duration(p.key(": pdd"), w.PDD, ""); f.pdd > 25*time.Second {
			p.failf("%s %q: want at most 25s, or the caller's timer ends the call", p.key(": pdd"), w.PDD)
		}
	}
	if w.ShortCalls != "" {
		f.short = p.duration(p.key(": short-calls"), w.ShortCalls, "")
	}
	if f.barred = w.RegisterReject; f.barred != 0 && (f.barred < 400 || f.barred > 699 || f.barred == 401 || f.barred == 407) {
		p.failf("%s %d: want a status of 400 to 699, no challenge", p.key(": register-reject"), f.barred)
	}
	if f.storm = w.RegisterStorm; f.storm != 0 && !(f.storm > 1 && f.storm <= 1e5) {
		p.failf("%s %g: want a factor above 1, up to 1e5", p.key(": register-storm"), f.storm)
	}
}

// dispositionOf names how a call with a final status came out.
func dispositionOf(status int) string {
	for _, r := range failures {
		if r.status == status {
			return r.disposition
		}
	}
	switch status {
	case 600:
		return "busy"
	case 607, 608:
		return "rejected"
	}
	return "failed"
}

// kind tells faults of packets from those of calls.
func (p *faultParser) kind() {
	f := p.f
	packets := f.loss.p > 0 || f.jitter.kind != "none" || f.late.kind != "none"
	f.answered = f.oneWay || f.noMedia || f.mismatch || f.dscp >= 0 || f.delay > 0 || f.short > 0
	f.perCall = f.answered || f.refusal != nil || f.pdd > 0
	f.answered = f.answered || packets
	ofPhones := f.storm != 0 || f.barred != 0
	if !packets && !f.perCall && !ofPhones {
		p.failf("%s: what is wrong? want some of loss, jitter, late, delay, one-way, no-media, dscp, codec-mismatch, reject, pdd, short-calls, register-storm, register-reject", p.key(""))
	}
	if ofPhones && !slices.ContainsFunc(p.w.places, func(s *premises) bool { return s.registerEvery > 0 }) {
		p.failf("%s: no site has register-every", p.key(": register-storm, register-reject"))
	}
}

// where reads the segments.
func (p *faultParser) where() {
	s, f := &p.s.Where, p.f
	at := s.At
	if at == "" && (len(s.Trunk) > 0) != (len(s.Site) > 0 || s.Group != "" || f.storm != 0 || f.barred != 0) {
		at = "access"
		if len(s.Trunk) > 0 {
			at = "trunk"
		}
	}
	if err := oneOf(p.key(": where.at"), at, []string{"access", "trunk"}); err != nil {
		p.failf("%w", err)
		return
	}
	f.atTrunk = at == "trunk"
	for _, name := range s.Site {
		f.places = append(f.places, find(p.siteCompiler, p.key(": where.site"), name, p.w.places, func(s *premises) string { return s.name }))
	}
	for _, one := range p.w.places {
		if s.Group == "" && len(s.Site) == 0 || s.Group != "" && one.group == s.Group {
			f.places = append(f.places, one)
		}
	}
	if len(f.places) == 0 {
		p.failf("%s %q: no site is in this group", p.key(": where.group"), s.Group)
	}
	for _, name := range s.Trunk {
		f.trunks = append(f.trunks, find(p.siteCompiler, p.key(": where.trunk"), name, p.w.trunks, func(t *trunk) string { return t.name }))
	}
	if len(s.Trunk) == 0 {
		f.trunks = p.w.trunks
	}
}

// filter reads what narrows the traffic further.
func (p *faultParser) filter() {
	s, f := &p.s.Where, p.f
	if s.Codec != "" {
		x, err := parseCodec(s.Codec)
		if err != nil {
			p.failf("%s: %w", p.key(": where.codec"), err)
		}
		f.codec = x
	}
	f.agent = s.UserAgent
	f.direction = or(s.Direction, bothWays)
	if f.oneWay {
		f.direction = or(s.Direction, fromPeer)
	}
	if err := oneOf(p.key(": where.direction"), f.direction, []string{fromPeer, toPeer, bothWays}); err != nil {
		p.failf("%w", err)
	}
	if f.oneWay && f.direction == bothWays {
		p.failf("%s: one-way wants a direction, from_peer or to_peer; no-media is both", p.key(": where.direction"))
	}
	if (f.dscp >= 0 || f.mismatch) && f.direction == toPeer {
		p.failf("%s: marks and codecs that change behind the tap cannot be seen: want from_peer or both", p.key(": where.direction"))
	}
	p.set(p.key(": where.share"), or(s.Share, "100%"), &f.share)
}

// outcome reads who answers for the fault and what should come of it.
func (p *faultParser) outcome() {
	f := p.f
	f.owner = p.s.Owner
	for _, s := range f.segments() {
		if p.s.Owner == "" && f.owner != "" && f.owner != s.owner {
			p.failf("%s: its segments have several owners: want owner", p.key(""))
		}
		f.owner = or(f.owner, s.owner)
	}
	f.severity = p.s.Severity
	if err := oneOf(p.key(": severity"), or(f.severity, "low"), []string{"critical", "high", "medium", "low"}); err != nil {
		p.failf("%w", err)
	}
	f.expect = or(p.s.Expect, "case")
	if err := oneOf(p.key(": expect"), f.expect, []string{"case", "none"}); err != nil {
		p.failf("%w", err)
	}
}
