package mos

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestModelMOS(t *testing.T) {
	tests := []struct {
		model Model
		r     float64
		want  float64
	}{
		{G107, -1, 1},
		{G107, 3.222, 1}, // the cubic gives 0.9888
		{G107, 50, 2.575},
		{G107, 100, 4.5},
		{G107, 120, 4.5},
		{G1071, 64.5, 2.575}, // Rx = R/1.29
		{G1071, 129, 4.5},
		{G1072, 74, 2.575}, // Rx = R/1.48
		{G1072, 148, 4.5},
		{G107, math.NaN(), 1},
	}
	for _, tt := range tests {
		if got := tt.model.MOS(tt.r); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s.MOS(%v): got %v, want %v", tt.model, tt.r, got, tt.want)
		}
	}
	// G.113's wideband modes of AMR-WB without loss: published MOS at Ie 1, 8, 13, 41, 56.
	for ie, want := range map[float64]float64{1: 4.4940, 8: 4.4206, 13: 4.3371, 41: 3.5123, 56: 2.9220} {
		if got := G1071.MOS(129 - ie); math.Abs(got-want) > 5e-5 {
			t.Errorf("Ie,WB %v: got MOS %.4f, want %.4f", ie, got, want)
		}
	}
}

func TestScaleInverse(t *testing.T) {
	models := rapid.SampledFrom([]Model{G107, G1071, G1072})
	rapid.Check(t, func(t *rapid.T) {
		m := models.Draw(t, "model")
		score := rapid.Float64Range(1, 4.5).Draw(t, "MOS")
		// At both ends the cubic is flat enough to lose half of the digits.
		if back := m.MOS(m.R(score)); math.Abs(back-score) > 1e-9 {
			t.Fatalf("%s: MOS %v came back as %v", m, score, back)
		}
	})
	for _, score := range []float64{-3, 0.5, math.NaN()} {
		if got, want := RFromMOS(score), RFromMOS(1); got != want {
			t.Errorf("RFromMOS(%v): got %v, want that of 1, %v", score, got, want)
		}
	}
	if got := RFromMOS(9); math.Abs(got-100) > 1e-9 {
		t.Errorf("RFromMOS(9): got %v, want 100", got)
	}
}

func TestMOSNeverFallsWithR(t *testing.T) {
	for _, m := range []Model{G107, G1071, G1072} {
		last := m.MOS(-1)
		for r := 0.0; r <= m.Ceiling()+1; r += 0.01 {
			now := m.MOS(r)
			if now < last || now < 1 || now > 4.5 {
				t.Fatalf("%s: MOS(%v) is %v after %v", m, r, now, last)
			}
			last = now
		}
	}
}
