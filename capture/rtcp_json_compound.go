package capture

import "encoding/binary"

// RTCP packet types (RFC 3550 12.1, RFC 3611 2).
const (
	rtcpSR   = 200
	rtcpRR   = 201
	rtcpSDES = 202
	rtcpXR   = 207
)

// ntpEpoch is 1970 in NTP's seconds (RFC 5905 6).
const ntpEpoch = 2208988800

// appendCompound writes the RTCP that the report stands for: SR or RR, then
// SDES and XR where there is something to say. Nothing is written for JSON that
// holds no report. The type is not believed: heplify writes that of the
// compound's last packet.
func (r *rtcpReport) appendCompound(b []byte) []byte {
	blocks := r.reported()
	sends := r.kind == rtcpSR && r.senderGiven || r.sender != senderInfo{}
	if !sends && len(blocks) == 0 && r.kind != rtcpRR && r.itemCount == 0 && !r.xr.given {
		return b
	}
	if sends {
		b = r.appendHeader(b, rtcpSR, len(blocks), 6+6*len(blocks))
		b = r.sender.append(b)
	} else {
		b = r.appendHeader(b, rtcpRR, len(blocks), 1+6*len(blocks))
	}
	for i := range blocks {
		b = blocks[i].append(b)
	}
	b = r.appendSDES(b)
	if r.xr.given {
		b = r.xr.append(b, r.ssrc)
	}
	return b
}

// appendHeader writes the header and the SSRC. words is the length without the
// first word.
func (r *rtcpReport) appendHeader(b []byte, kind byte, count, words int) []byte {
	b = append(b, 0x80|byte(count), kind, byte(words>>8), byte(words))
	return binary.BigEndian.AppendUint32(b, r.ssrc)
}

// reported returns the blocks. One that says nothing at all stands for none.
func (r *rtcpReport) reported() []reportBlock {
	blocks := r.blocks[:r.blockCount]
	if len(blocks) == 1 && blocks[0] == (reportBlock{}) {
		return nil
	}
	return blocks
}

// append writes the sender information. The members are called seconds and
// microseconds, but hold the two halves of the NTP time stamp; Asterisk's hold
// what they are called, since 1970.
func (s *senderInfo) append(b []byte) []byte {
	const plausible = 1e9 // seconds since 1970 of 2001; what is less counts from when the sender started
	seconds, fraction := s.ntpSeconds, s.ntpFraction
	if seconds >= plausible && seconds < ntpEpoch && fraction >= 0 && fraction < 1e6 {
		seconds += ntpEpoch
		fraction = (fraction << 32) / 1e6
	}
	b = binary.BigEndian.AppendUint32(b, uint32(seconds))
	b = binary.BigEndian.AppendUint32(b, uint32(fraction))
	b = binary.BigEndian.AppendUint32(b, s.rtpTime)
	b = binary.BigEndian.AppendUint32(b, s.packets)
	return binary.BigEndian.AppendUint32(b, s.octets)
}

// append writes a report block. The cumulative loss has 24 bits with a sign,
// and most senders write them without (RFC 3550 6.4.1).
func (p *reportBlock) append(b []byte) []byte {
	const largest = 1<<23 - 1
	lost := p.lost
	if lost > 1<<31 && lost < 1<<32 {
		lost -= 1 << 32 // a negative number printed as an unsigned one
	}
	if lost > 1<<24-1 || lost < -largest-1 {
		lost = largest
	}
	b = binary.BigEndian.AppendUint32(b, p.ssrc)
	b = binary.BigEndian.AppendUint32(b, uint32(p.fractionLost)<<24|uint32(lost)&0xffffff)
	b = binary.BigEndian.AppendUint32(b, p.highest)
	b = binary.BigEndian.AppendUint32(b, p.jitter)
	b = binary.BigEndian.AppendUint32(b, p.lsr)
	return binary.BigEndian.AppendUint32(b, p.dlsr)
}

// appendSDES writes the source description, one chunk with the items that
// RFC 3550 6.5 numbers.
func (r *rtcpReport) appendSDES(b []byte) []byte {
	const items = 8 // CNAME is 1, PRIV is 8
	start := len(b)
	b = append(b, 0x81, rtcpSDES, 0, 0)
	ssrc := r.describes
	if ssrc == 0 {
		ssrc = r.ssrc
	}
	b = binary.BigEndian.AppendUint32(b, ssrc)
	first := len(b)
	for _, item := range r.items[:r.itemCount] {
		if item.kind >= 1 && item.kind <= items && len(item.text) > 0 {
			b = append(b, item.kind, byte(len(item.text)))
			b = append(b, item.text...)
		}
	}
	if len(b) == first {
		return b[:start]
	}
	b = append(b, 0) // the end of the items, and then to the next word
	for (len(b)-start)%4 != 0 {
		b = append(b, 0)
	}
	words := (len(b)-start)/4 - 1
	b[start+2], b[start+3] = byte(words>>8), byte(words)
	return b
}
