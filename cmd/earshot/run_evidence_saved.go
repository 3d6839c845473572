package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/evidence"
	"earshot/pipeline"
)

// evidencePace is how many packets of capture files are looked at in a second,
// so that the probe keeps its processors for what it hears.
const evidencePace = 500_000

// savedPackets is where a running probe saves what it hears, and where it keeps
// the records that say which packets are of which call. The zero value is none.
type savedPackets struct {
	dir   string
	store string
}

// savedPackets is what the configuration says of capture files, none where they hold no RTP.
func (c *config) savedPackets() savedPackets {
	save := c.save()
	if save.RTP == pipeline.KeepNothing {
		return savedPackets{}
	}
	return savedPackets{dir: save.Dir, store: c.store().Dir}
}

// gatherSaved takes the packets of the case's calls out of the capture files;
// nil where they hold none. The folder work is for
// what lies between.
func (m *evidenceMaker) gatherSaved(ctx context.Context, c *alerting.Case, work string, spool io.Writer) (*evidence.Gathered, error) {
	if m.saved.dir == "" {
		return nil, nil
	}
	view := m.viewed()
	found := finderOf(view, m.saved.store)
	defer found.close()
	copied, err := os.Create(filepath.Join(work, "saved"))
	if err != nil {
		return nil, err
	}
	defer copied.Close()
	n, err := evidence.CopySaved(ctx, &evidence.Saving{
		Dir: m.saved.dir, Case: c, Known: found.record, MaxPackets: m.most,
		Pace: func(s capture.Source) capture.Source { return &paced{Source: s, ctx: ctx, began: time.Now()} },
	}, copied)
	if err != nil || n == 0 {
		return nil, err
	}
	open := func() (capture.Source, error) { return capture.Open([]string{copied.Name()}, capture.Options{}) }
	got, err := evidence.Gather(ctx, &evidence.Gathering{Case: c, Open: open, View: view, Config: m.cfg, MaxPackets: m.most, Heard: found.stored}, spool)
	if err != nil {
		return nil, err
	}
	for i := range got.Examples {
		if x := &got.Examples[i]; x.Missing == "" && x.Partial == "" && legsOf(view, x.Named.Call) > 1 {
			x.Partial = "the signalling of its other hops: the call was still going on"
		}
	}
	return got, nil
}

// viewed is what the probe sees now, nil where it sees nothing yet.
func (m *evidenceMaker) viewed() *dialog.View {
	if pipe := m.pipe.Load(); pipe != nil {
		return pipe.Snapshot().View
	}
	return nil
}

// legsOf returns how many legs a call has that goes on, 0 where it does not.
func legsOf(view *dialog.View, id string) int {
	if view == nil {
		return 0
	}
	for i := range view.Calls {
		if c := &view.Calls[i]; c.ID == id || c.CallID == id {
			return c.Legs
		}
	}
	return 0
}

// paced is a Source that gives evidencePace packets a second at most, until its
// context is done.
type paced struct {
	capture.Source
	ctx   context.Context
	began time.Time
	given int
}

// Next is Source's.
func (p *paced) Next(f *capture.Frame) error {
	const look = evidencePace / 100
	if p.given++; p.given%look == 0 {
		due := p.began.Add(time.Duration(p.given) * time.Second / evidencePace)
		select {
		case <-p.ctx.Done():
			return p.ctx.Err()
		case <-time.After(time.Until(due)):
		}
	}
	return p.Source.Next(f)
}
