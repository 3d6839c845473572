package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
	"earshot/web"
)

// reportClerk makes reports by itself, in a goroutine beside the desk. Whatever
// it waits for, nobody else does. What was made is kept in the file of cases, so
// that a restart neither repeats nor forgets a report.
type reportClerk struct {
	reporter *reporter
	terms    atomic.Pointer[reportTerms]
	plans    atomic.Pointer[[]plannedReport]
	ledger   reportLedger
	log      *slog.Logger
	events   *throttle

	looked time.Time               // up to when cases were looked at
	todo   map[string]dueReport    // incident reports that were called for
	failed map[string]*failedTries // by key
}

// reportLedger knows which reports were made.
type reportLedger interface {
	ReportsMade(ctx context.Context) (map[string]time.Time, error)
	ReportMade(at time.Time, made, forget []string) error
}

// deskLedger writes to the ledger in the desk's goroutine, as all that writes
// cases does.
type deskLedger struct{ *caseDesk }

// ReportsMade returns when each report was made.
func (d deskLedger) ReportsMade(ctx context.Context) (map[string]time.Time, error) {
	return d.cases.ReportsMade(ctx)
}

// ReportMade keeps that reports were made.
func (d deskLedger) ReportMade(at time.Time, made, forget []string) (err error) {
	asked := d.ask(context.Background(), func(time.Time) { err = d.cases.ReportMade(at, made, forget) })
	return errors.Join(asked, err)
}

// failedTries is when a report that could not be made is tried again.
type failedTries struct {
	again time.Time
	wait  time.Duration
}

// How reports are made.
const (
	reportRounds    = time.Minute
	reportTime      = 10 * time.Minute // for one of them
	reportMailTime  = 2 * time.Minute  // for sending it
	reportWaitFirst = time.Minute      // after a failure; doubled each time
	reportWaitMost  = time.Hour
	reportLookBack  = 5 * time.Minute      // cases that changed just before
	reportForget    = 400 * 24 * time.Hour // entries of the ledger that nothing asks for again
)

// newReportClerk makes the clerk of a probe that has a desk.
func newReportClerk(d *caseDesk, dir string, log *slog.Logger, events *throttle) *reportClerk {
	c := &reportClerk{log: log, events: events, todo: map[string]dueReport{}, failed: map[string]*failedTries{}}
	c.terms.Store(&reportTerms{})
	c.plans.Store(new([]plannedReport))
	c.reporter = &reporter{cases: deskAPI{d}.Cases, dir: dir, terms: c.terms.Load, now: time.Now}
	if d.cases != nil {
		c.ledger = deskLedger{d}
	}
	return c
}

// retell puts a configuration in force.
func (c *reportClerk) retell(cfg *config, t *terms, plans []plannedReport) {
	c.terms.Store(&reportTerms{directory: t.directory, maintenance: t.maintenance, uptime: cfg.uptimeTargets(), tenantOf: cfg.tenantOfSegment()})
	c.plans.Store(&plans)
}

// run makes what is due until ctx is done.
func (c *reportClerk) run(ctx context.Context) {
	if c.ledger == nil {
		return // nothing is kept, so nothing is planned
	}
	tick := time.NewTicker(reportRounds)
	defer tick.Stop()
	for {
		c.round(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round makes all that is due at a time.
func (c *reportClerk) round(ctx context.Context, now time.Time) {
	plans := *c.plans.Load()
	if len(plans) == 0 {
		return
	}
	made, err := c.ledger.ReportsMade(ctx)
	if err == nil {
		err = c.begin(plans, made, now)
	}
	var due []dueReport
	if err == nil {
		due, err = c.due(ctx, plans, made, now)
	}
	if err != nil {
		if ctx.Err() == nil {
			c.events.event(slog.LevelError, "reports", "cannot find out which reports are due; it is tried again", "error", err)
		}
		return
	}
	for i := range due {
		if ctx.Err() != nil {
			return
		}
		c.attempt(ctx, &due[i], now)
	}
}

// begin notes since when there is a plan, and forgets what is long ago.
func (c *reportClerk) begin(plans []plannedReport, made map[string]time.Time, now time.Time) error {
	var fresh, old []string
	since := map[string]bool{}
	for i := range plans {
		key := plans[i].since()
		since[key] = true
		if made[key].IsZero() {
			fresh, made[key] = append(fresh, key), now
		}
	}
	for key, at := range made {
		if now.Sub(at) > reportForget && !since[key] {
			old = append(old, key)
		}
	}
	if len(fresh)+len(old) == 0 {
		return nil
	}
	return c.ledger.ReportMade(now, fresh, old)
}

// since is the key of when a plan was seen first.
func (p *plannedReport) since() string { return "since " + p.key }

// due lists the reports that are to be made now.
func (c *reportClerk) due(ctx context.Context, plans []plannedReport, made map[string]time.Time, now time.Time) ([]dueReport, error) {
	var list []dueReport
	first, incidents := now, false // the desk is asked only where somebody wants them
	for i := range plans {
		p := &plans[i]
		if p.kind == kindMonthly {
			list = append(list, p.monthly(c.terms.Load(), made[p.since()], now, made)...)
			continue
		}
		incidents = true
		if since := made[p.since()]; since.Before(first) {
			first = since
		}
	}
	if !incidents {
		return list, nil
	}
	if from := c.looked.Add(-reportLookBack); from.After(first) {
		first = from
	}
	cases, err := c.reporter.cases(ctx, &store.CaseQuery{ModifiedSince: first})
	if err != nil {
		return nil, err
	}
	c.looked = now
	for i := range plans {
		p := &plans[i]
		if p.kind != kindIncident {
			continue
		}
		for _, d := range p.incidents(cases, made[p.since()], made) {
			c.todo[d.key] = d
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.todo)) {
		if !made[key].IsZero() {
			delete(c.todo, key)
			continue
		}
		list = append(list, c.todo[key])
	}
	return list, nil
}

// attempt makes a report, and notes it in the ledger when it is where it should be.
func (c *reportClerk) attempt(ctx context.Context, d *dueReport, now time.Time) {
	tries := c.failed[d.key]
	if tries != nil && now.Before(tries.again) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	err := c.deliver(ctx, d, now)
	if err == nil {
		err = c.ledger.ReportMade(now, []string{d.key}, nil)
	}
	switch {
	case err == nil:
		delete(c.failed, d.key)
		delete(c.todo, d.key)
		c.log.Info("report made", "report", d.name(), "dir", d.plan.dir, "mail", d.plan.mail)
		return
	case errors.Is(err, errOutdated):
		delete(c.todo, d.key)
		return
	case errors.Is(err, context.Canceled):
		return
	case tries == nil:
		tries = &failedTries{wait: reportWaitFirst}
		c.failed[d.key] = tries
	default:
		tries.wait = min(2*tries.wait, reportWaitMost)
	}
	tries.again = now.Add(tries.wait)
	c.events.event(slog.LevelError, "reports", "cannot make a report; it is tried again", "report", d.name(), "in", tries.wait, "error", err)
}

// errOutdated says that a case has moved on since its report was called for.
var errOutdated = errors.New("the case has moved on")

// deliver makes a report and brings it where it is to go.
func (c *reportClerk) deliver(ctx context.Context, d *dueReport, now time.Time) error {
	f, subject, brief, err := c.write(ctx, d)
	if err != nil {
		return err
	}
	doc, err := document(f, d.plan.format)
	if err != nil {
		return err
	}
	if d.plan.dir != "" {
		if err := writeReport(filepath.Join(d.plan.dir, d.name()), doc.Body); err != nil {
			return err
		}
		if d.plan.kind == kindIncident && !d.draft {
			_ = os.Remove(d.draftFile()) // there may be none
		}
	}
	if d.plan.mailer == nil || d.draft {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reportMailTime)
	defer cancel()
	return d.plan.mailer.Mail(ctx, &outbox.Letter{
		Tenant: d.tenant, Subject: subject, Text: brief, ID: letterID(d.key), At: now, Files: []outbox.File{fileOf(d.name(), doc)},
	})
}

// write makes a report, and the words of the letter that brings it.
func (c *reportClerk) write(ctx context.Context, d *dueReport) (f face, subject, brief string, err error) {
	if d.plan.kind == kindMonthly {
		m, err := c.reporter.monthly(ctx, d.tenant, d.month.String(), d.plan.unmasked)
		if err != nil {
			return nil, "", "", err
		}
		return m, strings.TrimSpace("Monthly report "+m.Tenant) + ", " + m.Month, m.Brief(), nil
	}
	r, err := c.reporter.incident(ctx, d.number, d.plan.unmasked)
	var wrong *alerting.CommandError
	if errors.As(err, &wrong) && wrong.Reason == alerting.NotFound {
		return nil, "", "", errOutdated // it was deleted
	}
	if err != nil {
		return nil, "", "", err
	}
	if r.Final == d.draft {
		return nil, "", "", errOutdated // closed, or opened again: another report is called for
	}
	return r, fmt.Sprintf("Incident report, case %d: %s", r.Number, r.Title), r.Brief(), nil
}

// letterID is the same for the same report, so that one that is sent twice is
// known by it.
func letterID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "report." + hex.EncodeToString(sum[:12])
}

func fileOf(name string, doc *web.Document) outbox.File {
	sum := sha256.Sum256(doc.Body)
	media, _, _ := strings.Cut(doc.Type, ";")
	return outbox.File{
		Name: name, Type: media, Bytes: int64(len(doc.Body)), SHA256: hex.EncodeToString(sum[:]),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(doc.Body)), nil },
	}
}
