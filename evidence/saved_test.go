package evidence

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
)

// firstCall is a Sink that keeps the first call with media.
type firstCall struct{ call *dialog.CallRecord }

func (f *firstCall) Record(r dialog.Record) {
	if c, ok := r.(*dialog.CallRecord); ok && f.call == nil && len(c.Media) > 0 {
		f.call = c
	}
}

// TestCopySaved: a call's packets are copied as many as it has; one that there
// is no room for is left out, and a guess that fits far more packets than a case
// may have is refused, whatever the files hold.
func TestCopySaved(t *testing.T) {
	open := func() capture.Source {
		src, err := capture.Open([]string{"../testdata/demo/input.pcap.gz"}, capture.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	src, first := open(), new(firstCall)
	defer src.Close()
	if err := pipeline.New(pipeline.Config{}, []capture.Source{src}, first).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir, again := t.TempDir(), open()
	defer again.Close()
	out := capture.NewRotating(capture.RotatingConfig{Dir: dir, MinFree: 1})
	var f capture.Frame
	for {
		err := again.Next(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		if err = errors.Join(err, out.WriteFrame(&f)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	packets := packetsOf(first.call)
	guess := *first.call
	guess.Media = nil
	for _, m := range first.call.Media {
		guess.Media = append(guess.Media, &dialog.StreamRecord{Src: m.Src, Dst: m.Dst, Start: m.Start, End: m.End})
	}
	for _, tt := range []struct {
		name  string
		known *dialog.CallRecord
		most  int
		some  bool
		wrong string
	}{
		{"its record", first.call, packets, true, ""},
		{"no room", first.call, packets - 1, false, ""},
		{"a guess", &guess, packets, true, ""},
		{"a guess of too many", &guess, 1, false, "too many"},
		{"nobody knows", nil, packets, false, ""},
	} {
		var copied bytes.Buffer
		n, err := CopySaved(t.Context(), &Saving{
			Dir: dir, Case: &alerting.Case{Number: 17, Examples: []alerting.Example{{Call: "c"}}}, MaxPackets: tt.most,
			Known: func(context.Context, *alerting.Example) (*dialog.CallRecord, error) { return tt.known, nil },
		}, &copied)
		if tt.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.wrong)
			}
			continue
		}
		if err != nil || tt.some != (n > packets) || !tt.some && n != 0 { // signalling beside the media
			t.Errorf("%s: %d packets, %v; the media alone are %d", tt.name, n, err, packets)
		}
	}
}
