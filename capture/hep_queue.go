package capture

// hepBlockSize is the size of the blocks in which packets wait.
const hepBlockSize = 1 << 17

// hepQueue holds encoded packets, oldest first, within a bound of octets. Their
// own length field tells where each ends.
type hepQueue struct {
	blocks []hepBlock // oldest first
	octets int
	limit  int
}

// hepBlock holds whole packets; those before off have been taken.
type hepBlock struct {
	data []byte
	off  int
}

// push adds a packet, and returns how many of the oldest it had to drop to stay
// within the limit.
func (q *hepQueue) push(packet []byte) (dropped uint64) {
	for q.octets > 0 && q.octets+len(packet) > q.limit {
		q.pop()
		dropped++
	}
	last := len(q.blocks) - 1
	if last < 0 || cap(q.blocks[last].data)-len(q.blocks[last].data) < len(packet) {
		q.blocks = append(q.blocks, hepBlock{data: make([]byte, 0, hepBlockSize)})
		last++
	}
	q.blocks[last].data = append(q.blocks[last].data, packet...)
	q.octets += len(packet)
	return dropped
}

// pop takes the oldest packet out. It is valid until the next call of push.
func (q *hepQueue) pop() []byte {
	b := &q.blocks[0]
	packet := b.data[b.off:]
	packet = packet[:be16(packet[4:])]
	b.off += len(packet)
	q.octets -= len(packet)
	switch {
	case b.off < len(b.data):
	case len(q.blocks) == 1:
		*b = hepBlock{data: b.data[:0]}
	default:
		b.data = nil
		q.blocks = q.blocks[1:]
	}
	return packet
}

// take moves packets to the end of b: as many as stay within n octets, and one
// in any case.
func (q *hepQueue) take(b []byte, n int) []byte {
	for q.octets > 0 {
		next := q.blocks[0].data[q.blocks[0].off:]
		if len(b) > 0 && len(b)+be16(next[4:]) > n {
			break
		}
		b = append(b, q.pop()...)
	}
	return b
}

// clear drops everything, and returns how many packets that were.
func (q *hepQueue) clear() (dropped uint64) {
	for q.octets > 0 {
		q.pop()
		dropped++
	}
	return dropped
}
