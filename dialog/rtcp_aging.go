package dialog

// ageRTCP forgets who has said nothing for long. Each entry is looked at once
// in rtcpIdle, so the work is proportional to the entries and never a scan.
func (m *media) ageRTCP(at int64) {
	for m.agingHead < len(m.aging) && m.aging[m.agingHead].look <= at {
		a := m.aging[m.agingHead]
		m.aging[m.agingHead] = aging{}
		m.agingHead++
		if last, kept := m.lastSaid(a); kept {
			if last+rtcpIdle > at {
				a.look = last + rtcpIdle
				m.aging = append(m.aging, a)
				continue
			}
			m.dropRTCP(a)
		}
	}
	if m.agingHead > len(m.aging)/2 {
		n := copy(m.aging, m.aging[m.agingHead:])
		clear(m.aging[n:])
		m.aging, m.agingHead = m.aging[:n], 0
	}
}

// lastSaid returns when an entry last spoke, and whether it is still in its table.
func (m *media) lastSaid(a aging) (int64, bool) {
	if a.s != nil {
		return a.s.last, m.speakers[a.s.key] == a.s
	}
	return a.w.last, m.witnesses[a.w.key] == a.w
}

// dropRTCP takes an entry out of the tables. The expiry queue still holds it
// for a while, and should not hold its call.
func (m *media) dropRTCP(a aging) {
	if a.s != nil {
		a.s.party = party{}
		delete(m.speakers, a.s.key)
		m.speakersBySSRC.remove(a.s.key.ssrc, a.s)
		return
	}
	a.w.party, a.w.xr = party{}, nil
	delete(m.witnesses, a.w.key)
	m.witnessesBySSRC.remove(a.w.key.ssrc, a.w)
}

// forgetRTCP drops what RTCP said of an emitted stream, so that the next call
// on the same ports begins anew.
func (m *media) forgetRTCP(s *stream) {
	if x := m.witnessOf(s); x != nil && x.onPathOf(s) {
		m.dropRTCP(aging{w: x})
	}
	src, dst := s.key.packed()
	if x := m.speakerOf(s); x != nil && onPath(x.key, src, dst) {
		m.dropRTCP(aging{s: x})
	}
}
