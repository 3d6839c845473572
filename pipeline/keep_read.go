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
	var pinned []*chunk
	for i := range k.ring {
		if c := k.pin(i); c != nil {
			pinned = append(pinned, c)
		}
	}
	return cursors(pinned)
}

// cursors returns cursors over pinned chunks, oldest first, and unpins those
// after a hole. Fills are loaded here, when all are pinned: the lane seals a
// chunk before it shows the next, so that each but the last has its final one.
func cursors(pinned []*chunk) []cursor {
	slices.SortFunc(pinned, func(a, b *chunk) int { return cmp.Compare(a.seq, b.seq) })
	var all []cursor
	for i, c := range pinned {
		if c.seq != pinned[0].seq+uint64(i) {
			c.unpin()
			continue
		}
		all = append(all, cursor{chunk: c, end: int(c.fill.Load())})
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
