package mos

// Model names the recommendation, and with it the scale of R: scores of
// different models are never averaged or compared (P.800.1).
type Model string

// The three E-models and the ceiling of R on each one's scale.
const (
	G107  Model = "G.107"   // narrowband, R 0-100
	G1071 Model = "G.107.1" // wideband, R 0-129
	G1072 Model = "G.107.2" // fullband, R 0-148
)

// Codec is one row of the codec table: what G.113 or the literature says of a
// codec at one rate.
type Codec struct {
	Name          string  // as shown, e.g. "G.729A"
	Encoding      string  // SDP encoding name, lower case, e.g. "g729"
	ClockRate     int     // RTP clock that the row holds for, Hz; 0: any
	Model         Model   // which scale Ie and Bpl are on
	MinKbps       float64 // the row holds from this payload bit rate on; 0: any
	Bandwidth     string  // Opus: "NB", "WB", "SWB", "FB"; "" any
	FrameType     int     // AMR frame type; -1 any
	Ie            float64 // equipment impairment factor
	Bpl           float64 // packet-loss robustness, for Ppl in percent
	PLC           string  // loss concealment assumed, e.g. "G.711 Appendix I", "native", "none"
	LookaheadMS   float64 // algorithmic delay beyond the packet time, ms
	BurstAware    bool    // Bpl suits BurstR > 1 (G.113: state-based concealment, Bpl at least 16)
	Source        string  // where Ie and Bpl come from
	IeConfidence  string  // "A" primary or confirmed by several, "B" one good source, "C" literature or placeholder
	BplConfidence string  // likewise
	Confidence    string  // the weaker of the two
}

// Input is what the E-model is fed with for one stream or interval.
type Input struct {
	Codec       Codec
	Ppl         float64    // packet loss as the ear meets it, network loss and late discards, percent 0-100
	BurstR      float64    // burst ratio; below 1 counts as 1
	Ta          float64    // absolute one-way delay, ms; used for MOS-CQ only
	Sensitivity DelayClass // how much the talkers mind delay; G.107's default class where unset
}

// Score is a result with everything it rests on.
type Score struct {
	Model  Model
	R      float64 // on the model's own scale, clamped to it
	MOS    float64 // 1 to 4.5
	IeEff  float64 // effective equipment impairment, from Ie, Bpl, Ppl and the applied BurstR
	Idd    float64 // delay impairment on the model's scale; 0 for LQ
	BurstR float64 // as applied after G.107's validity limits
}

// OneWayDelayMS returns Ta, the absolute mouth-to-ear delay in ms (RFC 3611
// 4.7.3): the network's share, one packet's time, the codec's look-ahead and
// the playout delay of the jitter buffer. The frame is part of the packet time
// and isn't added again.
func (c Codec) OneWayDelayMS(networkMS, ptimeMS, bufferMS float64) float64 {
	return networkMS + ptimeMS + c.LookaheadMS + bufferMS
}
