package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"earshot/store"
)

// checkStore reads every file of a store.
func checkStore(ctx context.Context, dir string, std stdio) error {
	r, err := store.OpenReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	broken := 0
	verdict := func(err error) string {
		if err == nil {
			return "OK"
		}
		broken++
		return err.Error()
	}
	err = r.Check(ctx, func(c store.Checked) {
		fmt.Fprintf(w, "%s\t%d records\t%.1f MiB\t%s\n", c.Day, c.Records, float64(c.Bytes)/mebibyte, verdict(c.Err))
	})
	if err == nil {
		cases, caseErr := checkCases(ctx, dir)
		if ctx.Err() == nil && !errors.Is(caseErr, store.ErrNoCases) {
			fmt.Fprintf(w, "cases\t%s (open: %d), %s, audit log of %d\t%.1f MiB\t%s\n",
				plural(int(cases.Cases), "case"), cases.Open, plural(int(cases.Changes), "change"), cases.Audit, float64(cases.Bytes)/mebibyte, verdict(caseErr))
		}
	}
	if err == nil {
		files, octets, fileErr := store.CheckAttachments(ctx, dir)
		if ctx.Err() == nil && (files > 0 || fileErr != nil) {
			fmt.Fprintf(w, "attachments\t%s\t%.1f MiB\t%s\n", plural(int(files), "file"), float64(octets)/mebibyte, verdict(fileErr))
		}
	}
	if err := errors.Join(err, ctx.Err(), w.Flush()); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("files of the store that are damaged: %d; the probe sets a damaged day aside when it next writes to it, and \"earshot store restore\" puts a backup in the place of any", broken)
	}
	return nil
}

func checkCases(ctx context.Context, dir string) (store.CheckedCases, error) {
	r, err := store.OpenCasesReader(dir)
	if err != nil {
		return store.CheckedCases{}, err
	}
	defer r.Close()
	return r.Check(ctx)
}
