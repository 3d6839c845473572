package pipeline

import (
	"bytes"
	"cmp"

	"earshot/rtpstats"
)

// inbox is the correlator's end of one shard's ring, and its place in it.
type inbox struct {
	ring     *ring[reportBatch]
	next     int // report of the batch at hand
	nextTick int // tick of the batch at hand
}

// inboxState says what an inbox has next.
type inboxState uint8

const (
	inboxEmpty  inboxState = iota // nothing yet
	inboxReport                   // a report
	inboxTick                     // a tick, or the shard has ended
)

// state looks at what is next, and gives back batches that are used up, whose
// counters it adds to sum. Ticks before due are passed: under overload a lane
// makes one tick of several, and the correlator may have missed what a shard
// has seen, or the other way round.
func (in *inbox) state(sum *rtpstats.Counters, due int64) inboxState {
	for {
		b := in.ring.peek()
		switch {
		case b == nil && in.ring.drained():
			return inboxTick
		case b == nil:
			return inboxEmpty
		case in.nextTick < len(b.ticks) && b.ticks[in.nextTick].pos == in.next:
			if b.ticks[in.nextTick].at >= due {
				return inboxTick
			}
			in.nextTick++
			continue
		case in.next < len(b.reports):
			return inboxReport
		}
		add(sum, b.counters)
		in.next, in.nextTick = 0, 0
		in.ring.release()
	}
}

// report returns the next report; state said that there is one.
func (in *inbox) report() *rtpstats.Report { return &in.ring.peek().reports[in.next] }

// pass goes past the tick due; state said that it, or a later one, was next.
func (in *inbox) pass(due int64) {
	if b := in.ring.peek(); b != nil && b.ticks[in.nextTick].at == due {
		in.nextTick++
	}
}

// compareReports is the order in which every shard emits its reports, and in
// which they are merged: source, destination, SSRC, start. Addresses compare
// as 16 octets, as in the table.
func compareReports(a, b *rtpstats.Report) int {
	aSrc, bSrc := a.Src.Addr().As16(), b.Src.Addr().As16()
	if c := cmp.Or(bytes.Compare(aSrc[:], bSrc[:]), cmp.Compare(a.Src.Port(), b.Src.Port())); c != 0 {
		return c
	}
	aDst, bDst := a.Dst.Addr().As16(), b.Dst.Addr().As16()
	return cmp.Or(
		bytes.Compare(aDst[:], bDst[:]), cmp.Compare(a.Dst.Port(), b.Dst.Port()),
		cmp.Compare(a.SSRC, b.SSRC), cmp.Compare(a.Start, b.Start),
	)
}

// add sums the counters of the shards.
func add(sum *rtpstats.Counters, c rtpstats.Counters) {
	sum.Streams += c.Streams
	sum.Probation += c.Probation
	sum.Endpoints += c.Endpoints
	sum.Rejected += c.Rejected
	sum.RefusedStreams += c.RefusedStreams
	sum.RefusedProbation += c.RefusedProbation
	sum.RefusedHints += c.RefusedHints
	sum.Copies += c.Copies
}
