package main

import (
	"fmt"
	"time"
)

// verdict is one of the things that must hold.
type verdict struct {
	what   string
	passed bool
	detail string
}

// Bounds of the verdicts.
const (
	// flatPerMinute is how much resident memory may seem to grow a minute, of its
	// mean, over the last half of the last rest. The heap is not judged: its
	// sawtooth between two collections has a slope of its own.
	flatPerMinute = 0.005
	// grown is how much more memory there may be after the second round of floods
	// than after the first. Tables keep the room of their fullest hour, and Go
	// gives memory back slowly: so the first round may cost some for good.
	grown = 1.05
	// backTo is how much fuller a table may be at the end than after warming up,
	// and backToAtLeast entries more: calls come at random.
	backTo        = 1.15
	backToAtLeast = 50
)

// judge looks at all samples.
func (r *run) judge() []verdict {
	var all []verdict
	last := r.samples[len(r.samples)-1]
	all = append(all, verdict{
		"nothing was dropped or shed", last.values[drops] == 0,
		fmt.Sprintf("%.0f of %.0f packets", last.values[drops], last.total),
	})
	want := float64(r.sent.Packets)
	for _, s := range r.flooded {
		want += float64(s.Packets)
	}
	all = append(all, verdict{
		"every packet that was sent was seen", last.total >= want,
		fmt.Sprintf("%.0f sent, %.0f seen", want, last.total),
	})

	end := r.phases[len(r.phases)-1]
	half := end.from + (end.until-end.from)/2
	mean, slope := r.trend(resident, half, end.until)
	all = append(all, verdict{
		"memory is flat after the floods", slope <= flatPerMinute*mean,
		fmt.Sprintf("%+.2f MB a minute over the last %v at %.0f MB; at most %.2f", slope, (end.until - half).Round(time.Second), mean, flatPerMinute*mean),
	})
	before := func(f figure) float64 { return r.settled(f, r.phases[0]) }
	between := r.settled(resident, r.phases[len(floods)+1])
	after := func(f figure) float64 { return r.settled(f, end) }
	all = append(all, verdict{
		"the second round of floods needs no more memory", after(resident) <= grown*between,
		fmt.Sprintf("%.0f MB before the floods, %.0f MB after the first round, %.0f MB after the second, up to %.0f MB; at most %.0f after the second",
			before(resident), between, after(resident), r.peak(resident), grown*between),
	})
	for _, f := range []figure{calls, streams, candidates, endpoints} {
		bound := max(backTo*before(f), before(f)+backToAtLeast)
		all = append(all, verdict{
			figureNames[f] + " came back", after(f) <= bound,
			fmt.Sprintf("%.0f before the floods, %.0f at the end, up to %.0f between; at most %.0f at the end", before(f), after(f), r.peak(f), bound),
		})
	}
	return all
}

// settled is a figure's mean over the last third of a phase.
func (r *run) settled(f figure, p phase) float64 {
	mean, _ := r.trend(f, p.until-(p.until-p.from)/3, p.until)
	return mean
}

// trend returns the mean of a figure between two times, and its growth a minute
// by least squares.
func (r *run) trend(f figure, from, until time.Duration) (mean, perMinute float64) {
	var n, sx, sy, sxx, sxy float64
	for _, s := range r.samples {
		if s.at < from || s.at > until {
			continue
		}
		x, y := s.at.Minutes(), s.values[f]
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	if n == 0 {
		return 0, 0
	}
	if d := n*sxx - sx*sx; d > 0 {
		perMinute = (n*sxy - sx*sy) / d
	}
	return sy / n, perMinute
}

func (r *run) peak(f figure) float64 {
	var most float64
	for _, s := range r.samples {
		most = max(most, s.values[f])
	}
	return most
}
