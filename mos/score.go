package mos

// LQ returns the listening quality (MOS-LQ): codec and loss, no delay.
func LQ(in Input) Score { return score(in, 0) }

// CQ returns the conversational quality (MOS-CQ): codec, loss and the one-way
// delay Ta.
func CQ(in Input) Score {
	return score(in, delayImpairment(within(in.Ta, 0, maxTa), in.Sensitivity))
}

// maxTa keeps a nonsense delay out of the equation, ms; nobody converses over a minute.
const maxTa = 60_000

// score applies the model of the codec's row within its limits of validity.
func score(in Input, idd float64) Score {
	c := &in.Codec
	s := c.Model.scale()
	ppl := within(in.Ppl, 0, 100)
	burstR := appliedBurstR(c, ppl, in.BurstR)
	out := Score{
		Model:  c.Model,
		Idd:    s.delay * idd,
		IeEff:  lossImpairment(s.loss, c.Ie, c.Bpl, ppl, burstR),
		BurstR: burstR,
	}
	out.R = within(s.clean-out.Idd-out.IeEff, 0, s.ceiling)
	out.MOS = c.Model.MOS(out.R)
	return out
}

// Limits of BurstR: G.107 Table 3 allows 1 to 8, and above 2 only while Ppl is
// below 2 percent.
const (
	maxBurstR  = 8
	highLoss   = 2 // percent
	highBurstR = 2
)

// appliedBurstR returns the burst ratio that may enter the equation. The
// wideband and fullband models have none, and a codec whose concealment keeps
// no state (Bpl below 16) has none either (G.113).
//
// G.107's limit of 2 from 2 percent of loss on, applied as a step, would
// *raise* the score where loss crosses 2 percent (G.711, BurstR 4: Ie,eff 7.42
// just below, 7.28 at the limit). So beyond the limit Ie,eff stays where the
// larger ratio took it until the ratio of 2 catches up: solving
// Ppl/(Ppl/b + Bpl) = 2/(2/BurstR + Bpl) for b gives the ratio below, which
// falls from BurstR to 2. The score is then continuous in loss and never rises
// with it, and the ratio returned reproduces it in the plain equation.
func appliedBurstR(c *Codec, ppl, burstR float64) float64 {
	if c.Model != G107 || !c.BurstAware {
		return 1
	}
	burstR = within(burstR, 1, maxBurstR)
	if ppl <= highLoss || burstR <= highBurstR {
		return burstR
	}
	return max(highBurstR, 1/(1/burstR+c.Bpl*(1.0/highLoss-1/ppl)))
}

// within clamps x; what is not a number counts as low.
func within(x, low, high float64) float64 {
	if !(x > low) {
		return low
	}
	return min(x, high)
}
