package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/spelling"
	"earshot/store"
)

// storeFlags is what the command line of store says.
type storeFlags struct {
	query   queryFlags
	format  string
	streams bool
	number  int      // of a case
	given   []string // names of the flags that are there
}

// Kinds of data that can be exported, and the values of --format, the default first.
var (
	exportKinds   = []string{"calls", "cases", "audit", "changes"}
	exportFormats = []string{"ndjson", "csv"}
)

func (f *storeFlags) define() *flagSet {
	fs := newFlagSet("store")
	fs.group("Which store", func() { f.query.defineStore(fs.FlagSet) })
	fs.group("export: how", func() {
		fs.StringVar(&f.format, "format", exportFormats[0], "write `FORMAT`: ndjson, a line of JSON each, or csv")
		fs.BoolVar(&f.streams, "streams", false, "calls with --format csv: a row for each stream instead of each call")
	})
	fs.group("export: which calls", func() {
		f.query.define(fs.FlagSet)
		fs.IntVar(&f.query.limit, "limit", 0, "at most the newest `N`; 0: all")
	})
	fs.group("export: which cases, audit entries and changes", func() {
		fs.IntVar(&f.number, "case", 0, "only case `NUMBER`, or what was audited of it; --since, --after, --before, --tenant, --segment and --limit choose too: by when a case was opened")
	})
	return fs
}

func storeCommand() *command {
	return &command{
		name: "store", args: "check | backup DIR | restore DIR | export [calls|cases|audit|changes]", words: []string{"check", "backup", "restore", "export"},
		summary: "Check, back up, restore or export what a probe has kept: calls, cases, the audit log.",
		about: "check reads every file to its end and says whether it is whole; the status is 1 where one is not." +
			"\n\nbackup copies every day, the cases and the holds into a folder, each file as it was at one instant, also while the probe writes." +
			"\n\nrestore puts a backup into the store, which is empty or whose probe is stopped. All is copied and read to its end first; what it replaces gets another name and is not deleted." +
			"\n\nexport writes calls (the default), cases, the audit log or the recorded changes to standard output, the newest first.",
		flags: func() *flagSet { return new(storeFlags).define() },
		run:   storeRun,
	}
}

func storeRun(ctx context.Context, args []string, std stdio) error {
	var f storeFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err == nil {
		fs.Visit(func(one *flag.Flag) { f.given = append(f.given, one.Name) })
		err = f.check(rest)
	}
	if err != nil {
		return err
	}
	q, err := f.query.query(time.Now())
	if err != nil {
		return err
	}
	dir, err := f.query.folder()
	if err != nil {
		return err
	}
	switch rest[0] {
	case "check":
		return checkStore(ctx, dir, std)
	case "backup":
		return backUpStore(ctx, dir, rest[1], std)
	case "restore":
		return restoreStore(ctx, rest[1], dir, std)
	}
	if kind := exportKind(rest); kind != exportKinds[0] {
		return f.exportCases(ctx, dir, kind, q, std)
	}
	return f.exportCalls(ctx, dir, q, std)
}

// exportKind is what export is told to write.
func exportKind(rest []string) string {
	if len(rest) > 1 {
		return rest[1]
	}
	return exportKinds[0]
}

func (f *storeFlags) check(rest []string) error {
	words := storeCommand().words
	switch {
	case len(rest) == 0:
		return usageError("store wants one of %s\nRun \"earshot help store\" for what they do.", strings.Join(words, ", "))
	case !slices.Contains(words, rest[0]):
		return usageError("store cannot %q%s", rest[0], spelling.Hint(rest[0], words))
	case rest[0] == "backup" && len(rest) != 2:
		return usageError("backup wants one folder to copy to")
	case rest[0] == "restore" && len(rest) != 2:
		return usageError("restore wants one folder to restore from: a backup")
	case rest[0] == "check" && len(rest) != 1:
		return usageError("check takes no arguments, got %q", rest[1])
	case rest[0] == "export":
		return f.checkExport(rest)
	}
	return nil
}

// casesFlags are the flags that choose cases, entries and changes too.
var casesFlags = []string{"config", "dir", "format", "case", "since", "after", "before", "tenant", "segment", "limit"}

func (f *storeFlags) checkExport(rest []string) error {
	kind := exportKind(rest)
	switch {
	case len(rest) > 2:
		return usageError("export writes one kind of data, got %q too", rest[2])
	case !slices.Contains(exportKinds, kind):
		return usageError("export cannot write %q, but %s%s", kind, strings.Join(exportKinds, ", "), spelling.Hint(kind, exportKinds))
	case !slices.Contains(exportFormats, f.format):
		return usageError("--format: got %q, want %s", f.format, strings.Join(exportFormats, " or "))
	case f.streams && (f.format != "csv" || kind != exportKinds[0]):
		return usageError("--streams belongs to --format csv of calls: the lines of ndjson hold both")
	case kind == exportKinds[0] && slices.Contains(f.given, "case"):
		return usageError("--case belongs to export cases, audit and changes")
	}
	if kind == exportKinds[0] {
		return nil
	}
	for _, name := range f.given {
		if !slices.Contains(casesFlags, name) {
			return usageError("--%s belongs to export calls", name)
		}
	}
	if kind == "audit" && f.query.segment != "" {
		return usageError("--segment does not belong to export audit: entries have none")
	}
	if kind == "changes" && f.number != 0 {
		return usageError("--case belongs to export cases and audit")
	}
	return nil
}

// backUpStore copies what there is.
func backUpStore(ctx context.Context, dir, to string, std stdio) error {
	r, err := store.OpenReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Backup(ctx, to, func(d store.Day) { fmt.Fprintf(std.err, "%s copied\n", d) }); err != nil {
		return err
	}
	cases, err := store.OpenCasesReader(dir)
	if errors.Is(err, store.ErrNoCases) {
		return nil
	}
	if err != nil {
		return err
	}
	defer cases.Close()
	if err := cases.Backup(ctx, to); err != nil {
		return err
	}
	fmt.Fprintln(std.err, "cases copied")
	files, err := store.CopyAttachments(ctx, dir, to)
	if err != nil {
		return err
	}
	if files > 0 {
		fmt.Fprintf(std.err, "%s copied\n", plural(files, "attachment"))
	}
	return nil
}

func restoreStore(ctx context.Context, from, dir string, std stdio) error {
	return store.Restore(ctx, from, dir, func(name, replaced string) {
		if replaced == "" {
			fmt.Fprintf(std.err, "%s restored\n", name)
			return
		}
		fmt.Fprintf(std.err, "%s restored; what was there is now %s\n", name, replaced)
	})
}
