package pipeline

import (
	"math"
	"sync/atomic"

	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/sipparse"
	"earshot/topology"
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
	seen    []seen // by each lane, up to its last tick
	shards  []inbox
	parser  *sipparse.Parser
	table   *dialog.Table
	out     outlet[recordBatch]
	forward *forwards // nil: nobody wants the messages
	wakeup  *parker

	live     bool
	beats    bool           // the recorder wants to know the time
	plan     *topology.Plan // that the table has
	wanted   *atomic.Pointer[topology.Plan]
	views    viewer
	snapshot *atomic.Pointer[Snapshot]
	stage    atomic.Pointer[CorrelatorStage]

	due      int64 // a tick that has passed the lanes, not yet all the shards
	isDue    bool
	until    int64  // time of the last packet of all
	drops    uint64 // packets that the capture lost or the lanes shed
	unparsed uint64 // SIP-like datagrams without a usable Call-ID
	counters rtpstats.Counters

	told                      seen // by the lanes, when the table was told what it misses
	refusedMedia              uint64
	shedRecords, shedObserved uint64
}

// run correlates until every lane and every shard has ended.
func (c *correlator) run() {
	for !c.finished() {
		if c.step() {
			continue
		}
		c.show()
		c.wakeup.prepare()
		if c.step() || c.finished() {
			c.wakeup.cancel()
			continue
		}
		c.wakeup.park()
	}
	c.live = false // nothing comes any more that waiting for room could lose
	c.missed()
	c.table.Close(c.until, c.emit)
	c.publish(c.until)
	c.out.close()
	if c.forward != nil {
		c.forward.close()
	}
}

// show lets the stages behind see what the correlator holds back.
func (c *correlator) show() {
	c.out.send()
	if c.forward != nil {
		c.forward.show()
	}
}

// step does what can be done now, and says whether that was anything.
func (c *correlator) step() bool {
	worked := false
	if !c.isDue {
		worked = c.messages()
		if c.due, c.isDue = barrier(c.lanes, c.waiting, c.at); c.isDue {
			c.beat(c.due)
		}
	}
	return c.merge() || worked
}

// merge applies the reports of the tick that is due, in order over all shards
// (each shard's own are sorted), as far as every shard has shown its next; and
// passes the tick on when all shards have passed it. When the lanes have ended,
// what the shards still give is merged in the same way.
func (c *correlator) merge() bool {
	due := c.due
	if !c.isDue {
		if !c.lanesDrained() {
			return false
		}
		due = math.MaxInt64
	}
	for worked := false; ; worked = true {
		first, ok := c.earliest(due)
		if !ok {
			return worked
		}
		if first != nil {
			c.table.Report(first.report())
			first.next++
			continue
		}
		if !c.isDue {
			return worked // every shard has ended
		}
		for i := range c.shards {
			c.shards[i].pass(due)
		}
		c.tick(due)
		return true
	}
}

// tick passes packet time on to the table, and shows what has come of it.
func (c *correlator) tick(at int64) {
	c.missed()
	c.table.Tick(at, c.emit)
	if plan := c.wanted.Load(); plan != c.plan {
		c.plan = plan
		c.table.SetPlan(plan)
	}
	c.isDue = false
	c.publish(at)
	if c.live {
		c.show()
	}
}

// missed tells the table what it could not see since the last tick.
func (c *correlator) missed() {
	var now seen
	for _, s := range c.seen {
		now.lost += s.lost
		now.shed += s.shed
		now.shedMessages += s.shedMessages
		now.holes += s.holes
	}
	refused := c.counters.RefusedStreams + c.counters.RefusedProbation
	c.table.Missed(dialog.Unseen{
		Frames:   now.lost - c.told.lost + now.holes - c.told.holes,
		Media:    now.shed - c.told.shed + refused - c.refusedMedia,
		Messages: now.shedMessages - c.told.shedMessages,
	})
	c.told, c.refusedMedia = now, refused
}

// earliest finds the shard whose next report comes first; nil when all of them
// have passed the tick due or ended. It reports false while a shard has not
// shown its next.
func (c *correlator) earliest(due int64) (first *inbox, ok bool) {
	for i := range c.shards {
		in := &c.shards[i]
		switch in.state(&c.counters, due) {
		case inboxEmpty:
			return nil, false
		case inboxReport:
			if first == nil || compareReports(in.report(), first.report()) < 0 {
				first = in
			}
		}
	}
	return first, true
}

func (c *correlator) lanesDrained() bool {
	for i, r := range c.lanes {
		if c.waiting[i] || !r.drained() {
			return false
		}
	}
	return true
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
		if head := &b.items[b.next]; m == nil || head.order < m.order {
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
		c.seen[lane] = m.tick.seen
	case messageRTCP:
		c.table.RTCP(m.at, m.src, m.dst, m.callID, b.bytes(m))
		if c.forward != nil {
			c.forward.put(m, "", b.bytes(m))
		}
	case messageSIP:
		c.sip(m, b.bytes(m))
	}
}

func (c *correlator) sip(m *message, data []byte) {
	msg, err := c.parser.Next(data)
	if msg == nil || (err != nil && msg.CallID == "") {
		c.unparsed++
		return
	}
	if c.forward != nil {
		c.forward.put(m, msg.CallID, data)
	}
	c.table.SIP(m.at, dialog.Hop{
		Src: m.src, Dst: m.dst, Transport: m.transport, DSCP: m.dscp, DSCPKnown: m.marked, Path: m.path,
	}, msg)
}

func (c *correlator) finished() bool {
	if c.isDue || !c.lanesDrained() {
		return false
	}
	for i := range c.shards {
		if !c.shards[i].ring.drained() {
			return false
		}
	}
	return true
}
