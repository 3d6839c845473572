package pipeline

import (
	"testing"

	"earshot/capture"
	"earshot/dialog"
)

// holed is a source that says, of a time, that packets around it are missing
// which nobody could count, as a card does that has dropped some.
type holed struct {
	capture.Source
	from, to int64
	at       int64
}

func (h *holed) Next(f *capture.Frame) error {
	err := h.Source.Next(f)
	h.at = max(h.at, f.At)
	return err
}

func (h *holed) Drops() (lost uint64, suspect bool) {
	return 0, h.from <= h.at && h.at <= h.to
}

// callList keeps the calls of a run.
type callList []*dialog.CallRecord

func (c *callList) Record(r dialog.Record) {
	if r, ok := r.(*dialog.CallRecord); ok {
		*c = append(*c, r)
	}
}

// TestHoles: calls that were set up while packets were missing are suspect, also
// where nobody knows how many; of the others none is. The demo holds
// calls that begin over some ten seconds.
func TestHoles(t *testing.T) {
	const demo = "../testdata/demo/input.pcap.gz"
	heard := func(from, to int64) callList {
		src, err := capture.Open([]string{demo}, capture.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got callList
		if err := New(Config{}, []capture.Source{&holed{Source: src, from: from, to: to}}, &got).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		return got
	}
	all := heard(0, 0)
	if len(all) < 3 {
		t.Fatalf("%d calls, want several", len(all))
	}
	first := all[0].Start
	for _, c := range all {
		first = min(first, c.Start)
	}
	from := int64(first) + 3*second
	to := from + second
	// A tick tells of what came since the one before: the second around the hole
	// counts too.
	touched, apart := 0, 0
	for _, c := range heard(from, to) {
		start, decided := int64(c.Start), int64(c.Answer)
		if decided == 0 {
			decided = int64(c.End)
		}
		switch inside := start <= to && decided >= from; {
		case inside && c.Trust != "suspect":
			t.Errorf("the call from %d to %d is trusted, the hole is from %d to %d", start, decided, from, to)
		case inside:
			touched++
		case (decided < from-2*second || start > to+2*second) && c.Trust != "":
			t.Errorf("the call from %d to %d is suspect, the hole is from %d to %d", start, decided, from, to)
		case c.Trust == "":
			apart++
		}
	}
	if touched == 0 || apart == 0 {
		t.Errorf("%d calls touched, %d apart: the test is about both", touched, apart)
	}
}
