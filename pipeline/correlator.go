package pipeline

import (
	"cmp"
	"slices"

	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// correlator owns dialogs, calls and their media. One goroutine runs it.
//
// Within one second of packet time it takes the messages in capture order as
// they come; the shards' reports of that second wait until all shards have
// passed it, and are then applied in sorted order. So nothing depends on which
// stage was faster.
type correlator struct {
	lanes   []*ring[messageBatch]
	waiting []bool
	at      []int64
	shards  []inbox
	parser  *sipparse.Parser
	table   *dialog.Table
	out     outlet[recordBatch]
	wakeup  *parker
	publish func(at int64)

	due      int64             // a tick that has passed the lanes, not yet all the shards
	isDue    bool              //
	reports  []rtpstats.Report // of the tick being applied
	until    int64             // time of the last packet of all
	drops    uint64
	unparsed uint64 // SIP-like datagrams without a usable Call-ID
	counters rtpstats.Counters
}

// inbox holds what one shard has reported, in order, until it is due.
type inbox struct {
	ring    *ring[reportBatch]
	reports []rtpstats.Report
	ticks   []reportTick // pos counts in reports
}

// run correlates until every lane and every shard has ended.
func (c *correlator) run() {
	for !c.finished() {
		if c.step() {
			continue
		}
		c.out.send()
		c.wakeup.prepare()
		if c.step() || c.finished() {
			c.wakeup.cancel()
			continue
		}
		c.wakeup.park()
	}
	for i := range c.shards {
		c.collect(&c.shards[i], len(c.shards[i].reports))
	}
	c.apply()
	c.table.Close(c.until, c.emit)
	c.publish(c.until)
	c.out.close()
}

// step does what can be done now, and says whether that was anything.
func (c *correlator) step() bool {
	worked := c.receive()
	if !c.isDue {
		worked = c.messages() || worked
		c.due, c.isDue = barrier(c.lanes, c.waiting, c.at)
	}
	return c.tick() || worked
}

// receive empties the shards' rings, so that no shard waits for another.
func (c *correlator) receive() bool {
	worked := false
	for i := range c.shards {
		in := &c.shards[i]
		for b := in.ring.peek(); b != nil; b = in.ring.peek() {
			in.take(b)
			add(&c.counters, b.counters)
			in.ring.release()
			worked = true
		}
	}
	return worked
}

func (in *inbox) take(b *reportBatch) {
	base := len(in.reports)
	in.reports = append(in.reports, b.reports...)
	for _, t := range b.ticks {
		in.ticks = append(in.ticks, reportTick{pos: base + t.pos, at: t.at})
	}
}

// messages takes SIP and RTCP in the order of capture: with one lane as it
// comes; with several, merged by time, as far as every lane has shown its next.
func (c *correlator) messages() bool {
	worked := false
	for {
		lane, m, b := c.next()
		if m == nil {
			return worked
		}
		worked = true
		b.next++
		c.take(lane, m, b)
		if b.next == len(b.items) {
			c.lanes[lane].release()
		}
	}
}

// next finds the earliest message that no other lane can precede.
func (c *correlator) next() (lane int, m *message, batch *messageBatch) {
	for i, r := range c.lanes {
		if c.waiting[i] {
			continue
		}
		b := r.peek()
		if b == nil {
			if r.drained() {
				continue
			}
			return 0, nil, nil
		}
		if head := &b.items[b.next]; m == nil || head.at < m.at {
			lane, m, batch = i, head, b
		}
	}
	return lane, m, batch
}

func (c *correlator) take(lane int, m *message, b *messageBatch) {
	switch m.kind {
	case messageTick:
		c.waiting[lane], c.at[lane] = true, m.tick.at
		c.until = max(c.until, m.tick.until)
		c.drops += m.tick.drops
	case messageRTCP:
		c.table.RTCP(m.at, m.src, m.dst, b.bytes(m))
	case messageSIP:
		c.sip(m, b.bytes(m))
	}
}

func (c *correlator) sip(m *message, data []byte) {
	msg, err := c.parser.Parse(data)
	if msg == nil || (err != nil && msg.CallID == "") {
		c.unparsed++
		return
	}
	c.table.SIP(m.at, dialog.Hop{Src: m.src, Dst: m.dst, Transport: m.transport}, msg)
}

// tick applies the reports of the second that is due and passes the second on,
// once every shard that still runs has passed it too.
func (c *correlator) tick() bool {
	if !c.isDue {
		return false
	}
	for i := range c.shards {
		if len(c.shards[i].ticks) == 0 {
			return false
		}
	}
	for i := range c.shards {
		in := &c.shards[i]
		c.collect(in, in.ticks[0].pos)
		in.ticks = slices.Delete(in.ticks, 0, 1)
	}
	c.apply()
	c.table.Tick(c.due, c.emit)
	c.publish(c.due)
	c.isDue = false
	return true
}

// collect moves the first n reports of an inbox to those being applied.
func (c *correlator) collect(in *inbox, n int) {
	c.reports = append(c.reports, in.reports[:n]...)
	in.reports = slices.Delete(in.reports, 0, n)
	for i := range in.ticks {
		in.ticks[i].pos -= n
	}
}

func (c *correlator) apply() {
	slices.SortFunc(c.reports, func(a, b rtpstats.Report) int {
		return cmp.Or(
			a.Src.Compare(b.Src), a.Dst.Compare(b.Dst),
			cmp.Compare(a.SSRC, b.SSRC), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End),
		)
	})
	for i := range c.reports {
		c.table.Report(&c.reports[i])
	}
	clear(c.reports)
	c.reports = c.reports[:0]
}

func (c *correlator) emit(r dialog.Record) {
	b := c.out.open()
	b.records = append(b.records, r)
	if len(b.records) >= recordBatchLen {
		c.out.send()
	}
}

func (c *correlator) finished() bool {
	for i, r := range c.lanes {
		if c.waiting[i] || !r.drained() {
			return false
		}
	}
	if c.isDue {
		return false
	}
	for i := range c.shards {
		if !c.shards[i].ring.drained() {
			return false
		}
	}
	return true
}

// add sums the counters of the shards.
func add(sum *rtpstats.Counters, c rtpstats.Counters) {
	sum.Streams += c.Streams
	sum.Probation += c.Probation
	sum.Rejected += c.Rejected
	sum.RefusedStreams += c.RefusedStreams
	sum.RefusedProbation += c.RefusedProbation
	sum.Copies += c.Copies
}
