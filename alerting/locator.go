package alerting

import (
	"encoding/binary"
	"strconv"
	"strings"

	"earshot/dialog"
	"earshot/topology"
)

// locator remembers calls and streams of the last hour with what they may have in
// common and what the engine's rules found of each, so that it can be told what
// the impaired ones share. The engine's goroutine drives it.
type locator struct {
	unitTable
	words dictionary
	dir   *Directory

	buffer []member // of the last search
	worked []uint32 // by segment: the last second in which it was being worked on
}

func newLocator(most int, dir *Directory) *locator {
	return &locator{unitTable: newUnitTable(most), words: newDictionary(), dir: dir}
}

// located is what a stream of the engine knows of its unit.
type located struct {
	unit   int32 // + 1; 0: not looked up, below 0: it is not in the sample
	number uint32
	bound  bool // to a call of signalling
	placed bool // the unit's end is that of now
}

// rejudge gives every rule its judgement.
func (l *locator) rejudge(rules []*ruleState) {
	var streams, calls judgements
	for _, rs := range rules {
		switch rs.info.source {
		case fromIntervals, fromStreams:
			rs.judging = streams.of(rs.Rule)
		case fromCalls, fromRegistrations:
			rs.judging = calls.of(rs.Rule)
		}
	}
	l.unitTable.rejudge(streams, calls)
}

// observed finds the unit of a stream, none where it is not in the sample.
func (l *locator) observed(e *Engine, s *streamState, o *dialog.Observation, k *streamKey) int32 {
	at := &s.located
	bound := o.Call != ""
	if at.unit > 0 && at.bound == bound {
		if u := &l.streams[at.unit-1]; u.number == at.number {
			l.calls[u.call].last = e.now
			if !at.placed {
				l.place(e, u, s.place, o)
				at.placed = true
			}
			return at.unit - 1
		}
	}
	if at.unit < 0 && at.bound == bound {
		return none
	}
	i := l.unit(o.Call, k, e.now)
	*at = located{unit: -1, bound: bound}
	if i == none {
		return none
	}
	u := &l.streams[i]
	*at = located{unit: i + 1, number: u.number, bound: bound, placed: true}
	u.bound, u.speaker, u.hop = bound, o.Speaker, o.Hop
	l.place(e, u, s.place, o)
	return i
}

// unit finds the unit of a stream that belongs to a call, or to none; one that
// was not bound before is bound from now on.
func (l *locator) unit(call string, k *streamKey, now int64) int32 {
	alone := callKey(string(k[:]))
	key := alone
	if call != "" {
		key = callKey(call)
	}
	c := l.call(key, now)
	if c == none {
		return none
	}
	if l.calls[c].id == "" {
		l.calls[c].id = strings.Clone(call)
	}
	if i := l.find(c, k); i != none {
		return i
	}
	i := l.stream(c, k)
	if old, ok := l.byKey[alone]; ok && i != none && key != alone {
		if j := l.find(old, k); j != none {
			copy(l.marksOf(i), l.marksOf(j))
			l.streams[i].flawed = l.streams[j].flawed
		}
		l.drop(old)
	}
	return i
}

// place says where a stream is.
func (l *locator) place(e *Engine, u *streamUnit, p place, o *dialog.Observation) {
	u.ends[0] = l.end(e, p)
	u.ends[0][colTrunk] = l.words.number(colTrunk, o.Trunk)
	u.ends[0][colAgent] = l.words.agent(o.UserAgent)
	if points := o.Plan.Points(); int(o.Point) < len(points) {
		u.ends[0][colPoint] = l.words.number(colPoint, points[o.Point])
	}
	l.words.subnet(&u.ends[0], colSource, o.Src.Addr())
	l.words.subnet(&u.ends[0], colSink, o.Dst.Addr())
}

// end numbers what an engine's place says, and what the directory adds.
func (l *locator) end(e *Engine, p place) (x end) {
	segment := e.names.segments.list[p.segment]
	x[colSegment] = l.words.number(colSegment, segment)
	l.facts(&x)
	if p.peer != 0 {
		x[colPeer] = l.words.number(colPeer, e.names.peers.list[p.peer])
	}
	if codec := e.names.codecs.list[p.codec]; codec != noCodec && codec != topology.OtherName {
		x[colCodec] = l.words.number(colCodec, codec)
	}
	x[colDirection] = l.words.direction(p.direction)
	return x
}

// facts adds owner and site of a segment.
func (l *locator) facts(x *end) {
	x[colOwner], x[colSite] = 0, 0
	if l.dir == nil || x[colSegment] == 0 {
		return
	}
	if f := l.dir.Segments[l.words.text(item{colSegment, x[colSegment]})]; f != nil {
		x[colOwner], x[colSite] = l.words.number(colOwner, f.Owner), l.words.number(colSite, f.Site)
	}
}

// setDirectory takes other owners and sites, for what is remembered too.
func (l *locator) setDirectory(d *Directory) {
	l.dir = d
	for i := range l.streams {
		l.facts(&l.streams[i].ends[0])
	}
	for i := range l.calls {
		l.facts(&l.calls[i].ends[0])
		l.facts(&l.calls[i].ends[1])
	}
}

// maintained notes that the segment of a stream is being worked on.
func (l *locator) maintained(unit int32, now int64) {
	segment := l.streams[unit].ends[0][colSegment]
	for int(segment) >= len(l.worked) {
		l.worked = append(l.worked, 0)
	}
	l.worked[segment] = seconds(now)
}

// workedUntil is when work on the segment among some items was seen last, 0 never.
func (l *locator) workedUntil(items []item) uint32 {
	for _, it := range items {
		if it.col == colSegment && int(it.value) < len(l.worked) {
			return l.worked[it.value]
		}
	}
	return 0
}

// excused reports whether a stream that was impaired last at some time was so
// while its segment was being worked on.
func (l *locator) excused(stream int32, last uint32) bool {
	segment := l.streams[stream].ends[0][colSegment]
	return int(segment) < len(l.worked) && last <= l.worked[segment]
}

// flawed reports whether anything at all was lost or late.
func flawed(o *dialog.Observation) bool { return o.Lost > 0 || o.Late > 0 || o.Located.After > 0 }

// spoil notes a flaw of a stream in an interval that is not judged.
func (l *locator) spoil(s *streamState) {
	if i := s.located.unit - 1; i >= 0 && l.streams[i].number == s.located.number {
		l.streams[i].flawed = true
	}
}

// judged takes a rule's verdict on an interval.
func (l *locator) judged(unit int32, rs *ruleState, o *dialog.Observation, impaired bool, v float64) {
	if rs.judging == none {
		return
	}
	l.marksOf(unit)[rs.judging].note(o.Start, o.End, impaired, v, rs.info.below)
	if flawed(o) || rs.info.below && v < rs.Limit+0.3 || !rs.info.below && v > rs.Limit/2 {
		l.streams[unit].flawed = true
	}
}

// streamEnded finds the unit of a stream that ended.
func (l *locator) streamEnded(e *Engine, r *dialog.StreamRecord, call string, p place) int32 {
	ssrc, err := strconv.ParseUint(strings.TrimPrefix(r.SSRC, "0x"), 16, 32)
	if err != nil {
		return none
	}
	var k streamKey
	putAddr(k[0:18], r.Src)
	putAddr(k[18:36], r.Dst)
	binary.BigEndian.PutUint32(k[36:], uint32(ssrc))
	binary.BigEndian.PutUint64(k[40:], uint64(r.Start))
	i := l.unit(call, &k, e.now)
	if i == none {
		return none
	}
	u := &l.streams[i]
	u.bound, u.speaker, u.hop = call != "", r.Speaker, r.Hop
	if r.Lost > 0 || r.Late.Adaptive > 0 || r.RTCP != nil && r.RTCP.Lost != nil && *r.RTCP.Lost > 0 {
		u.flawed = true
	}
	o := dialog.Observation{Src: r.Src, Dst: r.Dst, Plan: r.Plan, Point: r.Path.Point(), Trunk: r.Trunk, UserAgent: r.UserAgent}
	l.place(e, u, p, &o)
	return i
}

// judgedStream takes a rule's verdict on a stream that ended.
func (l *locator) judgedStream(unit int32, rs *ruleState, r *dialog.StreamRecord, v verdict) {
	if rs.judging != none {
		l.marksOf(unit)[rs.judging].note(int64(r.Start), int64(r.End), v.impaired, v.value, rs.info.below)
	}
}
