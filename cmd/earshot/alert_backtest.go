package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
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
	unread := b.run(ctx, r, f.query(time.Now()))
	if ctx.Err() != nil || b.calls+b.streams == 0 {
		return unread
	}
	report := b.report()
	if f.json {
		err = report.writeJSON(std.out)
	} else {
		err = report.write(std.out)
	}
	return errors.Join(err, unread)
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
	broken                int       // records that cannot be read
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

// run reads the records and judges them in the order of time. What cannot be
// read hides nothing else; the error then names it.
func (b *backtest) run(ctx context.Context, r *store.Reader, q *store.Query) error {
	var broken error
	err := r.Find(ctx, q, func(f *store.Found) error {
		rec, err := f.Record()
		if err != nil {
			if b.broken++; broken == nil {
				broken = err
			}
			return nil
		}
		ended := b.take(rec)
		b.judge(ended - int64(readAhead))
		return nil
	})
	if ctx.Err() != nil {
		return err
	}
	if b.broken > 0 {
		err = errors.Join(err, fmt.Errorf("records that cannot be read: %d, the first: %w", b.broken, broken))
	}
	if b.calls+b.streams == 0 {
		return errors.Join(err, errors.New("there are no records of that time"))
	}
	b.judge(math.MaxInt64)
	b.old.end()
	b.new.end()
	return err
}
