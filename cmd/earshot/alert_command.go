package main

import (
	"context"
	"math"
)

// alertFlags is what the command line of alert says.
type alertFlags struct {
	client   clientFlags
	expect   expectFlags
	backtest backtestFlags
	config   string
	json     bool
	color    string
}

// alertVerbs are what alert can do.
var alertVerbs = []subcommand{
	{name: "list", flags: []string{"url", "token-file", "user-file", "ca-file", "color"}},
	{name: "test", least: 2, most: math.MaxInt, args: "RULES CAPTURE... --expect FILE", flags: []string{"expect", "write", "config"}},
	{name: "backtest", args: "--rules FILE", flags: []string{"rules", "old", "store", "since", "after", "before", "config"}},
}

func (f *alertFlags) define() *flagSet {
	fs := newFlagSet("alert")
	fs.group("How to show it", func() {
		fs.BoolVar(&f.json, "json", false, "JSON lines")
		fs.StringVar(&f.color, "color", "auto", "list: colour the output: `WHEN` is auto, always or never")
	})
	fs.group("list: which probe", func() { f.client.define(fs.FlagSet) })
	fs.group("test", func() { f.expect.define(fs.FlagSet) })
	fs.group("backtest", func() { f.backtest.define(fs.FlagSet) })
	fs.group("test and backtest", func() {
		fs.StringVar(&f.config, "config", "", "peers, segments and parties, and the store, as the configuration `FILE` names them")
	})
	return fs
}

func alertCommand() *command {
	return &command{
		name: "alert", args: "list | test RULES CAPTURE... | backtest", words: subcommandNames(alertVerbs),
		summary: "Show the alerts of a running probe, or try rules on captures and kept records.",
		about: "list shows what is pending and firing." +
			"\n\ntest runs rules over captures and compares the alerts and cases that they make with what --expect FILE says; the status is 3 where they differ." +
			"\n\nbacktest runs new rules and the old ones over the records that a probe has kept, and says which cases both would have opened, and which only one of them.",
		flags: func() *flagSet { return new(alertFlags).define() },
		run:   alertRun,
	}
}

func alertRun(ctx context.Context, args []string, std stdio) error {
	var f alertFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err == nil {
		err = checkColor(f.color)
	}
	if err != nil {
		return err
	}
	word, err := subcommandOf(fs, alertVerbs, rest)
	if err != nil {
		return err
	}
	f.expect.json, f.expect.config = f.json, f.config
	f.backtest.json, f.backtest.config = f.json, f.config
	switch word.name {
	case "backtest":
		return alertBacktest(ctx, &f.backtest, std)
	case "test":
		return alertTest(ctx, &f.expect, rest[1:], std)
	}
	return alertList(ctx, &f, rest[1:], std)
}
