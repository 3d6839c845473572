package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"earshot/bench/rig"
)

// options is the command line.
type options struct {
	minutes                      float64
	rate                         float64
	cache, out, earshot, callgen string
}

// shortest is how many minutes have samples enough in each phase.
const shortest = 5

func main() {
	var o options
	flag.Float64Var(&o.minutes, "minutes", 30, "run for so long; below 25 the tables have no time to come back")
	flag.Float64Var(&o.rate, "rate", 200, "calls a second that come and go")
	flag.StringVar(&o.cache, "cache", ".cache/bench", "keep logs in this folder")
	flag.StringVar(&o.out, "o", "bench/SOAK.md", "write the report to this file")
	flag.StringVar(&o.earshot, "earshot", "bin/earshot", "soak this program")
	flag.StringVar(&o.callgen, "callgen", "bin/callgen", "make calls with this program")
	flag.Parse()
	if o.minutes < shortest {
		fmt.Fprintf(os.Stderr, "soak: -minutes %g is too short to judge anything, want %d at least\n", o.minutes, shortest)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	passed, err := soak(ctx, o)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	case !passed:
		fmt.Fprintln(os.Stderr, "soak: not passed, see", o.out)
		os.Exit(1)
	}
}

// soak runs everything and writes the report.
func soak(ctx context.Context, o options) (passed bool, err error) {
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return false, err
	}
	link, err := rig.NewLink("earshot-soak-")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, link.Close()) }()
	config := filepath.Join(o.cache, "soak.yaml")
	text := fmt.Sprintf("web: {listen: \"127.0.0.1:%s\"}\ncaptures: [{name: %s}]\n", rig.ProbePort, link.ProbeEnd)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return false, err
	}
	log, err := os.Create(filepath.Join(o.cache, "soak.log"))
	if err != nil {
		return false, err
	}
	defer log.Close()
	p, err := rig.StartProbe(link, o.earshot, config, log)
	if err != nil {
		return false, fmt.Errorf("%w; its log is %s", err, log.Name())
	}
	r := &run{o: o, link: link, probe: p, phases: schedule(time.Duration(o.minutes * float64(time.Minute)))}
	err = errors.Join(r.do(ctx), p.Stop())
	if err != nil {
		return false, err
	}
	verdicts := r.judge()
	if err := os.WriteFile(o.out, []byte(r.page(verdicts)), 0o644); err != nil {
		return false, err
	}
	for _, v := range verdicts {
		if !v.passed {
			return false, nil
		}
	}
	return true, nil
}

// phase is a part of the run. Calls come and go in all of them.
type phase struct {
	name  string
	from  time.Duration // since the start
	until time.Duration
	flood func(seed uint64) *rig.Flood // nil: none
	rate  float64                      // datagrams a second
}

// floods are what comes beside the calls, twice. What leaves traces for longest
// comes first: a call that rings is given up after three minutes, and the
// endpoint that it announced later still.
var floods = []phase{
	{name: "half-open calls", flood: rig.NewHalfOpen, rate: 600},
	{name: "SIP scans", flood: rig.NewScan, rate: 2_000},
	{name: "junk UDP", flood: rig.NewJunk, rate: 20_000},
	{name: "random SSRCs", flood: rig.NewRandomSSRC, rate: 20_000},
}

// secondRound ends the names of the phases that come again.
const secondRound = ", again"

// schedule divides the time: calls alone to warm up, then twice all floods and
// a rest in which everything should become as it was.
func schedule(total time.Duration) []phase {
	unit := total / 20
	phases := []phase{{name: "warming up", until: 3 * unit}}
	for _, round := range []string{"", secondRound} {
		for _, f := range floods {
			f.name += round
			f.until = phases[len(phases)-1].until + unit
			phases = append(phases, f)
		}
		phases = append(phases, phase{name: "rest" + round, until: phases[len(phases)-1].until + 9*unit/2})
	}
	for i := range phases[1:] {
		phases[i+1].from = phases[i].until
	}
	return phases
}

// callFlags is what callgen is told: calls of all outcomes, five seconds of
// talk in the mean, and the transactions of registrars beside them.
func (o *options) callFlags() []string {
	calls := int(o.rate * 60 * o.minutes)
	return []string{
		"-calls", strconv.Itoa(calls), "-rate", strconv.FormatFloat(o.rate, 'f', -1, 64), "-arrivals", "poisson",
		"-duration", "exp(5s)", "-ring", "exp(1s)", "-codecs", "pcmu=40,pcma=40,g729=20",
		"-loss", "none=80,1%=20", "-jitter", "exp(1)=80,exp(5)=20", "-rtcp", "5s",
		"-fail", "busy=5,cancel=5,notfound=2,auth=5", "-faults", "oneway=1,nobye=1", "-options", "20", "-register", "20",
	}
}
