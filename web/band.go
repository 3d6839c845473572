package web

// band is how users judge what they hear, by ITU-T G.107 Annex B, table B.1.
type band uint8

const (
	good       band = iota // users are satisfied, or very: R of 80 and more
	fair                   // some are dissatisfied: R of 70 and more
	bad                    // many or nearly all are dissatisfied
	unmeasured             // no score: see earshot_rtp_unmeasured_streams_total
	bands
)

var bandNames = [bands]string{"good", "fair", "bad", "unmeasured"}

// The lower limits of the bands, MOS (G.107 table B.1). Each codec is on its
// own model's scale, whose MOS has the same meaning for its listeners.
const (
	goodMOS = 4.03
	fairMOS = 3.60
)

func bandOf(mos float64) band {
	switch {
	case mos >= goodMOS:
		return good
	case mos >= fairMOS:
		return fair
	case mos > 0:
		return bad
	}
	return unmeasured
}

// trust says whether the capture itself was whole.
type trust uint8

const (
	trusted trust = iota
	suspect
	trusts
)

var trustNames = [trusts]string{"ok", "suspect"}
