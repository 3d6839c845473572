package main

import (
	"encoding/binary"
	"math/rand/v2"
	"time"
)

// RTCP packet types (RFC 3550 12.1, RFC 3611).
const (
	rtcpSR   = 200
	rtcpRR   = 201
	rtcpSDES = 202
	rtcpBYE  = 203
	rtcpXR   = 207
)

// reporter is one participant's RTCP. It acts twice per report: when the last
// packets that it can have received pass the tap it looks at its statistics, and
// when the report passes the tap it sends.
type reporter struct {
	call      *call
	out, in   *stream // sent by it, sent to it; one may be nil
	path      path
	ssrc      uint32
	cname     string
	delay     time.Duration // between it and the tap
	interval  time.Duration
	until     int64
	xr        bool
	roundTrip time.Duration
	r         *rand.Rand

	at       int64 // of the report under way, on its own clock
	block    []byte
	xrBlock  []byte
	expected int64 // at the report before, for the fraction
	received int64
}

// start enters the reporter in the agenda for a participant that begins at from.
func (p *reporter) start(e *engine, from int64) {
	p.at = from + int64(float64(p.interval)*(0.3+0.5*p.r.Float64()))
	e.add(max(p.at-int64(p.delay), e.now), p)
}

func (p *reporter) fire(e *engine, now int64) int64 {
	if p.block == nil {
		p.at = min(p.at, p.until)
		p.look()
		return max(e.tick(p.at+int64(p.delay)), now)
	}
	last := p.at >= p.until
	p.send(e, now, last)
	p.block, p.xrBlock = nil, nil
	if last {
		p.call.ended(e)
		return done
	}
	p.at += int64(float64(p.interval) * (0.8 + 0.4*p.r.Float64()))
	return max(min(p.at, p.until)-int64(p.delay), now)
}

// look takes the reception report block (RFC 3550 6.4.1) from the receiver's
// statistics; an empty block where nothing was received yet.
func (p *reporter) look() {
	p.block = []byte{}
	if p.in == nil || p.in.remote.packets == 0 {
		return
	}
	rx := &p.in.remote
	expected := rx.highest - rx.first + 1
	lost := expected - rx.segmentPackets
	fraction := byte(0)
	dExpected, dReceived := expected-p.expected, rx.segmentPackets-p.received
	if dExpected > dReceived && dExpected > 0 && dReceived >= 0 {
		fraction = byte(min(255, (dExpected-dReceived)*256/dExpected))
	}
	p.expected, p.received = expected, rx.segmentPackets
	p.in.reports++
	p.in.toldLost, p.in.toldJitterMS = lost, rx.ms(float64(int64(rx.jitter)))

	var lsr, dlsr uint32
	if sr := p.in.last; sr.ntpMiddle != 0 {
		lsr = sr.ntpMiddle
		dlsr = uint32((p.at - sr.tapAt - int64(p.delay)) * 65536 / 1e9)
	}
	b := binary.BigEndian.AppendUint32(nil, p.in.ssrc)
	b = binary.BigEndian.AppendUint32(b, uint32(fraction)<<24|uint32(lost)&0xffffff)
	b = binary.BigEndian.AppendUint32(b, uint32(p.in.base)+uint32(rx.highest))
	b = binary.BigEndian.AppendUint32(b, uint32(rx.jitter))
	b = binary.BigEndian.AppendUint32(b, lsr)
	p.block = binary.BigEndian.AppendUint32(b, dlsr)
	if p.xr {
		p.xrBlock = p.voipMetrics(expected, lost)
	}
}

// send writes the compound packet: SR or RR, SDES, XR where asked, BYE at the end.
func (p *reporter) send(e *engine, now int64, last bool) {
	b := p.reportPacket(now)
	b = p.sdes(b)
	if p.xrBlock != nil {
		b = rtcpHeader(b, 0, rtcpXR, 1+len(p.xrBlock)/4)
		b = binary.BigEndian.AppendUint32(b, p.ssrc)
		b = append(b, p.xrBlock...)
	}
	if last {
		b = rtcpHeader(b, 1, rtcpBYE, 1)
		b = binary.BigEndian.AppendUint32(b, p.ssrc)
	}
	buf := append(p.path.begin(e.buf), b...)
	p.path.finishUDP(buf, checksum(0, b))
	buf = pad(buf)
	e.buf = buf
	e.emit(now, &p.path, buf)
	e.totals.rtcp++
}

// reportPacket is an SR where the participant has sent RTP, else an RR.
func (p *reporter) reportPacket(now int64) []byte {
	blocks := len(p.block) / 24
	var packets, octets int64
	if p.out != nil {
		packets, octets = p.out.sentUntil(p.at)
	}
	if packets == 0 {
		b := rtcpHeader(nil, blocks, rtcpRR, 1+len(p.block)/4)
		return append(binary.BigEndian.AppendUint32(b, p.ssrc), p.block...)
	}
	ntp := ntpTime(p.at)
	p.out.last = senderReport{ntpMiddle: uint32(ntp >> 16), tapAt: now}
	b := rtcpHeader(nil, blocks, rtcpSR, 6+len(p.block)/4)
	b = binary.BigEndian.AppendUint32(b, p.ssrc)
	b = binary.BigEndian.AppendUint64(b, ntp)
	b = binary.BigEndian.AppendUint32(b, p.out.talker.timestampAt(p.at))
	b = binary.BigEndian.AppendUint32(b, uint32(packets))
	b = binary.BigEndian.AppendUint32(b, uint32(octets))
	return append(b, p.block...)
}

// sdes adds the CNAME that every compound packet must carry (RFC 3550 6.1).
func (p *reporter) sdes(b []byte) []byte {
	item := append([]byte{1, byte(len(p.cname))}, p.cname...)
	item = append(item, 0)
	for len(item)%4 != 0 {
		item = append(item, 0)
	}
	b = rtcpHeader(b, 1, rtcpSDES, 1+len(item)/4)
	b = binary.BigEndian.AppendUint32(b, p.ssrc)
	return append(b, item...)
}

// voipMetrics is RFC 3611's block type 7. What the generator doesn't model is
// given as unavailable (127); it discards nothing and so reports no discards.
func (p *reporter) voipMetrics(expected, lost int64) []byte {
	const gmin, unavailable = 16, 127
	ms := func(d time.Duration) uint16 { return uint16(min(d/time.Millisecond, 65535)) }
	bg := p.in.runs.report()
	packetTime := time.Duration(p.in.ptimeMS) * time.Millisecond
	b := []byte{7, 0, 0, 8}
	b = binary.BigEndian.AppendUint32(b, p.in.ssrc)
	b = append(b, per256(lost, expected), 0, per256(bg.burstLost, bg.burst), per256(bg.gapLost, bg.gap))
	b = binary.BigEndian.AppendUint16(b, ms(meanPeriod(bg.burst, bg.bursts, packetTime)))
	b = binary.BigEndian.AppendUint16(b, ms(meanPeriod(bg.gap, bg.gaps, packetTime)))
	b = binary.BigEndian.AppendUint16(b, ms(p.roundTrip))
	b = binary.BigEndian.AppendUint16(b, ms(bufferDelay+packetTime)) // end system delay
	b = append(b, unavailable, unavailable, unavailable, gmin, unavailable, unavailable, unavailable, unavailable)
	b = append(b, 0xa0, 0) // PLC enhanced, jitter buffer fixed, rate 0
	for range 3 {          // nominal, maximum, absolute maximum
		b = binary.BigEndian.AppendUint16(b, ms(bufferDelay))
	}
	return b
}

// bufferDelay is the jitter buffer that the receivers claim to have.
const bufferDelay = 40 * time.Millisecond

func per256(part, whole int64) byte {
	if whole <= 0 {
		return 0
	}
	return byte(max(0, min(255, part*256/whole)))
}

func meanPeriod(packets, periods int64, packetTime time.Duration) time.Duration {
	if periods == 0 {
		return 0
	}
	return time.Duration(packets) * packetTime / time.Duration(periods)
}

// rtcpHeader starts a packet whose body has the given number of 32-bit words.
func rtcpHeader(b []byte, count int, packetType byte, words int) []byte {
	return append(b, 0x80|byte(count), packetType, byte(words>>8), byte(words))
}

// ntpTime is a moment as RFC 3550 4 writes it: seconds since 1900 and their fraction.
func ntpTime(at int64) uint64 {
	const epochs = 2208988800 // seconds from 1900 to 1970
	return uint64(at/1e9+epochs)<<32 | uint64(at%1e9)<<32/1e9
}
