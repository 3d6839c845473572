package dialog

import (
	"cmp"
	"net/netip"
	"slices"

	"earshot/mos"
	"earshot/rtpstats"
	"earshot/topology"
)

// Limits of the media half's tables where the configuration names none.
const (
	maxNames          = 4096       // distinct encoding names kept
	defaultInterval   = 5 * second // of the shards' reports, until one says otherwise
	reportSlack       = 1 * second // a report comes at the tick after its interval's end
	endpointsPerEntry = 4          // endpoints for every stream that may exist
	rtcpPerStream     = 2          // RTCP sources and subjects for every stream
)

// media is the half of the correlator that knows endpoints, streams, RTCP and
// scores. The table's goroutine alone drives it.
type media struct {
	cfg       *Config
	codecs    *mos.CodecTable
	rows      map[mos.Query]*codecRow
	reference mos.Codec // ranks intervals while a stream's codec is unknown: G.711
	limits    Limits
	plan      *topology.Plan
	plans     uint32 // the number of the plan: how many there have been

	endpoints     addrIndex[*endpoint]  // where someone receives media
	rtcpPorts     addrIndex[*endpoint]  // where someone receives RTCP alone
	announcedSSRC index[uint32, *mline] // a=ssrc: who said to send it
	endpointCount int
	maxEndpoints  int

	streams map[packedKey]*stream
	bySSRC  index[uint32, *stream]
	waiting addrIndex[*stream]     // those that no address proves, by both of theirs
	near    map[netip.Addr]*stream // the latest unbound one at a host, to explain missing media
	ended   []*stream              // got their final report unbound since the last tick
	gone    map[packedKey]int64    // emitted with their call before their final report: start

	rtcpState

	names    map[string]string // encoding names, one copy of each
	interval int64             // the longest interval of the reports, ns

	seen    uint64 // streams that had a report
	refused struct{ streams, endpoints, rtcp, late uint64 }
	full    uint64 // streams and endpoints among them that found the table full: another call's may be missing now
	unseen  unseen

	observation Observation // what Config.Observe is given
}

func newMedia(cfg *Config) *media {
	m := &media{
		cfg:           cfg,
		codecs:        cfg.Codecs,
		rows:          make(map[mos.Query]*codecRow),
		limits:        cfg.Limits.orDefaults(),
		plans:         1,
		endpoints:     newAddrIndex[*endpoint](),
		rtcpPorts:     newAddrIndex[*endpoint](),
		announcedSSRC: newIndex[uint32, *mline](),
		streams:       make(map[packedKey]*stream),
		bySSRC:        newIndex[uint32, *stream](),
		waiting:       newAddrIndex[*stream](),
		near:          make(map[netip.Addr]*stream),
		gone:          make(map[packedKey]int64),
		rtcpState:     newRTCPState(),
		names:         make(map[string]string),
		interval:      defaultInterval,
	}
	if m.codecs == nil {
		m.codecs = mos.DefaultCodecs()
	}
	m.reference, _ = m.codecs.Lookup(mos.Query{Encoding: "PCMU", ClockRate: 8000, FrameType: -1})
	m.maxEndpoints = endpointsPerEntry * m.maxStreams()
	return m
}

func (m *media) maxStreams() int {
	if m.cfg.MaxStreams > 0 {
		return m.cfg.MaxStreams
	}
	return DefaultMaxStreams
}

// intern returns one copy of a name, so that a kept format does not keep the
// whole message alive that it was read from.
func (m *media) intern(name string) string {
	if known, ok := m.names[name]; ok {
		return known
	}
	name = string([]byte(name))
	if len(m.names) < maxNames {
		m.names[name] = name
	}
	return name
}

// report takes a stream's figures so far; it keeps nothing of r's slices.
func (m *media) report(r *rtpstats.Report) {
	key := streamKey{src: unmap(r.Src), dst: unmap(r.Dst), ssrc: r.SSRC}
	if m.isGone(key, r) {
		return
	}
	s := m.stream(key, r)
	if s == nil {
		return
	}
	s.update(r)
	s.shown.valid = false
	m.interval = max(m.interval, r.Interval.End-r.Interval.Start)
	s.timeline.add(&r.Interval, m.rankingCodec(s), m.cfg.KeepTimeline)
	m.settle(s)
	m.learn(s)
	if r.Interval.Packets > 0 {
		s.latest = stepOf(&r.Interval)
	}
	if m.cfg.Observe != nil && (r.Final || r.Interval.Packets > 0) {
		m.observe(s, &r.Interval, r.Final)
	}
	if r.Final && !s.bound() {
		m.end(s)
	}
}

// isGone reports whether the stream was emitted with its call already: what
// still comes of it has no record to go to.
func (m *media) isGone(key streamKey, r *rtpstats.Report) bool {
	if len(m.gone) == 0 {
		return false
	}
	start, ok := m.gone[key.pack()]
	if !ok {
		return false
	}
	if start == r.Start && !r.Final {
		m.refused.late++
		return true
	}
	delete(m.gone, key.pack())
	return start == r.Start
}

// stream finds or makes the stream of a report; nil where the table is full.
func (m *media) stream(key streamKey, r *rtpstats.Report) *stream {
	packed := key.pack()
	s := m.streams[packed]
	if s != nil && s.report.Start == r.Start {
		return s
	}
	if s == nil && len(m.streams) >= m.maxStreams() {
		m.refused.streams++
		m.full++
		return nil
	}
	if s != nil {
		m.bySSRC.remove(key.ssrc, s)
		if !s.bound() {
			m.end(s)
		}
	}
	m.seen++
	s = &stream{key: key}
	m.streams[packed] = s
	s.report.Start, s.report.End = r.Start, r.End
	m.bySSRC.add(key.ssrc, s)
	m.wait(s)
	return s
}

// end lines up an unbound stream for the next tick.
func (m *media) end(s *stream) {
	if !s.queued {
		s.queued = true
		m.ended = append(m.ended, s)
	}
}

// forget takes an emitted stream out of all tables.
func (m *media) forget(s *stream) {
	if key := s.key.pack(); m.streams[key] == s {
		delete(m.streams, key)
		if s.bound() && !s.report.Final && len(m.gone) < m.maxStreams() {
			m.gone[key] = s.report.Start
		}
	}
	m.bySSRC.remove(s.key.ssrc, s)
	m.forgetWaiting(s)
	m.forgetRTCP(s)
}

// quiet reports whether no packet of the call's streams can have been captured
// in the last report interval: its figures are complete.
func (m *media) quiet(c *call, at int64) bool {
	since := at - m.interval - reportSlack
	if c.end > since && c.end <= at {
		return false
	}
	for _, l := range c.legs {
		for _, s := range l.media.streams {
			if s.report.End > since {
				return false
			}
		}
	}
	return true
}

// tick emits the streams of no call that ended, by end, then by id.
func (m *media) tick(_ int64, emit func(*StreamRecord)) {
	if len(m.ended) == 0 {
		return
	}
	slices.SortStableFunc(m.ended, (*stream).compareEnd) // at the end of a capture they come in no order
	records := make([]*StreamRecord, 0, len(m.ended))
	for _, s := range m.ended {
		s.queued = false
		if s.bound() {
			continue
		}
		m.conclude(s)
		records = append(records, m.streamRecord(s, ""))
	}
	// Only now: the words of RTCP may be several streams' witness.
	for _, s := range m.ended {
		if !s.bound() {
			m.forget(s)
		}
	}
	clear(m.ended)
	m.ended = m.ended[:0]
	for _, r := range records {
		emit(r)
	}
}

// close emits every stream that no call took with it: the capture is over.
func (m *media) close(at int64, emit func(*StreamRecord)) {
	for _, s := range m.streams {
		if !s.bound() {
			m.end(s)
		}
	}
	m.tick(at, emit)
}

// compareEnd orders streams as sortStreams does their records.
func (s *stream) compareEnd(o *stream) int {
	return cmp.Or(cmp.Compare(s.report.End, o.report.End), cmp.Compare(s.number(), o.number()))
}

// sortStreams puts records in the order of emission: by end, then by id.
func sortStreams(records []*StreamRecord) {
	slices.SortFunc(records, func(a, b *StreamRecord) int {
		return cmp.Or(cmp.Compare(a.End, b.End), cmp.Compare(a.ID, b.ID))
	})
}

// totals adds what the media half could not read or had no room for.
func (m *media) totals(t *Totals) {
	t.UnparsedRTCP += m.unparsed
	t.RTCPTypes = make(map[string]uint64, len(rtcpTypeNames))
	for i, name := range rtcpTypeNames {
		t.RTCPTypes[name] = m.rtcpTypes[i]
	}
	if t.Refused == nil {
		t.Refused = make(map[string]uint64)
	}
	for name, n := range map[string]uint64{
		"streams":        m.refused.streams,
		"endpoints":      m.refused.endpoints + m.endpoints.forgotten,
		"rtcp":           m.refused.rtcp,
		"rtcp_encrypted": m.encrypted,
		"late_reports":   m.refused.late,
	} {
		if n > 0 {
			t.Refused[name] += n
		}
	}
}
