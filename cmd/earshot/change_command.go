package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// changeFlags is what the command line of change says.
type changeFlags struct {
	book            bookFlags
	at              moment
	segment, tenant string
	since           span
	limit           int
	json            bool
}

// changeVerbs are what change can do.
var changeVerbs = []subcommand{
	{name: "add", least: 1, most: math.MaxInt, args: "TEXT", flags: []string{"at"}},
	{name: "list", flags: []string{"since", "limit"}},
}

func (f *changeFlags) define() *flagSet {
	fs := newFlagSet("change")
	fs.group("What changed", func() {
		fs.StringVar(&f.segment, "segment", "", "in the segment `NAME`; unless given in all of them")
		fs.StringVar(&f.tenant, "tenant", "", "at the tenant `NAME`; unless given at all of them")
		fs.Var(&f.at, "at", "add: it was changed at `TIME` (RFC 3339, or 2006-01-02 15:04:05 in UTC); unless given now")
		fs.Var(&f.since, "since", "list: only what changed within this `TIME` before now, e.g. 12h, 7d")
		fs.IntVar(&f.limit, "limit", 100, "list: at most the newest `N`; 0: all")
	})
	f.book.define(fs)
	fs.group("How to show it", func() { fs.BoolVar(&f.json, "json", false, "JSON lines, as the API writes them") })
	return fs
}

func changeCommand() *command {
	return &command{
		name: "change", args: "add TEXT | list", words: subcommandNames(changeVerbs),
		summary: "Record what changed on the network, which cases then tell.",
		about: "Every case asks what has changed recently. add records a change, so that the cases of its time and place name it; list shows what was recorded, and what the probe saw change on the wire." +
			"\n\nExample: earshot change add \"SBC 2 upgraded to 9.3\" --segment trunk-b --at \"2026-11-22 13:30:00\"",
		flags: func() *flagSet { return new(changeFlags).define() },
		run:   changeRun,
	}
}

func changeRun(ctx context.Context, args []string, std stdio) (err error) {
	var f changeFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err != nil {
		return err
	}
	verb, err := subcommandOf(fs, changeVerbs, rest)
	if err != nil {
		return err
	}
	if f.limit < 0 {
		return usageError("--limit: got %d, want 0 or more", f.limit)
	}
	adds := verb.name == "add"
	text := ""
	if adds {
		if text, err = prose(rest[1:], std.in); err != nil {
			return err
		}
		if strings.TrimSpace(text) == "" {
			return usageError("say what changed: earshot change add \"SBC 2 upgraded\"")
		}
	}
	book, err := f.book.open(adds)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	if adds {
		return f.add(ctx, book, text, std)
	}
	return f.list(ctx, book, std)
}

func (f *changeFlags) add(ctx context.Context, book caseBook, text string, std stdio) error {
	n, err := book.record(ctx, &alerting.Command{Kind: alerting.CommandChange, Text: text, Segment: f.segment, Tenant: f.tenant, At: f.at.Time})
	if err != nil {
		return err
	}
	return f.print([]*alerting.NetworkChange{n}, std)
}

func (f *changeFlags) list(ctx context.Context, book caseBook, std stdio) error {
	q := &store.ChangeQuery{Segment: f.segment, Tenant: f.tenant, Limit: f.limit}
	if f.since.Duration > 0 {
		q.Since = time.Now().Add(-f.since.Duration)
	}
	list, err := book.changes(ctx, q)
	if err != nil {
		return err
	}
	if len(list) == 0 && !f.json {
		fmt.Fprintln(std.out, "No change is recorded.")
		return nil
	}
	return f.print(list, std)
}

func (f *changeFlags) print(list []*alerting.NetworkChange, std stdio) error {
	if f.json {
		return jsonLines(std.out, list)
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHEN (UTC)\tWHO\tWHERE\tWHAT")
	for _, n := range list {
		who := n.Author
		if n.Seen {
			who = "seen on the wire"
		}
		where := strings.Trim(n.Tenant+", "+n.Segment, ", ")
		if where == "" {
			where = "everywhere"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", n.At.UTC().Format("2006-01-02 15:04:05"), printable(who), printable(where), printable(n.Text))
	}
	return w.Flush()
}
