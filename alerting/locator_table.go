package alerting

import (
	"net/netip"
	"time"

	"earshot/dialog"
)

// DefaultMaxUnits is how many streams and calls a Watch remembers where its
// WatchConfig does not say.
const DefaultMaxUnits = 200_000

const (
	maxCallStreams = 64
	unitKept       = int64(time.Hour) // after a call was heard of last
)

// streamUnit is a stream as the locator remembers it.
type streamUnit struct {
	number     uint32 // of its life: what points to an earlier one in its slot is stale
	call, next int32  // its call; the next stream of that, none at the end
	bound      bool   // to a call of signalling
	speaker    dialog.Speaker
	hop        uint8
	flawed     bool // something was lost or late, or nearly impaired
	key        streamKey
	ends       [1]end
}

// src and dst are the stream's addresses.
func (u *streamUnit) src() netip.AddrPort { return getAddr(u.key[0:18]) }
func (u *streamUnit) dst() netip.AddrPort { return getAddr(u.key[18:36]) }

// callUnit is a call with its streams, or a registration. A stream that belongs
// to no call has one of its own.
type callUnit struct {
	key     uint64
	id      string // of the record, "" unknown
	callID  string // SIP's, of the first hop
	first   int32  // its first stream, none
	streams uint8
	last    int64 // when it was heard of, ns
	level   uint8 // it stands for 2^level calls
	used    bool
	ended   bool // judged by its record; ends hold
	ends    [2]end
	addrs   [2]netip.Addr
	hurt    dialog.Speaker // whose voice suffers by its findings
	signup  bool           // it is a registration
	denied  bool           // which was answered, with a refusal
	start   int64
}

// unitTable holds calls and their streams, at most so many together. When it is
// full it keeps every second call of those it has, chosen by a hash, so that
// shares stay right.
type unitTable struct {
	most          int
	level         uint8
	byKey         map[uint64]int32
	calls         []callUnit
	streams       []streamUnit
	freeCalls     []int32
	freeStreams   []int32
	callJudges    judgements
	streamJudges  judgements
	callMarks     []mark // of every judgement for each call
	streamMarks   []mark
	hand          int    // of the sweep
	life          uint32 // number of the youngest stream
	sampled, lost uint64 // calls left out by sampling, calls forgotten by it
}

func newUnitTable(most int) unitTable {
	if most == 0 {
		most = DefaultMaxUnits
	}
	return unitTable{most: most, byKey: map[uint64]int32{}}
}

// size is how many units there are.
func (t *unitTable) size() int {
	return len(t.calls) - len(t.freeCalls) + len(t.streams) - len(t.freeStreams)
}

// marksOf and marksOfCall are the marks of one unit, by judgement.
func (t *unitTable) marksOf(stream int32) []mark {
	n := len(t.streamJudges)
	return t.streamMarks[int(stream)*n:][:n]
}

func (t *unitTable) marksOfCall(call int32) []mark {
	n := len(t.callJudges)
	return t.callMarks[int(call)*n:][:n]
}

// callKey hashes a call's id, so that its low bits can choose samples.
func callKey(id string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	return h ^ h>>33
}

// call finds a call by its key, or makes it; none where it is not in the sample.
func (t *unitTable) call(key uint64, now int64) int32 {
	if i, ok := t.byKey[key]; ok {
		t.calls[i].last = now
		return i
	}
	if t.size() >= t.most {
		t.thin()
	}
	if key&(1<<t.level-1) != 0 {
		t.sampled++
		return none
	}
	var i int32
	if n := len(t.freeCalls); n > 0 {
		i = t.freeCalls[n-1]
		t.freeCalls = t.freeCalls[:n-1]
	} else {
		i = int32(len(t.calls))
		t.calls = append(t.calls, callUnit{})
		t.callMarks = append(t.callMarks, make([]mark, len(t.callJudges))...)
	}
	t.calls[i] = callUnit{key: key, first: none, last: now, level: t.level, used: true}
	clear(t.marksOfCall(i))
	t.byKey[key] = i
	return i
}

// stream makes a stream of a call; none where it has too many.
func (t *unitTable) stream(call int32, k *streamKey) int32 {
	if t.calls[call].streams == maxCallStreams {
		t.sampled++
		return none
	}
	t.calls[call].streams++
	var i int32
	if n := len(t.freeStreams); n > 0 {
		i = t.freeStreams[n-1]
		t.freeStreams = t.freeStreams[:n-1]
	} else {
		i = int32(len(t.streams))
		t.streams = append(t.streams, streamUnit{})
		t.streamMarks = append(t.streamMarks, make([]mark, len(t.streamJudges))...)
	}
	clear(t.marksOf(i))
	t.life++
	c := &t.calls[call]
	t.streams[i] = streamUnit{number: t.life, call: call, next: c.first, key: *k}
	c.first = i
	return i
}

// find returns the stream of a call with a key, none where there is none.
func (t *unitTable) find(call int32, k *streamKey) int32 {
	for i := t.calls[call].first; i != none; i = t.streams[i].next {
		if t.streams[i].key == *k {
			return i
		}
	}
	return none
}

// drop forgets a call with its streams.
func (t *unitTable) drop(i int32) {
	c := &t.calls[i]
	for s := c.first; s != none; {
		next := t.streams[s].next
		t.streams[s] = streamUnit{}
		t.freeStreams = append(t.freeStreams, s)
		s = next
	}
	delete(t.byKey, c.key)
	*c = callUnit{}
	t.freeCalls = append(t.freeCalls, i)
}

// thin halves the sample: those that stay stand for twice as many.
func (t *unitTable) thin() {
	t.level++
	for i := range t.calls {
		c := &t.calls[i]
		switch {
		case !c.used || c.level >= t.level:
		case c.key&(1<<t.level-1) != 0:
			t.lost++
			t.drop(int32(i))
		default:
			c.level = t.level
		}
	}
}

// sweep looks at a sixtieth of the calls for those that were not heard of for
// long, tells each one, and forgets it.
func (t *unitTable) sweep(now int64, leaves func(call int32)) {
	if len(t.calls) == 0 {
		return
	}
	for range len(t.calls)/60 + 1 {
		t.hand = (t.hand + 1) % len(t.calls)
		if c := &t.calls[t.hand]; c.used && now-c.last > unitKept {
			leaves(int32(t.hand))
			t.drop(int32(t.hand))
		}
	}
	if t.level > 0 && t.size() < t.most/8 {
		t.level--
	}
}

// rejudge takes other judgements; marks of those that stay are kept.
func (t *unitTable) rejudge(streams, calls judgements) {
	t.streamMarks = remark(t.streamMarks, t.streamJudges, streams, len(t.streams))
	t.callMarks = remark(t.callMarks, t.callJudges, calls, len(t.calls))
	t.streamJudges, t.callJudges = streams, calls
}

func remark(old []mark, from, to judgements, units int) []mark {
	list := make([]mark, units*len(to))
	for j := range to {
		for i := range from {
			if from[i].name != to[j].name {
				continue
			}
			for u := range units {
				list[u*len(to)+j] = old[u*len(from)+i]
			}
		}
	}
	return list
}
