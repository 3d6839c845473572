package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
)

// courier brings cases to destinations. The desk's goroutine drives its box, so
// that a case and what is to be told of it are kept as one; requests are made by
// goroutines of their own, whose outcomes come back to it.
type courier struct {
	box      *outbox.Box
	settings map[string]*outbox.Setting
	files    caseFiles        // nil: there are none
	unkept   []*outbox.Ticket // that the disk has refused so far
	moved    bool             // tickets have changed since others saw them
	outcomes chan outbox.Outcome
	flying   int
	ctx      context.Context // of requests
	cancel   context.CancelFunc
	log      *slog.Logger
	events   *throttle
	counts   atomic.Pointer[courierCounts]
}

// caseFiles opens files that cases have.
type caseFiles interface {
	Open(number int, f *alerting.Attachment) (*os.File, error)
}

// courierCounts is what others may know of a courier at any time.
type courierCounts struct {
	tickets []*outbox.Ticket
	stats   []outbox.Stats
}

// How long one request may take. A file may be large.
const (
	requestTime = time.Minute
	attachTime  = 10 * time.Minute
)

// mostOutcomes is how many outcomes may wait for the desk; their goroutines wait
// when there are more.
const mostOutcomes = 64

// newCourier begins with the tickets that were kept, and with all cases that the
// desk knows.
func newCourier(settings []*outbox.Setting, cases *store.Cases, files caseFiles, desk *alerting.Desk, log *slog.Logger, events *throttle) (*courier, error) {
	c := &courier{files: files, outcomes: make(chan outbox.Outcome, mostOutcomes), log: log, events: events}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	cfg := outbox.Config{Destinations: c.take(settings), Lot: rand.Float64}
	now := time.Now()
	if cases != nil {
		var err error
		if cfg.Tickets, cfg.NextTicket, err = cases.LoadTickets(now); err != nil {
			return nil, err
		}
	}
	c.box = outbox.NewBox(cfg)
	c.box.Cases(now, desk.Cases())
	if cases == nil {
		return c, nil
	}
	for _, n := range c.box.Missing() {
		found, err := cases.Find(c.ctx, &store.CaseQuery{Number: n})
		if err != nil {
			return nil, err
		}
		c.box.Cases(now, found)
	}
	return c, nil
}

// take makes settings those in force.
func (c *courier) take(settings []*outbox.Setting) []outbox.Terms {
	c.settings = map[string]*outbox.Setting{}
	var terms []outbox.Terms
	for _, s := range settings {
		c.settings[s.Name] = s
		terms = append(terms, s.Terms)
	}
	return terms
}

// changed lists what is to be kept of tickets beside a journal: what could not
// be kept before, and what changed since.
func (c *courier) changed(now time.Time, j *alerting.Journal) []*outbox.Ticket {
	c.box.Cases(now, j.Cases)
	fresh := c.box.Take()
	c.moved = c.moved || len(fresh) > 0
	c.unkept = append(c.unkept, fresh...)
	return c.unkept
}

// perform makes the requests of jobs whose tickets are kept.
func (c *courier) perform(jobs []*outbox.Job) {
	for _, j := range jobs {
		s := c.settings[j.Ticket.Destination]
		c.flying++
		go func() { c.outcomes <- c.request(s, j) }()
	}
}

func (c *courier) request(s *outbox.Setting, j *outbox.Job) outbox.Outcome {
	limit := requestTime
	if j.Step == outbox.StepAttach {
		limit = attachTime
	}
	ctx, cancel := context.WithTimeout(c.ctx, limit)
	defer cancel()
	var file *outbox.File
	if j.File != nil {
		f := c.file(j.Ticket.Case, j.File)
		file = &f
	}
	var files []outbox.File
	if j.Case != nil && !s.NoFiles {
		for i := range j.Case.Attachments {
			if a := &j.Case.Attachments[i]; a.Sanitised {
				files = append(files, c.file(j.Case.Number, a))
			}
		}
	}
	content := s.Content(j, files)
	if content.Trouble != "" {
		c.events.event(slog.LevelWarn, "template "+s.Name, "a template cannot be used for a case; the shipped one was taken", "destination", s.Name, "error", content.Trouble)
	}
	return outbox.Perform(ctx, s.Destination, j, content, file)
}

// errNoFiles says why a file of a case cannot be sent.
var errNoFiles = errors.New("this probe keeps no files: there is no store.dir")

// file is a file of a case as destinations take it.
func (c *courier) file(number int, a *alerting.Attachment) outbox.File {
	kind := mime.TypeByExtension(filepath.Ext(a.Name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	return outbox.File{Name: a.Name, Type: kind, Bytes: a.Bytes, SHA256: a.SHA256, Open: func() (io.ReadCloser, error) {
		if c.files == nil {
			return nil, errNoFiles
		}
		return c.files.Open(number, a)
	}}
}

// landed takes an outcome, and tells in the log what somebody should know.
func (c *courier) landed(now time.Time, o *outbox.Outcome) {
	c.flying--
	c.box.Done(now, *o)
	t := o.Job.Ticket
	name := fmt.Sprintf("case %d", t.Case)
	if t.Case == 0 {
		name = "a summary of cases"
	}
	if o.Err != nil {
		c.events.event(slog.LevelWarn, "outbox "+t.Destination, "cannot tell a destination of a case; it is tried again or waits for you: earshot outbox list",
			"destination", t.Destination, "about", name, "step", string(o.Job.Step), "error", o.Err)
		return
	}
	switch o.Job.Step {
	case outbox.StepCreate, outbox.StepClose, outbox.StepReopen:
		c.log.Info("destination told", "destination", t.Destination, "about", name, "step", string(o.Job.Step), "ticket", o.Remote.Name)
	}
}

// publish lets others see the tickets.
func (c *courier) publish(now time.Time) {
	next := &courierCounts{stats: c.box.Stats(now)}
	if last := c.counts.Load(); last != nil && !c.moved {
		next.tickets = last.tickets
	} else {
		next.tickets = c.box.Tickets()
	}
	c.moved = false
	c.counts.Store(next)
}
