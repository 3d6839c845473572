package mos

import "math"

// Ceiling returns the end of the model's R scale: 100, 129 or 148.
func (m Model) Ceiling() float64 { return m.scale().ceiling }

// MOS turns R on the model's scale into a mean opinion score from 1 to 4.5
// (G.107 Annex B; G.107.1 Annex A and G.107.2 divide R by 1.29 and 1.48
// first). It never falls while R rises: below 6.5 the cubic dips under 1, and
// there the score is 1.
func (m Model) MOS(r float64) float64 {
	return max(1, MOSFromR(r/m.scale().mos))
}

// R is the inverse of [Model.MOS].
func (m Model) R(mos float64) float64 { return RFromMOS(mos) * m.scale().mos }

// MOSFromR is the equation of G.107 Annex B to the letter; for 0 < R < 6.5153
// it gives slightly less than 1.
func MOSFromR(r float64) float64 {
	if !(r > 0) {
		return 1
	}
	if r >= 100 {
		return 4.5
	}
	return 1 + 0.035*r + r*(r-60)*(100-r)*7e-6
}

// RFromMOS is the closed inverse of [MOSFromR] (G.107 Appendix I) for scores
// from 1, which gives 6.5153, to 4.5, which gives 100. Scores outside count as
// the nearest of the two.
func RFromMOS(mos float64) float64 {
	if !(mos > 1) {
		mos = 1
	}
	mos = min(mos, 4.5)
	// max keeps the radicand's rounding at the ends of the range out of sqrt.
	radicand := max(0, -903522+1113960*mos-202500*mos*mos)
	h := math.Atan2(15*math.Sqrt(radicand), 18566-6750*mos) / 3
	return 20.0 / 3 * (8 - math.Sqrt(226)*math.Cos(h+math.Pi/3))
}
