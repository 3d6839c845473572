package pipeline

// messageOutlet leads from a lane to the correlator. On a live source SIP and
// RTCP are shed while the ring is full; the tick waits for room.
type messageOutlet struct {
	outlet[messageBatch]
	size    int  // messages a batch holds before it is sent
	due     tick // that found the ring full
	waiting bool
	shed    uint64 // SIP messages and RTCP datagrams so far
}

// put copies a message and its octets in.
func (o *messageOutlet) put(m message, data []byte) {
	b := o.claim()
	if b == nil {
		o.wait(&m)
		return
	}
	m.off, m.len = len(b.data), len(data)
	b.data = append(b.data, data...)
	b.items = append(b.items, m)
	if len(b.items) >= o.size || len(b.data) >= messageBatchMax {
		o.send()
	}
}

// claim takes a slot; the tick that waited for one goes first.
func (o *messageOutlet) claim() *messageBatch {
	b := o.room()
	if b != nil {
		o.give(b)
	}
	return b
}

// give puts the tick that waited into a fresh batch.
func (o *messageOutlet) give(b *messageBatch) {
	if !o.waiting {
		return
	}
	b.items = append(b.items, message{at: o.due.at, order: o.due.at, kind: messageTick, tick: o.due})
	o.due, o.waiting = tick{}, false
}

// wait counts a message that is shed, and keeps a tick. Ticks in a row become
// one, as any jump of packet time is one tick.
func (o *messageOutlet) wait(m *message) {
	switch m.kind {
	case messageSIP, messageRTCP:
		o.shed++
	case messageTick:
		m.tick.drops += o.due.drops
		o.due, o.waiting = m.tick, true
	}
}

// settle gives a waiting tick its room as soon as there is some.
func (o *messageOutlet) settle() {
	if !o.waiting {
		return
	}
	if b := o.try(); b != nil {
		o.give(b)
	}
}
