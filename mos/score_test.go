package mos

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

var (
	g711     = Codec{Name: "G.711", Model: G107, Ie: 0, Bpl: 25.1, BurstAware: true}
	g711bare = Codec{Name: "G.711", Model: G107, Ie: 0, Bpl: 4.3}
	amrwb    = Codec{Name: "AMR-WB 12.65", Model: G1071, Ie: 20, Bpl: 4.3}
	evs      = Codec{Name: "EVS SWB 24.4", Model: G1072, Ie: 7.2, Bpl: 11.4}
)

func TestScore(t *testing.T) {
	tests := []struct {
		name   string
		in     Input
		r, mos float64
		burstR float64
	}{
		// Rows of G.107's published calculators, see the vectors.
		{"clean", Input{Codec: g711}, 93.206208, 4.409406, 1},
		{"5 % random", Input{Codec: g711, Ppl: 5, BurstR: 1}, 77.425477, 3.923091, 1},
		{"5 % bursty", Input{Codec: g711, Ppl: 5, BurstR: 2}, 75.996063, 3.864123, 2},
		{"delay and loss", Input{Codec: g711, Ppl: 1, BurstR: 1, Ta: 200}, 86.521947, 4.244768, 1},
		{"no concealment", Input{Codec: g711bare, Ppl: 5, BurstR: 1}, 42.130939, 2.169620, 1},
		{"no concealment takes no BurstR", Input{Codec: g711bare, Ppl: 5, BurstR: 4}, 42.130939, 2.169620, 1},
		{"wideband", Input{Codec: amrwb, Ppl: 2, BurstR: 3, Ta: 250}, 73.687921, 2.949949, 1},
		{"fullband", Input{Codec: evs, Ppl: 3, Ta: 250}, 101.603269, 3.533105, 1},

		// Clamps.
		{"BurstR below 1", Input{Codec: g711, Ppl: 5, BurstR: 0.4}, 77.425477, 3.923091, 1},
		{"unknown BurstR", Input{Codec: g711, Ppl: 5, BurstR: math.NaN()}, 77.425477, 3.923091, 1},
		{"negative loss", Input{Codec: g711, Ppl: -3, BurstR: 1}, 93.206208, 4.409406, 1},
		// 93.206208 - 95*100/(100 + 4.3) = 2.122795: below 6.5 the score is 1.
		{"total loss", Input{Codec: g711bare, Ppl: 100}, 2.122795, 1, 1},
		{"more than total loss", Input{Codec: g711bare, Ppl: 400}, 2.122795, 1, 1},
		// 129 - 1.29*Idd(1000 ms) - [20 + 75*100/104.3], Idd 43.789575: clamped at 0.
		{"R below 0", Input{Codec: amrwb, Ppl: 100, Ta: 1000}, 0, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := CQ(tt.in)
			near(t, "R", got.R, tt.r)
			near(t, "MOS", got.MOS, tt.mos)
			near(t, "BurstR", got.BurstR, tt.burstR)
			if got.Model != tt.in.Codec.Model {
				t.Errorf("model: got %q, want %q", got.Model, tt.in.Codec.Model)
			}
		})
	}
}

func TestLQTakesNoDelay(t *testing.T) {
	with, without := LQ(Input{Codec: g711, Ppl: 1, Ta: 400}), LQ(Input{Codec: g711, Ppl: 1})
	if with != without {
		t.Errorf("LQ with delay %+v, without %+v", with, without)
	}
	if with.Idd != 0 {
		t.Errorf("Idd of LQ: got %v, want 0", with.Idd)
	}
}

func TestDelayClassOfScore(t *testing.T) {
	// G.711, 1 % of loss, 400 ms: 65.496272 by default, 72.671815 and 78.369117
	// for the two classes that mind delay less.
	for class, want := range map[DelayClass]float64{DelayDefault: 65.496272, DelayLow: 72.671815, DelayVeryLow: 78.369117} {
		near(t, "R", CQ(Input{Codec: g711, Ppl: 1, BurstR: 1, Ta: 400, Sensitivity: class}).R, want)
	}
}

// TestBurstRLimit checks G.107 Table 3's limit of BurstR and the way into it:
// with Bpl 25.1 and BurstR 4, Ie,eff reaches 95*2/(2/4+25.1) = 7.421875 at 2 %
// and stays until BurstR 2 gives as much:
// 95 p/(p/2 + 25.1) = 7.421875 at p = 7.421875*25.1/(95 - 7.421875/2) = 2.040650...
func TestBurstRLimit(t *testing.T) {
	tests := []struct{ ppl, burstR, ieEff, applied float64 }{
		{1, 4, 95 / (1.0/4 + 25.1), 4},
		{2, 4, 7.421875, 4},
		{2.02, 4, 7.421875, 0}, // on the way: the ratio follows from Ie,eff
		{2.0406504065, 4, 7.421875, 2},
		{5, 4, 17.210145, 2}, // the published number for BurstR 2
		{5, 2, 17.210145, 2},
		{5, 1.5, 95 * 5 / (5/1.5 + 25.1), 1.5},
		{1, 12, 95 / (1.0/8 + 25.1), 8}, // 8 is as far as the model goes
	}
	for _, tt := range tests {
		got := LQ(Input{Codec: g711, Ppl: tt.ppl, BurstR: tt.burstR})
		near(t, "Ie,eff", got.IeEff, tt.ieEff)
		if tt.applied != 0 && math.Abs(got.BurstR-tt.applied) > 1e-4 {
			t.Errorf("%v %% at BurstR %v: applied %v, want %v", tt.ppl, tt.burstR, got.BurstR, tt.applied)
		}
		// What was applied reproduces the score in the plain equation.
		near(t, "plain equation", 95*tt.ppl/(tt.ppl/got.BurstR+25.1), got.IeEff)
	}
}

func genCodec(t *rapid.T) Codec {
	if rapid.Bool().Draw(t, "of the table") {
		return rapid.SampledFrom(DefaultCodecs().Rows()).Draw(t, "codec")
	}
	m := rapid.SampledFrom([]Model{G107, G1071, G1072}).Draw(t, "model")
	bpl := rapid.Float64Range(1, 60).Draw(t, "Bpl")
	return Codec{Model: m, Ie: rapid.Float64Range(0, 90).Draw(t, "Ie"), Bpl: bpl, BurstAware: bpl >= minStateBpl}
}

func genInput(t *rapid.T) Input {
	return Input{
		Codec:       genCodec(t),
		Ppl:         rapid.Float64Range(0, 100).Draw(t, "Ppl"),
		BurstR:      rapid.Float64Range(0, 20).Draw(t, "BurstR"),
		Ta:          rapid.Float64Range(0, 2000).Draw(t, "Ta"),
		Sensitivity: rapid.SampledFrom([]DelayClass{DelayDefault, DelayLow, DelayVeryLow}).Draw(t, "class"),
	}
}

// worse fails if a score improved although its input got worse; rounding gets
// a few units in the last place.
func worse(t *rapid.T, before, after Score) {
	if after.R > before.R+1e-9 || after.MOS > before.MOS+1e-9 {
		t.Fatalf("the score rose from %+v to %+v", before, after)
	}
}

func TestScoreFallsWithLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		before := CQ(in)
		in.Ppl += rapid.OneOf(rapid.Float64Range(0, 0.1), rapid.Float64Range(0, 50)).Draw(t, "more loss")
		worse(t, before, CQ(in))
	})
}

// TestScoreFallsAcrossTheBurstRLimit looks closely at the place where a step
// would be.
func TestScoreFallsAcrossTheBurstRLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		in.Ppl = rapid.Float64Range(1.9, 2.5).Draw(t, "near the limit")
		before := LQ(in)
		const step = 1e-6
		in.Ppl += step
		after := LQ(in)
		worse(t, before, after)
		// Ie,eff rises by at most the ceiling over Bpl per percent.
		if jump := after.IeEff - before.IeEff; jump > 2*step*132/in.Codec.Bpl {
			t.Fatalf("Ie,eff jumps by %v from %+v", jump, before)
		}
	})
}

func TestScoreFallsWithBursts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		before := CQ(in)
		in.BurstR += rapid.Float64Range(0, 10).Draw(t, "burstier")
		worse(t, before, CQ(in))
	})
}

func TestScoreFallsWithDelay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := genInput(t)
		before := CQ(in)
		worse(t, LQ(in), before)
		in.Ta += rapid.Float64Range(0, 1000).Draw(t, "more delay")
		worse(t, before, CQ(in))
	})
}

func TestScoreStaysOnItsScale(t *testing.T) {
	anything := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}))
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Codec: genCodec(t), Ppl: anything.Draw(t, "Ppl"), BurstR: anything.Draw(t, "BurstR"), Ta: anything.Draw(t, "Ta")}
		for _, s := range []Score{LQ(in), CQ(in)} {
			if !(s.R >= 0 && s.R <= in.Codec.Model.Ceiling()) || !(s.MOS >= 1 && s.MOS <= 4.5) || !(s.BurstR >= 1) || !(s.Idd >= 0) {
				t.Fatalf("off the scale: %+v", s)
			}
		}
	})
}

func TestOneWayDelay(t *testing.T) {
	// 40 ms of network, 20 ms packets of G.729 with 5 ms of look-ahead, 60 ms of buffer.
	if got := (Codec{LookaheadMS: 5}).OneWayDelayMS(40, 20, 60); got != 125 {
		t.Errorf("got %v ms, want 125", got)
	}
}
