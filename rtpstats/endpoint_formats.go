package rtpstats

const (
	maxFormats  = 32 // payload types remembered for an endpoint
	ownFormats  = 5  // of those in the endpoint itself: most phones offer no more
	blockLength = 9  // of the others in each block
)

// formatList is what was announced for an endpoint, in order; what does not fit
// stands in blocks elsewhere. At 10,000 calls there are 20,000 endpoints and more.
type formatList struct {
	own  [ownFormats]format
	n    uint8  // formats, in blocks too
	more uint32 // first block, number plus one
}

// formatBlock is a continuation of a list.
type formatBlock struct {
	formats [blockLength]format
	next    uint32 // number plus one
}

// formatBlocks holds the continuations of all lists of a table.
type formatBlocks struct{ slab[formatBlock] }

// slot returns the place of a list's format i, which is there or the next to be,
// nil where its block does not exist.
func (b *formatBlocks) slot(l *formatList, i int) *format {
	if i < ownFormats {
		return &l.own[i]
	}
	i -= ownFormats
	at := l.more
	for ; at != 0 && i >= blockLength; i -= blockLength {
		at = b.at(at - 1).next
	}
	if at == 0 {
		return nil
	}
	return &b.at(at - 1).formats[i]
}

// find returns a list's format of a payload type, nil where it has none.
func (b *formatBlocks) find(l *formatList, pt uint8) *format {
	for i := range int(l.n) {
		if f := b.slot(l, i); f.pt == pt {
			return f
		}
	}
	return nil
}

// put sets a payload type's format; a full list takes no other.
func (b *formatBlocks) put(l *formatList, f format) {
	if old := b.find(l, f.pt); old != nil {
		*old = f
		return
	}
	if l.n == maxFormats {
		return
	}
	place := b.slot(l, int(l.n))
	if place == nil {
		b.grow(l)
		place = b.slot(l, int(l.n))
	}
	*place = f
	l.n++
}

// grow adds a block at a list's end.
func (b *formatBlocks) grow(l *formatList) {
	i := b.take()
	last := &l.more
	for *last != 0 {
		last = &b.at(*last - 1).next
	}
	*last = i + 1
}

// clear empties a list and frees its blocks.
func (b *formatBlocks) clear(l *formatList) {
	for at := l.more; at != 0; {
		next := b.at(at - 1).next
		b.give(at - 1)
		at = next
	}
	*l = formatList{}
}
