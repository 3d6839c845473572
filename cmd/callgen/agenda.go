package main

// An actor is something with a next moment on the capture's clock: a stream, a
// call, a TCP segment in flight.
type actor interface {
	// fire acts at the time now and returns the time of its next act, never
	// before now, or done.
	fire(e *engine, now int64) (next int64)
}

// done is what an actor's fire returns when it has nothing left to do.
const done = int64(-1)

// entry is one actor's place in the agenda. Equal times are ordered by id, the
// order of entering, so that the output never depends on heap internals.
type entry struct {
	at int64
	id uint64
	a  actor
}

func (x *entry) before(y *entry) bool {
	return x.at < y.at || x.at == y.at && x.id < y.id
}

// agenda is a 4-ary min-heap of actors by time: half the levels of a binary
// heap, and the four children of a node share two cache lines.
type agenda struct {
	entries []entry
}

func (g *agenda) push(x entry) {
	g.entries = append(g.entries, x)
	g.up(len(g.entries) - 1)
}

// removeTop takes the first entry out.
func (g *agenda) removeTop() entry {
	top := g.entries[0]
	last := len(g.entries) - 1
	g.entries[0] = g.entries[last]
	g.entries[last] = entry{}
	g.entries = g.entries[:last]
	if last > 0 {
		g.down()
	}
	return top
}

func (g *agenda) up(i int) {
	h := g.entries
	x := h[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !x.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = x
}

func (g *agenda) down() {
	h := g.entries
	x := h[0]
	i := 0
	for {
		least := 4*i + 1
		if least >= len(h) {
			break
		}
		for c := least + 1; c < min(4*i+5, len(h)); c++ {
			if h[c].before(&h[least]) {
				least = c
			}
		}
		if !h[least].before(&x) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = x
}
