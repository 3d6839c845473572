package report

import (
	"math"

	"earshot/dialog"
)

// chart is a stream's timeline on an even axis of time: one slot a step, or
// several steps in a slot where there are more than can be drawn.
type chart struct {
	start   dialog.Time
	slotNS  int64
	lost    []float64 // packets in the slot
	late    []float64 // packets in the slot
	jitter  []float64 // ms, the highest step of the slot; NaN where nothing was heard
	mos     []float64 // the lowest step of the slot; NaN where there is none
	suspect []bool    // the capture itself lost packets
}

// chartOf lays a timeline out in at most slots slots; nil where there is none.
func chartOf(s *dialog.StreamRecord, slots int) *chart {
	list := s.Timeline
	if len(list) == 0 || slots < 1 {
		return nil
	}
	step := stepOf(s)
	origin := list[0].Start
	if len(list) > 1 {
		// The first interval begins with the first packet, not on a step.
		origin = max(list[1].Start-dialog.Time(step), origin-dialog.Time(step))
	}
	steps := 1 + int(math.Round(float64(list[len(list)-1].Start-origin)/float64(step)))
	per := max(1, (steps+slots-1)/slots)
	n := max(1, (steps+per-1)/per)
	c := &chart{
		start: origin, slotNS: step * int64(per),
		lost: make([]float64, n), late: make([]float64, n),
		jitter: filled(n), mos: filled(n), suspect: make([]bool, n),
	}
	for i := range list {
		at := int(math.Round(float64(list[i].Start-origin)/float64(step))) / per
		if i == 0 {
			at = 0
		}
		c.add(min(max(at, 0), n-1), &list[i])
	}
	return c
}

// stepOf is the length of an interval, ns: the least distance between two,
// without the first, which may be short.
func stepOf(s *dialog.StreamRecord) int64 {
	list := s.Timeline
	step := int64(math.MaxInt64)
	for i := min(2, len(list)-1); i < len(list); i++ {
		if i == 0 {
			break
		}
		if d := int64(list[i].Start - list[i-1].Start); d > 0 {
			step = min(step, d)
		}
	}
	if step == math.MaxInt64 {
		step = max(int64(s.End-s.Start), 1e9)
	}
	return step
}

func filled(n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = math.NaN()
	}
	return list
}

func (c *chart) add(at int, v *dialog.IntervalRecord) {
	c.lost[at] += float64(v.Lost)
	c.late[at] += float64(v.Late)
	if v.Packets > 0 && !(c.jitter[at] > v.JitterMS) {
		c.jitter[at] = v.JitterMS
	}
	if v.MOS != nil && !(c.mos[at] < *v.MOS) {
		c.mos[at] = *v.MOS
	}
	c.suspect[at] = c.suspect[at] || v.Suspect
}

// bounds are the lowest and highest value; false where there is none.
func bounds(values []float64) (low, high float64, ok bool) {
	for _, v := range values {
		switch {
		case math.IsNaN(v):
		case !ok:
			low, high, ok = v, v, true
		default:
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high, ok
}

// end is where the last slot ends.
func (c *chart) end() dialog.Time { return c.start + dialog.Time(c.slotNS*int64(len(c.lost))) }
