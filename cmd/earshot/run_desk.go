package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
	"earshot/web"
)

// caseDesk owns the cases of a running probe: one goroutine that hears what the
// recorder finds, what people want and how time passes, and keeps what comes of
// it before anybody is told. Whatever it waits for, the recorder never does.
type caseDesk struct {
	cfg    alerting.DeskConfig
	desk   *alerting.Desk
	cases  *store.Cases // nil: cases live as long as the probe
	mail   *courier
	log    *slog.Logger
	events *throttle
	logged map[int]int // by case: the last update that the log has

	news   atomic.Pointer[verdicts] // the latest; the goroutine takes it when woken
	seen   wireNews
	woken  chan struct{}
	asked  chan func(now time.Time)
	done   chan struct{} // the goroutine has ended
	counts atomic.Pointer[deskCounts]
	intake atomic.Pointer[alerting.Intake]

	retention *store.Retention
	swept     time.Time // when what is too old was deleted last

	files   deskFiles
	unkept  alerting.Journal // that the disk has refused so far
	failed  uint64
	refused uint64 // commands
	state   stateKeeper
}

// verdicts are what the recorder found up to a second of packet time. They are
// immutable.
type verdicts struct {
	at     int64
	faults []alerting.Fault
	alerts []alerting.Alert
	stats  alerting.WatchStats
}

// deskCounts is what others may know of a desk at any time.
type deskCounts struct {
	figures web.DeskFigures
	open    []*alerting.Case // with their clocks
	read    time.Time        // when these were read
}

// wireNews holds changes seen on the wire until the desk takes them. The
// recorder never waits for it: what comes meanwhile stays with the wire watch,
// which bounds and counts it.
type wireNews struct {
	mu   sync.Mutex
	list []alerting.NetworkChange
}

func (n *wireNews) refill(from func() []alerting.NetworkChange) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) == 0 {
		n.list = from()
	}
}

func (n *wireNews) take() []alerting.NetworkChange {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := n.list
	n.list = nil
	return list
}

// errDeskClosed answers who comes when the probe ends.
var errDeskClosed = errors.New("the probe is ending")

// maxAsked is how many questions and commands may wait.
const maxAsked = 64

// startDesk begins with what was kept and gives it to the watch too, before
// anything has been measured.
func startDesk(cfg alerting.DeskConfig, settings []*outbox.Setting, cases *store.Cases, files deskFiles, retention *store.Retention, watch *alerting.Watch, log *slog.Logger, events *throttle) (*caseDesk, error) {
	d := &caseDesk{
		cases: cases, files: files, retention: retention, log: log, events: events, logged: map[int]int{},
		woken: make(chan struct{}, 1), asked: make(chan func(time.Time), maxAsked), done: make(chan struct{}),
	}
	if cases != nil {
		memory, err := cases.Load(time.Now())
		if err != nil {
			return nil, err
		}
		cfg.Memory = memory
		at, alerts, faults, err := cases.LoadState()
		if err != nil {
			return nil, err
		}
		watch.Restore(at, alerts, faults)
		for _, c := range memory.Cases {
			d.logged[c.Number] = lastUpdate(c)
		}
	}
	d.cfg = cfg
	d.intake.Store(new(alerting.Intake))
	d.desk = alerting.NewDesk(cfg)
	var err error
	if d.mail, err = newCourier(settings, cases, files.forCourier(), d.desk, log, events); err != nil {
		return nil, err
	}
	d.publish(time.Now(), true)
	go d.run()
	files.maker.start(d.attach)
	return d, nil
}

// hear takes what the recorder found; the recorder calls it each second.
func (d *caseDesk) hear(f *verdicts, seen func() []alerting.NetworkChange) {
	d.seen.refill(seen)
	d.news.Store(f)
	select {
	case d.woken <- struct{}{}:
	default: // it will look anyway
	}
}

// run works until the channel of questions is closed.
func (d *caseDesk) run() {
	defer close(d.done)
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	for {
		select {
		case <-d.woken:
			d.work(time.Now())
		case now := <-clock.C:
			d.work(now)
		case o := <-d.mail.outcomes:
			d.landed(time.Now(), &o)
		case ask, ok := <-d.asked:
			if !ok {
				d.settle(time.Now())
				d.state.keep(d, time.Now(), true)
				d.ground()
				return
			}
			now := time.Now()
			ask(now)
			d.publish(now, true)
		}
	}
}

// work takes in what was found and what time has brought, and keeps it.
func (d *caseDesk) work(now time.Time) {
	d.desk.Seen(now, d.seen.take())
	if f := d.news.Load(); f != nil {
		d.desk.Faults(now, f.faults)
	}
	d.desk.Tick(now)
	changed := d.deliver(now)
	d.state.keep(d, now, false)
	d.sweep(now)
	d.publish(now, changed)
	d.files.maker.offer(now, d.counts.Load().open)
}

// tell logs what happened to cases by itself; what people do is logged where they
// ask for it.
func (d *caseDesk) tell(j *alerting.Journal) {
	for _, c := range j.Cases {
		last := d.logged[c.Number]
		for i := range c.Updates {
			if u := &c.Updates[i]; u.Seq > last && u.Author == alerting.MonitorAuthor {
				d.log.Info("case "+strings.ReplaceAll(string(u.Kind), "_", " "), "case", c.Number, "severity", c.Severity,
					"subject", c.Subject, "owner", c.Owner, "text", u.Text)
			}
		}
		d.logged[c.Number] = lastUpdate(c)
	}
}

// lastUpdate is the number of the newest entry of a case's timeline.
func lastUpdate(c *alerting.Case) int {
	if n := len(c.Updates); n > 0 {
		return c.Updates[n-1].Seq
	}
	return 0
}

// retell lets the desk go by other parties and windows from now on.
func (d *caseDesk) retell(cfg *config, t *terms, settings []*outbox.Setting) {
	d.intake.Store(cfg.intake())
	_ = d.ask(context.Background(), func(now time.Time) { // the desk ends after who reloads
		d.cfg.MaxForeignNew, d.cfg.ForeignStay = cfg.foreign()
		d.desk.SetForeign(d.cfg.MaxForeignNew, d.cfg.ForeignStay)
		d.mail.box.Set(now, d.mail.take(settings))
		d.cfg.Directory, d.cfg.Maintenance, d.retention = t.directory, t.maintenance, cfg.retention()
		if d.files.kept != nil {
			d.files.retention = cfg.attachmentRetention()
		}
		d.desk.SetDirectory(t.directory)
		d.desk.SetMaintenance(t.maintenance)
	})
}

// settle is the last work: figures that would have waited for their minute are kept.
func (d *caseDesk) settle(now time.Time) {
	if f := d.news.Load(); f != nil {
		d.desk.Settle(now, f.faults)
	}
	d.work(now)
}

// openEvery is how old the clocks of open cases may be for others.
const openEvery = 5 * time.Second

// publish lets others count, and see the open cases.
func (d *caseDesk) publish(now time.Time, changed bool) {
	d.mail.publish(now)
	c := &deskCounts{figures: web.DeskFigures{DeskStats: d.desk.Stats(), Refused: d.refused, Failed: d.failed, Waiting: len(d.asked)}}
	if last := d.counts.Load(); last != nil && !changed && now.Sub(last.read) < openEvery {
		c.open, c.read = last.open, last.read
		d.counts.Store(c)
		return
	}
	c.read = now
	for _, one := range d.desk.Cases() {
		if one.Status == alerting.StatusOpen {
			c.open = append(c.open, d.desk.Read(one, now))
		}
	}
	d.counts.Store(c)
}

// ask has the desk's goroutine do something and waits until it is done. The
// context bounds the wait for its turn alone: what was begun is waited for.
func (d *caseDesk) ask(ctx context.Context, do func(now time.Time)) error {
	var taken atomic.Bool // by the goroutine, or by who no longer waits
	answered := make(chan struct{})
	select {
	case <-d.done:
		return errDeskClosed
	case <-ctx.Done():
		return ctx.Err()
	case d.asked <- func(now time.Time) {
		if taken.CompareAndSwap(false, true) {
			do(now)
			close(answered)
		}
	}:
	}
	select {
	case <-answered:
		return nil
	case <-d.done:
		return errDeskClosed
	case <-ctx.Done():
		if taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
	}
	select {
	case <-answered:
		return nil
	case <-d.done:
		return errDeskClosed
	}
}

// close ends the goroutine when it has kept everything. Nobody asks any more:
// the server has ended.
func (d *caseDesk) close() error {
	d.files.maker.stop() // it asks the desk
	close(d.asked)
	<-d.done
	if d.cases == nil {
		return nil
	}
	return d.cases.Close()
}
