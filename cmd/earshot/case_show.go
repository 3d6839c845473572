package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/alerting"
	"earshot/report"
	"earshot/spelling"
	"earshot/store"
	"earshot/web"
)

// findFlags says which cases to list.
type findFlags struct {
	all         bool
	owner, text string
	since       span
	limit       int
}

func (f *findFlags) define(fs *flag.FlagSet) {
	fs.BoolVar(&f.all, "all", false, "closed ones too")
	fs.StringVar(&f.owner, "owner", "", "only those that the party `NAME` answers for")
	fs.StringVar(&f.text, "text", "", "only those that say `TEXT` anywhere, letters in any case")
	fs.Var(&f.since, "since", "only those opened within this `TIME` before now, e.g. 12h, 7d")
	fs.IntVar(&f.limit, "limit", 100, "list, audit: at most the newest `N`; 0: all")
}

// query is what the flags ask for.
func (f *caseFlags) query() (*store.CaseQuery, error) {
	q := &store.CaseQuery{
		Tenant: f.wish.tenant, Owner: f.find.owner, Assignee: f.wish.assignee, Segment: f.wish.segment, Text: f.find.text, Limit: f.find.limit,
	}
	switch states := append([]string{"open", "closed"}, openStates...); {
	case f.wish.status == "open", f.wish.status == "closed":
		q.Status = alerting.CaseStatus(f.wish.status)
	case slices.Contains(states, f.wish.status):
		q.Status, q.SubStatus = alerting.StatusOpen, alerting.CaseSubStatus(f.wish.status)
	case f.wish.status != "":
		return nil, usageError("--status: got %q, want %s%s", f.wish.status, strings.Join(states, ", "), spelling.Hint(f.wish.status, states))
	case !f.find.all:
		q.Status = alerting.StatusOpen
	}
	if f.find.limit < 0 {
		return nil, usageError("--limit: got %d, want 0 or more", f.find.limit)
	}
	if f.find.since.Duration > 0 {
		q.OpenedSince = time.Now().Add(-f.find.since.Duration)
	}
	if f.wish.severity == "" {
		return q, nil
	}
	for name := range strings.SplitSeq(f.wish.severity, ",") {
		s, err := alerting.ParseSeverity(strings.TrimSpace(name))
		if err != nil {
			return nil, usageError("--severity: %v", err)
		}
		q.Severities = append(q.Severities, s)
	}
	return q, nil
}

func (f *caseFlags) list(ctx context.Context, book caseBook, _ []string, std stdio) error {
	q, err := f.query()
	if err != nil {
		return err
	}
	rows, err := book.list(ctx, q)
	if err != nil {
		return err
	}
	if f.json {
		return jsonLines(std.out, rows)
	}
	var cases []*alerting.Case
	for i := range rows {
		cases = append(cases, rows[i].Case())
	}
	return report.Cases(std.out, style(f.color, std.out), cases, time.Now())
}

func (f *caseFlags) show(ctx context.Context, book caseBook, args []string, std stdio) error {
	number, err := caseNumber(args[0])
	if err != nil {
		return err
	}
	c, err := book.show(ctx, number)
	if err != nil {
		return err
	}
	return f.print(c, std)
}

// print shows a case in full.
func (f *caseFlags) print(c *web.CaseBody, std stdio) error {
	if f.json {
		return jsonLines(std.out, []*web.CaseBody{c})
	}
	return report.Case(std.out, style(f.color, std.out), c.Case, time.Now())
}

func (f *caseFlags) audit(ctx context.Context, book caseBook, args []string, std stdio) error {
	number, err := caseNumber(args[0])
	if err != nil {
		return err
	}
	if _, err := book.show(ctx, number); err != nil {
		return err
	}
	entries, err := book.audit(ctx, number, f.find.limit)
	if err != nil || f.json {
		return orLines(err, std.out, entries)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHEN (UTC)\tWHO\tWHAT\tDETAIL")
	for _, e := range entries {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.At.UTC().Format("2006-01-02 15:04:05"), printable(e.Who), printable(e.What), printable(auditDetail(e.Detail)))
	}
	return w.Flush()
}

// auditDetail tells of an entry's JSON what its other columns do not: "severity
// high, text card replaced".
func auditDetail(detail string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(detail), &fields) != nil {
		return detail
	}
	for _, told := range []string{"kind", "case", "author", "key", "seq", "at"} {
		delete(fields, told)
	}
	if set, ok := fields["set"].(map[string]any); ok {
		delete(fields, "set")
		maps.Copy(fields, set)
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		switch v := fields[name].(type) {
		case string, bool, float64:
			if v != "" {
				parts = append(parts, fmt.Sprintf("%s %v", strings.ReplaceAll(name, "_", " "), v))
			}
		case []any:
			for _, one := range v {
				if f, ok := one.(map[string]any); ok && f["field"] != nil {
					parts = append(parts, fmt.Sprintf("%v from %q to %q", f["field"], f["from"], f["to"]))
				}
			}
		}
	}
	return strings.Join(parts, ", ")
}

// jsonLines writes one JSON document a line.
func jsonLines[T any](w io.Writer, list []T) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range list {
		if err := e.Encode(&list[i]); err != nil {
			return fmt.Errorf("cannot write the result: %w", err)
		}
	}
	return nil
}

func orLines[T any](err error, w io.Writer, list []T) error {
	if err != nil {
		return err
	}
	return jsonLines(w, list)
}
