package main

import (
	"slices"
	"time"
)

// touch is the moment at which a monitor can know of a call, or a registration,
// that a fault touched it: its first impaired packet, or its end.
type touch struct {
	at      int64
	segment string
}

// note keeps a touch.
func (a *faultAccount) note(at int64, segment string) {
	a.touches = append(a.touches, touch{at, segment})
}

// busiestTruth is how many calls, or registrations, a fault touched within the
// busiest ten minutes, and half an hour: what severities go by.
type busiestTruth struct {
	TenMinutes int `json:"10m"`
	HalfHour   int `json:"30m"`
}

// busiest counts over all segments, and over the one where each is highest.
func (a *faultAccount) busiest() (all, segment busiestTruth) {
	slices.SortFunc(a.touches, func(x, y touch) int { return int(x.at - y.at) })
	bySegment := map[string][]int64{}
	var times []int64
	for _, t := range a.touches {
		times = append(times, t.at)
		bySegment[t.segment] = append(bySegment[t.segment], t.at)
	}
	all = busiestTruth{most(times, 10*time.Minute), most(times, 30*time.Minute)}
	for _, list := range bySegment {
		segment.TenMinutes = max(segment.TenMinutes, most(list, 10*time.Minute))
		segment.HalfHour = max(segment.HalfHour, most(list, 30*time.Minute))
	}
	return all, segment
}

// most is how many of the ordered times lie within any window of a length.
func most(times []int64, length time.Duration) int {
	n, from := 0, 0
	for i, at := range times {
		for at-times[from] >= int64(length) {
			from++
		}
		n = max(n, i-from+1)
	}
	return n
}
