package main

import (
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// options are the command line.
type options struct {
	a, b    string // interfaces
	ab, ba  impairment
	flows   string // rtp, udp or all
	low     uint16 // ports of the flows that are impaired: one of the two ends
	high    uint16
	spare   int // first packets of a flow that only get its fixed delay
	seed    uint64
	seconds time.Duration
	truth   string
}

const usage = `Usage: impair -a INTERFACE -b INTERFACE [flags]

Relays Ethernet frames between two interfaces, both ways, and impairs chosen
flows. Needs root, or CAP_NET_RAW and CAP_NET_ADMIN. Ends at SIGINT, SIGTERM or
after -seconds, and then writes what it did.

An impairment is a list like "loss=1%,delay=30ms,jitter=exp/5ms":
  loss=P            each packet is lost with probability P
  gilbert=P/R       Gilbert's model: P from good to bad, R back, all lost in bad
  duplicate=P/TIME  sent twice, the second TIME (1ms) later
  reorder=P/TIME    held back by TIME, so that later ones overtake it
  delay=TIME        added to all
  jitter=KIND/TIME  queueing delay: uniform (0 to TIME), normal (|N(0, TIME)|) or
                    exp (mean TIME); the order is kept
  rate=BITS/OCTETS  bit rate (k, M) with a queue of so many octets (k, M); what
                    finds it full is dropped

`

func parseOptions(args []string, log io.Writer) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("impair", flag.ContinueOnError)
	fs.SetOutput(log)
	fs.Usage = func() { fmt.Fprint(log, usage); fs.PrintDefaults() }
	fs.StringVar(&o.a, "a", "", "one `interface`")
	fs.StringVar(&o.b, "b", "", "the other `interface`")
	ab := fs.String("ab", "", "`impairment` of what goes from a to b")
	ba := fs.String("ba", "", "`impairment` of what goes from b to a")
	both := fs.String("both", "", "`impairment` of both directions, instead of -ab and -ba")
	fs.StringVar(&o.flows, "flows", "rtp", "which packets are impaired: `rtp`, udp or all")
	ports := fs.String("ports", "0-65535", "only flows with a source or destination port in this `range`")
	fs.IntVar(&o.spare, "spare", 4, "the first `packets` of a flow are only delayed: a receiver counts from the first that it hears")
	fs.Uint64Var(&o.seed, "seed", 1, "the same seed does the same to the same packets")
	fs.DurationVar(&o.seconds, "seconds", 0, "end after this `time`, e.g. 30s")
	fs.StringVar(&o.truth, "truth", "-", "`file` for what was done, JSON; - is standard output")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q; see impair -h", fs.Arg(0))
	}
	if *both != "" {
		if *ab != "" || *ba != "" {
			return nil, fmt.Errorf("-both stands instead of -ab and -ba")
		}
		*ab, *ba = *both, *both
	}
	return o, o.complete(*ab, *ba, *ports)
}

func (o *options) complete(ab, ba, ports string) (err error) {
	if o.a == "" || o.b == "" || o.a == o.b {
		return fmt.Errorf("want two interfaces: impair -a eth1 -b eth2")
	}
	if o.flows != "rtp" && o.flows != "udp" && o.flows != "all" {
		return fmt.Errorf("-flows: want rtp, udp or all, have %q", o.flows)
	}
	if o.ab, err = parseImpairment(ab); err != nil {
		return fmt.Errorf("-ab: %w", err)
	}
	if o.ba, err = parseImpairment(ba); err != nil {
		return fmt.Errorf("-ba: %w", err)
	}
	low, high, isRange := strings.Cut(ports, "-")
	if !isRange {
		high = low
	}
	l, err1 := strconv.ParseUint(low, 10, 16)
	h, err2 := strconv.ParseUint(high, 10, 16)
	if err1 != nil || err2 != nil || l > h {
		return fmt.Errorf("-ports: want a range like 10000-20000, have %q", ports)
	}
	o.low, o.high = uint16(l), uint16(h)
	return nil
}
