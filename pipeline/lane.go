package pipeline

import (
	"errors"
	"io"

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

// lane reads one source: it decodes, classifies, and sends each packet on its
// way. One goroutine runs it; only progress is read by others.
type lane struct {
	source  capture.Source
	decoder *capture.Decoder
	tcp     *capture.Streams
	sip     map[flow]*sipparse.Stream // per direction of a TCP connection that carries SIP
	sdp     sipparse.SDP              // of the message at hand

	shards   []packetOutlet
	messages outlet[messageBatch]
	msgLen   int // messages a batch holds before it is sent

	clock    clock
	frame    capture.Frame
	dg       capture.Datagram
	header   rtpstats.Header
	marked   bool // dg is the packet that brought the message at hand
	counts   laneCounts
	progress *progress
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
			l.flush()
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

// frames moves the next n frames on.
func (l *lane) frames(n int) error {
	for range n {
		if err := l.source.Next(&l.frame); err != nil {
			return err
		}
		l.take()
	}
	return nil
}

// take moves one frame on.
func (l *lane) take() {
	l.counts.span(l.frame.At)
	if at, crossed := l.clock.advance(l.frame.At); crossed {
		lost, _ := l.source.Drops()
		l.tick(tick{at: at, drops: lost})
	}
	l.counts.Packets++
	l.counts.Bytes += uint64(l.frame.OrigLen)
	if !l.decoder.Decode(&l.frame, &l.dg) {
		return
	}
	if l.dg.Protocol == protocolTCP {
		l.segment()
		return
	}
	l.datagram()
}

// tick passes packet time to everybody.
func (l *lane) tick(t tick) {
	for i := range l.shards {
		l.shards[i].event(event{tick: t})
	}
	l.send(message{at: t.at, kind: messageTick, tick: t}, nil)
	l.expire(t.at)
}

// rtp sends one RTP packet to the shard that owns its destination.
func (l *lane) rtp(h *rtpstats.Header) {
	d := &l.dg
	o := &l.shards[shardOf(&d.DstAddr, d.DstPort, len(l.shards))]
	p := o.next()
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
	return bits
}

// send copies a message to the correlator's ring.
func (l *lane) send(m message, data []byte) {
	b := l.messages.open()
	m.off, m.len = len(b.data), len(data)
	b.data = append(b.data, data...)
	b.items = append(b.items, m)
	if len(b.items) >= l.msgLen || len(b.data) >= messageBatchMax {
		l.messages.send()
	}
}

// flush shows everything that the lane holds back.
func (l *lane) flush() {
	for i := range l.shards {
		l.shards[i].send()
	}
	l.messages.send()
}

// end passes the last tick and closes the lane's rings.
func (l *lane) end() {
	l.tcp.Close(l.chunk)
	l.counts.Decode = l.decoder.Counters()
	l.counts.TCP = l.tcp.Counters()
	lost, _ := l.source.Drops()
	l.tick(tick{at: l.clock.now, drops: lost, until: max(l.counts.Last, 1)})
	for i := range l.shards {
		l.shards[i].close()
	}
	l.messages.close()
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
