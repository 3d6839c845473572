package pipeline

import (
	"net/netip"

	"earshot/dialog"
	"earshot/rtpstats"
)

// Sizes of what travels. A packet batch is 16 kB: large enough that handing
// it over costs a few ns a record, small enough that a ring of them stays in
// the second-level cache.
const (
	packetBatchLen  = 256
	messageBatchLen = 64
	messageBatchMax = 64 << 10 // octets of SIP and RTCP
	reportBatchLen  = 64
	recordBatchLen  = 64
)

// tick says that packet time has crossed a second.
type tick struct {
	at    int64  // the second, ns
	drops uint64 // packets that the capture lost, or the lane shed, since the last tick
	until int64  // time of the lane's last packet, in its last tick only; 0 before
	seen  seen   // by the lane, since its start
}

// packetBatch goes from a lane to a shard.
type packetBatch struct {
	n       int
	packets [packetBatchLen]rtpstats.Packet
	paths   [packetBatchLen]rtpstats.Path // where each packet was seen
	events  []event                       // between the packets, in capture order

	packetsDone, eventsDone int // the shard's place
}

// event is a hint or a tick that comes before packets[pos].
type event struct {
	pos  int
	hint *rtpstats.Hint // nil: a tick
	tick tick
}

func (b *packetBatch) reset() {
	b.n = 0
	clear(b.events)
	b.events = b.events[:0]
	b.packetsDone, b.eventsDone = 0, 0
}

// event returns the next event, if there is one left.
func (b *packetBatch) event() (*event, bool) {
	if b.eventsDone == len(b.events) {
		return nil, false
	}
	b.eventsDone++
	return &b.events[b.eventsDone-1], true
}

// upTo returns the packets before pos that were not taken yet.
func (b *packetBatch) upTo(pos int) ([]rtpstats.Packet, []rtpstats.Path) {
	from := b.packetsDone
	b.packetsDone = pos
	return b.packets[from:pos], b.paths[from:pos]
}

// messageKind says what a message is.
type messageKind uint8

const (
	messageSIP messageKind = iota
	messageRTCP
	messageTick
	messageMark // nothing but how far the lane has come, for lanes that are merged
)

// message is one SIP message or RTCP datagram on its way to the correlator;
// its octets lie in the batch.
type message struct {
	at        int64
	order     int64 // event time, by which lanes are merged; at, where no clock but the capture's is at work
	src, dst  netip.AddrPort
	transport string
	callID    string // HEP's correlation id, for RTCP; "" without
	path      rtpstats.Path
	kind      messageKind
	dscp      uint8 // of its packet, where marked is set
	marked    bool
	off, len  int
	tick      tick
}

// messageBatch goes from a lane to the correlator.
type messageBatch struct {
	items []message
	data  []byte
	next  int // the correlator's place in items
}

func (b *messageBatch) reset() {
	b.items = b.items[:0]
	b.data = b.data[:0]
	b.next = 0
}

func (b *messageBatch) bytes(m *message) []byte { return b.data[m.off : m.off+m.len : m.off+m.len] }

// reportBatch goes from a shard to the correlator.
type reportBatch struct {
	reports  []rtpstats.Report
	ticks    []reportTick      // in order of pos
	counters rtpstats.Counters // in the last batch
}

// reportTick says that the reports before pos belong to this tick or earlier.
type reportTick struct {
	pos int
	at  int64
}

func (b *reportBatch) reset() {
	b.reports = b.reports[:0]
	b.ticks = b.ticks[:0]
	b.counters = rtpstats.Counters{}
}

// add copies a report and its lists, into the room of those that the batch held
// before: the correlator keeps nothing of them.
func (b *reportBatch) add(r *rtpstats.Report) {
	n := len(b.reports)
	if n == cap(b.reports) {
		b.reports = append(b.reports, rtpstats.Report{})
	}
	b.reports = b.reports[:n+1]
	c := &b.reports[n]
	payloadTypes := append(c.PayloadTypes[:0], r.PayloadTypes...)
	codecs := append(c.Codecs[:0], r.Codecs...)
	dscp := append(c.DSCP[:0], r.DSCP...)
	vlan := append(c.VLAN[:0], r.VLAN...)
	ttl := append(c.TTL[:0], r.TTL...)
	*c = *r
	c.PayloadTypes, c.Codecs, c.DSCP, c.VLAN, c.TTL = payloadTypes, codecs, dscp, vlan, ttl
}

// recordBatch goes from the correlator to the recorder.
type recordBatch struct {
	beat         Beat // that it begins with; its At is 0 where it continues a second
	records      []dialog.Record
	observations []dialog.Observation
}

func (b *recordBatch) reset() {
	b.beat = Beat{}
	clear(b.records)
	b.records = b.records[:0]
	clear(b.observations)
	b.observations = b.observations[:0]
}
