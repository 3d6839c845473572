package rtpstats

import "github.com/pion/rtcp"

// VoIPMetrics is RFC 3611's VoIP metrics block (4.7, block type 7) with its
// codings undone: ratios run 0 to 1, times are in ms, nil is "unavailable".
type VoIPMetrics struct {
	SSRC                  uint32  // of the source that it is about
	LossRatio             float64 // lost, 4.7.1
	DiscardRatio          float64 // discarded by the jitter buffer
	BurstDensity          float64 // share of bad packets within bursts, 4.7.2
	GapDensity            float64
	BurstMS, GapMS        int      // mean durations
	RTTMS                 int      // 0: unknown, 4.7.3
	EndSystemMS           int      // 0: unknown
	SignalDBm0, NoiseDBm0 *int     // relative to 0 dBm0, signed, 4.7.4
	RERLDB                *int     // residual echo return loss
	Gmin                  int      // gap threshold, packets, 4.7.2
	R, ExtR               *int     // 0 to 100, 4.7.5
	MOSLQ, MOSCQ          *float64 // 1 to 5
	PLC                   PLCKind  // receiver configuration, 4.7.6
	BufferAdaptive        *bool
	BufferRate            int // adjustment rate, 0 to 15
	BufferNominalMS       int // 4.7.7
	BufferMaximumMS       int
	BufferAbsMaximumMS    int
}

// PLCKind is the packet loss concealment that a receiver says it has (RFC 3611 4.7.6).
type PLCKind uint8

// The kinds, as coded on the wire.
const (
	PLCUnspecified PLCKind = iota
	PLCDisabled            // silence is inserted for lost packets
	PLCEnhanced
	PLCStandard
)

// unavailable marks an unknown value in the octets of the block.
const unavailable = 127

// ReadVoIPMetrics undoes the codings of a VoIP metrics block. The fields of
// signal levels and of quality are tested for 127 before they are scaled: a
// MOS of 127 is no 12.7.
func ReadVoIPMetrics(b *rtcp.VoIPMetricsReportBlock) VoIPMetrics {
	m := VoIPMetrics{
		SSRC:               b.SSRC,
		LossRatio:          float64(b.LossRate) / 256,
		DiscardRatio:       float64(b.DiscardRate) / 256,
		BurstDensity:       float64(b.BurstDensity) / 256,
		GapDensity:         float64(b.GapDensity) / 256,
		BurstMS:            int(b.BurstDuration),
		GapMS:              int(b.GapDuration),
		RTTMS:              int(b.RoundTripDelay),
		EndSystemMS:        int(b.EndSystemDelay),
		SignalDBm0:         level(b.SignalLevel),
		NoiseDBm0:          level(b.NoiseLevel),
		RERLDB:             quality(b.RERL, 255),
		Gmin:               int(b.Gmin),
		R:                  quality(b.RFactor, 100),
		ExtR:               quality(b.ExtRFactor, 100),
		MOSLQ:              opinion(b.MOSLQ),
		MOSCQ:              opinion(b.MOSCQ),
		PLC:                PLCKind(b.RXConfig >> 6),
		BufferRate:         int(b.RXConfig & 0x0f),
		BufferNominalMS:    int(b.JBNominal),
		BufferMaximumMS:    int(b.JBMaximum),
		BufferAbsMaximumMS: int(b.JBAbsMax),
	}
	// Two bits: 3 adaptive, 2 not, 1 reserved, 0 unknown.
	if jba := b.RXConfig >> 4 & 3; jba >= 2 {
		adaptive := jba == 3
		m.BufferAdaptive = &adaptive
	}
	return m
}

// level reads a signal level, two's complement.
func level(octet uint8) *int {
	if octet == unavailable {
		return nil
	}
	v := int(int8(octet))
	return &v
}

// quality reads an octet up to limit; more than that is unknown as well.
func quality(octet, limit uint8) *int {
	if octet == unavailable || octet > limit {
		return nil
	}
	v := int(octet)
	return &v
}

// opinion reads a MOS times ten, 10 to 50.
func opinion(octet uint8) *float64 {
	if octet < 10 || octet > 50 {
		return nil
	}
	v := float64(octet) / 10
	return &v
}
