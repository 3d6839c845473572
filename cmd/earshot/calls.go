package main

import (
	"context"
	"fmt"
	"time"

	"earshot/report"
	"earshot/store"
)

// callsFlags is what the command line of calls says.
type callsFlags struct {
	query     queryFlags
	client    clientFlags
	json, csv bool
	color     string
}

func (f *callsFlags) define() *flagSet {
	fs := newFlagSet("calls")
	fs.group("Which store", func() { f.query.defineStore(fs.FlagSet) })
	fs.group("Or which running probe", func() { f.defineProbe(fs) })
	fs.group("Which calls", func() {
		f.query.define(fs.FlagSet)
		fs.IntVar(&f.query.limit, "limit", 100, "at most the newest `N`; 0: all")
	})
	fs.group("How to show them", func() {
		fs.BoolVar(&f.json, "json", false, "JSON lines as replay --json writes them, the newest call first, each after its streams")
		fs.BoolVar(&f.csv, "csv", false, "comma-separated values, the newest first")
		fs.StringVar(&f.color, "color", "auto", "colour the output: `WHEN` is auto, always or never")
	})
	return fs
}

func callsCommand() *command {
	return &command{
		name: "calls", args: "find", words: []string{"find"},
		summary: "Find calls that a probe has kept.",
		about: "Looks into the store of a probe (store.dir of its configuration), whether the probe runs or not, or asks a running one (--url), and prints the newest calls that meet every condition: a table as replay's, JSON lines or CSV." +
			"\n\nExample: earshot calls find --config earshot.yaml --number 4711 --since 2h --mos-below 3.6",
		flags: func() *flagSet { return new(callsFlags).define() },
		run:   calls,
	}
}

func calls(ctx context.Context, args []string, std stdio) error {
	var f callsFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err == nil {
		err = f.check(rest)
	}
	if err != nil {
		return err
	}
	q, err := f.query.query(time.Now())
	if err != nil {
		return err
	}
	r, err := f.finder()
	if err != nil {
		return err
	}
	defer r.Close()
	return f.find(ctx, r, q, std)
}

func (f *callsFlags) check(rest []string) error {
	switch {
	case len(rest) != 1 || rest[0] != "find":
		return usageError("calls wants the word \"find\", got %q\nRun \"earshot help calls\" for the flags.", rest)
	case f.json && f.csv:
		return usageError("--json and --csv exclude each other")
	case f.color != "auto" && f.color != "always" && f.color != "never":
		return usageError("--color: got %q, want auto, always or never", f.color)
	}
	return nil
}

// find prints what a query finds. An interruption shows what was found until then.
func (f *callsFlags) find(ctx context.Context, r callFinder, q *store.Query, std stdio) error {
	var out foundOutput = &foundTable{w: std.out, style: style(f.color, std.out), limit: q.Limit}
	switch {
	case f.json:
		out = newFoundLines(std.out)
	case f.csv:
		out = &foundCSV{csv: report.NewCSV(std.out, false)}
	}
	findErr := r.Find(ctx, q, out.take)
	if err := out.finish(); err != nil {
		return fmt.Errorf("cannot write the result: %w", err)
	}
	return findErr
}
