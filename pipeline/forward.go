package pipeline

import "sync/atomic"

// forwards leads from the correlator to a Forwarder that sends SIP and RTCP on
// to another system. Whoever is slow there must not slow the correlator: a full
// ring sheds and counts.
type forwards struct {
	outlet[forwardBatch]
	messages, lost atomic.Uint64
}

// forwardBatch goes from the correlator to the forwarder. An empty one lets it
// see that time passes.
type forwardBatch struct {
	items []forwardItem
	data  []byte
}

type forwardItem struct {
	Forwarded
	off, len int
}

func (b *forwardBatch) reset() {
	clear(b.items)
	b.items = b.items[:0]
	b.data = b.data[:0]
}

// put copies a message in.
func (f *forwards) put(m *message, callID string, data []byte) {
	b := f.try()
	if b == nil {
		f.lost.Add(1)
		return
	}
	protocol := uint8(17)
	if m.transport != "" && m.transport != "udp" {
		protocol = protocolTCP
	}
	b.items = append(b.items, forwardItem{
		Forwarded: Forwarded{
			At: m.at, Src: m.src.Addr().As16(), Dst: m.dst.Addr().As16(), SrcPort: m.src.Port(), DstPort: m.dst.Port(),
			Protocol: protocol, RTCP: m.kind == messageRTCP, CallID: callID,
		},
		off: len(b.data), len: len(data),
	})
	b.data = append(b.data, data...)
	f.messages.Add(1)
	if len(b.items) >= messageBatchLen || len(b.data) >= messageBatchMax {
		f.send()
	}
}

// show sends what is there, and an empty batch where nothing is.
func (f *forwards) show() {
	if f.try() != nil {
		f.send()
	}
}

// forwarder drives a Forwarder. One goroutine runs it.
type forwarder struct {
	in     *ring[forwardBatch]
	to     Forwarder
	wakeup *parker
}

func (f *forwarder) run() {
	for {
		if b := f.in.peek(); b != nil {
			f.take(b)
			f.in.release()
			continue
		}
		if f.in.drained() {
			return
		}
		f.wakeup.prepare()
		if f.in.peek() != nil || f.in.drained() {
			f.wakeup.cancel()
			continue
		}
		f.wakeup.park()
	}
}

func (f *forwarder) take(b *forwardBatch) {
	for i := range b.items {
		m := &b.items[i]
		m.Payload = b.data[m.off : m.off+m.len : m.off+m.len]
		f.to.Forward(&m.Forwarded)
	}
	f.to.Idle()
}
