package web

import (
	"sync"

	"earshot/dialog"
)

// window keeps what a way's last minute was like, in steps of packet time, for
// people who look at the API. The recorder's goroutine adds; readers copy. The
// mutex is held for the few nanoseconds of either.
type window struct {
	mu    sync.Mutex
	step  int64 // ns
	slots [windowSlots]slot
}

// windowSlots covers 60 s by the shortest step, and the one that is going on.
const windowSlots = 13

// minStep is the shortest step, ns.
const minStep = int64(5e9)

// minute is the span of a window, ns.
const minute = int64(60e9)

// slot sums up the intervals that ended within one step.
type slot struct {
	number          int64 // of the step since 1970
	intervals       uint64
	suspect         uint64
	packets         uint64
	expected        uint64
	lost            int64
	jitterMS        float64 // sum over intervals
	timed           uint64  // intervals with a jitter
	scored, badTime int64   // ns
	mosTime         float64 // MOS times ns
	mosMin          float64
}

// observe adds an interval.
func (w *window) observe(o *dialog.Observation) {
	if o.Empty() {
		return
	}
	number := (o.End - 1) / w.step
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &w.slots[uint64(number)%windowSlots]
	if s.number > number {
		return // older than the window
	}
	if s.number < number {
		*s = slot{number: number}
	}
	s.add(o)
}

func (s *slot) add(o *dialog.Observation) {
	s.packets += uint64(o.Packets)
	if o.Suspect {
		s.suspect++
		return
	}
	s.intervals++
	s.expected += uint64(o.Expected)
	s.lost += int64(o.Lost)
	if hasTiming(o) {
		s.jitterMS += o.JitterMS
		s.timed++
	}
	if o.MOS <= 0 {
		return
	}
	length := max(1, o.End-o.Start)
	s.scored += length
	s.mosTime += o.MOS * float64(length)
	if s.mosMin == 0 || o.MOS < s.mosMin {
		s.mosMin = o.MOS
	}
	if bandOf(o.MOS) == bad {
		s.badTime += length
	}
}

func (s *slot) merge(o *slot) {
	s.intervals += o.intervals
	s.suspect += o.suspect
	s.packets += o.packets
	s.expected += o.expected
	s.lost += o.lost
	s.jitterMS += o.jitterMS
	s.timed += o.timed
	s.scored += o.scored
	s.badTime += o.badTime
	s.mosTime += o.mosTime
	if s.mosMin == 0 || o.mosMin != 0 && o.mosMin < s.mosMin {
		s.mosMin = o.mosMin
	}
}

// figures sums up what ended within the last whole step before at, and within
// the last minute or what the window holds of it.
func (w *window) figures(at int64) (last, lastMinute Figures) {
	w.mu.Lock()
	slots := w.slots
	w.mu.Unlock()
	now := at / w.step
	oldest := now - max(1, minute/w.step)
	var one, all slot
	for i := range slots {
		s := &slots[i]
		if s.number == now-1 {
			one = *s
		}
		if s.number >= oldest && s.number <= now {
			all.merge(s)
		}
	}
	return one.figures(), all.figures()
}

func (s *slot) figures() Figures {
	f := Figures{Intervals: s.intervals, Suspect: s.suspect, Packets: s.packets, Lost: uint64(max(0, s.lost))}
	if s.scored > 0 {
		f.MOS = new(s.mosTime / float64(s.scored))
		f.MOSMin = new(s.mosMin)
		f.BadRatio = new(float64(s.badTime) / float64(s.scored))
	}
	if s.expected > 0 {
		f.LossRatio = new(min(1, float64(f.Lost)/float64(s.expected)))
	}
	if s.timed > 0 {
		f.JitterMS = new(s.jitterMS / float64(s.timed))
	}
	return f
}
