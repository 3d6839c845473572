package mos

import "math"

// Components is G.107's result with its parts: R = Ro - Is - Id - IeEff + A.
// R is as the equation gives it, not clamped to the scale.
type Components struct {
	No    float64 // sum of all noise powers, dBm0p
	Ro    float64 // basic signal-to-noise ratio
	Iolr  float64 // too loud a connection
	Ist   float64 // sidetone
	Iq    float64 // quantizing
	Is    float64 // simultaneous impairments: Iolr + Ist + Iq
	Idte  float64 // talker echo
	Idle  float64 // listener echo
	Idd   float64 // absolute delay
	Id    float64 // delay impairments: Idte + Idle + Idd
	IeEff float64 // equipment impairment with loss
	R     float64
}

// cleanR is R of the defaults without loss, echo and delay, so that scoring a
// stream costs no logarithms. A test holds it to [Params.Narrowband].
const cleanR = 93.2062077232757

// Narrowband evaluates G.107.
func (p Params) Narrowband() Components {
	var c Components
	c.No = p.noise()
	c.Ro = 15 - 1.5*(p.SLR+c.No) // eq 7-2
	c.Iolr = p.overallLoudness(c.No)
	c.Ist = p.sidetone()
	c.Iq = p.quantizing(c.Ro)
	c.Is = c.Iolr + c.Ist + c.Iq
	c.Idte = p.talkerEcho(c.No, c.Ist)
	c.Idle = p.listenerEcho(c.Ro)
	c.Idd = delayImpairment(p.Ta, p.Sensitivity)
	c.Id = c.Idte + c.Idle + c.Idd
	c.IeEff = lossImpairment(95, p.Ie, p.Bpl, p.Ppl, p.BurstR)
	c.R = c.Ro - c.Is - c.Id - c.IeEff + p.A
	return c
}

// noise returns No: circuit noise, room noise at both sides and the noise
// floor, added as powers at the 0 dBr point.
func (p Params) noise() float64 {
	olr := p.SLR + p.RLR
	nos := p.Ps - p.SLR - p.Ds - 100 + 0.004*square(p.Ps-olr-p.Ds-14)
	pre := p.Pr + 10*math.Log10(1+math.Pow(10, (10-p.LSTR)/10))
	nor := p.RLR - 121 + pre + 0.008*square(pre-35)
	nfo := p.Nfor + p.RLR
	return 10 * math.Log10(power(p.Nc)+power(nos)+power(nor)+power(nfo))
}

// overallLoudness returns Iolr, the impairment of a connection that is too loud.
func (p Params) overallLoudness(no float64) float64 {
	x := (p.SLR + p.RLR + 0.2*(64+no-p.RLR)) / 8
	return 20 * (norm(x, 8) - x)
}

// sidetone returns Ist.
func (p Params) sidetone() float64 {
	stmro := -10 * math.Log10(power(-p.STMR)+math.Exp(-p.T/4)*power(-p.TELR))
	return 12*norm((stmro-13)/6, 8) - 28*norm((stmro+1)/19.4, 35) - 13*norm((stmro-3)/33, 13) + 29
}

// quantizing returns Iq.
func (p Params) quantizing(ro float64) float64 {
	q := 37 - 15*math.Log10(p.Qdu)
	g := 1.07 + 0.258*q + 0.0602*q*q
	y := (ro-100)/15 + 46/8.4 - g/9
	z := 46.0/30 - g/40
	return 15 * math.Log10(1+math.Pow(10, y)+math.Pow(10, z))
}

// talkerEcho returns Idte, which is nothing below 1 ms of echo path.
func (p Params) talkerEcho(no, ist float64) float64 {
	if p.T < 1 {
		return 0
	}
	terv := p.TELR - 40*math.Log10((1+p.T/10)/(1+p.T/150)) + 6*math.Exp(-0.3*p.T*p.T)
	if p.STMR < 9 {
		terv += ist / 2
	}
	half := (-1.5*(no-p.RLR) - (80 + 2.5*(terv-14))) / 2
	idte := (half + math.Sqrt(half*half+100) - 1) * (1 - math.Exp(-p.T))
	if p.STMR > 20 {
		idte = math.Hypot(idte, ist)
	}
	return idte
}

// listenerEcho returns Idle.
func (p Params) listenerEcho(ro float64) float64 {
	rle := 10.5 * (p.WEPL + 7) * math.Pow(p.Tr+1, -0.25)
	half := (ro - rle) / 2
	return half + math.Sqrt(half*half+169)
}

// delayImpairment returns Idd for an absolute one-way delay of ta ms, on the
// narrowband scale.
func delayImpairment(ta float64, class DelayClass) float64 {
	sT, mT := class.constants()
	if !(ta > mT) {
		return 0
	}
	x, n := math.Log2(ta/mT), 6*sT
	return 25 * (norm(x, n) - 3*norm(x/3, n) + 2)
}

// lossImpairment returns Ie,eff for ppl percent of loss. The ceiling, the
// impairment that total loss tends to, is 95 on the narrowband and wideband
// scales and 132 on the fullband one.
func lossImpairment(ceiling, ie, bpl, ppl, burstR float64) float64 {
	if ppl <= 0 { // also keeps 0/0 out where bpl is 0
		return ie
	}
	return ie + (ceiling-ie)*ppl/(ppl/burstR+bpl)
}

// norm returns (1 + x^n)^(1/n), the smooth maximum that G.107 is built of.
func norm(x, n float64) float64 { return math.Pow(1+math.Pow(x, n), 1/n) }

// power turns decibels into a power ratio.
func power(db float64) float64 { return math.Pow(10, db/10) }

func square(x float64) float64 { return x * x }
