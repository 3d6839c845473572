package evidence

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"earshot/dialog"
)

// Figures is how a call, or a stream of no call, sounded: the worst of its
// directions. What was not measured is left out.
type Figures struct {
	Packets  uint64   `json:"packets"`
	Lost     uint64   `json:"lost"`
	JitterMS float64  `json:"jitter_max_ms"`
	MOS      *float64 `json:"mos_worst,omitempty"`
}

// figuresOf sums up streams.
func figuresOf(streams []*dialog.StreamRecord, worst *float64) Figures {
	f := Figures{MOS: worst}
	for _, s := range streams {
		f.Packets += s.Packets
		f.Lost += s.Lost
		f.JitterMS = math.Max(f.JitterMS, s.JitterMS.Max)
	}
	return f
}

// rounded is what people read of the figures.
func (f Figures) rounded() *Figures {
	const digits = 1000
	f.JitterMS = math.Round(f.JitterMS*digits) / digits
	if f.MOS != nil {
		mos := math.Round(*f.MOS*digits) / digits
		f.MOS = &mos
	}
	return &f
}

// equal compares what was measured with what a record's JSON says, which has
// six decimals.
func (f *Figures) equal(o *Figures) bool {
	same := func(a, b float64) bool { return math.Abs(a-b) < 2e-6 }
	if (f.MOS == nil) != (o.MOS == nil) || f.MOS != nil && !same(*f.MOS, *o.MOS) {
		return false
	}
	return f.Packets == o.Packets && f.Lost == o.Lost && same(f.JitterMS, o.JitterMS)
}

// traceOf is what sanitising leaves of a call: its times, and the sources of
// its streams with what they sent.
func traceOf(c *dialog.CallRecord) string {
	var b strings.Builder
	fmt.Fprint(&b, int64(c.Start), " ", int64(c.Answer), " ", int64(c.End), " ", len(c.CallIDs))
	var parts []string
	for _, s := range c.Media {
		parts = append(parts, traceOfStream(s))
	}
	slices.Sort(parts) // streams of one instant have an order by their addresses
	b.WriteString(strings.Join(parts, ";"))
	return b.String()
}

func traceOfStream(s *dialog.StreamRecord) string {
	return fmt.Sprint(" ", s.SSRC, " ", int64(s.Start), " ", int64(s.End), " ", s.Packets)
}

// twin is what became of an example.
type twin struct {
	call   *dialog.CallRecord
	stream *dialog.StreamRecord
}

// match finds what became of each example, by its trace; two calls with one
// trace are taken in the order of their records.
func match(examples []Example, before, after *replayed) []twin {
	taken := map[any]bool{}
	list := make([]twin, len(examples))
	for i := range examples {
		x := &examples[i]
		if x.Missing != "" {
			continue
		}
		if same := sameExample(examples[:i], x); same >= 0 {
			list[i] = list[same]
			continue
		}
		list[i] = x.twin(before, after, taken)
	}
	return list
}

// sameExample finds an earlier example about the same call.
func sameExample(list []Example, x *Example) int {
	return slices.IndexFunc(list, func(y Example) bool { return x.call != nil && y.call == x.call && y.Missing == "" })
}

func (x *Example) twin(before, after *replayed, taken map[any]bool) (t twin) {
	for _, c := range before.calls {
		if !isCall(&x.Named, c) {
			continue
		}
		for _, d := range after.calls {
			if traceOf(c) == traceOf(d) && !taken[d] {
				taken[d] = true
				t.call = d
				return t
			}
		}
	}
	for _, s := range before.streams {
		if !isStream(&x.Named, s) {
			continue
		}
		for _, d := range after.streams {
			if traceOfStream(s) == traceOfStream(d) && !taken[d] {
				taken[d] = true
				t.stream = d
				return t
			}
		}
	}
	return t
}
