package capture

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// appendRTCPJSON writes an RTCP compound as the JSON that heplify sends and
// Homer reads, with the description that rtpengine adds and all VoIP metrics as
// heplify 2 names them. False means that there is no report in it.
//
// Several reports in one compound become one, of the last sender, with the
// blocks of all: the form has room for no more.
func appendRTCPJSON(b, compound []byte) ([]byte, bool) {
	var r rtcpReport
	if !r.readCompound(compound) {
		return b, false
	}
	b = append(b, `{"sender_information":{"ntp_timestamp_sec":`...)
	b = strconv.AppendInt(b, r.sender.ntpSeconds, 10)
	b = member(b, "ntp_timestamp_usec", r.sender.ntpFraction)
	b = member(b, "rtp_timestamp", int64(r.sender.rtpTime))
	b = member(b, "packets", int64(r.sender.packets))
	b = member(b, "octets", int64(r.sender.octets))
	b = append(b, '}')
	b = member(b, "ssrc", int64(r.ssrc))
	b = member(b, "type", r.kind)
	b = member(b, "report_count", int64(r.blockCount))
	b = append(b, `,"report_blocks":[`...)
	for i := range r.blocks[:r.blockCount] {
		if i > 0 {
			b = append(b, ',')
		}
		b = r.blocks[i].appendJSON(b)
	}
	b = append(b, ']')
	b = r.xr.appendJSON(b)
	b = member(b, "sdes_ssrc", int64(r.describes))
	b = r.appendItems(b)
	return append(b, '}'), true
}

// readCompound reads what is known of an RTCP compound, as far as its lengths
// hold together, and reports whether there was an SR or RR.
func (r *rtcpReport) readCompound(b []byte) bool {
	found := false
	for len(b) >= 8 && b[0]>>6 == 2 {
		length := 4 * (be16(b[2:]) + 1)
		if length > len(b) || length < 8 {
			break
		}
		p := b[:length]
		switch p[1] {
		case rtcpSR:
			if length >= 28 {
				r.kind, r.ssrc, found = rtcpSR, be32(p[4:]), true
				r.sender = senderInfo{int64(be32(p[8:])), int64(be32(p[12:])), be32(p[16:]), be32(p[20:]), be32(p[24:])}
				r.readBlocks(p[28:], int(p[0]&0x1f))
			}
		case rtcpRR:
			if r.kind != rtcpSR {
				r.kind, r.ssrc = rtcpRR, be32(p[4:])
			}
			found = true
			r.readBlocks(p[8:], int(p[0]&0x1f))
		case rtcpSDES:
			r.readItems(p[4:])
		case rtcpXR:
			r.xr.read(p[8:])
		}
		b = b[length:]
	}
	return found
}

func (r *rtcpReport) readBlocks(b []byte, count int) {
	const size = 24
	for ; count > 0 && len(b) >= size && r.blockCount < maxReportBlocks; count-- {
		r.blocks[r.blockCount] = reportBlock{
			ssrc: be32(b), fractionLost: b[4], lost: int64(be32(b[4:]) & 0xffffff), // heplify and rtpengine leave the sign out
			highest: be32(b[8:]), jitter: be32(b[12:]), lsr: be32(b[16:]), dlsr: be32(b[20:]),
		}
		r.blockCount++
		b = b[size:]
	}
}

// readItems reads the first chunk of a source description (RFC 3550 6.5).
func (r *rtcpReport) readItems(b []byte) {
	r.describes = be32(b)
	for b = b[4:]; len(b) >= 2 && b[0] != 0 && r.itemCount < maxSDESItems; {
		n := 2 + int(b[1])
		if n > len(b) {
			return
		}
		r.items[r.itemCount] = sdesItem{b[0], b[2:n]}
		r.itemCount++
		b = b[n:]
	}
}

// read looks for a VoIP metrics block among the blocks of an XR packet (RFC 3611 3).
func (m *voipMetrics) read(b []byte) {
	const size = 36
	for len(b) >= 4 {
		length := 4 * (be16(b[2:]) + 1)
		if length > len(b) {
			return
		}
		if b[0] == blockVoIPMetrics && length >= size {
			*m = voipMetrics{
				given: true, ssrc: be32(b[4:]), lossRate: b[8], discardRate: b[9], burstDensity: b[10], gapDensity: b[11],
				burstDuration: binary.BigEndian.Uint16(b[12:]), gapDuration: binary.BigEndian.Uint16(b[14:]),
				roundTrip: binary.BigEndian.Uint16(b[16:]), endSystem: binary.BigEndian.Uint16(b[18:]),
				signal: b[20], noise: b[21], rerl: b[22], gmin: b[23], rFactor: b[24], extRFactor: b[25], mosLQ: b[26], mosCQ: b[27], config: b[28],
				jbNominal: binary.BigEndian.Uint16(b[30:]), jbMaximum: binary.BigEndian.Uint16(b[32:]), jbAbsMax: binary.BigEndian.Uint16(b[34:]),
			}
			return
		}
		b = b[length:]
	}
}

func member(b []byte, name string, v int64) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return strconv.AppendInt(b, v, 10)
}

func (p *reportBlock) appendJSON(b []byte) []byte {
	b = append(b, `{"source_ssrc":`...)
	b = strconv.AppendInt(b, int64(p.ssrc), 10)
	b = member(b, "fraction_lost", int64(p.fractionLost))
	b = member(b, "packets_lost", p.lost)
	b = member(b, "highest_seq_no", int64(p.highest))
	b = member(b, "ia_jitter", int64(p.jitter))
	b = member(b, "lsr", int64(p.lsr))
	b = member(b, "dlsr", int64(p.dlsr))
	return append(b, '}')
}

// appendJSON writes the ten members that Homer shows, zeros where there is no
// block, and the block as a whole where there is one.
func (m *voipMetrics) appendJSON(b []byte) []byte {
	kind := int64(0)
	if m.given {
		kind = blockVoIPMetrics
	}
	b = append(b, `,"report_blocks_xr":{"type":`...)
	b = strconv.AppendInt(b, kind, 10)
	b = member(b, "id", int64(m.ssrc))
	b = m.appendRates(b, "fraction_lost", "fraction_discard")
	b = append(b, '}')
	if !m.given {
		return b
	}
	b = append(b, `,"voip_metrics":{"ssrc":`...)
	b = strconv.AppendInt(b, int64(m.ssrc), 10)
	b = m.appendRates(b, "loss_rate", "discard_rate")
	b = member(b, "signal_level", int64(int8(m.signal)))
	b = member(b, "noise_level", int64(int8(m.noise)))
	b = member(b, "rerl", int64(m.rerl))
	b = member(b, "gmin", int64(m.gmin))
	b = member(b, "r_factor", int64(m.rFactor))
	b = member(b, "ext_r_factor", int64(int8(m.extRFactor)))
	b = append(b, `,"mos_cq":`...)
	b = strconv.AppendFloat(b, float64(m.mosCQ)/10, 'f', 1, 64)
	b = append(b, `,"mos_lq":`...)
	b = strconv.AppendFloat(b, float64(m.mosLQ)/10, 'f', 1, 64)
	b = member(b, "rx_config", int64(m.config))
	b = member(b, "jb_nominal", int64(m.jbNominal))
	b = member(b, "jb_maximum", int64(m.jbMaximum))
	b = member(b, "jb_abs_max", int64(m.jbAbsMax))
	return append(b, '}')
}

// appendRates writes the members that both forms have; two have other names.
func (m *voipMetrics) appendRates(b []byte, loss, discard string) []byte {
	b = member(b, loss, int64(m.lossRate))
	b = member(b, discard, int64(m.discardRate))
	b = member(b, "burst_density", int64(m.burstDensity))
	b = member(b, "gap_density", int64(m.gapDensity))
	b = member(b, "burst_duration", int64(m.burstDuration))
	b = member(b, "gap_duration", int64(m.gapDuration))
	b = member(b, "round_trip_delay", int64(m.roundTrip))
	return member(b, "end_system_delay", int64(m.endSystem))
}

// appendItems writes the description, where there is one.
func (r *rtcpReport) appendItems(b []byte) []byte {
	if r.itemCount == 0 {
		return b
	}
	b = member(b, "sdes_report_count", int64(r.itemCount))
	b = append(b, `,"sdes_information":[`...)
	for i, item := range r.items[:r.itemCount] {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"type":`...)
		b = strconv.AppendInt(b, int64(item.kind), 10)
		b = append(b, `,"text":"`...)
		b = appendJSONText(b, item.text)
		b = append(b, '"', '}')
	}
	return append(b, ']')
}

// appendJSONText writes a text (UTF-8, RFC 3550 6.5) between quotes; what JSON
// does not allow there is shown as a question mark.
func appendJSONText(b, text []byte) []byte {
	valid := utf8.Valid(text)
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf && !valid {
			c = '?'
		}
		b = append(b, c)
	}
	return b
}
