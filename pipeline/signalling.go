package pipeline

import (
	"net/netip"

	"earshot/capture"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// maxSIPStreams bounds the directions of TCP connections whose SIP is being framed.
const maxSIPStreams = 65536

// flow is one direction of a TCP connection.
type flow struct{ src, dst netip.AddrPort }

// message takes one whole SIP message: it tells the shards what its SDP
// announces, before any packet that answers to it, and then passes the message
// on to the correlator.
func (l *lane) message(at int64, f flow, transport string, p []byte) {
	l.counts.SIP++
	l.announce(at, p)
	l.messages.put(message{
		at: at, order: l.now, src: f.src, dst: f.dst, transport: transport, kind: messageSIP,
		dscp: l.dg.TOS >> 2, marked: l.marked, path: pathOf(&l.dg),
	}, p)
}

// announce sends a hint for every media endpoint that the message's SDP names.
func (l *lane) announce(at int64, p []byte) {
	owner, sdp := sipparse.AnnounceInto(&l.sdp, p)
	if sdp == nil {
		return
	}
	for i := range sdp.Media {
		m := &sdp.Media[i]
		kind := mediaKind(m.Kind)
		if kind == rtpstats.MediaOther {
			continue
		}
		h := rtpstats.Hint{
			At: at, Owner: owner, Kind: kind, SRTP: m.Secure,
			PTimeMS: m.PTimeMS, Formats: formats(m.Formats),
		}
		l.hint(h, m.Addr)
		for _, c := range m.Candidates {
			if c != m.Addr {
				l.hint(h, c)
			}
		}
	}
}

func (l *lane) hint(h rtpstats.Hint, endpoint netip.AddrPort) {
	if endpoint.Port() == 0 || !endpoint.Addr().IsValid() || endpoint.Addr().IsUnspecified() {
		return
	}
	h.Endpoint = endpoint
	addr := endpoint.Addr().As16()
	l.shards[shardOf(&addr, endpoint.Port(), len(l.shards))].event(event{hint: &h})
}

func mediaKind(kind string) rtpstats.MediaKind {
	switch kind {
	case "audio":
		return rtpstats.MediaAudio
	case "video":
		return rtpstats.MediaVideo
	}
	return rtpstats.MediaOther
}

func formats(fs []sipparse.Format) []rtpstats.Format {
	out := make([]rtpstats.Format, len(fs))
	for i, f := range fs {
		out[i] = rtpstats.Format{
			PayloadType: f.PayloadType, Encoding: f.Encoding,
			ClockRate: f.ClockRate, Channels: f.Channels,
		}
	}
	return out
}

// segment takes one TCP segment: connections that speak SIP are put back in
// order and cut into messages here, in the lane, because their SDPs must
// reach the shards before the media does.
func (l *lane) segment() {
	if l.dg.Copy {
		l.pass(passedCopy)
		return
	}
	l.marked = true
	if l.tcp.Push(&l.dg, l.chunk) {
		l.kind = keepWhole
	}
	l.marked = false
}

// chunk takes octets of a TCP connection, in order.
func (l *lane) chunk(c capture.Chunk) {
	key := flow{c.Src, c.Dst}
	s := l.sip[key]
	if s == nil {
		if len(c.Data) == 0 {
			return
		}
		if len(l.sip) >= maxSIPStreams {
			l.counts.SIPStreamsRefused++
			return
		}
		s = new(sipparse.Stream)
		l.sip[key] = s
	}
	if c.Gap {
		s.Gap()
	}
	s.Write(c.Data)
	if c.End {
		s.Gap() // what had begun is given as far as it came
	}
	for m, ok := s.Next(); ok; m, ok = s.Next() {
		l.message(c.At, key, s.Transport(), m)
	}
	if c.End {
		l.forget(key, s)
	}
}

func (l *lane) forget(key flow, s *sipparse.Stream) {
	l.counts.Resyncs += s.Resyncs()
	delete(l.sip, key)
}

// expire ends TCP connections that have been silent for long.
func (l *lane) expire(at int64) { l.tcp.Tick(at, l.chunk) }
