package dialog

import (
	"net/netip"

	"github.com/pion/rtcp"

	"earshot/rtpstats"
)

// rtcpIdle is how long the word of an RTCP source is kept after its last
// datagram; senders report every few seconds (RFC 3550 6.2).
const rtcpIdle = 120 * second

// rtcpKey is one SSRC on one RTCP path.
type rtcpKey struct {
	ssrc     uint32 // the speaker's own, or the one spoken of
	src, dst packed
}

// speaker is what an SSRC says of itself on one RTCP path.
type speaker struct {
	key      rtcpKey
	born     int64
	last     int64
	stamps   stamps
	reports  int    // sender reports
	sent     uint64 // packets sent since the first sender report (modulo wraps)
	previous uint32
	deafAt   int64    // its last sender report that spoke of nobody's stream; 0: none
	hears    int      // its report blocks by which packets had come since the one before
	near     halfTrip // between the tap and it, from its answers to others' reports
	party
}

// witness is what reports on one RTCP path say of one SSRC's stream.
type witness struct {
	key         rtcpKey
	born        int64
	last        int64
	blocks      int
	lost        int32  // last cumulative number of packets lost
	most        int32  // the highest so far
	grown       int64  // by how much that grew, over all restarts of the receiver's count
	highest     uint32 // last extended highest sequence number
	deltaLost   int64  // sums over successive reports
	deltaExpect int64
	firstRatio  float64 // fraction lost of the first report
	worstRatio  float64
	jitter      uint32 // last, timestamp units
	jitterMax   uint32
	far         halfTrip // between the tap and the reporter
	xr          *XRRecord
	party
}

// rtcpState is everything that RTCP said lately.
type rtcpState struct {
	speakers        map[rtcpKey]*speaker
	witnesses       map[rtcpKey]*witness
	speakersBySSRC  index[uint32, *speaker]
	witnessesBySSRC index[uint32, *witness]
	aging           []aging // in order of their next look
	agingHead       int

	unparsed, encrypted uint64
	rtcpTypes           [len(rtcpTypeNames)]uint64
}

// aging is an entry of the expiry queue. It names a speaker or a witness and
// does not hold it: most are dropped with their call, long before their turn.
type aging struct {
	key     rtcpKey
	witness bool
	born    int64 // of the one that is meant: another may have its key by then
	look    int64
}

func newRTCPState() rtcpState {
	return rtcpState{
		speakers:        make(map[rtcpKey]*speaker),
		witnesses:       make(map[rtcpKey]*witness),
		speakersBySSRC:  newIndex[uint32, *speaker](),
		witnessesBySSRC: newIndex[uint32, *witness](),
	}
}

// rtcp takes one datagram that looked like RTCP. Named is the call that it
// belongs to by the word of who captured it, nil where nobody said.
func (m *media) rtcp(at int64, src, dst netip.AddrPort, named *dialogSet, b []byte) {
	src, dst = unmap(src), unmap(dst)
	m.ageRTCP(at)
	to := m.rtcpEndpoint(at, dst)
	if rtpstats.IsSRTCP(b, len(b)) || to != nil && to.line.secure {
		m.encrypted++
		return
	}
	parts, damaged := rtpstats.ParseRTCP(b)
	if damaged {
		m.unparsed++
	}
	w := word{m: m, at: at, src: pack(src), dst: pack(dst), sender: senderOf(to, named, src.Addr(), dst.Addr())}
	for _, p := range parts {
		w.take(p)
	}
}

// rtcpEndpoint finds who announced to receive RTCP at an address: a port of
// its own, or the media port with rtcp-mux (RFC 5761).
func (m *media) rtcpEndpoint(at int64, a netip.AddrPort) *endpoint {
	none := func(*endpoint) bool { return false }
	if e := claim(m.rtcpPorts.get(a), at, at, none); e != nil {
		return e
	}
	return claim(m.endpoints.get(a), at, at, none)
}

// word is one RTCP datagram being read.
type word struct {
	m        *media
	at       int64
	src, dst packed
	sender   party // who sent the datagram
}

func (w *word) take(p rtcp.Packet) {
	w.m.rtcpTypes[typeOf(p)]++
	switch p := p.(type) {
	case *rtcp.SenderReport:
		s := w.speaker(p.SSRC)
		if s != nil {
			s.senderReport(w.at, p)
			if len(p.Reports) == 0 {
				s.deafAt = w.at
			}
		}
		w.blocks(s, p.Reports)
	case *rtcp.ReceiverReport:
		w.blocks(w.speaker(p.SSRC), p.Reports)
	case *rtcp.ExtendedReport:
		w.extended(w.speaker(p.SenderSSRC), p.Reports)
	}
}

// speaker finds or makes the entry of the datagram's own SSRC. Its stream goes
// the datagram's way: towards whoever announced the port.
func (w *word) speaker(ssrc uint32) *speaker {
	key := rtcpKey{ssrc: ssrc, src: w.src, dst: w.dst}
	s := w.m.speakers[key]
	if s == nil {
		if len(w.m.speakers) >= rtcpPerStream*w.m.maxStreams() {
			w.m.refused.rtcp++
			return nil
		}
		s = &speaker{key: key, born: w.at}
		w.m.speakers[key] = s
		w.m.speakersBySSRC.add(ssrc, s)
		w.m.aging = append(w.m.aging, aging{key: key, born: w.at, look: w.at + rtcpIdle})
	}
	s.last = w.at
	s.party.learn(w.sender)
	return s
}

// witness finds or makes the entry of an SSRC that the datagram speaks of. Its
// stream comes from whoever the datagram goes to.
func (w *word) witness(ssrc uint32) *witness {
	key := rtcpKey{ssrc: ssrc, src: w.src, dst: w.dst}
	x := w.m.witnesses[key]
	if x == nil {
		if len(w.m.witnesses) >= rtcpPerStream*w.m.maxStreams() {
			w.m.refused.rtcp++
			return nil
		}
		x = &witness{key: key, born: w.at}
		w.m.witnesses[key] = x
		w.m.witnessesBySSRC.add(ssrc, x)
		w.m.aging = append(w.m.aging, aging{key: key, witness: true, born: w.at, look: w.at + rtcpIdle})
	}
	x.last = w.at
	x.party.learn(w.sender.other())
	return x
}

// senderReport takes the sender's own counts (RFC 3550 6.4.1).
func (s *speaker) senderReport(at int64, p *rtcp.SenderReport) {
	s.stamps.add(rtpstats.MiddleNTP(p.NTPTime), at)
	if s.reports > 0 && p.PacketCount-s.previous < 1<<31 {
		s.sent += uint64(p.PacketCount - s.previous)
	}
	s.previous = p.PacketCount
	s.reports++
}

// blocks takes the reception reports of an SR or RR.
func (w *word) blocks(s *speaker, blocks []rtcp.ReceptionReport) {
	for i := range blocks {
		b := &blocks[i]
		x := w.witness(b.SSRC)
		if x == nil {
			continue
		}
		before := x.deltaExpect - x.deltaLost
		x.receptionReport(b)
		if s != nil && x.deltaExpect-x.deltaLost > before {
			s.hears++
		}
		if b.LastSenderReport != 0 { // 0: it has had none yet
			w.roundTrip(s, x, b.SSRC, b.LastSenderReport, b.Delay)
		}
	}
}

// receptionReport adds one report block. Between two reports the difference of
// the counts is what happened between them (RFC 3550 6.4.4); a sequence number
// that went back is a restart of the receiver's count, and starts anew.
func (x *witness) receptionReport(b *rtcp.ReceptionReport) {
	lost, ratio := rtpstats.CumulativeLost(b), rtpstats.FractionLost(b)
	if x.blocks == 0 {
		x.firstRatio = ratio
	} else if advance := b.LastSequenceNumber - x.highest; advance < 1<<31 {
		x.deltaExpect += int64(advance)
		x.deltaLost += int64(lost - x.lost)
	} else {
		x.most = min(x.most, lost)
	}
	if lost > x.most {
		x.grown += int64(lost) - int64(x.most)
		x.most = lost
	}
	x.lost, x.highest = lost, b.LastSequenceNumber
	x.worstRatio = max(x.worstRatio, ratio)
	x.jitter = b.Jitter
	x.jitterMax = max(x.jitterMax, b.Jitter)
	x.blocks++
}

// lossRatio is the receiver's loss over everything that it reported on. The
// first report's own period is before any difference: its fraction lost enters
// with the mean length of the later periods.
func (x *witness) lossRatio() (float64, bool) {
	if x.blocks == 0 {
		return 0, false
	}
	if x.blocks == 1 || x.deltaExpect == 0 {
		return x.firstRatio, true
	}
	before := float64(x.deltaExpect) / float64(x.blocks-1)
	lost := float64(x.deltaLost) + x.firstRatio*before
	return max(0, lost/(float64(x.deltaExpect)+before)), true
}
