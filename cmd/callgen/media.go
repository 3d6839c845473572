package main

import (
	"fmt"
	"time"
)

// media plans the RTP streams and RTCP of every leg.
func (p *planner) media() {
	for i, l := range p.c.legs {
		if p.c.traits.fault("nomedia") {
			return
		}
		m := &mediaPlan{planner: p, leg: l, index: i}
		m.plan()
	}
	if p.c.route != nil {
		p.c.route.orphans(p.c)
	}
}

// mediaPlan makes the two streams of one leg.
type mediaPlan struct {
	*planner
	leg   *leg
	index int
	specs [2][]streamSpec // from the caller's side, from the callee's
	froms [2]int64
	tills [2]int64
}

// plan sets when each side sends, on its own clock: the callee from its 200 (or
// 183), the caller from when that arrived, until the BYE is sent or received.
func (m *mediaPlan) plan() {
	t, l := &m.c.traits, m.leg
	m.froms[0] = m.answer + int64(l.delayA+m.jitteredStart())
	m.froms[1] = m.answer - int64(l.delayB) + int64(m.jitteredStart())
	if m.early != 0 {
		m.froms[1] = m.early - int64(l.delayB) + int64(m.jitteredStart())
	}
	m.froms[1] = max(m.froms[1], m.e.now)
	if t.nat { // the far side learns the caller's address from its first packet
		m.froms[1] = max(m.froms[1], m.froms[0]+int64(l.delayA+l.delayB)+int64(5*time.Millisecond))
	}
	if t.fault("latemedia") {
		m.froms[1] += int64(3 * time.Second)
	}
	m.tills = [2]int64{m.end - int64(l.delayA), m.end + int64(l.delayB)}
	if t.calleeHangsUp {
		m.tills = [2]int64{m.end + int64(l.delayA), m.end - int64(l.delayB)}
	}
	for side := range m.specs {
		m.side(side)
	}
	m.schedule()
}

func (m *mediaPlan) jitteredStart() time.Duration {
	return time.Duration(2000+m.c.r.IntN(15000)) * time.Microsecond
}

// side makes one side's stream, or none, or two where the SSRC changes.
func (m *mediaPlan) side(side int) {
	t := &m.c.traits
	if r := m.c.route; r != nil && r.muted(side) {
		return
	}
	if side == 1 && t.fault("oneway") || m.froms[side] >= m.tills[side] {
		return
	}
	s := m.spec(side)
	if t.fault("ssrcchange") && side == 0 {
		cut := (m.froms[side] + m.tills[side]) / 2
		first := s
		first.plan.to = cut
		m.specs[side] = append(m.specs[side], first)
		s = m.spec(side)
		s.plan.from = cut + int64(s.ptimeMS)*int64(time.Millisecond)
	}
	m.specs[side] = append(m.specs[side], s)
}

// spec draws one stream.
func (m *mediaPlan) spec(side int) streamSpec {
	t, g, r, ms := &m.c.traits, m.c.g, m.c.r, m.leg.media
	s := streamSpec{
		codec: t.codec, announced: t.codec.encoding, ptimeMS: t.ptime,
		near: m.leg.delayA, far: m.leg.delayB, src: ms.a, dst: ms.b, callerSide: side == 0,
		loss: g.loss.pick(r), lossAfter: g.lossAfter.pick(r), jitter: g.jitter.pick(r),
		reorder: g.reorder.pick(r), duplicate: g.duplicate.pick(r),
		dtx: t.dtx, srtp: t.srtp, dscp: tosEF >> 2, ssrc: r.Uint32(),
		reporting: g.rtcp > 0 && !t.srtp,
		plan:      speechPlan{from: m.froms[side], to: m.tills[side], pauses: m.pauses[side]},
	}
	if side == 1 {
		s.src, s.dst, s.near, s.far = ms.b, ms.a, s.far, s.near
	} else {
		s.plan.keys = m.keys
	}
	if m.recodec != 0 {
		s.plan.recodecAt, s.plan.recodec = m.recodec, m.c.otherG711()
	}
	m.harm(&s, side)
	if m.c.route != nil {
		m.siteStream(&s, side)
	}
	return s
}

// harm applies the call's faults to a stream.
func (m *mediaPlan) harm(s *streamSpec, side int) {
	t, r, ms := &m.c.traits, m.c.r, m.leg.media
	if t.fault("dscp") && side == 0 {
		s.dscp = 0
	}
	if t.fault("codecmismatch") && side == 1 {
		s.codec = m.c.otherG711()
	}
	if t.fault("ptimemismatch") && side == 1 && s.ptimeMS*2 <= 120 {
		s.ptimeMS *= 2
	}
	if t.fault("skew") && side == 1 {
		s.skewPPM = float64(200 + r.IntN(300))
		if r.IntN(2) == 0 {
			s.skewPPM = -s.skewPPM
		}
	}
	if t.fault("restart") && side == 1 {
		s.plan.restartAt = m.restart
	}
	if t.fault("natoneway") && side == 1 && ms.hostA != ms.a.ip.String() { // sent to where nobody is: the announced private address
		s.dst = endpoint{m.e.host(ms.privateAddr()), ms.portA}
		s.unheard = true
	}
}

// schedule enters streams and reporters as steps of the call.
func (m *mediaPlan) schedule() {
	var last [2]*stream
	for side, specs := range m.specs {
		for i := range specs {
			s := specs[i]
			st := newStream(m.e, m.c, s, *m.e.source(m.c.g.id, 3, uint64(m.c.n), uint64(m.index*4+side*2+i)))
			m.c.path(&st.path, s.src, s.dst, protoUDP, s.dscp<<2)
			st.path.iface = m.e.ifaceTowards(side == 1)
			m.c.open++
			m.c.streams = append(m.c.streams, st)
			if s.keep {
				st.path.keep = len(st.path.hdr) + rtpHeaderLen
			}
			if m.c.route != nil {
				m.c.route.adopt(st, side)
			}
			if !s.relayed {
				m.c.steps = append(m.c.steps, step{at: s.plan.from, act: func(e *engine, _ int64) { st.start(e) }})
			}
			last[side] = st
		}
	}
	if m.c.g.rtcp == 0 || m.c.traits.srtp {
		return
	}
	for side := range last {
		m.report(side, last)
	}
}

// report enters one side's RTCP.
func (m *mediaPlan) report(side int, streams [2]*stream) {
	if streams[0] == nil && streams[1] == nil || m.froms[side] >= m.tills[side] {
		return
	}
	ms, r := m.leg.media, m.c.r
	from, to, delay := ms.a, ms.b, m.leg.delayA
	if side == 1 {
		from, to, delay = ms.b, ms.a, m.leg.delayB
	}
	if streams[side] != nil {
		to = streams[side].dst // where it believes the other to be
	}
	if !ms.mux {
		from.port++
		to.port++
	}
	rep := &reporter{
		call: m.c,
		out:  streams[side], in: streams[1-side], ssrc: r.Uint32(),
		cname: fmt.Sprintf("%s@%s", token(r, 8), from.ip), delay: delay, interval: m.c.g.rtcp,
		until: m.tills[side], xr: m.c.g.xr, roundTrip: 2 * (m.leg.delayA + m.leg.delayB),
		r: m.e.random(m.c.g.id, 4, uint64(m.c.n), uint64(m.index*2+side)),
	}
	if rep.out != nil {
		rep.ssrc = rep.out.ssrc
	}
	m.c.path(&rep.path, from, to, protoUDP, tosEF)
	rep.path.iface = m.e.ifaceTowards(side == 1)
	m.c.open++
	begin := max(m.froms[side], m.e.now)
	m.c.steps = append(m.c.steps, step{at: begin, act: func(e *engine, now int64) { rep.start(e, now) }})
}
