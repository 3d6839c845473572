package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"time"
)

// options is the whole command line: where the capture goes, and the groups of calls.
type options struct {
	output, truth    string
	seed             uint64
	start            time.Time
	format           string
	snaplen          int
	interfaces       int
	scenario         string
	profile          string
	site, siteConfig string
	siteLength       time.Duration
	world            *siteWorld
	groups           []*traffic
	startText        string
	seedIsFromTheCLI bool
}

// declare declares the flags that are not a group's.
func (o *options) declare(fs *flag.FlagSet) {
	fs.StringVar(&o.output, "o", "", "capture to write; - is standard output, .gz compresses")
	fs.StringVar(&o.truth, "truth", "", "truth file to write (JSON lines)")
	fs.Uint64Var(&o.seed, "seed", 1, "seed: equal seeds and flags give equal bytes")
	fs.StringVar(&o.startText, "start", "2026-01-05T08:00:00Z", "time of the capture's beginning, RFC 3339")
	fs.StringVar(&o.format, "format", "pcap", "pcap, pcap-ns or pcapng")
	fs.IntVar(&o.snaplen, "snaplen", 262144, "bytes kept of each packet")
	fs.IntVar(&o.interfaces, "interfaces", 1, "pcapng: 2 writes each direction on an interface of its own")
	fs.StringVar(&o.scenario, "scenario", "", "YAML file of groups of calls; flags beside it override it in every group")
	fs.StringVar(&o.site, "site", "", "YAML file of a site scenario: sites, trunks and faults over hours or days")
	fs.StringVar(&o.siteConfig, "site-config", "", "with -site: write the monitor's configuration that goes with it: peers, segments, owners, maintenance")
	fs.DurationVar(&o.siteLength, "site-length", 0, "with -site: end after this time; faults beyond it are left out")
	fs.StringVar(&o.profile, "profile", "", "ready scenario: "+profileNames())
}

// parseOptions reads the command line, and the scenario that it names.
func parseOptions(args []string, stderr io.Writer) (*options, error) {
	o, plain := &options{}, newTraffic()
	fs := flag.NewFlagSet("callgen", flag.ContinueOnError)
	fs.SetOutput(stderr)
	o.declare(fs)
	plain.declare(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("argument %q: callgen takes flags only", fs.Arg(0))
	}
	if err := o.validate(); err != nil {
		return nil, err
	}
	o.groups = []*traffic{plain}
	given := map[string]string{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() })
	_, o.seedIsFromTheCLI = given["seed"]
	if err := o.siteOptions(given); err != nil || o.world != nil {
		return o, err
	}
	if o.scenario != "" || o.profile != "" {
		if err := o.readScenario(given); err != nil {
			return nil, err
		}
	}
	for _, t := range o.groups {
		if err := t.validate(); err != nil {
			if t.name != "" {
				return nil, fmt.Errorf("group %q: %w", t.name, err)
			}
			return nil, err
		}
	}
	return o, nil
}

func (o *options) validate() error {
	if o.output == "" {
		return fmt.Errorf("-o is missing: want a file name, or - for standard output")
	}
	if formats[o.format] == 0 {
		return fmt.Errorf("-format %q: want pcap, pcap-ns or pcapng", o.format)
	}
	if o.snaplen < 64 || o.snaplen > 262144 {
		return fmt.Errorf("-snaplen %d: want 64 to 262144", o.snaplen)
	}
	if o.interfaces < 1 || o.interfaces > 2 {
		return fmt.Errorf("-interfaces %d: want 1 or 2", o.interfaces)
	}
	if o.interfaces == 2 && o.format != "pcapng" {
		return fmt.Errorf("-interfaces 2 with -format %s: only pcapng holds several interfaces", o.format)
	}
	if o.scenario != "" && o.profile != "" {
		return fmt.Errorf("-scenario and -profile: want one of them")
	}
	start, err := time.Parse(time.RFC3339, o.startText)
	if err != nil || start.Unix() < 0 || start.Unix() > math.MaxUint32/2 {
		return fmt.Errorf("-start %q: want a time such as 2026-01-05T08:00:00Z, 1970 to 2038", o.startText)
	}
	o.start = start
	return nil
}
