package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"earshot/alerting/outbox"
	"earshot/spelling"
	"earshot/store"
)

// outboxFlags is what the command line of outbox says.
type outboxFlags struct {
	book        bookFlags
	destination string
	state       string
	number      string
	all, json   bool
	limit       int
}

// outboxVerbs are what outbox can do.
var outboxVerbs = []subcommand{
	{name: "list", flags: []string{"all", "state", "case", "limit", "destination", "json"}},
	{name: "show", least: 1, most: 1, args: "ID", flags: []string{"json"}},
	{name: "retry", least: 1, most: 1, args: "ID", flags: []string{"json", "destination"}},
	{name: "drop", least: 1, most: 1, args: "ID", flags: []string{"json"}},
	{name: "dry-run", least: 1, most: 1, args: "CASE", flags: []string{"destination"}},
}

func (f *outboxFlags) define() *flagSet {
	fs := newFlagSet("outbox")
	fs.group("Which tickets", func() {
		fs.BoolVar(&f.all, "all", false, "list: closed ones too")
		fs.StringVar(&f.state, "state", "", "list: only those in the state `WORD`: pending, sent, confirmed, closed or dead")
		fs.StringVar(&f.number, "case", "", "list: only those of the case `NUMBER`")
		fs.StringVar(&f.destination, "destination", "", "list, retry all, dry-run: only those of the destination `NAME`")
		fs.IntVar(&f.limit, "limit", 100, "list: at most the newest `N`; 0: all")
	})
	f.book.define(fs)
	fs.group("How to show it", func() { fs.BoolVar(&f.json, "json", false, "JSON lines, as the API writes them") })
	return fs
}

func outboxCommand() *command {
	return &command{
		name: "outbox", args: "list | show ID | retry ID | retry all | drop ID | dry-run CASE", words: subcommandNames(outboxVerbs),
		summary: "Show what destinations are told of cases, and have it told again.",
		about: "A ticket is what one destination is told of one case. list shows those that are not closed, the newest first; dead ones were given up and wait for you: mend what their error says, then retry them." +
			"\n\nretry tries a ticket again at once; \"retry all\" all dead ones. drop gives one up for good: nothing more is told of its case there." +
			"\n\ndry-run prints the requests that would tell the destinations of --config of a case, their secrets as ***, and sends nothing." +
			"\n\nExample: earshot outbox list --state dead",
		flags: func() *flagSet { return new(outboxFlags).define() },
		run:   outboxRun,
	}
}

func outboxRun(ctx context.Context, args []string, std stdio) (err error) {
	var f outboxFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err != nil {
		return err
	}
	verb, err := subcommandOf(fs, outboxVerbs, rest)
	if err != nil {
		return err
	}
	if verb.name == "dry-run" {
		return f.dryRun(ctx, rest[1], std)
	}
	q, id, err := f.read(verb.name, rest[1:])
	if err != nil {
		return err
	}
	book, err := outboxOf(&f.book, verb.name == "retry" || verb.name == "drop")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	switch {
	case verb.name == "list":
		return f.list(ctx, book, q, std)
	case id == 0:
		return f.retryAll(ctx, book, q, std)
	}
	do := map[string]func(context.Context, int64) (*outbox.Ticket, error){"show": book.ticket, "retry": book.retry, "drop": book.drop}[verb.name]
	t, err := do(ctx, id)
	if err != nil {
		return err
	}
	return f.show(t, std)
}

// read finds what is wrong before a probe is asked. The number is 0 where all
// dead tickets are meant.
func (f *outboxFlags) read(verb string, args []string) (q *store.TicketQuery, id int64, err error) {
	q = &store.TicketQuery{Destination: f.destination, State: outbox.State(f.state), Limit: f.limit}
	if err := q.Check(); err != nil {
		return nil, 0, usageError("--state: %v", err)
	}
	if f.limit < 0 {
		return nil, 0, usageError("--limit: got %d, want 0 or more", f.limit)
	}
	if f.number != "" {
		if q.Case, err = caseNumber(f.number); err != nil {
			return nil, 0, err
		}
	}
	if verb == "list" {
		return q, 0, nil
	}
	if verb == "retry" && args[0] == "all" {
		q.State, q.Limit = outbox.Dead, 0
		return q, 0, nil
	}
	if f.destination != "" {
		return nil, 0, usageError("--destination goes with list, \"retry all\" and dry-run: a ticket has one already")
	}
	id, err = strconv.ParseInt(args[0], 10, 64)
	if err != nil || id < 1 {
		return nil, 0, usageError("%q is no number of a ticket; \"earshot outbox list\" shows them", args[0])
	}
	return q, id, nil
}

// retryAll has dead tickets tried again.
func (f *outboxFlags) retryAll(ctx context.Context, book outboxBook, q *store.TicketQuery, std stdio) error {
	dead, err := book.tickets(ctx, q)
	if err != nil {
		return err
	}
	for i, t := range dead {
		if dead[i], err = book.retry(ctx, t.ID); err != nil {
			return fmt.Errorf("ticket %d: %w", t.ID, err)
		}
	}
	if f.json {
		return jsonLines(std.out, dead)
	}
	fmt.Fprintf(std.out, "%d dead tickets are tried again.\n", len(dead))
	return nil
}

// destinationsOf picks the destination of a name, all without one.
func destinationsOf(all []*outbox.Setting, name string) ([]*outbox.Setting, error) {
	if name == "" {
		return all, nil
	}
	var names []string
	for _, s := range all {
		if s.Name == name {
			return []*outbox.Setting{s}, nil
		}
		names = append(names, s.Name)
	}
	return nil, usageError("--destination: there is no %q%s: the configuration has %s", name, spelling.Hint(name, names), strings.Join(names, ", "))
}
