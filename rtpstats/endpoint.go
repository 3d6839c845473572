package rtpstats

import (
	"net/netip"
	"slices"
)

// endpointKey is a destination address and port.
type endpointKey struct {
	addr [16]byte
	port uint16
}

// endpoint is a destination of streams: what signalling announced for it, by
// which dialogs, and its streams.
type endpoint struct {
	key     endpointKey
	formats formatList
	owners  [maxOwners]uint64
	nOwners uint8 // of all time, saturating; the ring holds the last ones
	srtp    bool
	ptimeMS uint16
	streams uint32 // first stream, number plus one
	n       uint16 // streams
	used    int64  // packet time of the last hint or stream end
	older   uint32 // neighbours in the order of use, number plus one
	newer   uint32
}

const (
	maxOwners = 4 // dialogs that announced it lately

	// A flood of made-up SSRCs towards an announced port must not fill the
	// table: beyond trustedStreams a source has to prove itself although its
	// payload type was announced, and maxEndpointStreams is the end.
	trustedStreams     = 64
	maxEndpointStreams = 1024
)

// endpointList is the table of endpoints, in order of their last use so that
// the ones without streams can leave after a while.
type endpointList struct {
	slab[endpoint]
	formats        formatBlocks
	byKey          map[endpointKey]uint32
	oldest, newest uint32 // numbers plus one
}

func newEndpointList() endpointList {
	return endpointList{byKey: make(map[endpointKey]uint32)}
}

// format returns what was announced for a payload type.
func (l *endpointList) format(e *endpoint, pt uint8) (format, bool) {
	if f := l.formats.find(&e.formats, pt); f != nil {
		return *f, true
	}
	return format{}, false
}

// find returns the endpoint of p's destination.
func (l *endpointList) find(p *Packet) (uint32, bool) {
	i, ok := l.byKey[endpointKey{p.Dst, p.DstPort}]
	return i, ok
}

// get finds or makes an endpoint used at the given time.
func (l *endpointList) get(k endpointKey, at int64) uint32 {
	if i, ok := l.byKey[k]; ok {
		l.touch(i, at)
		return i
	}
	i := l.take()
	e := l.at(i)
	e.key = k
	l.byKey[k] = i
	l.append(i, at)
	return i
}

// touch moves an endpoint to the end of the order of use.
func (l *endpointList) touch(i uint32, at int64) {
	l.unlink(i)
	l.append(i, at)
}

func (l *endpointList) append(i uint32, at int64) {
	e := l.at(i)
	e.used = at
	e.older, e.newer = l.newest, 0
	if l.newest != 0 {
		l.at(l.newest - 1).newer = i + 1
	} else {
		l.oldest = i + 1
	}
	l.newest = i + 1
}

func (l *endpointList) unlink(i uint32) {
	e := l.at(i)
	if e.older != 0 {
		l.at(e.older - 1).newer = e.newer
	} else {
		l.oldest = e.newer
	}
	if e.newer != 0 {
		l.at(e.newer - 1).older = e.older
	} else {
		l.newest = e.older
	}
}

// drop forgets an endpoint.
func (l *endpointList) drop(i uint32) {
	l.unlink(i)
	e := l.at(i)
	delete(l.byKey, e.key)
	l.formats.clear(&e.formats)
	l.give(i)
}

// abandon forgets an endpoint whose last stream has been idle since quiet,
// unless signalling has spoken of it again: then the next call is about to use
// it. With 200 calls a second it is these that fill the list.
func (l *endpointList) abandon(i uint32, quiet int64) {
	if e := l.at(i); e.streams == 0 && e.used <= quiet {
		l.drop(i)
	}
}

// expire forgets endpoints without streams that nobody used since before.
func (l *endpointList) expire(before, now int64) {
	for l.oldest != 0 {
		i := l.oldest - 1
		e := l.at(i)
		switch {
		case e.used >= before:
			return
		case e.streams != 0:
			l.touch(i, now)
		default:
			l.drop(i)
		}
	}
}

// makeRoom forgets the endpoint least recently used if it has no streams.
func (l *endpointList) makeRoom() bool {
	for range 8 { // the oldest few may have streams; then room is really short
		if l.oldest == 0 {
			return false
		}
		i := l.oldest - 1
		if l.at(i).streams == 0 {
			l.drop(i)
			return true
		}
		l.touch(i, l.at(i).used)
	}
	return false
}

// announce merges a hint for e. It reports whether the hint's owner is a new one.
func (l *endpointList) announce(e *endpoint, h *Hint, n *names) bool {
	isNew := !slices.Contains(e.owners[:min(e.nOwners, maxOwners)], h.Owner)
	if isNew {
		if e.streams == 0 { // a reused port: the last call's formats mean nothing now
			l.formats.clear(&e.formats)
			e.srtp, e.ptimeMS = false, 0
		}
		copy(e.owners[1:], e.owners[:maxOwners-1])
		e.owners[0] = h.Owner
		e.nOwners = min(e.nOwners+1, maxOwners)
	}
	e.srtp = h.SRTP
	if h.PTimeMS > 0 {
		e.ptimeMS = uint16(min(h.PTimeMS, 65535))
	}
	for i := range h.Formats {
		l.formats.put(&e.formats, hintFormat(h, &h.Formats[i], n))
	}
	return isNew
}

// hintFormat turns an SDP format into ours; a static payload type needs no rtpmap.
func hintFormat(h *Hint, a *Format, n *names) format {
	f, ok := n.static(a.PayloadType & (payloadTypes - 1))
	if !ok || a.Encoding != "" {
		clock := uint32(max(0, min(a.ClockRate, 1<<30)))
		if clock == 0 {
			clock = f.clock
		}
		f = n.format(a.PayloadType&(payloadTypes-1), a.Encoding, clock, uint8(max(0, min(a.Channels, 255))), h.Kind)
	}
	if h.Kind != MediaUnknown {
		f.kind = h.Kind
	}
	f.announced = true
	return f
}

// keyOfEndpoint packs an address as packets carry it.
func keyOfEndpoint(a netip.AddrPort) endpointKey {
	return endpointKey{addr: a.Addr().As16(), port: a.Port()}
}
