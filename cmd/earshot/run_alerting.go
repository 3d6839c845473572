package main

import (
	"errors"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
)

// startAlerting makes the judge and, where cases are wanted, the desk. What was
// firing when the probe ended fires on.
func (p *probe) startAlerting() error {
	t, err := p.cfg.terms(p.plan, nil)
	if err != nil {
		return err
	}
	p.judge = newJudge(p.cfg, t, nil, p.judged)
	p.ruleSet.Store(t.rules)
	p.found.Store(&verdicts{})
	p.judge.own = (&selfWatch{probe: p}).since
	if !p.cfg.Alerting.Cases.or(true) {
		return nil
	}
	settings, err := p.cfg.destinations()
	if err != nil {
		return configError(p.cfg.file, problemsOf("", err))
	}
	var cases *store.Cases
	var files deskFiles
	if p.cfg.keepsCases() {
		if cases, err = store.OpenCases(p.cfg.store().Dir, time.Now()); err != nil {
			return err
		}
		if files, err = p.cfg.openFiles(p.log, p.events); err != nil {
			return errors.Join(err, cases.Close())
		}
	}
	desk := alerting.DeskConfig{Directory: t.directory, Maintenance: t.maintenance}
	desk.MaxForeignNew, desk.ForeignStay = p.cfg.foreign()
	p.desk, err = startDesk(desk, settings, cases, files, p.cfg.retention(), p.judge.watch, p.log, p.events)
	if err != nil && cases != nil {
		_ = cases.Close() // the first error says what is wrong
	}
	if err != nil {
		return err
	}
	p.desk.intake.Store(p.cfg.intake())
	plans, err := p.cfg.plannedReports(settings)
	if err != nil {
		return err
	}
	p.reports = newReportClerk(p.desk, p.cfg.store().Dir, p.log, p.events)
	p.reports.retell(p.cfg, t, plans)
	return nil
}

// judged shows what a second brought to everybody else. The recorder calls it.
func (p *probe) judged(at time.Time) {
	f := &verdicts{at: at.UnixNano(), faults: p.judge.watch.Faults(), alerts: p.judge.watch.Alerts(), stats: p.judge.watch.Stats()}
	p.found.Store(f)
	if p.desk != nil {
		p.desk.hear(f, p.judge.wire.Take)
	}
}

// alerts lists what is pending and firing.
func (p *probe) alerts() []alerting.Alert { return p.found.Load().alerts }

// watchStats counts what the rules did.
func (p *probe) watchStats() alerting.Stats { return p.found.Load().stats.Stats }

// retell puts a new configuration's terms in force.
func (p *probe) retell(cfg *config, t *terms, settings []*outbox.Setting) {
	p.ruleSet.Store(t.rules)
	p.judge.next.Store(t)
	if p.desk != nil {
		p.desk.retell(cfg, t, settings)
	}
}

// selfWatch knows how the probe itself has been, from one second to the next.
type selfWatch struct {
	probe           *probe
	refused, unkept uint64
}

// since adds what the lanes cannot tell.
func (s *selfWatch) since(at int64, h *alerting.Health) {
	refused, unkept := s.probe.refused(), uint64(0)
	if s.probe.store != nil {
		unkept = s.probe.store.unkept()
	}
	h.Refused, h.Unkept = refused-s.refused, unkept-s.unkept
	s.refused, s.unkept = refused, unkept
	h.Lag = max(0, time.Since(time.Unix(0, at)))
}

// refused is what full tables turned away since the start.
func (p *probe) refused() uint64 {
	var n uint64
	for _, sh := range p.pipe.Stages().Shards {
		n += sh.Table.RefusedStreams
	}
	for _, more := range p.pipe.Snapshot().Totals.Refused {
		n += more
	}
	return n
}

// unkept is how many records found no room in the queue or on the disk.
func (q *recordQueue) unkept() uint64 { return q.dropped.Load() + q.store.Stats().Failed }
