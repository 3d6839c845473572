package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
)

// Saving says where capture files are in which a running probe saves what it hears.
type Saving struct {
	Dir        string
	Case       *alerting.Case                      // not masked: it names the calls
	Known      Recall                              // where an example's packets are; nil: nobody knows
	MaxPackets int                                 // 0: DefaultMaxPackets
	Pace       func(capture.Source) capture.Source // makes reading slow enough for what else the machine does; nil: as fast as it goes
}

// savedMargin is how far around a call's times its packets are looked for, ns.
const savedMargin = 10e9

// CopySaved writes the packets of a case's examples to w, as far as capture
// files hold them, as pcapng with their original octets, and returns how many.
// With what it wrote Gather does the rest: the files may be too many to measure
// all that is in them. It reads them twice.
func CopySaved(ctx context.Context, s *Saving, w io.Writer) (int, error) {
	calls, err := s.calls(ctx)
	if err != nil || len(calls) == 0 {
		return 0, err
	}
	from, until := stretchOf(calls)
	files, err := capture.OpenSaved(s.Dir, from-savedMargin, until+savedMargin)
	if err != nil {
		return 0, err
	}
	defer files.Close()
	if files.Files() == 0 {
		return 0, nil
	}
	open := func() (capture.Source, error) {
		src, err := files.Open()
		if err == nil && s.Pace != nil {
			src = s.Pace(src)
		}
		return src, err
	}
	n, err := pipeline.Extract(open, calls, &bounded{w, s.most() * octetsEach})
	if err != nil {
		return n, fmt.Errorf("cannot cut the calls of case %d out of the capture files: %w", s.Case.Number, err)
	}
	return n, nil
}

// calls lists where the packets of the examples are, without those that there
// is no room for.
func (s *Saving) calls(ctx context.Context) ([]*dialog.CallRecord, error) {
	var calls []*dialog.CallRecord
	room := s.most()
	for _, x := range examplesOf(s.Case) {
		record, err := s.Known(ctx, &x.Named)
		if err != nil {
			return nil, err
		}
		if record == nil || packetsOf(record) > room {
			continue
		}
		room -= packetsOf(record)
		calls = append(calls, record)
	}
	return calls, nil
}

func (s *Saving) most() int {
	if s.MaxPackets <= 0 {
		return DefaultMaxPackets
	}
	return s.MaxPackets
}

// octetsEach is how many octets a packet takes in the mean, at most: whole
// speech takes a quarter of it.
const octetsEach = 1024

// bounded is a writer with room for so many octets: what a guess says of a
// call's packets may be said of any number.
type bounded struct {
	w    io.Writer
	room int
}

// Write is io.Writer's.
func (b *bounded) Write(p []byte) (int, error) {
	if b.room -= len(p); b.room < 0 {
		return 0, errors.New("they are too many")
	}
	return b.w.Write(p)
}

// stretchOf returns from when to when calls and their media were heard.
func stretchOf(calls []*dialog.CallRecord) (from, until int64) {
	from, until = int64(calls[0].Start), int64(calls[0].End)
	for _, c := range calls {
		from, until = min(from, int64(c.Start)), max(until, int64(c.End))
		for _, m := range c.Media {
			from, until = min(from, int64(m.Start)), max(until, int64(m.End))
		}
	}
	return from, until
}
