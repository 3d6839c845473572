package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"earshot/dialog"
	"earshot/topology"
)

// query is what a list is asked for.
type query struct {
	segment, state, sort string
	limit, offset        int
}

// The most entries of one answer, and how many there are unless asked.
const (
	maxLimit     = 1000
	defaultLimit = 100
)

// sorts are what lists may be sorted by: the lowest score first, the latest
// start first, the highest loss first.
var sorts = []string{"mos", "start", "loss"}

// readQuery reads the parameters of a list; those it may have are named.
func readQuery(values url.Values, allowed ...string) (query, error) {
	q := query{limit: defaultLimit, sort: "start"}
	for name, v := range values {
		if !slices.Contains(allowed, name) {
			return q, fmt.Errorf("unknown parameter %q: there are %s", name, strings.Join(allowed, ", "))
		}
		if len(v) != 1 {
			return q, fmt.Errorf("parameter %q is there %d times", name, len(v))
		}
	}
	q.segment, q.state = values.Get("segment"), values.Get("state")
	if s := values.Get("sort"); s != "" {
		q.sort = s
	}
	if !slices.Contains(sorts, q.sort) {
		return q, fmt.Errorf("cannot sort by %q: there are %s", q.sort, strings.Join(sorts, ", "))
	}
	var err error
	if q.limit, err = wholeNumber(values.Get("limit"), defaultLimit, 1, maxLimit); err != nil {
		return q, fmt.Errorf("limit: %w", err)
	}
	if q.offset, err = wholeNumber(values.Get("offset"), 0, 0, 1<<30); err != nil {
		return q, fmt.Errorf("offset: %w", err)
	}
	return q, nil
}

func wholeNumber(text string, preset, least, most int) (int, error) {
	if text == "" {
		return preset, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("got %q, want a whole number from %d to %d", text, least, most)
	}
	return n, nil
}

// page returns the part of a sorted list that was asked for.
func part[T any](q *query, list []T) []T {
	from := min(q.offset, len(list))
	return list[from:min(from+q.limit, len(list))]
}

// callList returns a page of the calls of a view.
func (s *Server) callList(view *dialog.View, q *query) *CallList {
	list := &CallList{Calls: []Call{}}
	if view == nil {
		return list
	}
	list.At = dialog.Time(view.At)
	l := s.metrics.layout.Load().of(view.Plan)
	var found []*dialog.CallView
	for i := range view.Calls {
		c := &view.Calls[i]
		if (q.segment == "" || l.segmentName(c.SegmentID) == q.segment) && (q.state == "" || c.State == q.state) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *dialog.CallView) int {
		return q.compare(figure{a.MOSWorst, a.LossRatio, a.Start}, figure{b.MOSWorst, b.LossRatio, b.Start})
	})
	list.Total = len(found)
	for _, c := range part(q, found) {
		list.Calls = append(list.Calls, Call{*c, l.segmentName(c.SegmentID)})
	}
	return list
}

// streamList returns a page of the streams of a view.
func (s *Server) streamList(view *dialog.View, q *query) *StreamList {
	list := &StreamList{Streams: []Stream{}}
	if view == nil {
		return list
	}
	list.At = dialog.Time(view.At)
	l := s.metrics.layout.Load().of(view.Plan)
	var found []*dialog.StreamView
	for i := range view.Streams {
		if v := &view.Streams[i]; q.segment == "" || l.segmentName(v.SegmentID) == q.segment {
			found = append(found, v)
		}
	}
	slices.SortStableFunc(found, func(a, b *dialog.StreamView) int {
		return q.compare(figure{a.MOS, a.LossRatio, a.Start}, figure{b.MOS, b.LossRatio, b.Start})
	})
	list.Total = len(found)
	for _, v := range part(q, found) {
		list.Streams = append(list.Streams, s.stream(l, v))
	}
	return list
}

func (s *Server) stream(l *layout, v *dialog.StreamView) Stream {
	return Stream{
		StreamView: *v, Point: s.probe.point(v.Point), Segment: l.segmentName(v.SegmentID), Direction: v.Direction.String(),
	}
}

// worstShown is how many streams a summary shows.
const worstShown = 10

// worst returns the streams with the lowest scores; those without one are not
// among them.
func (s *Server) worst(view *dialog.View) []Stream {
	l := s.metrics.layout.Load().of(view.Plan)
	var found []*dialog.StreamView // at most worstShown, worst first
	for i := range view.Streams {
		v := &view.Streams[i]
		if v.MOS <= 0 || len(found) == worstShown && v.MOS >= found[worstShown-1].MOS {
			continue
		}
		at, _ := slices.BinarySearchFunc(found, v.MOS, func(f *dialog.StreamView, mos float64) int {
			if f.MOS <= mos { // the first of equals stays first
				return -1
			}
			return 1
		})
		found = slices.Insert(found, at, v)
		found = found[:min(len(found), worstShown)]
	}
	list := []Stream{}
	for _, v := range found {
		list = append(list, s.stream(l, v))
	}
	return list
}

// figure is what lists are sorted by.
type figure struct {
	mos, loss float64
	start     dialog.Time
}

// compare orders by what was asked for. What has no score comes last.
func (q *query) compare(a, b figure) int {
	switch q.sort {
	case "mos":
		if (a.mos == 0) != (b.mos == 0) {
			return cmp.Compare(b.mos, a.mos)
		}
		return cmp.Compare(a.mos, b.mos)
	case "loss":
		return cmp.Compare(b.loss, a.loss)
	}
	return cmp.Compare(b.start, a.start)
}

func directionName(d int) string { return topology.Direction(d).String() }
