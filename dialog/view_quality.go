package dialog

import (
	"slices"

	"earshot/mos"
	"earshot/rtpstats"
)

// shown is what views say of a stream's quality, kept until its next report.
type shown struct {
	valid    bool
	kind     rtpstats.MediaKind
	reason   uint8 // place in Reasons, from 1; 0: none
	codec    string
	mos, min float64 // of the last interval and of all so far, 0 where unknown
}

// show scores a stream's last interval and its worst one.
func (m *media) show(s *stream) *shown {
	v := &s.shown
	if v.valid {
		return v
	}
	c := s.carries()
	*v = shown{valid: true, kind: c.kind, codec: c.codec}
	codec, reason := m.scorable(s, &c, uint64(s.latest.expected))
	v.reason = uint8(1 + slices.Index(Reasons, reason))
	if reason == "" {
		v.mos = mos.LQ(s.latest.input(codec)).MOS
	}
	if reason == ReasonTooShort {
		codec, reason = m.scorable(s, &c, minScored)
	}
	if reason == "" {
		v.min = s.timeline.worst(codec)
	}
	return v
}

// why is the reason why there is no score, "" where there is one.
func (v *shown) why() string {
	if v.reason == 0 {
		return ""
	}
	return Reasons[v.reason-1]
}

// worst is the listening quality of the worst interval, 0 where none was long
// enough.
func (t *timeline) worst(codec *mos.Codec) float64 {
	if t.byLoss.expected == 0 {
		return 0
	}
	worst := mos.LQ(t.byLoss.input(codec)).MOS
	if t.byBursts != t.byLoss {
		worst = min(worst, mos.LQ(t.byBursts.input(codec)).MOS)
	}
	return worst
}

// lossRatio is the share of the expected packets that a step lacks.
func (s *step) lossRatio() float64 {
	if s.lost <= 0 || s.expected == 0 {
		return 0
	}
	return float64(s.lost) / float64(s.expected)
}

// troubles is a set of findings that an interval alone can tell.
type troubles uint8

// troubleCodes are the codes of the bits of troubles.
var troubleCodes = [...]string{findLoss, findLatePackets, findJitter, findLowMOS, findCaptureLoss}

const (
	troubleLoss troubles = 1 << iota
	troubleLate
	troubleJitter
	troubleMOS
	troubleCapture
)

// troublesOf judges a stream's last interval by the limits of the findings.
// Where the capture lost packets, loss and score say nothing of the network.
func (m *media) troublesOf(s *stream, v *shown) troubles {
	var wrong troubles
	last := &s.latest
	if last.suspect {
		wrong |= troubleCapture
	} else {
		if last.lost >= minBad && last.lossRatio() > m.limits.LossRatio {
			wrong |= troubleLoss
		}
		if v.mos > 0 && v.mos < m.limits.MOS {
			wrong |= troubleMOS
		}
	}
	if v.kind != rtpstats.MediaAudio {
		return wrong
	}
	if last.late >= minBad && float64(last.late) > m.limits.LossRatio*float64(last.expected) {
		wrong |= troubleLate
	}
	if float64(last.jitterMS) >= m.limits.JitterMS {
		wrong |= troubleJitter
	}
	return wrong
}

// appendTroubles appends the codes that are not to be ignored.
func (m *media) appendTroubles(list []string, wrong troubles) []string {
	for i, code := range troubleCodes {
		if wrong&(1<<i) != 0 && !m.ignores(code) {
			list = append(list, code)
		}
	}
	return list
}
