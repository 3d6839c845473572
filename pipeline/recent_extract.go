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
// those are, so that a call is found while it goes on; a call whose INVITE has
// left the rings may have another id there, but keeps its Call-ID.
func (x *extractor) call(id string, w io.Writer) (int, error) {
	return x.extract(w, func(recent *recentPackets) ([]*dialog.CallRecord, error) {
		src, err := recent.open()
		if err != nil {
			return nil, err
		}
		wanted := &wantedCalls{id: id}
		if err := New(x.cfg, []capture.Source{src}, wanted).Run(context.Background()); err != nil {
			return nil, err
		}
		return wanted.found, nil
	})
}

// records writes the packets of calls that have been recorded, also of those
// whose signalling has left the rings.
func (x *extractor) records(calls []*dialog.CallRecord, w io.Writer) (int, error) {
	return x.extract(w, func(*recentPackets) ([]*dialog.CallRecord, error) { return calls, nil })
}

// extract pins the rings, has the calls found in them, and copies their packets.
func (x *extractor) extract(w io.Writer, find func(*recentPackets) ([]*dialog.CallRecord, error)) (int, error) {
	if x.keep == nil {
		return 0, nil
	}
	defer x.running.Add(-1)
	if x.running.Add(1) > maxExtractions {
		return 0, ErrBusy
	}
	recent := x.keep.recent()
	defer recent.release()
	calls, err := find(recent)
	if err != nil || len(calls) == 0 {
		return 0, err
	}
	return Extract(recent.open, calls, w)
}

// wantedCalls is a Sink that keeps the calls with an id or Call-ID.
type wantedCalls struct {
	id    string
	found []*dialog.CallRecord
}

// Record is Sink's.
func (s *wantedCalls) Record(r dialog.Record) {
	c, ok := r.(*dialog.CallRecord)
	if ok && (c.ID == s.id || slices.Contains(c.CallIDs, s.id)) {
		s.found = append(s.found, c)
	}
}
