package mos

// scale is what tells the three models apart once the echo is left out.
type scale struct {
	clean   float64 // R without loss and delay
	ceiling float64 // the end of the scale
	delay   float64 // Idd is the narrowband one times this
	loss    float64 // Ie,eff of total loss tends to this
	mos     float64 // R is divided by this before the cubic of G.107 Annex B
}

// scale returns the model's constants. G.107.1: eq 7-2, 7-3, 7-13, 7-15, Annex
// A; listener echo is left out, so that an undisturbed channel has 129
// (keeping it as some do would cost 0.0009 MOS). G.107.2 likewise.
func (m Model) scale() scale {
	switch m {
	case G1071:
		return scale{clean: 129, ceiling: 129, delay: 1.29, loss: 95, mos: 1.29}
	case G1072:
		return scale{clean: 148, ceiling: 148, delay: 1.48, loss: 132, mos: 1.48}
	default:
		return scale{clean: cleanR, ceiling: 100, delay: 1, loss: 95, mos: 1}
	}
}

// Wideband evaluates G.107.1 without echo: R = 129 - Idd,WB - Ie,eff,WB + A,
// not clamped. The text has no BurstR; Ie and Bpl are on its own scale.
func (p Params) Wideband() Components { return p.echoFree(G1071) }

// Fullband evaluates G.107.2 without echo: R = 148 - Idd,FB - Ie,eff,FB + A,
// not clamped.
func (p Params) Fullband() Components { return p.echoFree(G1072) }

func (p Params) echoFree(m Model) Components {
	s := m.scale()
	c := Components{Ro: s.clean}
	c.Idd = s.delay * delayImpairment(p.Ta, p.Sensitivity)
	c.Id = c.Idd
	c.IeEff = lossImpairment(s.loss, p.Ie, p.Bpl, p.Ppl, 1)
	c.R = c.Ro - c.Id - c.IeEff + p.A
	return c
}
