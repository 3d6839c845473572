package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/topology"
)

// backtestFlags is what the command line of alert backtest says.
type backtestFlags struct {
	rules, old, dir, config string
	since                   span
	after, before           moment
	json                    bool
}

func (f *backtestFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.rules, "rules", "", "the new rules: `FILE`, or \"default\" for those that come with earshot")
	fs.StringVar(&f.old, "old", "", "compare with the rules in `FILE` or \"default\"; without it with those of --config")
	fs.StringVar(&f.dir, "store", "", "read the records that are kept in the folder `DIR`; without it store.dir of --config")
	fs.Var(&f.since, "since", "calls that started within this `TIME` before now, e.g. 24h, 7d")
	fs.Var(&f.after, "after", "calls that started at or after `TIME` (RFC 3339, or 2006-01-02 15:04:05 in UTC)")
	fs.Var(&f.before, "before", "calls that started before `TIME`")
}

// alertBacktest runs two sets of rules over kept records and says which cases
// both would have opened, and which only one of them.
func alertBacktest(ctx context.Context, f *backtestFlags, std stdio) error {
	if err := f.check(); err != nil {
		return err
	}
	cfg, err := loadConfig(f.config)
	if err != nil {
		return err
	}
	b, err := newBacktest(cfg, f)
	if err != nil {
		return err
	}
	dir := f.dir
	if dir == "" {
		dir = cfg.store().Dir
	}
	if dir == "" {
		return usageError("which records? Give --store DIR, or --config FILE with a store.dir")
	}
	r, err := store.OpenReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := b.run(ctx, r, f.query(time.Now())); err != nil {
		return err
	}
	report := b.report()
	if f.json {
		return report.writeJSON(std.out)
	}
	return report.write(std.out)
}

func (f *backtestFlags) check() error {
	switch {
	case f.rules == "":
		return usageError("alert backtest wants --rules FILE, the new rules")
	case f.since.Duration > 0 && !f.after.IsZero():
		return usageError("--since and --after exclude each other")
	case !f.after.IsZero() && !f.before.IsZero() && !f.after.Before(f.before.Time):
		return usageError("nothing can start at or after %s and before %s", f.after.String(), f.before.String())
	}
	return nil
}

// query asks for calls and streams of no call, the oldest first.
func (f *backtestFlags) query(now time.Time) *store.Query {
	q := &store.Query{After: f.after.Time, Before: f.before.Time, Streams: true, Oldest: true}
	if f.since.Duration > 0 {
		q.After = now.Add(-f.since.Duration)
	}
	return q
}

// backtest lets two sets of rules judge the same records.
type backtest struct {
	plan     *topology.Plan
	old, new *rehearsal
	rules    [2]*alerting.RuleSet // old and new
	line     timeOrder
	last     int64 // ns of the last second that was judged

	calls, streams, whole int       // whole: streams whose timeline was kept
	first, end            time.Time // of what was judged
}

func newBacktest(cfg *config, f *backtestFlags) (*backtest, error) {
	b := &backtest{}
	var err error
	if b.plan, err = topology.New(cfg.topology(), cfg.points()); err != nil {
		return nil, usageError("%v", err)
	}
	if b.rules[1], err = rulesNamed(f.rules); err != nil {
		return nil, err
	}
	if f.old == "" {
		b.rules[0], err = cfg.ruleSet()
	} else {
		b.rules[0], err = rulesNamed(f.old)
	}
	if err != nil {
		return nil, err
	}
	if b.old, err = newRehearsal(cfg, b.plan, b.rules[0]); err != nil {
		return nil, err
	}
	b.new, err = newRehearsal(cfg, b.plan, b.rules[1])
	return b, err
}

// run reads the records and judges them in the order of time.
func (b *backtest) run(ctx context.Context, r *store.Reader, q *store.Query) error {
	err := r.Find(ctx, q, func(f *store.Found) error {
		rec, err := f.Record()
		if err != nil {
			return err
		}
		ended := b.take(rec)
		b.judge(ended - int64(readAhead))
		return nil
	})
	if err != nil {
		return err
	}
	b.judge(1<<63 - 1)
	b.old.end()
	b.new.end()
	if b.calls+b.streams == 0 {
		return fmt.Errorf("there are no records of that time")
	}
	return nil
}
