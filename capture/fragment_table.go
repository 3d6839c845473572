package capture

import "math/bits"

const (
	minBuffer = 4096
	maxSpare  = 32 // buffers kept for reuse
)

// fragmentList is a list of sets through their prev and next, oldest first.
type fragmentList struct{ oldest, newest int32 }

func (fr *fragments) link(l *fragmentList, slot int32) {
	set := &fr.sets[slot]
	set.prev, set.next = l.newest, none
	if l.newest == none {
		l.oldest = slot
	} else {
		fr.sets[l.newest].next = slot
	}
	l.newest = slot
}

func (fr *fragments) unlink(l *fragmentList, slot int32) {
	set := &fr.sets[slot]
	if set.prev == none {
		l.oldest = set.next
	} else {
		fr.sets[set.prev].next = set.next
	}
	if set.next == none {
		l.newest = set.prev
	} else {
		fr.sets[set.next].prev = set.prev
	}
}

// slot returns the set of a datagram, a new one if need be. When all are taken,
// a whole one goes, else the one that waits longest: a flood of first fragments
// costs what is oldest, not what comes now.
func (fr *fragments) slot(key fragmentKey) int32 {
	if slot, ok := fr.index[key]; ok {
		return slot
	}
	if len(fr.free) == 0 {
		if fr.whole.oldest != none {
			fr.release(fr.whole.oldest)
		} else {
			fr.counters.Evicted++
			fr.release(fr.waiting.oldest)
		}
	}
	slot := fr.free[len(fr.free)-1]
	fr.free = fr.free[:len(fr.free)-1]
	fr.sets[slot] = fragmentSet{key: key, since: fr.arrival, available: datagramMax}
	fr.link(&fr.waiting, slot)
	fr.index[key] = slot
	fr.pending++
	return slot
}

// finish moves a set to those that are whole.
func (fr *fragments) finish(slot int32) {
	set := &fr.sets[slot]
	fr.unlink(&fr.waiting, slot)
	fr.link(&fr.whole, slot)
	set.whole = true
	set.since = fr.arrival
	fr.pending--
	fr.counters.Reassembled++
}

// release frees a slot and its buffer.
func (fr *fragments) release(slot int32) {
	set := &fr.sets[slot]
	if set.whole {
		fr.unlink(&fr.whole, slot)
	} else {
		fr.unlink(&fr.waiting, slot)
		fr.pending--
	}
	delete(fr.index, set.key)
	fr.held -= cap(set.buf)
	fr.keep(set.buf)
	set.buf = nil
	fr.free = append(fr.free, slot)
}

// expire drops what has waited too long. It looks at no more sets than there
// are, however far time jumped.
func (fr *fragments) expire() {
	for fr.whole.oldest != none && fr.clock.passed(fr.sets[fr.whole.oldest].since, fragmentMemory) {
		fr.release(fr.whole.oldest)
	}
	for fr.waiting.oldest != none && fr.clock.passed(fr.sets[fr.waiting.oldest].since, fragmentTimeout) {
		fr.counters.TimedOut++
		fr.release(fr.waiting.oldest)
	}
}

// reserve makes the buffer of a set hold size octets. When all buffers together
// would exceed the limit, the sets that wait longest go; it reports false when
// this set is itself the one.
func (fr *fragments) reserve(slot int32, size int) bool {
	set := &fr.sets[slot]
	if size <= cap(set.buf) {
		return true
	}
	size = max(minBuffer, 1<<bits.Len(uint(size-1)))
	for fr.held-cap(set.buf)+size > fr.limit {
		if fr.waiting.oldest == slot {
			return false
		}
		fr.counters.Evicted++
		fr.release(fr.waiting.oldest)
	}
	buf := fr.buffer(size)
	copy(buf, set.buf[:cap(set.buf)])
	fr.held += cap(buf) - cap(set.buf)
	fr.keep(set.buf)
	set.buf = buf
	return true
}

// buffer returns a spare buffer that is large enough, or a new one.
func (fr *fragments) buffer(size int) []byte {
	for i, b := range fr.spare {
		if cap(b) == size {
			last := len(fr.spare) - 1
			fr.spare[i] = fr.spare[last]
			fr.spare = fr.spare[:last]
			return b[:size]
		}
	}
	return make([]byte, size)
}

// keep puts a buffer aside for the next set.
func (fr *fragments) keep(b []byte) {
	if cap(b) > 0 && len(fr.spare) < maxSpare {
		fr.spare = append(fr.spare, b[:cap(b)])
	}
}
