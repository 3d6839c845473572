package alerting

import (
	"encoding/binary"
	"net/netip"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// streamIdle is after how long without an observation a stream is forgotten
// whose end was never told: the pipeline may shed observations.
const streamIdle = int64(10 * time.Minute)

// streamKey identifies a stream: source, destination, SSRC, start. It holds no
// pointers, so that the table of streams is nothing to the garbage collector.
type streamKey [48]byte

func keyOf(o *dialog.Observation) (k streamKey) {
	putAddr(k[0:18], o.Src)
	putAddr(k[18:36], o.Dst)
	binary.BigEndian.PutUint32(k[36:], o.SSRC)
	binary.BigEndian.PutUint64(k[40:], uint64(o.StreamStart))
	return k
}

func putAddr(b []byte, a netip.AddrPort) {
	addr := a.Addr().As16()
	copy(b, addr[:])
	binary.BigEndian.PutUint16(b[16:], a.Port())
}

func getAddr(b []byte) netip.AddrPort {
	addr := netip.AddrFrom16([16]byte(b[:16])).Unmap()
	return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(b[16:]))
}

// id is that of the stream's record.
func (k *streamKey) id() string {
	if *k == (streamKey{}) {
		return ""
	}
	o := dialog.Observation{
		Src: getAddr(k[0:18]), Dst: getAddr(k[18:36]),
		SSRC: k.ssrc(), StreamStart: k.start(),
	}
	return o.StreamID()
}

func (k *streamKey) ssrc() uint32 { return binary.BigEndian.Uint32(k[36:]) }
func (k *streamKey) start() int64 { return int64(binary.BigEndian.Uint64(k[40:])) }

// streamState is a stream that is alive.
type streamState struct {
	key       streamKey
	plan      *topology.Plan // with segment and direction what place was reckoned from
	segment   topology.SegmentID
	direction topology.Direction
	place     place
	last      int64 // when it was observed
	used      bool
	located   located
}

// streamSlot is what one rule keeps of one stream.
type streamSlot struct {
	set      int32  // its label set + 1; 0: not looked up, below 0: none
	number   uint32 // of the set's life
	sighting sighting
}

// streamTable holds the streams that are alive, at most so many.
type streamTable struct {
	rules, most int
	index       map[streamKey]int32
	list        []streamState
	slots       []streamSlot // rules of them for each stream
	free        []int32
	hand        int    // of the sweep
	life        uint32 // number of the youngest label set
}

func newStreamTable(rules, most int) streamTable {
	return streamTable{rules: rules, most: most, index: map[streamKey]int32{}}
}

// find returns a stream's number, a new one where there is room, else none.
func (t *streamTable) find(k *streamKey) int32 {
	if i, ok := t.index[*k]; ok {
		return i
	}
	if len(t.index) >= t.most {
		return none
	}
	var i int32
	if n := len(t.free); n > 0 {
		i = t.free[n-1]
		t.free = t.free[:n-1]
		clear(t.of(i))
	} else {
		i = int32(len(t.list))
		t.list = append(t.list, streamState{})
		for range t.rules {
			t.slots = append(t.slots, streamSlot{})
		}
	}
	t.list[i] = streamState{key: *k, used: true}
	t.index[*k] = i
	return i
}

// of returns the slots of a stream.
func (t *streamTable) of(i int32) []streamSlot { return t.slots[int(i)*t.rules:][:t.rules] }

// end forgets a stream. What it counted stays until it leaves the windows.
func (t *streamTable) end(k *streamKey) {
	if i, ok := t.index[*k]; ok {
		t.drop(i)
	}
}

func (t *streamTable) drop(i int32) {
	delete(t.index, t.list[i].key)
	t.list[i] = streamState{}
	t.free = append(t.free, i)
}

// sweep looks at a sixtieth of the table for streams that ended unseen.
func (t *streamTable) sweep(now int64) {
	if len(t.list) == 0 {
		return
	}
	for range len(t.list)/60 + 1 {
		t.hand = (t.hand + 1) % len(t.list)
		if s := &t.list[t.hand]; s.used && now-s.last > streamIdle {
			t.drop(int32(t.hand))
		}
	}
}
