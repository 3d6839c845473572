package web

import (
	"sync"
	"sync/atomic"

	"earshot/dialog"
	"earshot/topology"
)

// streamSeries are the series of earshot_rtp_streams. One that was there once
// stays, at 0, so that a graph falls to 0 instead of ending. Only readers of
// metrics use it.
type streamSeries struct {
	mu    sync.Mutex
	byKey map[streamKey]*streamCount
	order []*streamCount
}

type streamKey struct {
	point, segment, codec string
	direction             topology.Direction
}

type streamCount struct {
	labels string
	now    uint64
}

// maxStreamSeries bounds the combinations of point, segment, direction and
// codec; beyond it the codec is other.
const maxStreamSeries = 8192

func (s *streamSeries) write(p *page, l *layout, probe *Probe, view *dialog.View, folded *[foldings]atomic.Uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.order {
		c.now = 0
	}
	if view != nil {
		l = l.of(view.Plan)
		for i := range view.Streams {
			s.add(l, probe, &view.Streams[i], folded)
		}
	}
	for _, c := range s.order {
		p.count(c.labels, c.now)
	}
}

func (s *streamSeries) add(l *layout, probe *Probe, v *dialog.StreamView, folded *[foldings]atomic.Uint64) {
	k := streamKey{probe.point(v.Point), l.segmentName(v.SegmentID), within(codecNames, v.Codec), v.Direction}
	c := s.byKey[k]
	if c == nil && len(s.order) >= maxStreamSeries && k.codec != other {
		folded[foldedCodec].Add(1)
		k.codec = other
		c = s.byKey[k]
	}
	if c == nil {
		if s.byKey == nil {
			s.byKey = map[streamKey]*streamCount{}
		}
		c = &streamCount{labels: labels("point", k.point, "segment", k.segment, "direction", k.direction.String(), "codec", k.codec)}
		s.byKey[k] = c
		s.order = append(s.order, c)
	}
	c.now++
}

// forget drops all series; those that are still there come back.
func (s *streamSeries) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byKey, s.order = nil, nil
}

// segmentName returns the name of a segment.
func (l *layout) segmentName(number topology.SegmentID) string {
	if int(number) >= len(l.segments) {
		return other
	}
	return l.segments[number].name
}
