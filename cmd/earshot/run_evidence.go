package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/capture"
	"earshot/dialog"
	"earshot/evidence"
	"earshot/pipeline"
	"earshot/report"
	"earshot/sanitise"
	"earshot/store"
)

// When evidence is made.
const (
	remakeEvery   = time.Hour        // evidence of a case that goes on
	mostEvidence  = 6                // of one case
	failedWait    = 10 * time.Minute // before it is tried again
	evidenceTries = 3
)

// evidenceMaker makes the evidence of a running probe's cases, in a goroutine of
// its own and one at a time: a case that opened by itself, one that got other
// worst calls, and one that was restored. The desk offers it the open cases.
type evidenceMaker struct {
	files    *store.Attachments
	key      sanitise.Key
	pipe     atomic.Pointer[pipeline.Pipeline] // set when there is one
	cfg      pipeline.Config
	settings []byte
	settles  time.Duration // after its opening, and after it was restored, a case is left alone for so long
	most     int           // packets of a case
	saved    savedPackets  // where packets are besides the ring
	attach   func(ctx context.Context, number int, files []alerting.Attachment) error
	log      *slog.Logger
	events   *throttle

	wanted chan *alerting.Case
	busy   atomic.Bool
	done   chan struct{}
	cancel context.CancelFunc

	made map[int]*makings // by case; the desk's goroutine has it
	told chan making      // what became of it
}

// makings is what was made of one case, as far as the attachments do not say.
type makings struct {
	calls  []string // the worst ones at that time
	tries  int      // that failed, one after the other
	failed time.Time
}

// making is what became of one try.
type making struct {
	number int
	calls  []string
	err    error
}

// newEvidenceMaker makes the maker of the configuration; nil where none is wanted.
func (c *config) newEvidenceMaker(files *store.Attachments, log *slog.Logger, events *throttle) (*evidenceMaker, error) {
	if files == nil || !c.Evidence.Make.or(true) {
		return nil, nil
	}
	m := &evidenceMaker{
		settles: time.Duration(c.Evidence.SettleS.or(presetSettle) * float64(time.Second)),
		files:   files, most: c.Evidence.MaxPackets.whole(), log: log, events: events,
		wanted: make(chan *alerting.Case, 1), done: make(chan struct{}), told: make(chan making, 1), made: map[int]*makings{},
	}
	var err error
	if m.key, err = c.evidenceKey(); err != nil {
		return nil, err
	}
	if m.cfg, err = c.measuring(); err != nil {
		return nil, err
	}
	if m.cfg.Decoder.HEP, err = c.hepDecoding(); err != nil {
		return nil, err
	}
	m.saved = c.savedPackets()
	m.settings, err = c.measuringSettings()
	return m, err
}

// start begins to work. What it made it has attached by attach.
func (m *evidenceMaker) start(attach func(ctx context.Context, number int, files []alerting.Attachment) error) {
	if m == nil {
		return
	}
	m.attach = attach
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	go m.run(ctx)
}

// stop ends it; what is being made is given up.
func (m *evidenceMaker) stop() {
	if m == nil {
		return
	}
	m.cancel()
	<-m.done
}

// offer tells of the open cases. The desk's goroutine calls it each second; it
// costs little, and never waits.
func (m *evidenceMaker) offer(now time.Time, open []*alerting.Case) {
	if m == nil {
		return
	}
	m.learn(now)
	if m.busy.Load() {
		return
	}
	var best *alerting.Case
	for _, c := range open {
		if m.due(now, c) && (best == nil || c.Severity < best.Severity) {
			best = c
		}
	}
	if best == nil {
		return
	}
	m.busy.Store(true)
	m.wanted <- best // it is idle: there is room
}

// learn takes what became of the last try.
func (m *evidenceMaker) learn(now time.Time) {
	select {
	case t := <-m.told:
		x := &makings{calls: t.calls}
		if t.err != nil {
			x = &makings{failed: now, tries: 1}
			if old := m.made[t.number]; old != nil {
				x.calls, x.tries = old.calls, old.tries+1
			}
		}
		m.made[t.number] = x
	default:
	}
	if len(m.made) > mostRemembered {
		clear(m.made) // it is found out again from the attachments
	}
}

// mostRemembered bounds of how many cases it is known what was made.
const mostRemembered = 10_000

// due reports whether a case wants evidence now.
func (m *evidenceMaker) due(now time.Time, c *alerting.Case) bool {
	if len(c.Faults) == 0 || c.Probe || now.Sub(c.Opened) < m.settles {
		return false
	}
	known := m.made[c.Number]
	if known != nil && known.tries > 0 && (known.tries >= evidenceTries || now.Sub(known.failed) < failedWait) {
		return false
	}
	n, last := evidenceAmong(c.Attachments)
	switch {
	case n == 0:
		return true
	case n >= mostEvidence:
		return false
	case !c.Restored.IsZero():
		return last.Before(c.Restored) && now.Sub(c.Restored) >= m.settles
	}
	return known != nil && n < mostEvidence-1 && now.Sub(last) >= remakeEvery && changedMuch(known.calls, worstCalls(c))
}

// The names of evidence among the attachments of a case.
const (
	evidencePrefix = "evidence-"
	evidenceSuffix = ".zip"
)

// evidenceAmong counts the evidence among attachments.
func evidenceAmong(list []alerting.Attachment) (n int, last time.Time) {
	for _, a := range list {
		if isEvidence(a.Name) {
			n++
			last = a.Added
		}
	}
	return n, last
}

func isEvidence(name string) bool {
	return strings.HasPrefix(name, evidencePrefix) && strings.HasSuffix(name, evidenceSuffix)
}

// worstCalls names the worst calls of a case.
func worstCalls(c *alerting.Case) []string {
	var list []string
	for _, x := range c.Examples {
		list = append(list, x.Call+" "+x.Stream)
	}
	return list
}

// changedMuch reports whether most of the calls are other ones.
func changedMuch(before, now []string) bool {
	fresh := 0
	for _, x := range now {
		if !slices.Contains(before, x) {
			fresh++
		}
	}
	return 2*fresh > len(now)
}

// run makes what is wanted.
func (m *evidenceMaker) run(ctx context.Context) {
	defer close(m.done)
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-m.wanted:
			err := m.make(ctx, c)
			if err != nil && ctx.Err() == nil {
				m.events.event(slog.LevelError, "evidence", "cannot make evidence; it is tried again", "case", c.Number, "error", err)
			}
			select {
			case m.told <- making{c.Number, worstCalls(c), err}:
			case <-ctx.Done():
				return
			}
			m.busy.Store(false)
		}
	}
}

// make makes the evidence of one case, and attaches it.
func (m *evidenceMaker) make(ctx context.Context, c *alerting.Case) (err error) {
	work, err := m.files.Spool()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	dir := filepath.Join(work, "bundle")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	spool, err := os.Create(filepath.Join(work, "packets"))
	if err != nil {
		return err
	}
	defer spool.Close()
	gathered, err := m.gather(ctx, c, work, spool)
	if err != nil {
		return err
	}
	masked := outbox.Mask(c)
	b, err := evidence.Make(ctx, &evidence.Input{
		Shown: masked, Gathered: gathered, Config: m.cfg, Settings: m.settings, Key: m.key, Version: version, At: time.Now(), Dir: dir,
		Open: func() (capture.Source, error) { return capture.Open([]string{spool.Name()}, capture.Options{}) },
	})
	if err != nil {
		return err
	}
	return m.keep(ctx, c, masked, b)
}

// gather takes the packets of the case's calls out of the capture files where
// there are any, else out of the rings, which hold less.
func (m *evidenceMaker) gather(ctx context.Context, c *alerting.Case, work string, spool *os.File) (*evidence.Gathered, error) {
	got, err := m.gatherSaved(ctx, c, work, spool)
	if got != nil || ctx.Err() != nil {
		return got, ctx.Err()
	}
	if err != nil {
		m.events.event(slog.LevelWarn, "evidence_saved", "cannot take a case's packets from the capture files; the ring of recent ones has to do", "case", c.Number, "error", err)
		if err := startAgain(spool); err != nil {
			return nil, err
		}
	}
	return m.gatherRecent(ctx, c, spool)
}

// startAgain empties a file.
func startAgain(f *os.File) error {
	_, err := f.Seek(0, io.SeekStart)
	return errors.Join(err, f.Truncate(0))
}

// gatherRecent takes the packets of the case's calls out of the rings.
func (m *evidenceMaker) gatherRecent(ctx context.Context, c *alerting.Case, spool io.Writer) (*evidence.Gathered, error) {
	pipe := m.pipe.Load()
	if pipe == nil {
		return evidence.NothingGathered(c, "the probe was not yet listening"), nil
	}
	var got *evidence.Gathered
	err := pipe.Recent(func(open func() (capture.Source, error), view *dialog.View) (err error) {
		got, err = gather(ctx, &evidence.Gathering{Case: c, Open: open, View: view, Config: m.cfg, MaxPackets: m.most}, spool)
		return err
	})
	if errors.Is(err, pipeline.ErrNothingKept) {
		return evidence.NothingGathered(c, "this probe keeps no recent packets: save.memory_mb is 0"), nil
	}
	return got, err
}

// keep keeps the bundle as one archive, and the chart beside it, and has the
// desk attach both.
func (m *evidenceMaker) keep(ctx context.Context, c, masked *alerting.Case, b *evidence.Bundle) error {
	n, _ := evidenceAmong(c.Attachments)
	archive, err := m.files.Keep(c.Number, fmt.Sprintf("%s%d%s", evidencePrefix, n+1, evidenceSuffix), b.Zip)
	if err != nil {
		return err
	}
	files := []alerting.Attachment{archive}
	if chart := report.ChartOf(masked); chart != nil {
		picture, err := chart.PNG()
		if err != nil {
			return err
		}
		kept, err := m.files.Keep(c.Number, fmt.Sprintf("chart-%d.png", n+1), func(w io.Writer) error {
			_, err := w.Write(picture)
			return err
		})
		if err != nil {
			return err
		}
		files = append(files, kept)
	}
	if err := m.attach(ctx, c.Number, files); err != nil {
		return err
	}
	m.log.Info("evidence made", "case", c.Number, "file", archive.Name, "octets", archive.Bytes)
	return nil
}

// listen says where recent packets are, as soon as there is a pipeline.
func (m *evidenceMaker) listen(to *pipeline.Pipeline) {
	if m != nil {
		m.pipe.Store(to)
	}
}
