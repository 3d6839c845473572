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
			if a.witness {
				m.dropWitness(m.witnesses[a.key])
			} else {
				m.dropSpeaker(m.speakers[a.key])
			}
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
	if a.witness {
		x := m.witnesses[a.key]
		if x == nil || x.born != a.born {
			return 0, false
		}
		return x.last, true
	}
	s := m.speakers[a.key]
	if s == nil || s.born != a.born {
		return 0, false
	}
	return s.last, true
}

func (m *media) dropSpeaker(s *speaker) {
	delete(m.speakers, s.key)
	m.speakersBySSRC.remove(s.key.ssrc, s)
}

func (m *media) dropWitness(x *witness) {
	delete(m.witnesses, x.key)
	m.witnessesBySSRC.remove(x.key.ssrc, x)
}

// forgetRTCP drops what RTCP said of an emitted stream, so that the next call
// on the same ports begins anew.
func (m *media) forgetRTCP(s *stream) {
	if x := m.witnessOf(s); x != nil && x.onPathOf(s) {
		m.dropWitness(x)
	}
	src, dst := s.key.packed()
	if x := m.speakerOf(s); x != nil && onPath(x.key, src, dst) {
		m.dropSpeaker(x)
	}
}
