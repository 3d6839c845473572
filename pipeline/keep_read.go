package pipeline

import (
	"cmp"
	"slices"

	"earshot/capture"
)

// pin returns the chunk in a place of the ring, safe from being used again
// until it is unpinned; nil where there is none, or it has just left.
func (k *packetKeeper) pin(i int) *chunk {
	slot := &k.ring[i]
	c := slot.Load()
	if c == nil {
		return nil
	}
	c.pins.Add(1)
	if slot.Load() != c { // the lane may have looked for pins before this one
		c.unpin()
		return nil
	}
	return c
}

// snapshot pins what is kept now, oldest first, without a hole: where the lane
// turned round while it was looked at, what comes after the hole is left out.
// Any goroutine may call it.
func (k *packetKeeper) snapshot() []cursor {
	var all []cursor
	for i := range k.ring {
		if c := k.pin(i); c != nil {
			all = append(all, cursor{chunk: c, end: int(c.fill.Load())})
		}
	}
	slices.SortFunc(all, func(a, b cursor) int { return cmp.Compare(a.chunk.seq, b.chunk.seq) })
	for i := 1; i < len(all); i++ {
		if all[i].chunk.seq != all[i-1].chunk.seq+1 {
			for _, c := range all[i:] {
				c.chunk.unpin()
			}
			return all[:i]
		}
	}
	return all
}

// usage returns the octets in the ring, and the capture time of the oldest
// packet, 0 where there is none. Any goroutine may call it.
func (k *packetKeeper) usage() (octets uint64, oldest int64) {
	first := ^uint64(0)
	for i := range k.ring {
		c := k.pin(i)
		if c == nil {
			continue
		}
		in := cursor{chunk: c, end: int(c.fill.Load())}
		octets += uint64(in.end)
		var f capture.Frame
		if c.seq < first && in.next(&f) {
			first, oldest = c.seq, f.At
		}
		c.unpin()
	}
	return octets, oldest
}
