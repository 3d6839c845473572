package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"earshot/alerting"
)

// caseFlags is what the command line of case says.
type caseFlags struct {
	book  bookFlags
	find  findFlags
	wish  wishFlags
	how   reportFlags
	json  bool
	color string
	out   string // where to write to; "" as the word has it
	name  string // of a file that is attached
	asIs  bool   // it is attached as it is
}

// caseVerbs are what case can do. Texts are the last argument, of any number of
// words.
var caseVerbs = []subcommand{
	{name: "list", flags: []string{"all", "status", "owner", "text", "since", "limit", "severity", "segment", "tenant", "assignee"}},
	{name: "show", least: 1, most: 1, args: "NUMBER"},
	{name: "open", least: 1, most: math.MaxInt, args: "SUBJECT", flags: []string{"note", "severity", "segment", "tenant", "assignee", "set", "refers-to"}},
	{name: "update", least: 1, most: math.MaxInt, args: "NUMBER [NOTE]", flags: []string{"subject", "severity", "segment", "assignee", "status", "customer", "set", "version"}},
	{name: "assign", least: 2, most: 2, args: "NUMBER NAME", flags: []string{"note", "version"}},
	{name: "escalate", least: 1, most: math.MaxInt, args: "NUMBER [REASON]", flags: []string{"version"}},
	{name: "close", least: 2, most: math.MaxInt, args: "NUMBER COMMENT", flags: []string{"cancelled", "version"}},
	{name: "reopen", least: 2, most: math.MaxInt, args: "NUMBER WHAT-IS-NEW", flags: []string{"version"}},
	{name: "report", least: 1, most: 1, args: "NUMBER", flags: []string{"format", "o", "unmasked"}},
	{name: "audit", least: 1, most: 1, args: "NUMBER", flags: []string{"limit"}},
	{name: "evidence", least: 1, most: 1, args: "NUMBER", flags: []string{"o"}},
	{name: "attach", least: 2, most: 2, args: "NUMBER FILE", flags: []string{"name", "as-is"}},
	{name: "get", least: 2, most: 2, args: "NUMBER NAME", flags: []string{"o"}},
}

func (f *caseFlags) define() *flagSet {
	fs := newFlagSet("case")
	fs.group("list: which cases", func() { f.find.define(fs.FlagSet) })
	fs.group("open, update and the others: what", func() { f.wish.define(fs.FlagSet) })
	fs.group("list, open, update", func() {
		fs.StringVar(&f.wish.severity, "severity", "", "the severity `WORD`: critical, high, medium or low, or 1 to 4; for list several with commas")
		fs.StringVar(&f.wish.segment, "segment", "", "the segment `NAME`")
		fs.StringVar(&f.wish.tenant, "tenant", "", "list, open: the tenant `NAME`")
		fs.StringVar(&f.wish.assignee, "assignee", "", "who works on it, `NAME`")
		fs.StringVar(&f.wish.status, "status", "", "list: `WORD` is open or closed; list and update: new, investigation, awaiting_customer, solution_proposed or restored")
	})
	fs.group("evidence, get, attach, report: files", func() {
		fs.StringVar(&f.out, "o", "", "write to `PATH`: a folder for evidence, which is made, else a file; a report goes to standard output unless given")
		fs.StringVar(&f.name, "name", "", "attach: call the file `NAME`")
		fs.BoolVar(&f.asIs, "as-is", false, "attach: keep a capture, or an archive, as it is: nothing in it has to be sanitised")
	})
	fs.group("report: how to write it", func() { f.how.defineFormat(fs) })
	f.book.define(fs)
	fs.group("How to show it", func() {
		fs.BoolVar(&f.json, "json", false, "JSON, as the API writes it; of lists a line each")
		fs.StringVar(&f.color, "color", "auto", "colour the output: `WHEN` is auto, always or never")
	})
	return fs
}

func caseCommand() *command {
	return &command{
		name: "case", args: "list | show N | open SUBJECT | update N [NOTE] | assign N NAME | escalate N [REASON] | close N COMMENT | reopen N WHAT-IS-NEW | report N | audit N | evidence N | attach N FILE | get N NAME",
		words:   subcommandNames(caseVerbs),
		summary: "Show cases, and work on them.",
		about: "Cases are those of a running probe (--url), or of the store of one that is stopped (--config FILE or --store DIR; a store can be read beside a running probe too)." +
			"\n\nlist shows the open ones, the newest first. show prints one in full: how it stands, its clocks, the eight questions and its timeline." +
			"\n\nopen, update, assign, escalate, close and reopen change a case and print it as it is then. A text that is \"-\" is read from standard input. A command that finds the connection broken is sent again, and done once." +
			"\n\nreport writes the incident report: what happened to whom, for how long, targets met and missed, and places for what only people know. Numbers and addresses of customers are masked in it." +
			"\n\naudit shows who changed a case, when and how, the newest first." +
			"\n\nevidence fetches the newest evidence of a case into a folder. attach brings a file to a case: a capture is sanitised by the probe before it is kept. get fetches a file. Transfers that break off are taken up again where they stopped." +
			"\n\nExample: earshot case update 17 \"carrier has found a faulty card\" --status solution_proposed --set external_reference=TT-4711",
		flags: func() *flagSet { return new(caseFlags).define() },
		run:   caseRun,
	}
}

func caseRun(ctx context.Context, args []string, std stdio) (err error) {
	var f caseFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err == nil {
		err = checkColor(f.color)
	}
	if err != nil {
		return err
	}
	verb, err := subcommandOf(fs, caseVerbs, rest)
	if err != nil {
		return err
	}
	if verb.name == "report" {
		return f.report(ctx, rest[1:], std)
	}
	shows := map[string]func(context.Context, caseBook, []string, stdio) error{"list": f.list, "show": f.show, "audit": f.audit, "evidence": f.getEvidence, "attach": f.attachFile, "get": f.getFile}
	show := shows[verb.name]
	var wish *alerting.Command
	if show == nil {
		if wish, err = f.wish.command(alerting.CommandKind(verb.name), rest[1:], std.in); err != nil {
			return err
		}
	} else if err := f.checkShow(verb.name, rest[1:]); err != nil {
		return err
	}
	book, err := f.book.open(show == nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	if show != nil {
		return show(ctx, book, rest[1:], std)
	}
	made, err := book.do(ctx, wish)
	if err != nil {
		return err
	}
	return f.print(made, std)
}

// checkShow finds what is wrong before a probe is asked.
func (f *caseFlags) checkShow(verb string, args []string) error {
	if verb == "list" {
		_, err := f.query()
		return err
	}
	_, err := caseNumber(args[0])
	return err
}

// caseNumber reads the number of a case: "17", or "#17" as people write it.
func caseNumber(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "#"))
	if err != nil || n < 1 {
		return 0, usageError("%q is no number of a case; \"earshot case list\" shows them", text)
	}
	return n, nil
}

// maxNote bounds what is read from standard input, octets.
const maxNote = 64 << 10

// prose joins the words of a text; "-" alone reads it from standard input.
func prose(words []string, in io.Reader) (string, error) {
	text := strings.Join(words, " ")
	if text != "-" {
		return text, nil
	}
	read, err := io.ReadAll(io.LimitReader(in, maxNote+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("cannot read the text from standard input: %w", err)
	case len(read) > maxNote:
		return "", usageError("the text has more than %d octets", maxNote)
	case !utf8.Valid(read):
		return "", usageError("the text on standard input is no UTF-8")
	}
	return strings.TrimSpace(string(read)), nil
}
