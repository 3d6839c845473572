package sanitise

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"earshot/capture"
)

// Options says how a capture is sanitised.
type Options struct {
	Key        Key
	Cut        bool     // cut RTP off behind its header, instead of zeroing its payload
	LegHeaders []string // names of headers that join the legs of a B2BUA and stay
}

// Summary is what became of a capture. It holds nothing of what was replaced,
// but for Warnings.
type Summary struct {
	SHA256         string   `json:"sha256"` // of what was written
	Bytes          int64    `json:"bytes"`  // of it
	KeyFingerprint string   `json:"key_fingerprint"`
	Packets        uint64   `json:"packets"`
	Counts         Counts   `json:"counts"`
	Damaged        bool     `json:"damaged,omitempty"` // the input ended before its end, or in part could not be read
	Warnings       []string `json:"-"`                 // what was wrong with the input; names its files
}

// Capture writes a capture without what is personal, as pcapng. It goes through
// the packets twice, and calls open for each time: what fragments and TCP
// segments carry is known when their last has come, and it changes the first.
//
// A damaged input is written as far as it goes, and the Summary says so.
func Capture(open func() (capture.Source, error), w io.Writer, o Options) (*Summary, error) {
	r := newRewriter(o)
	defer r.plan.spool.close()
	s := &Summary{KeyFingerprint: o.Key.Fingerprint()}
	if err := r.first(open); err != nil {
		return nil, err
	}
	digest := sha256.New()
	out := &counted{w: io.MultiWriter(w, digest)}
	if err := r.second(open, out, s); err != nil {
		return nil, err
	}
	if err := r.plan.spool.err; err != nil {
		return nil, err
	}
	s.SHA256, s.Bytes = hex.EncodeToString(digest.Sum(nil)), out.n
	s.Counts = r.counts
	s.Counts.Messages, s.Counts.LeftOut = r.plan.messages, r.plan.leftOut
	s.Counts.Contradicted = r.plan.contradicted
	return s, nil
}

func newRewriter(o Options) *rewriter {
	addresses := NewAddresses(o.Key)
	names := NewNames(o.Key, addresses)
	r := &rewriter{
		addresses: addresses, tags: newTags(o.Key), names: names, text: NewText(names),
		cut: o.Cut, plan: newPlan(), out: make([]byte, 0, 4096),
	}
	r.text.KeepHeaders(o.LegHeaders...)
	return r
}

// first goes through the packets for what the second pass must know.
func (r *rewriter) first(open func() (capture.Source, error)) error {
	source, err := open()
	if err != nil {
		return err
	}
	survey := newSurvey(r)
	err = each(source, func(f *capture.Frame) error {
		survey.take(f)
		r.ordinal++
		return r.plan.spool.err
	})
	survey.end()
	r.ordinal = 0
	return errors.Join(err, source.Close())
}

// second writes them.
func (r *rewriter) second(open func() (capture.Source, error), w io.Writer, s *Summary) error {
	out, err := capture.NewWriter(w)
	if err != nil {
		return err
	}
	source, err := open()
	if err != nil {
		return err
	}
	drops := drops{source: source, out: out}
	err = each(source, func(f *capture.Frame) error {
		if err := drops.tell(f.At); err != nil {
			return err
		}
		r.frame(f)
		r.ordinal++
		drops.begun = true
		return out.WriteFrame(f)
	})
	s.Packets = r.ordinal
	if err == nil {
		err = drops.tell(drops.at)
	}
	r.counts.Lost = drops.told
	if warned, ok := source.(interface{ Warnings() []error }); ok {
		for _, warning := range warned.Warnings() {
			s.Damaged = true
			s.Warnings = append(s.Warnings, warning.Error())
		}
	}
	return errors.Join(err, source.Close(), out.Flush())
}

// drops passes on what the capture says that it lost.
type drops struct {
	source  capture.Source
	out     *capture.Writer
	begun   bool // a frame was written
	at      int64
	waiting uint64
	told    uint64
}

// tell writes what was lost before the frame of this time; nothing can be lost
// before the first.
func (d *drops) tell(at int64) error {
	d.at = at
	lost, _ := d.source.Drops()
	d.waiting += lost
	if d.waiting == 0 || !d.begun {
		return nil
	}
	lost, d.waiting = d.waiting, 0
	d.told += lost
	return d.out.Lost(at, lost)
}

// each gives all frames of a source.
func each(source capture.Source, take func(*capture.Frame) error) error {
	var f capture.Frame
	for {
		err := source.Next(&f)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("cannot read the capture: %w", err)
		}
		if err := take(&f); err != nil {
			return err
		}
	}
}

// counted counts what is written.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
