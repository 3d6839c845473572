package main

import (
	"context"
)

// runFlags is what the command line of run says. What is set there wins over the file.
type runFlags struct {
	config, filter, hep, listen, user  string
	saveDir, records, logLevel, logFmt string
	promiscuous                        bool
	lanes, shards                      int
}

func (f *runFlags) define() *flagSet {
	fs := newFlagSet("run")
	fs.group("What to listen to", func() {
		fs.StringVar(&f.filter, "filter", "", "capture only what a tcpdump-like `EXPRESSION` selects; default: all that voice needs")
		fs.BoolVar(&f.promiscuous, "promiscuous", false, "take frames that are addressed to other hosts too")
		fs.StringVar(&f.hep, "hep", "", "take HEP, UDP and TCP, at `ADDR`, e.g. :9060")
	})
	fs.group("What to show and keep", func() {
		fs.StringVar(&f.listen, "listen", "", "serve metrics and the API at `ADDR`, or none; default: "+listenPreset)
		fs.StringVar(&f.saveDir, "save-dir", "", "write rotating capture files to the folder `DIR`")
		fs.StringVar(&f.records, "records", "", "write finished calls, streams and transactions as JSON lines to `FILE`, - is standard output")
		fs.StringVar(&f.logLevel, "log-level", "", "log from `LEVEL` on: debug, info, warn, error")
		fs.StringVar(&f.logFmt, "log-format", "", "write the log as `FORMAT`: text or json")
	})
	fs.group("How it works", func() {
		fs.StringVar(&f.config, "config", "", "read the configuration from a YAML `FILE`; flags win over it")
		fs.StringVar(&f.user, "user", "", "become the user `NAME` once everything is open")
		fs.IntVar(&f.lanes, "lanes", 0, "read each interface with `N` goroutines; 0: as configured, else 1")
		fs.IntVar(&f.shards, "shards", 0, "measure on `N` shards; 0: as configured, else one per processor but one")
	})
	return fs
}

func runCommand() *command {
	return &command{
		name: "run", args: "[INTERFACE...]",
		summary: "Watch interfaces and HEP feeds, and serve metrics.",
		about: "Captures from the interfaces (\"any\" is all of them), takes HEP from proxies and media servers, measures as replay does, and serves metrics for Prometheus, an API and recent packets at http://" + listenPreset + "." +
			" \"earshot top\" shows it in a terminal." +
			"\n\nCapturing needs CAP_NET_RAW; every privilege is dropped once everything is open. An interface that is not there yet is waited for." +
			"\n\nSIGHUP reads the configuration again without losing a packet. SIGTERM and SIGINT end it: what is going on is measured to its end, records are written, and the status is 0. A second one ends it at once.",
		flags: func() *flagSet { return new(runFlags).define() },
		run:   runProbe,
	}
}

func runProbe(ctx context.Context, args []string, std stdio) error {
	var f runFlags
	fs := f.define()
	names, err := fs.parse(args)
	if err != nil {
		return err
	}
	load := func() (*config, error) { return f.configuration(names) }
	cfg, err := load()
	if err != nil {
		return err
	}
	if len(cfg.Captures) == 0 && !cfg.HEP.listens() {
		return usageError("there is nothing to listen to: name an interface (%s), or --hep ADDR, or both in a --config FILE", interfaceNames())
	}
	p, err := newProbe(cfg, load, std)
	if err != nil {
		return err
	}
	return p.run(ctx)
}

// configuration is the file with the command line over it.
func (f *runFlags) configuration(interfaces []string) (*config, error) {
	cfg, err := loadConfig(f.config)
	if err != nil {
		return nil, err
	}
	f.override(cfg, interfaces)
	if wrong := cfg.problems(true); len(wrong) > 0 {
		for i := range wrong {
			wrong[i].line = 0 // the file has been found right: it is the command line
		}
		return nil, usageError("cannot use the command line:%s", joinProblems(wrong))
	}
	return cfg, nil
}

// override puts what the command line says over a configuration.
func (f *runFlags) override(cfg *config, interfaces []string) {
	if len(interfaces) > 0 {
		var chosen []captureConfig
		for _, name := range interfaces {
			chosen = append(chosen, cfg.captureOf(name))
		}
		cfg.Captures = chosen
	}
	for i := range cfg.Captures {
		set(&cfg.Captures[i].Filter, f.filter)
		cfg.Captures[i].Promiscuous = cfg.Captures[i].Promiscuous || f.promiscuous
	}
	set(&cfg.HEP.UDP, f.hep)
	set(&cfg.HEP.TCP, f.hep)
	set(&cfg.Web.Listen, f.listen)
	set(&cfg.Save.Dir, absolute(f.saveDir))
	set(&cfg.Records.File, absolute(f.records))
	set(&cfg.Log.Level, f.logLevel)
	set(&cfg.Log.Format, f.logFmt)
	set(&cfg.User, f.user)
	if f.lanes != 0 {
		cfg.Lanes = number{float64(f.lanes), flagLine}
	}
	if f.shards != 0 {
		cfg.Shards = number{float64(f.shards), flagLine}
	}
}

// flagLine is the line of a value that a flag gave.
const flagLine = -1

func set(w *word, text string) {
	if text != "" {
		*w = word{text, flagLine}
	}
}

// captureOf returns the entry of an interface, a plain one where there is none.
func (c *config) captureOf(name string) captureConfig {
	for _, x := range c.Captures {
		if x.Name.text == name {
			return x
		}
	}
	return captureConfig{Name: word{name, flagLine}}
}
