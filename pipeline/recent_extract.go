package pipeline

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"

	"earshot/capture"
	"earshot/dialog"
)

// maxExtractions is how many extractions may run at once. Each pins up to a
// whole ring, and needs a processor for as long as a replay of it takes.
const maxExtractions = 2

// ErrBusy is returned for an extraction beside too many others.
var ErrBusy = errors.New("pipeline: as many extractions as may run at once are running; try again in a few seconds")

// ErrNothingKept is returned where no recent packets are kept.
var ErrNothingKept = errors.New("pipeline: no recent packets are kept")

// extractor cuts calls out of the rings. Any goroutine may use it.
type extractor struct {
	keep    *keeping
	cfg     Config
	running atomic.Int32
}

// newExtractor returns an extractor that reads calls as the pipeline of cfg does.
func newExtractor(keep *keeping, cfg Config) *extractor {
	return &extractor{keep: keep, cfg: Config{
		Shards: 1, Decoder: cfg.Decoder, TCP: cfg.TCP, SIP: cfg.SIP, Streams: cfg.Streams, Dialog: cfg.Dialog,
	}}
}

// call writes the packets of the call with this id or Call-ID that the rings
// still hold, and returns how many. It replays the rings to find out which
// those are, so that a call is found while it goes on. The view, which may be
// nil, adds what the rings have forgotten of it: the id and the streams of a
// call whose INVITE has left them.
func (x *extractor) call(id string, view *dialog.View, w io.Writer) (int, error) {
	written := 0
	err := x.recently(func(open func() (capture.Source, error)) error {
		src, err := open()
		if err != nil {
			return err
		}
		wanted := &wantedCalls{ids: []string{id}}
		if c := Viewed(view, id); c != nil {
			wanted.ids = append(wanted.ids, c.CallIDs...)
			wanted.found = append(wanted.found, c)
		}
		err = New(x.cfg, []capture.Source{src}, wanted).Run(context.Background())
		if err == nil && len(wanted.found) > 0 {
			written, err = Extract(open, wanted.found, w)
		}
		return err
	})
	if errors.Is(err, ErrNothingKept) {
		return 0, nil
	}
	return written, err
}

// Viewed is what a view knows of a call with this id or Call-ID, as a record
// that says where its packets are; nil where it is not in the view.
func Viewed(view *dialog.View, id string) *dialog.CallRecord {
	if view == nil {
		return nil
	}
	i := slices.IndexFunc(view.Calls, func(c dialog.CallView) bool { return c.ID == id || c.CallID == id })
	if i < 0 {
		return nil
	}
	known := &view.Calls[i]
	c := &dialog.CallRecord{CallIDs: []string{known.CallID}, Start: known.Start, End: dialog.Time(view.At)}
	for k := range view.Streams {
		if s := &view.Streams[k]; s.Call == known.ID {
			c.Media = append(c.Media, &dialog.StreamRecord{Src: s.Src, Dst: s.Dst, SSRC: s.SSRC, Start: s.Start, End: c.End})
		}
	}
	return c
}

// recently pins what the rings hold while something is done with it.
func (x *extractor) recently(do func(open func() (capture.Source, error)) error) error {
	if x.keep == nil {
		return ErrNothingKept
	}
	defer x.running.Add(-1)
	if x.running.Add(1) > maxExtractions {
		return ErrBusy
	}
	recent := x.keep.recent()
	defer recent.release()
	return do(recent.open)
}

// wantedCalls is a Sink that keeps the calls with one of these ids or Call-IDs.
type wantedCalls struct {
	ids   []string
	found []*dialog.CallRecord
}

// Record is Sink's.
func (s *wantedCalls) Record(r dialog.Record) {
	c, ok := r.(*dialog.CallRecord)
	if !ok {
		return
	}
	for _, id := range s.ids {
		if c.ID == id || slices.Contains(c.CallIDs, id) {
			s.found = append(s.found, c)
			return
		}
	}
}
