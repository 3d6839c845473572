package report

import (
	"earshot/dialog"
)

// side is whose voice a direction carries.
type side uint8

const (
	caller side = iota
	callee
)

// sides are both, in the order in which they are shown.
var sides = [...]side{caller, callee}

// arrow points the way of the voice: from the caller to the right.
func (s side) arrow() string { return [...]string{"→", "←"}[s] }

// String names whose voice it is.
func (s side) String() string { return [...]string{"caller", "callee"}[s] }

// direction is the same in the words of a record.
func (s side) direction() string { return [...]string{"from_caller", "from_callee"}[s] }

// arrowOf points the way of a stream, "" where it is of no call.
func arrowOf(s *dialog.StreamRecord) string {
	for _, d := range sides {
		if s.Direction == d.direction() {
			return d.arrow()
		}
	}
	return ""
}

// speaks is the stream that stands for a direction where there is room for one:
// the voice with the worst score, for that is what the listener complains of;
// without any score the longest stream of voice, else of anything.
func speaks(c *dialog.CallRecord, from side) *dialog.StreamRecord {
	var best *dialog.StreamRecord
	for _, s := range c.Media {
		if s.Direction == from.direction() && (best == nil || before(s, best)) {
			best = s
		}
	}
	return best
}

// before reports whether s stands for its direction rather than o.
func before(s, o *dialog.StreamRecord) bool {
	if scored := s.MOS.LQ != nil; scored != (o.MOS.LQ != nil) {
		return scored
	}
	if s.MOS.LQ != nil && *s.MOS.LQ != *o.MOS.LQ {
		return *s.MOS.LQ < *o.MOS.LQ
	}
	if voice := isVoice(s); voice != isVoice(o) {
		return voice
	}
	return s.Packets > o.Packets
}

func isVoice(s *dialog.StreamRecord) bool { return s.Media == "audio" || s.Media == "unknown" }

// codecOf names what a stream carries.
func codecOf(s *dialog.StreamRecord) string {
	if s.Codec == nil {
		return none
	}
	return clean(*s.Codec, 24)
}

// lossText is the loss in percent, with "?" where it is not to be trusted.
func lossText(s *dialog.StreamRecord) string {
	text := percentage(s.LossRatio)
	if s.Trust == "suspect" {
		return text + "?"
	}
	return text
}
