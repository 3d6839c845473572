package pipeline

import (
	"errors"
	"io"
	"sync/atomic"

	"earshot/capture"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// second is the length of an epoch, ns.
const second = int64(1e9)

// maxLeap is how far packet time may jump ahead on the word of one packet. A
// larger step needs the next packet's consent, so that one damaged time stamp
// does not end every call.
const maxLeap = 60 * second

// showEvery is how long a live lane holds back what it has: short enough that
// nobody waits for it, long enough that batches stay full under load.
const showEvery = second / 20

// lane reads one source: it decodes, classifies, and sends each packet on its
// way. One goroutine runs it; only progress and stage are read by others.
type lane struct {
	source  capture.Source
	decoder *capture.Decoder
	tcp     *capture.Streams
	sip     map[flow]*sipparse.Stream // per direction of a TCP connection that carries SIP
	sdp     sipparse.SDP              // of the message at hand

	shards   []packetOutlet
	messages messageOutlet
	keep     *laneKeeper // nil: nothing is kept

	live   bool
	showAt int64 // event time at which what is held back is shown, live only

	clock    clock
	now      int64 // event time of the frame at hand
	frame    capture.Frame
	dg       capture.Datagram
	header   rtpstats.Header
	marked   bool // dg is the packet that brought the message at hand
	kind     keepKind
	kept     int    // octets of dg.Payload that are kept of RTP
	lost     uint64 // by the source
	holes    uint64 // ticks at which the source said that packets are missing
	counts   laneCounts
	progress *progress
	stage    atomic.Pointer[LaneStage]
	err      error
}

// run reads the source to its end.
func (l *lane) run(stop <-chan struct{}) {
	l.err = l.read(stop)
	l.end()
}

// pollEvery is how many frames pass between looks at stop and updates of the progress.
const pollEvery = 4096

func (l *lane) read(stop <-chan struct{}) error {
	for {
		err := l.frames(pollEvery)
		l.progress.update(&l.counts)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, capture.ErrIdle):
			l.idle()
		case err != nil:
			return err
		}
		select {
		case <-stop:
			return nil
		default:
		}
	}
}

// frames moves the next n frames on, fewer where a live lane has something to show.
func (l *lane) frames(n int) error {
	for range n {
		if err := l.source.Next(&l.frame); err != nil {
			return err
		}
		l.take()
		if l.live && l.now >= l.showAt {
			l.show()
			return nil
		}
	}
	return nil
}

// take moves one frame on.
func (l *lane) take() {
	l.counts.span(l.frame.At)
	l.now = l.frame.At
	if l.frame.Seen != 0 {
		l.now = min(l.now, l.frame.Seen)
	}
	if at, crossed := l.clock.advance(l.now); crossed {
		l.tick(tick{at: at})
	}
	l.counts.Packets++
	l.counts.Bytes += uint64(l.frame.OrigLen)
	l.kind = keepNone
	switch {
	case !l.decoder.Decode(&l.frame, &l.dg):
		if l.dg.FragmentID != 0 {
			l.kind = keepWhole // a piece of something
		}
	case l.dg.Protocol == protocolTCP && !l.dg.Message:
		l.segment()
	default:
		l.datagram()
	}
	l.keep.take(&l.frame, &l.dg, l.kind, l.kept)
}

// idle passes the time on that the source vouches for.
func (l *lane) idle() {
	if l.frame.At > 0 {
		l.now = max(l.now, l.frame.At)
		if at, crossed := l.clock.advance(l.frame.At); crossed {
			l.tick(tick{at: at})
		}
	}
	l.show()
}

// show lets the stages behind see what the lane holds back, and how far it has come.
func (l *lane) show() {
	l.showAt = l.now + showEvery
	if l.live {
		l.messages.put(message{at: l.now, order: l.now, kind: messageMark}, nil)
	}
	l.flush()
}

// tick passes packet time to everybody, with what was lost since the last one.
func (l *lane) tick(t tick) {
	lost, suspect := l.source.Drops()
	l.lost += lost
	if suspect {
		l.holes++
	}
	t.drops = lost
	t.seen = seen{packets: l.counts.Packets, lost: l.lost, shed: l.counts.ShedRTP, shedMessages: l.messages.shed, holes: l.holes}
	for i := range l.shards {
		o := &l.shards[i]
		t.drops += o.shed
		mine := t
		mine.drops = o.mark(lost, suspect)
		o.event(event{tick: mine})
	}
	l.messages.put(message{at: t.at, order: t.at, kind: messageTick, tick: t}, nil)
	l.expire(t.at)
	l.keep.tick(t.at)
	if l.live {
		l.publish()
	}
}

// rtp sends one RTP packet to the shard that owns its destination.
func (l *lane) rtp(h *rtpstats.Header) {
	d := &l.dg
	o := &l.shards[shardOf(&d.DstAddr, d.DstPort, len(l.shards))]
	p, path := o.next()
	if p == nil {
		l.counts.ShedRTP++
		return
	}
	p.At = d.At
	p.SSRC = h.SSRC
	p.Timestamp = h.Timestamp
	p.Src = d.SrcAddr
	p.Dst = d.DstAddr
	p.SrcPort = d.SrcPort
	p.DstPort = d.DstPort
	p.Seq = h.Seq
	p.WireLen = uint16(min(d.WireLen, 1<<16-1))
	p.PayloadLen = h.PayloadLen
	p.MarkerPT = h.MarkerPT
	p.TOS = d.TOS
	p.TTL = d.TTL
	p.Link = linkBits(d)
	p.Head = h.Head
	*path = pathOf(d)
	o.put()
}

func linkBits(d *capture.Datagram) uint8 {
	var bits uint8
	if d.Tagged {
		bits = rtpstats.LinkVLAN | d.Priority&rtpstats.LinkPriority
	}
	if d.Copy {
		bits |= rtpstats.LinkCopy
	}
	if d.Message {
		bits |= rtpstats.LinkNoTTL
	}
	if d.NoTOS {
		bits |= rtpstats.LinkNoTOS
	}
	return bits
}

// pathOf says where a packet was seen; the VLAN is 0 where it had no tag.
func pathOf(d *capture.Datagram) rtpstats.Path { return rtpstats.NewPath(d.Point, d.VLAN) }

// flush shows everything that the lane holds back.
func (l *lane) flush() {
	for i := range l.shards {
		l.shards[i].settle()
		l.shards[i].send()
	}
	l.messages.settle()
	l.messages.send()
}

// publish lets others see what the lane has counted.
func (l *lane) publish() {
	s := LaneStage{
		At: l.clock.now, Packets: l.counts.Packets, Bytes: l.counts.Bytes,
		SIP: l.counts.SIP, RTCP: l.counts.RTCP, RTP: l.counts.RTP,
		Lost: l.lost, ShedRTP: l.counts.ShedRTP, ShedMessages: l.messages.shed,
		Decode: l.decoder.Counters(), TCP: l.tcp.Counters(),
		Passed: make(map[string]uint64, passCount), Refused: l.counts.SIPStreamsRefused, Resyncs: l.counts.Resyncs,
		MessagesUsed: l.messages.ring.used(),
	}
	for why, n := range l.counts.Passed {
		s.Passed[passedNames[why]] = n
	}
	for i := range l.shards {
		s.ShedHints += l.shards[i].shedHints
		s.RingUsed = max(s.RingUsed, l.shards[i].ring.used())
	}
	l.stage.Store(&s)
}

// end passes the last tick and closes the lane's rings. Nothing comes any more
// that waiting for room could lose.
func (l *lane) end() {
	for i := range l.shards {
		l.shards[i].rest = nil
	}
	l.messages.rest = nil
	l.tcp.Close(l.chunk)
	l.counts.Decode = l.decoder.Counters()
	l.counts.TCP = l.tcp.Counters()
	l.tick(tick{at: l.clock.now, until: max(l.counts.Last, 1)})
	for i := range l.shards {
		l.shards[i].close()
	}
	l.messages.close()
	l.keep.end()
	l.progress.update(&l.counts)
}

// shardOf says which of n shards owns a destination. An SDP announces that
// same pair, so a lane that sees one knows the owner without asking.
func shardOf(addr *[16]byte, port uint16, n int) int {
	if n == 1 {
		return 0
	}
	lo := uint64(addr[8]) | uint64(addr[9])<<8 | uint64(addr[10])<<16 | uint64(addr[11])<<24 |
		uint64(addr[12])<<32 | uint64(addr[13])<<40 | uint64(addr[14])<<48 | uint64(addr[15])<<56
	hi := uint64(addr[0]) | uint64(addr[1])<<8 | uint64(addr[2])<<16 | uint64(addr[3])<<24 |
		uint64(addr[4])<<32 | uint64(addr[5])<<40 | uint64(addr[6])<<48 | uint64(addr[7])<<56
	h := (lo ^ hi*0x9e3779b97f4a7c15 ^ uint64(port)<<17) * 0xff51afd7ed558ccd
	return int((h >> 32) % uint64(n))
}
