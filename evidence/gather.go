package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
)

// DefaultMaxPackets is how many packets of a case are taken unless something
// else is said: eight calls of five minutes, and as much room again.
const DefaultMaxPackets = 250_000

// Example is a call, or a stream of no call, that a case names.
type Example struct {
	Role    string // "worst" or "good"
	Place   int    // among those of its role, from 1
	Named   alerting.Example
	Missing string // why its packets are not there; "" they are
	Partial string // which of them are not there; "" all are

	call   *dialog.CallRecord   // as it was measured where the packets come from; nil: there is none
	stream *dialog.StreamRecord // of no call
	heard  *dialog.CallRecord   // as it was measured when it was heard; nil: as above
}

// Gathered is the packets of a case's examples, as they were captured: nothing
// of it may leave the house.
type Gathered struct {
	Examples []Example
	Packets  int
}

// Gathering says what is gathered.
type Gathering struct {
	Case       *alerting.Case // not masked: it names the calls
	Open       func() (capture.Source, error)
	View       *dialog.View    // of a running probe: what it knows of calls whose beginning is forgotten; nil: nothing
	Config     pipeline.Config // how packets are measured
	MaxPackets int             // 0: DefaultMaxPackets

	// Heard is how the probe measured a call that is over when it heard it, of
	// which the source may have lost packets since. Nil, or a nil record: as the
	// source has it.
	Heard Recall
}

// Recall returns what is known of a call, or of a stream of no call, that a case
// names; nil where that is nothing.
type Recall func(context.Context, *alerting.Example) (*dialog.CallRecord, error)

// examplesOf lists the examples of a case, the worst first.
func examplesOf(c *alerting.Case) []Example {
	var list []Example
	add := func(role string, named []alerting.Example) {
		for i := range named {
			list = append(list, Example{Role: role, Place: i + 1, Named: named[i]})
		}
	}
	add("worst", c.Examples)
	add("good", c.Good)
	return list
}

// NothingGathered is what there is of a case whose packets nobody has, and why.
func NothingGathered(c *alerting.Case, why string) *Gathered {
	g := &Gathered{Examples: examplesOf(c)}
	for i := range g.Examples {
		g.Examples[i].Missing = why
	}
	return g
}

// Gather writes the packets of the examples of a case to w, as pcapng with their
// original octets. It reads the source three times.
func Gather(ctx context.Context, g *Gathering, w io.Writer) (*Gathered, error) {
	got := &Gathered{Examples: examplesOf(g.Case)}
	found := &finder{examples: got.Examples}
	src, err := g.Open()
	if err != nil {
		return nil, err
	}
	err = pipeline.New(measuring(g.Config), []capture.Source{src}, found).Run(ctx)
	if err = errors.Join(err, src.Close(), ctx.Err()); err != nil {
		return nil, fmt.Errorf("cannot look for the calls of case %d: %w", g.Case.Number, err)
	}
	calls := got.choose(g)
	if len(calls) == 0 {
		return got, nil
	}
	if err := got.recall(ctx, g.Heard); err != nil {
		return nil, err
	}
	if got.Packets, err = pipeline.Extract(g.Open, calls, w); err != nil {
		return nil, fmt.Errorf("cannot cut out the calls of case %d: %w", g.Case.Number, err)
	}
	return got, nil
}

// measuring is a pipeline's configuration for a replay of a few calls.
func measuring(c pipeline.Config) pipeline.Config {
	return pipeline.Config{Shards: 1, Decoder: c.Decoder, TCP: c.TCP, SIP: c.SIP, Streams: c.Streams, Dialog: c.Dialog}
}

// choose takes the examples that were found, as many as there is room for, and
// says of the others why they are missing.
func (g *Gathered) choose(how *Gathering) []*dialog.CallRecord {
	room := how.MaxPackets
	if room <= 0 {
		room = DefaultMaxPackets
	}
	var calls []*dialog.CallRecord
	for i := range g.Examples {
		x := &g.Examples[i]
		known := pipeline.Viewed(how.View, x.Named.Call)
		record := x.record()
		switch {
		case record == nil && known == nil:
			x.Missing = "none of its packets are kept any more"
			continue
		case record == nil, x.call == nil && known != nil:
			x.Partial = "the packets of its beginning, with the signalling, are not kept any more"
			record = known
		}
		packets := packetsOf(record)
		if packets > room {
			x.Missing = fmt.Sprintf("it has %d packets, and there is room for %d more", packets, room)
			continue
		}
		room -= packets
		if !slices.Contains(calls, record) {
			calls = append(calls, record)
		}
	}
	return calls
}

// recall asks how the examples that are there were measured when they were heard.
func (g *Gathered) recall(ctx context.Context, heard Recall) (err error) {
	for i := range g.Examples {
		if x := &g.Examples[i]; heard != nil && x.record() != nil && x.Missing == "" && err == nil {
			x.heard, err = heard(ctx, &x.Named)
		}
	}
	return err
}

// record is what says where an example's packets are.
func (x *Example) record() *dialog.CallRecord {
	switch {
	case x.call != nil:
		return x.call
	case x.stream != nil:
		return &dialog.CallRecord{Start: x.stream.Start, End: x.stream.End, Media: []*dialog.StreamRecord{x.stream}}
	}
	return nil
}

func packetsOf(c *dialog.CallRecord) int {
	n := 0
	for _, s := range c.Media {
		n += int(s.Packets)
	}
	return n
}

// finder is a Sink that finds the records of examples.
type finder struct{ examples []Example }

// Record takes a record as it ends.
func (f *finder) Record(r dialog.Record) {
	switch r := r.(type) {
	case *dialog.CallRecord:
		for i := range f.examples {
			if x := &f.examples[i]; x.call == nil && isCall(&x.Named, r) {
				x.call = r
			}
		}
	case *dialog.StreamRecord:
		for i := range f.examples {
			if x := &f.examples[i]; r.Call == nil && x.stream == nil && isStream(&x.Named, r) {
				x.stream = r
			}
		}
	}
}

// isCall reports whether a record is of the call that an example names.
func isCall(x *alerting.Example, c *dialog.CallRecord) bool {
	if x.Call != "" {
		return c.ID == x.Call || slices.Contains(c.CallIDs, x.Call)
	}
	return x.CallID != "" && slices.Contains(c.CallIDs, x.CallID)
}

// isStream reports whether a record is of the stream that an example names.
func isStream(x *alerting.Example, s *dialog.StreamRecord) bool {
	return x.Stream != "" && s.ID == x.Stream || x.Src.IsValid() && s.Src == x.Src && s.Dst == x.Dst
}
