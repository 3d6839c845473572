package main

import (
	"flag"
	"strconv"
	"strings"
	"time"

	"earshot/dialog"
	"earshot/spelling"
	"earshot/store"
)

// queryFlags says which records of the store are wanted.
type queryFlags struct {
	config, dir       string
	number, callID    string
	ip                prefix
	since             span
	after, before     moment
	mosBelow          float64
	lossAbove         ratio
	finding, segment  string
	disposition, peer string
	tenant            string
	status, limit     int
	unbound           bool
}

// defineStore defines the flags that say which store.
func (f *queryFlags) defineStore(fs *flag.FlagSet) {
	fs.StringVar(&f.config, "config", "", "the store that store.dir of the configuration `FILE` names")
	fs.StringVar(&f.dir, "dir", "", "the store in the folder `DIR`, a backup for example")
}

func (f *queryFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.number, "number", "", "only calls from or to a number that contains `DIGITS`; \"+4930*\" begins with it, \"*4711\" ends with it")
	fs.Var(&f.ip, "ip", "only what touches this address or network `CIDR`, with signalling or media")
	fs.StringVar(&f.callID, "call-id", "", "only the call with this Call-ID, or whose id begins with `ID`")
	fs.Var(&f.since, "since", "only what started within this `TIME` before now, e.g. 30m, 2h, 7d")
	fs.Var(&f.after, "after", "only what started at or after `TIME` (RFC 3339, or 2006-01-02 15:04:05 in UTC)")
	fs.Var(&f.before, "before", "only what started before `TIME`")
	fs.Float64Var(&f.mosBelow, "mos-below", 0, "only what has a worst MOS below `MOS`")
	fs.Var(&f.lossAbove, "loss-above", "only what has a stream that lost more than `RATIO`, e.g. 0.01 or 1%")
	fs.StringVar(&f.finding, "finding", "", "only calls with this finding `CODE`, e.g. one_way_audio")
	fs.StringVar(&f.disposition, "disposition", "", "only calls that came out as `WORD`: answered, busy, no_answer, cancelled, rejected, failed, redirected, in_progress")
	fs.IntVar(&f.status, "status", 0, "only calls with this final response `CODE`, e.g. 503")
	fs.StringVar(&f.segment, "segment", "", "only what passed the segment `NAME` in either direction")
	fs.StringVar(&f.tenant, "tenant", "", "only what passed a segment of the tenant `NAME`")
	fs.StringVar(&f.peer, "peer", "", "only calls from or to the peer `NAME`")
	fs.BoolVar(&f.unbound, "unbound", false, "streams of no call too")
}

// query is what the flags ask of the store.
func (f *queryFlags) query(now time.Time) (*store.Query, error) {
	q := &store.Query{
		Number: f.number, Addresses: f.ip.Prefix, CallID: f.callID, After: f.after.Time, Before: f.before.Time,
		MOSBelow: f.mosBelow, LossAbove: f.lossAbove.value, Finding: f.finding, Disposition: dialog.Disposition(f.disposition),
		Status: f.status, Segment: f.segment, Peer: f.peer, Tenant: f.tenant, Streams: f.unbound, Limit: f.limit,
	}
	if f.since.Duration > 0 {
		if !f.after.IsZero() {
			return nil, usageError("--since and --after exclude each other")
		}
		q.After = now.Add(-f.since.Duration)
	}
	if codes := dialog.FindingCodes(); f.finding != "" && spelling.Hint(f.finding, codes) != "" {
		if err := q.Check(); err != nil {
			return nil, usageError("--finding: there is no finding %q%s", f.finding, spelling.Hint(f.finding, codes))
		}
	}
	if err := q.Check(); err != nil {
		return nil, usageError("%v", err)
	}
	return q, nil
}

// reader opens the store for reading, beside a probe that writes.
func (f *queryFlags) reader() (*store.Reader, error) {
	dir, err := f.folder()
	if err != nil {
		return nil, err
	}
	return store.OpenReader(dir)
}

// folder is where the store lies.
func (f *queryFlags) folder() (string, error) {
	switch {
	case f.config != "" && f.dir != "":
		return "", usageError("--config and --dir exclude each other")
	case f.config == "" && f.dir == "":
		return "", usageError("which store? Give --config FILE, the configuration of the probe, or --dir DIR")
	case f.config == "":
		return f.dir, nil
	}
	c, err := loadConfig(f.config)
	if err != nil {
		return "", err
	}
	dir := c.store().Dir
	if dir == "" {
		return "", usageError("the configuration %q keeps no records: it has no store.dir", f.config)
	}
	return dir, nil
}

// span is a --since value: a duration that may count days.
type span struct{ time.Duration }

func (s *span) Set(text string) error {
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * float64(24*time.Hour))
	}
	if err != nil || d <= 0 || d > 100*366*24*time.Hour {
		return usageError("want a time like 30m, 2h or 7d")
	}
	s.Duration = d
	return nil
}

func (s *span) String() string {
	if s == nil || s.Duration == 0 {
		return ""
	}
	return s.Duration.String()
}
