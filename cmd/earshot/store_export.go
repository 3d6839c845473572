package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"earshot/alerting"
	"earshot/report"
	"earshot/store"
)

// exportPage is how many cases, entries or changes are held at a time.
const exportPage = 500

// exportCalls writes the calls that a query finds.
func (f *storeFlags) exportCalls(ctx context.Context, dir string, q *store.Query, std stdio) error {
	r, err := store.OpenReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
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

// exportCases writes cases, the audit log or changes.
func (f *storeFlags) exportCases(ctx context.Context, dir, kind string, q *store.Query, std stdio) error {
	r, err := store.OpenCasesReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	switch kind {
	case "cases":
		want := store.CaseQuery{Number: f.number, Tenant: q.Tenant, Segment: q.Segment, OpenedSince: q.After, OpenedUntil: q.Before}
		return exportAll(std, f.rows(report.NewCasesCSV, std), q.Limit, (*report.CSV).Case, func(before int64, limit int) ([]*alerting.Case, int64, error) {
			want.Before, want.Limit = int(before), limit
			list, err := r.Find(ctx, &want)
			return list, lastOf(list, func(c *alerting.Case) int64 { return int64(c.Number) }), err
		})
	case "audit":
		want := store.AuditQuery{Case: f.number, Tenant: q.Tenant, Since: q.After, Until: q.Before}
		return exportAll(std, f.rows(report.NewAuditCSV, std), q.Limit, (*report.CSV).Audit, func(before int64, limit int) ([]*alerting.AuditEntry, int64, error) {
			want.Before, want.Limit = before, limit
			entries, err := r.Audit(ctx, &want)
			var list []*alerting.AuditEntry
			for i := range entries {
				list = append(list, &entries[i])
			}
			return list, lastOf(list, func(e *alerting.AuditEntry) int64 { return e.Seq }), err
		})
	}
	want := store.ChangeQuery{Tenant: q.Tenant, Segment: q.Segment, Since: q.After, Until: q.Before}
	return exportAll(std, f.rows(report.NewChangesCSV, std), q.Limit, (*report.CSV).Change, func(before int64, limit int) ([]*alerting.NetworkChange, int64, error) {
		want.Before, want.Limit = before, limit
		list, err := r.Changes(ctx, &want)
		return list, lastOf(list, func(n *alerting.NetworkChange) int64 { return n.ID }), err
	})
}

// rows begins a table where one is wanted.
func (f *storeFlags) rows(begin func(io.Writer) *report.CSV, std stdio) *report.CSV {
	if f.format != "csv" {
		return nil
	}
	return begin(std.out)
}

// lastOf is the number of the last of a page, before which the next begins.
func lastOf[T any](list []*T, number func(*T) int64) int64 {
	if len(list) == 0 {
		return 0
	}
	return number(list[len(list)-1])
}

// exportAll writes page after page: rows of CSV, or lines of JSON where rows is nil.
func exportAll[T any](std stdio, rows *report.CSV, limit int, row func(*report.CSV, *T), page func(before int64, limit int) ([]*T, int64, error)) error {
	lines := bufio.NewWriterSize(std.out, 256<<10)
	encoder := json.NewEncoder(lines)
	encoder.SetEscapeHTML(false)
	var failed error
	for before, left := int64(0), limit; failed == nil; {
		size := exportPage
		if limit > 0 {
			size = min(size, left)
		}
		list, last, err := page(before, size)
		if err != nil {
			failed = err
			break
		}
		for _, one := range list {
			if rows != nil {
				row(rows, one)
			} else if err := encoder.Encode(one); err != nil {
				return fmt.Errorf("cannot write the export: %w", err)
			}
		}
		if before, left = last, left-len(list); len(list) < size || limit > 0 && left == 0 {
			break
		}
	}
	err := lines.Flush()
	if rows != nil {
		err = rows.Flush()
	}
	if err != nil {
		return fmt.Errorf("cannot write the export: %w", err)
	}
	return failed
}
