package report

import (
	"strings"

	"earshot/dialog"
)

// band is how a score is spoken of: G.109's limits between "satisfied" and
// "some users dissatisfied" (R 80) and from there to "many" (R 70). MOS is R
// relative to the ceiling of its model's own scale, so one pair of limits
// holds on each of the three; the scores themselves still never compare.
type band uint8

const (
	bandNone band = iota // no score
	bandGood
	bandFair
	bandBad
)

// Limits of the bands, MOS.
const (
	mosGood = 4.0
	mosFair = 3.6
)

func bandOf(mos *float64) band {
	switch {
	case mos == nil:
		return bandNone
	case *mos >= mosGood:
		return bandGood
	case *mos >= mosFair:
		return bandFair
	}
	return bandBad
}

// mark says the band without colour.
func (b band) mark() string {
	switch b {
	case bandFair:
		return "~"
	case bandBad:
		return "!"
	}
	return ""
}

func (b band) color() color {
	return [...]color{bandNone: faint, bandGood: good, bandFair: fair, bandBad: bad}[b]
}

// String is the band in a word.
func (b band) String() string {
	return [...]string{bandNone: "none", bandGood: "good", bandFair: "fair", bandBad: "bad"}[b]
}

// scaleMark tells a wideband or fullband score from the narrowband ones.
func scaleMark(model string) string {
	switch model {
	case "G.107.1":
		return "w"
	case "G.107.2":
		return "f"
	}
	return ""
}

// modelOf is the model's name, "" where there was no score.
func modelOf(m *dialog.MOSRecord) string {
	if m.Model == nil {
		return ""
	}
	return *m.Model
}

// scoreText is a score with the marks of its band and its scale, or a dash and
// in a word why there is none.
func scoreText(m *dialog.MOSRecord) string {
	if m.LQ == nil {
		return strings.TrimSpace(none + " " + shortReason(m))
	}
	return bandOf(m.LQ).mark() + score(*m.LQ) + scaleMark(modelOf(m))
}

// shortReason is why there is no score, in a word for a table's cell.
func shortReason(m *dialog.MOSRecord) string {
	if m.Reason == nil {
		return ""
	}
	for _, r := range [...]struct{ prefix, word string }{
		{"too few packets", "short"},
		{"video", "video"},
		{"not audio", "data"},
		{"codec unknown", "codec?"},
		{"mixed codecs", "mixed"},
		{"no rate or bandwidth", "rate?"},
	} {
		if strings.HasPrefix(*m.Reason, r.prefix) {
			return r.word
		}
	}
	return "no Ie" // nobody has published what the codec does to speech
}
