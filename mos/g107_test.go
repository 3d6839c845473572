package mos

import (
	"math"
	"testing"
)

func TestCleanR(t *testing.T) {
	if r := DefaultParams().Narrowband().R; math.Abs(r-cleanR) > 1e-12 {
		t.Errorf("cleanR is %.14f, the equation gives %.14f", cleanR, r)
	}
}

// TestEchoTerms works G.107's conditional branches by hand on the defaults,
// where the published calculators have no numbers.
func TestEchoTerms(t *testing.T) {
	p := DefaultParams()
	p.T = 0.999
	if got := p.Narrowband().Idte; got != 0 {
		t.Errorf("Idte below 1 ms of echo path: got %v, want 0", got)
	}
	p.T = 50
	c := p.Narrowband()
	// TERV = 65 - 40 lg((1+5)/(1+1/3)) + 6 e^-750 = 65 - 40 lg 4.5 = 38.871499...
	terv := 65 - 40*math.Log10(4.5)
	want := idte(c.No, terv, 50)
	near(t, "Idte", c.Idte, want)

	p.STMR = 8 // below 9: half of the sidetone impairment joins TERV
	c = p.Narrowband()
	near(t, "Idte with loud sidetone", c.Idte, idte(c.No, terv+c.Ist/2, 50))

	p.STMR = 21 // above 20: the sidetone impairment adds as a square
	c = p.Narrowband()
	near(t, "Idte with faint sidetone", c.Idte, math.Sqrt(square(idte(c.No, terv, 50))+square(c.Ist)))
}

func idte(no, terv, tms float64) float64 {
	roe := -1.5 * (no - 2)
	re := 80 + 2.5*(terv-14)
	return ((roe-re)/2 + math.Sqrt((roe-re)*(roe-re)/4+100) - 1) * (1 - math.Exp(-tms))
}

func TestLossImpairmentAtItsEnds(t *testing.T) {
	if got := lossImpairment(95, 11, 19, 0, 1); got != 11 {
		t.Errorf("no loss: got %v, want Ie", got)
	}
	if got := lossImpairment(95, 11, 0, 0, 1); got != 11 {
		t.Errorf("no loss and no robustness: got %v, want Ie", got)
	}
	// 0 + 95*20/(20/4 + 4.3) = 204.30107...: the raw equation is not clamped.
	near(t, "Ie,eff", lossImpairment(95, 0, 4.3, 20, 4), 1900/9.3)
}
