package main

import (
	"container/heap"
	"time"

	"earshot/dialog"
	"earshot/pipeline"
)

// readAhead is how far judging is behind reading. Records come in the order of
// their ends, and their intervals lie before: what a call longer than this said
// at its beginning is judged late.
const readAhead = time.Hour

// pause is after how long without anything no stream is alive, and seconds are
// no longer judged one by one: a live stream says something every five.
const pause = 10 * time.Second

// happening is something that is judged at a time: the next interval of a
// stream, or a record that ended.
type happening struct {
	at, number int64
	stream     *keptStream   // nil: a record
	record     dialog.Record // that ended
}

// timeOrder gives happenings in the order of their times; of equal ones in the
// order in which they were read.
type timeOrder struct {
	list   []happening
	number int64
}

// Len, Less, Swap, Push and Pop are for package heap.
func (o *timeOrder) Len() int { return len(o.list) }

// Less puts the earlier one first.
func (o *timeOrder) Less(i, j int) bool {
	a, b := &o.list[i], &o.list[j]
	return a.at < b.at || a.at == b.at && a.number < b.number
}

// Swap exchanges two.
func (o *timeOrder) Swap(i, j int) { o.list[i], o.list[j] = o.list[j], o.list[i] }

// Push appends one.
func (o *timeOrder) Push(x any) { o.list = append(o.list, x.(happening)) }

// Pop takes the last one away.
func (o *timeOrder) Pop() any {
	last := o.list[len(o.list)-1]
	o.list[len(o.list)-1] = happening{}
	o.list = o.list[:len(o.list)-1]
	return last
}

func (o *timeOrder) add(h happening) {
	o.number++
	h.number = o.number
	heap.Push(o, h)
}

// take puts a record and its intervals in order, and returns its end.
func (b *backtest) take(rec dialog.Record) int64 {
	switch r := rec.(type) {
	case *dialog.CallRecord:
		b.calls++
		b.place(r)
		for _, s := range r.Media {
			b.stream(r, s)
		}
		b.line.add(happening{at: int64(r.End), record: r})
		return int64(r.End)
	case *dialog.StreamRecord:
		b.placeStream(nil, r)
		b.stream(nil, r)
		return int64(r.End)
	}
	return 0
}

func (b *backtest) stream(c *dialog.CallRecord, s *dialog.StreamRecord) {
	b.streams++
	if len(s.Timeline) > 0 {
		b.whole++
	}
	k := keep(c, s)
	b.line.add(happening{at: k.end(0), stream: k})
}

// judge judges what happened until a time.
func (b *backtest) judge(until int64) {
	for len(b.line.list) > 0 && b.line.list[0].at <= until {
		h := heap.Pop(&b.line).(happening)
		b.advance(h.at)
		if h.stream == nil {
			b.old.Record(h.record)
			b.new.Record(h.record)
			continue
		}
		o := h.stream.next()
		b.old.Observe(o)
		b.new.Observe(o)
		if !o.Final {
			h.at = h.stream.end(h.stream.said)
			b.line.add(h)
			continue
		}
		b.old.Record(h.stream.record)
		b.new.Record(h.stream.record)
	}
}

// advance lets the seconds pass that were over by then.
func (b *backtest) advance(at int64) {
	const second = int64(time.Second)
	at -= at % second
	if b.last == 0 {
		b.first = time.Unix(0, at).UTC()
		b.last = at
	}
	if at-b.last > int64(pause) {
		b.tick(b.last + second)
		b.last = at - second
	}
	for b.last < at {
		b.tick(b.last + second)
	}
	b.end = time.Unix(0, b.last).UTC()
}

func (b *backtest) tick(at int64) {
	b.last = at
	b.old.Tick(pipeline.Beat{At: at})
	b.new.Tick(pipeline.Beat{At: at})
}
