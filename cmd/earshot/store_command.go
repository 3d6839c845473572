package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/report"
	"earshot/spelling"
	"earshot/store"
)

// storeFlags is what the command line of store says.
type storeFlags struct {
	query   queryFlags
	format  string
	streams bool
}

// exportFormats are the values of --format, the default first.
var exportFormats = []string{"ndjson", "csv"}

func (f *storeFlags) define() *flagSet {
	fs := newFlagSet("store")
	fs.group("Which store", func() { f.query.defineStore(fs.FlagSet) })
	fs.group("export: how", func() {
		fs.StringVar(&f.format, "format", exportFormats[0], "write `FORMAT`: ndjson, the lines that replay --json writes, or csv")
		fs.BoolVar(&f.streams, "streams", false, "with --format csv: a row for each stream instead of each call")
	})
	fs.group("export: which calls", func() {
		f.query.define(fs.FlagSet)
		fs.IntVar(&f.query.limit, "limit", 0, "at most the newest `N`; 0: all")
	})
	return fs
}

func storeCommand() *command {
	return &command{
		name: "store", args: "check | backup DIR | export", words: []string{"check", "backup", "export"},
		summary: "Check, back up or export the records that a probe has kept.",
		about: "check reads every file to its end and says whether it is whole; the status is 1 where one is not." +
			"\n\nbackup copies every day into a folder, each as it was at one instant, also while the probe writes. To restore, stop the probe and copy the files back." +
			"\n\nexport writes records to standard output, the newest first.",
		flags: func() *flagSet { return new(storeFlags).define() },
		run:   storeRun,
	}
}

func storeRun(ctx context.Context, args []string, std stdio) error {
	var f storeFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(std.out, storeCommand().help())
		return nil
	}
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
	r, err := f.query.reader()
	if err != nil {
		return err
	}
	defer r.Close()
	switch rest[0] {
	case "check":
		return checkStore(ctx, r, std)
	case "backup":
		return r.Backup(ctx, rest[1], func(d store.Day) { fmt.Fprintf(std.err, "%s copied\n", d) })
	}
	return f.export(ctx, r, q, std)
}

func (f *storeFlags) check(rest []string) error {
	words := storeCommand().words
	known := len(rest) > 0 && slices.Contains(words, rest[0])
	switch {
	case len(rest) == 0:
		return usageError("store wants one of %s\nRun \"earshot help store\" for what they do.", strings.Join(words, ", "))
	case !known:
		return usageError("store cannot %q%s", rest[0], spelling.Hint(rest[0], words))
	case rest[0] == "backup" && len(rest) != 2:
		return usageError("backup wants one folder to copy to")
	case rest[0] != "backup" && len(rest) != 1:
		return usageError("%s takes no arguments, got %q", rest[0], rest[1])
	case f.format != exportFormats[0] && f.format != exportFormats[1]:
		return usageError("--format: got %q, want %s", f.format, strings.Join(exportFormats, " or "))
	case f.streams && f.format != "csv":
		return usageError("--streams belongs to --format csv: the lines of ndjson hold both")
	}
	return nil
}

func checkStore(ctx context.Context, r *store.Reader, std stdio) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	broken := 0
	err := r.Check(ctx, func(c store.Checked) {
		verdict := "OK"
		if c.Err != nil {
			verdict = c.Err.Error()
			broken++
		}
		fmt.Fprintf(w, "%s\t%d records\t%.1f MiB\t%s\n", c.Day, c.Records, float64(c.Bytes)/mebibyte, verdict)
	})
	if err := errors.Join(err, w.Flush()); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("files of the store that are damaged: %d; the probe sets a damaged file aside when it next writes to it, and a backup can take its place", broken)
	}
	return nil
}

func (f *storeFlags) export(ctx context.Context, r *store.Reader, q *store.Query, std stdio) error {
	var out foundOutput = newFoundLines(std.out)
	if f.format == "csv" {
		out = &foundCSV{csv: report.NewCSV(std.out, f.streams), streams: f.streams}
	}
	findErr := r.Find(ctx, q, out.take)
	if err := out.finish(); err != nil {
		return fmt.Errorf("cannot write the records: %w", err)
	}
	return findErr
}
