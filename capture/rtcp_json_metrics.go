package capture

import "encoding/binary"

// voipMetrics is a VoIP metrics block (RFC 3611 4.7) as JSON gives it.
type voipMetrics struct {
	given                          bool // the JSON holds a block, not the zeros that stand for none
	ssrc                           uint32
	lossRate, discardRate          uint8
	burstDensity, gapDensity       uint8
	burstDuration, gapDuration     uint16
	roundTrip, endSystem           uint16
	signal, noise, rerl, gmin      uint8
	rFactor, extRFactor            uint8
	mosLQ, mosCQ, config           uint8
	jbNominal, jbMaximum, jbAbsMax uint16
}

// Values of a VoIP metrics block.
const (
	blockVoIPMetrics = 7
	metricMissing    = 127 // RFC 3611 4.7.4, 4.7.5: the metric is unavailable
	defaultGmin      = 16  // RFC 3611 4.7.2
)

// unavailable returns a block in which nothing is known.
func unavailable() voipMetrics {
	return voipMetrics{
		signal: metricMissing, noise: metricMissing, rerl: metricMissing, gmin: defaultGmin,
		rFactor: metricMissing, extRFactor: metricMissing, mosLQ: metricMissing, mosCQ: metricMissing,
	}
}

// set takes one member, by the names that heplify ("report_blocks_xr" with ten
// of them, "voip_metrics" with all) and captagent give them.
func (m *voipMetrics) set(key, value []byte) {
	v, tenths := decimal(value)
	switch string(key) {
	case "type":
		m.given = m.given || v == blockVoIPMetrics
		return
	case "id", "ssrc", "identifier":
		m.ssrc = uint32(v)
	case "fraction_lost", "loss_rate":
		m.lossRate = uint8(v)
	case "fraction_discard", "discard_rate":
		m.discardRate = uint8(v)
	case "burst_density", "burst_rate":
		m.burstDensity = uint8(v)
	case "gap_density", "gap_rate":
		m.gapDensity = uint8(v)
	case "burst_duration":
		m.burstDuration = uint16(v)
	case "gap_duration":
		m.gapDuration = uint16(v)
	case "round_trip_delay":
		m.roundTrip = uint16(v)
	case "end_system_delay", "end_sys_delay":
		m.endSystem = uint16(v)
	default:
		m.setRare(key, v, tenths)
	}
	if v != 0 {
		m.given = true
	}
}

// setRare takes the members that heplify 1 leaves out.
func (m *voipMetrics) setRare(key []byte, v, tenths int64) {
	switch string(key) {
	case "signal_level", "signal_lev":
		m.signal = uint8(v)
	case "noise_level", "noise_lev":
		m.noise = uint8(v)
	case "rerl", "RERL":
		m.rerl = uint8(v)
	case "gmin", "Gmin":
		m.gmin = uint8(v)
	case "r_factor", "R_fact":
		m.rFactor = uint8(v)
	case "ext_r_factor", "ext_R_fact":
		m.extRFactor = uint8(v)
	case "mos_lq", "MOS_LQ":
		m.mosLQ = mosTenths(v, tenths)
	case "mos_cq", "MOS_CQ":
		m.mosCQ = mosTenths(v, tenths)
	case "rx_config":
		m.config = uint8(v)
	case "jb_nominal", "JB_nom":
		m.jbNominal = uint16(v)
	case "jb_maximum", "JB_max":
		m.jbMaximum = uint16(v)
	case "jb_abs_max", "JB_abs_max":
		m.jbAbsMax = uint16(v)
	}
}

// mosTenths returns MOS times 10, which the block has (RFC 3611 4.7.5): some
// write that, some divide it. No MOS reaches 10, and 12.7 is 127 divided.
func mosTenths(whole, tenths int64) uint8 {
	if whole < 10 || tenths != 0 {
		return uint8(whole*10 + tenths)
	}
	return uint8(whole)
}

// append writes an XR packet with the block (RFC 3611 2, 4.7).
func (m *voipMetrics) append(b []byte, sender uint32) []byte {
	const words = 10 // the packet's length in 32-bit words, without the first
	b = append(b, 0x80, rtcpXR, 0, words)
	b = binary.BigEndian.AppendUint32(b, sender)
	b = append(b, blockVoIPMetrics, 0, 0, words-2)
	b = binary.BigEndian.AppendUint32(b, m.ssrc)
	b = append(b, m.lossRate, m.discardRate, m.burstDensity, m.gapDensity)
	b = binary.BigEndian.AppendUint16(b, m.burstDuration)
	b = binary.BigEndian.AppendUint16(b, m.gapDuration)
	b = binary.BigEndian.AppendUint16(b, m.roundTrip)
	b = binary.BigEndian.AppendUint16(b, m.endSystem)
	b = append(b, m.signal, m.noise, m.rerl, m.gmin, m.rFactor, m.extRFactor, m.mosLQ, m.mosCQ, m.config, 0)
	b = binary.BigEndian.AppendUint16(b, m.jbNominal)
	b = binary.BigEndian.AppendUint16(b, m.jbMaximum)
	return binary.BigEndian.AppendUint16(b, m.jbAbsMax)
}
