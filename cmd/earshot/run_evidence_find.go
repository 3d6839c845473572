package main

import (
	"context"
	"fmt"
	"time"

	"earshot/alerting"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/store"
)

const (
	// longestExample is how long before its worst moment a call may have begun
	// that is looked for in the store.
	longestExample = 24 * time.Hour

	// guessedAround is how far around its worst moment the packets of a call are
	// looked for of which there is no record.
	guessedAround = 10 * time.Minute
)

// recordFinder finds the records of examples: of calls that go on in the view,
// of others in the store.
type recordFinder struct {
	view   *dialog.View
	reader *store.Reader // nil: there is no store
}

// finderOf returns a finder; a store that cannot be read is as none.
func finderOf(view *dialog.View, dir string) *recordFinder {
	f := &recordFinder{view: view}
	if r, err := store.OpenReader(dir); dir != "" && err == nil {
		f.reader = r
	}
	return f
}

func (f *recordFinder) close() {
	if f.reader != nil {
		f.reader.Close()
	}
}

// record returns where an example's packets are, nil where nobody knows.
func (f *recordFinder) record(ctx context.Context, x *alerting.Example) (*dialog.CallRecord, error) {
	if c := pipeline.Viewed(f.view, x.Call); c != nil && x.Call != "" {
		return c, nil
	}
	if s := streamIn(f.view, x); s != nil {
		return &dialog.CallRecord{Start: s.Start, End: s.End, Media: []*dialog.StreamRecord{s}}, nil
	}
	c, err := f.stored(ctx, x)
	if c == nil && err == nil {
		c = guessed(x)
	}
	return c, err
}

// stored returns an example's record of the store, nil where it has none.
func (f *recordFinder) stored(ctx context.Context, x *alerting.Example) (*dialog.CallRecord, error) {
	if f.reader == nil {
		return nil, nil
	}
	q := &store.Query{CallID: x.Call, After: x.At.Add(-longestExample), Before: x.At.Add(time.Minute), Limit: 1}
	if x.Call == "" {
		q.CallID, q.Streams = x.Stream, true
	}
	if q.CallID == "" {
		return nil, nil
	}
	var found *dialog.CallRecord
	err := f.reader.Find(ctx, q, func(r *store.Found) error {
		record, err := r.Record()
		switch r := record.(type) {
		case *dialog.CallRecord:
			found = r
		case *dialog.StreamRecord:
			found = &dialog.CallRecord{Start: r.Start, End: r.End, Media: []*dialog.StreamRecord{r}, MOSWorst: r.MOS.LQ}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot find the records of a case's calls: %w", err)
	}
	return found, nil
}

// streamIn finds a stream of no call that goes on.
func streamIn(view *dialog.View, x *alerting.Example) *dialog.StreamRecord {
	if view == nil || x.Call != "" || x.Stream == "" {
		return nil
	}
	for i := range view.Streams {
		if s := &view.Streams[i]; s.ID == x.Stream {
			return &dialog.StreamRecord{Src: s.Src, Dst: s.Dst, SSRC: s.SSRC, Start: s.Start, End: dialog.Time(view.At), Packets: s.Packets}
		}
	}
	return nil
}

// guessed says where the packets of an example are that left no record, because
// the probe was killed while it went on: where its Call-ID stands, and on the
// path of the stream that was heard, in both directions. Nil where it has neither.
func guessed(x *alerting.Example) *dialog.CallRecord {
	c := &dialog.CallRecord{Start: dialog.Time(x.At.Add(-guessedAround).UnixNano()), End: dialog.Time(x.At.Add(guessedAround).UnixNano())}
	if x.CallID != "" {
		c.CallIDs = []string{x.CallID}
	}
	if x.Src.IsValid() && x.Dst.IsValid() {
		c.Media = []*dialog.StreamRecord{
			{Src: x.Src, Dst: x.Dst, Start: c.Start, End: c.End},
			{Src: x.Dst, Dst: x.Src, Start: c.Start, End: c.End},
		}
	}
	if c.CallIDs == nil && c.Media == nil {
		return nil
	}
	return c
}
