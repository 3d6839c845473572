package mos

// Params are all parameters of the E-model (G.107 Table 3), in the
// recommendation's names and units.
type Params struct {
	SLR  float64 // send loudness rating, dB
	RLR  float64 // receive loudness rating, dB
	STMR float64 // sidetone masking rating, dB
	LSTR float64 // listener sidetone rating, dB; STMR + Dr
	Ds   float64 // D-value of the telephone, send side
	Dr   float64 // D-value of the telephone, receive side
	TELR float64 // talker echo loudness rating, dB
	WEPL float64 // weighted echo path loss, dB
	T    float64 // mean one-way delay of the echo path, ms
	Tr   float64 // round-trip delay in the 4-wire loop, ms
	Ta   float64 // absolute one-way delay, ms
	Qdu  float64 // quantizing distortion units
	Nc   float64 // circuit noise at the 0 dBr point, dBm0p
	Nfor float64 // noise floor at the receive side, dBmp
	Ps   float64 // room noise at the send side, dB(A)
	Pr   float64 // room noise at the receive side, dB(A)
	A    float64 // advantage factor, 0 to 20

	Ie     float64 // equipment impairment factor, on the scale of the model
	Bpl    float64 // packet-loss robustness factor
	Ppl    float64 // packet loss, percent
	BurstR float64 // burst ratio

	Sensitivity DelayClass
}

// DefaultParams returns the defaults of G.107 Table 3. T and Tr are 0: no echo,
// which is all that a passive tap can assume. The form with echo sets T = Ta
// and Tr = 2 Ta.
func DefaultParams() Params {
	return Params{
		SLR: 8, RLR: 2, STMR: 15, LSTR: 18, Ds: 3, Dr: 3,
		TELR: 65, WEPL: 110, Qdu: 1,
		Nc: -70, Nfor: -64, Ps: 35, Pr: 35,
		Bpl: 4.3, BurstR: 1,
	}
}

// DelayClass is the sensitivity to delay of G.107 (06/2015): how much the
// conversation suffers from it.
type DelayClass uint8

// The classes. Use DelayDefault where the talkers' needs are unknown.
const (
	DelayDefault DelayClass = iota
	DelayLow
	DelayVeryLow
)

// constants returns sT, the sensitivity, and mT, the delay in ms from which on
// it is minded.
func (c DelayClass) constants() (sT, mT float64) {
	switch c {
	case DelayLow:
		return 0.55, 120
	case DelayVeryLow:
		return 0.4, 150
	default:
		return 1, 100
	}
}
