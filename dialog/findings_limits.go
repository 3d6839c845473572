package dialog

// Limits are the bounds beyond which a finding is made. A zero field means its
// default: the voip-ready profile, and where that is silent what listeners
// begin to notice.
type Limits struct {
	LossRatio       float64 // network loss of a stream; 0.01
	JitterMS        float64 // mean interarrival jitter; 30 ms
	OneWayMS        float64 // one-way network delay; 150 ms
	DSCP            int     // marking that every RTP packet should carry; 46 (EF)
	SignallingDSCP  int     // marking that every SIP packet should carry; 24 (CS3)
	MOS             float64 // listening quality of a stream; 3.6 (G.109: below it many users are dissatisfied)
	LossRunMS       float64 // speech lost in one piece; 100 ms, more than concealment bridges
	LateMediaMS     float64 // from the answer to the first packet; 1000 ms
	AfterByeMS      float64 // media after the BYE; 1000 ms
	StoppedMS       float64 // silence at the end of a call while the other side is heard; 10 000 ms
	DueMS           float64 // media must have been due this long before its absence is a finding; 2000 ms
	SkewPPM         float64 // sender's clock against the capture's; 200 ppm
	DuplicateRatio  float64 // duplicate packets; 0.01
	ReorderedRatio  float64 // packets out of order; 0.01
	RemoteLossRatio float64 // loss that the receiver reports beyond ours; 0.01
}

// DefaultLimits returns the default of every bound.
func DefaultLimits() Limits { return Limits{}.orDefaults() }

func (l Limits) orDefaults() Limits {
	for _, f := range [...]struct {
		value  *float64
		preset float64
	}{
		{&l.LossRatio, 0.01},
		{&l.JitterMS, 30},
		{&l.OneWayMS, 150},
		{&l.MOS, 3.6},
		{&l.LossRunMS, 100},
		{&l.LateMediaMS, 1000},
		{&l.AfterByeMS, 1000},
		{&l.StoppedMS, 10_000},
		{&l.DueMS, 2000},
		{&l.SkewPPM, 200},
		{&l.DuplicateRatio, 0.01},
		{&l.ReorderedRatio, 0.01},
		{&l.RemoteLossRatio, 0.01},
	} {
		if *f.value == 0 {
			*f.value = f.preset
		}
	}
	if l.DSCP == 0 {
		l.DSCP = 46
	}
	if l.SignallingDSCP == 0 {
		l.SignallingDSCP = 24
	}
	return l
}
