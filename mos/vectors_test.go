package mos

import (
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"testing"
)

// vectors are numbers of the E-model that independent implementations agree
// on. Values are printed with six or more decimals.
type vectors struct {
	Components map[string]float64 `json:"nb_defaults_components"`
	Idd        []struct {
		Ta                     float64
		Default, Low, Very_low float64
	}
	EchoFree []equipment `json:"nb_echo_free"`
	Echo     []equipment `json:"nb_echo_T_eq_Ta_Tr_eq_2Ta"`
	Class    []equipment `json:"nb_delay_class"`
	Wide     []struct {
		equipment
		Ie_wb, Bpl_wb float64
	} `json:"wb_echo_free_idle0"`
	Full []struct {
		equipment
		Ie_fb, Bpl_fb float64
	} `json:"fb_echo_free"`
	ToMOS  []equipment `json:"r_to_mos"`
	ToR    []equipment `json:"mos_to_r"`
	Codecs []equipment `json:"codec_examples_zero_loss"`
}

type equipment struct {
	Codec, Cls                      string
	Ie, Bpl, Ta, T, Tr, Ppl, BurstR float64
	Idte, Idle, Idd, Ie_eff, R, MOS float64
}

func readVectors(t *testing.T) *vectors {
	t.Helper()
	const file = "../../shared/vectors/emodel.json"
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no vectors beside the repository: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return &v
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6) {
		t.Errorf("%s: got %.9f, want %.9f", what, got, want)
	}
}

func full(t *testing.T, name string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d vectors, want %d", name, got, want)
	}
}

func TestComponents(t *testing.T) {
	v := readVectors(t)
	c := DefaultParams().Narrowband()
	got := map[string]float64{
		"No": c.No, "Ro": c.Ro, "Iolr": c.Iolr, "Ist": c.Ist, "Iq": c.Iq, "Is": c.Is, "Idte": c.Idte,
		"Idle": c.Idle, "Idd": c.Idd, "Id": c.Id, "Ie_eff": c.IeEff, "R": c.R, "MOS": MOSFromR(c.R),
	}
	full(t, "nb_defaults_components", len(v.Components), len(got))
	for name, want := range v.Components {
		near(t, name, got[name], want)
	}
}

func TestIdd(t *testing.T) {
	v := readVectors(t)
	full(t, "idd", len(v.Idd), 20)
	for _, x := range v.Idd {
		near(t, "default", delayImpairment(x.Ta, DelayDefault), x.Default)
		near(t, "low", delayImpairment(x.Ta, DelayLow), x.Low)
		near(t, "very low", delayImpairment(x.Ta, DelayVeryLow), x.Very_low)
	}
}

func TestNarrowband(t *testing.T) {
	v := readVectors(t)
	full(t, "nb_echo_free", len(v.EchoFree), 750)
	full(t, "nb_echo", len(v.Echo), 135)
	for _, x := range append(v.EchoFree, v.Echo...) {
		p := DefaultParams()
		p.Ie, p.Bpl, p.Ppl, p.BurstR = x.Ie, x.Bpl, x.Ppl, x.BurstR
		p.Ta, p.T, p.Tr = x.Ta, x.T, x.Tr
		c := p.Narrowband()
		near(t, "Idd", c.Idd, x.Idd)
		near(t, "Ie,eff", c.IeEff, x.Ie_eff)
		near(t, "R", c.R, x.R)
		near(t, "MOS", MOSFromR(c.R), x.MOS)
		if x.T > 0 {
			near(t, "Idte", c.Idte, x.Idte)
			near(t, "Idle", c.Idle, x.Idle)
		}
	}
}

func TestDelayClass(t *testing.T) {
	v := readVectors(t)
	full(t, "nb_delay_class", len(v.Class), 12)
	class := map[string]DelayClass{"default": DelayDefault, "low": DelayLow, "very_low": DelayVeryLow}
	for _, x := range v.Class {
		p := DefaultParams()
		p.Ie, p.Bpl, p.Ppl, p.BurstR, p.Ta, p.Sensitivity = x.Ie, x.Bpl, x.Ppl, x.BurstR, x.Ta, class[x.Cls]
		near(t, x.Cls, p.Narrowband().R, x.R)
	}
}

func TestWideband(t *testing.T) {
	v := readVectors(t)
	full(t, "wb", len(v.Wide), 112)
	for _, x := range v.Wide {
		p := DefaultParams()
		p.Ie, p.Bpl, p.Ppl, p.Ta = x.Ie_wb, x.Bpl_wb, x.Ppl, x.Ta
		check(t, G1071, p.Wideband(), x.equipment)
	}
}

func TestFullband(t *testing.T) {
	v := readVectors(t)
	full(t, "fb", len(v.Full), 128)
	for _, x := range v.Full {
		p := DefaultParams()
		p.Ie, p.Bpl, p.Ppl, p.Ta = x.Ie_fb, x.Bpl_fb, x.Ppl, x.Ta
		check(t, G1072, p.Fullband(), x.equipment)
	}
}

func check(t *testing.T, m Model, c Components, want equipment) {
	t.Helper()
	near(t, "Idd", c.Idd, want.Idd)
	near(t, "Ie,eff", c.IeEff, want.Ie_eff)
	near(t, "R", c.R, want.R)
	near(t, "MOS", m.MOS(c.R), want.MOS)
}

func TestScaleVectors(t *testing.T) {
	v := readVectors(t)
	full(t, "r_to_mos", len(v.ToMOS), 25)
	full(t, "mos_to_r", len(v.ToR), 13)
	for _, x := range v.ToMOS {
		near(t, "MOSFromR", MOSFromR(x.R), x.MOS)
	}
	for _, x := range v.ToR {
		near(t, "RFromMOS", RFromMOS(x.MOS), x.R)
	}
}

func TestCodecExamples(t *testing.T) {
	v := readVectors(t)
	full(t, "codec_examples", len(v.Codecs), 14)
	for _, x := range v.Codecs {
		s := LQ(Input{Codec: Codec{Model: G107, Ie: x.Ie, Bpl: 4.3}})
		near(t, x.Codec+" R", s.R, x.R)
		near(t, x.Codec+" MOS", s.MOS, x.MOS)
	}
}

// TestScoresOfVectors holds LQ and CQ to the plain equation wherever G.107's
// limits of validity leave it alone.
func TestScoresOfVectors(t *testing.T) {
	v := readVectors(t)
	applied := 0
	for _, x := range v.EchoFree {
		aware := x.Bpl >= minStateBpl
		if !aware && x.BurstR > 1 || x.Ppl > highLoss && x.BurstR > highBurstR {
			continue
		}
		s := CQ(Input{Codec: Codec{Model: G107, Ie: x.Ie, Bpl: x.Bpl, BurstAware: aware}, Ppl: x.Ppl, BurstR: x.BurstR, Ta: x.Ta})
		near(t, "Ie,eff", s.IeEff, x.Ie_eff)
		near(t, "R", s.R, max(0, x.R))
		near(t, "MOS", s.MOS, G107.MOS(max(0, x.R)))
		applied++
	}
	if applied < 300 {
		t.Errorf("only %d vectors within the limits", applied)
	}
}
