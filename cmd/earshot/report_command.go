package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"earshot/spelling"
	"earshot/web"
)

// reportFlags says how a report is wanted, and where to.
type reportFlags struct {
	format, out string
	unmasked    bool
}

func (f *reportFlags) define(fs *flagSet) {
	fs.StringVar(&f.out, "output", "", "write to `FILE`; unless given to standard output")
	fs.StringVar(&f.out, "o", "", "short for --output `FILE`")
	f.defineFormat(fs)
}

func (f *reportFlags) defineFormat(fs *flagSet) {
	fs.StringVar(&f.format, "format", "", "write `FORMAT`: md, html or json; unless given what the name of the file ends with, else md")
	fs.BoolVar(&f.unmasked, "unmasked", false, "numbers and addresses of customers as they are; unless given they are masked")
}

// style is what the flags ask for.
func (f *reportFlags) style() (web.ReportStyle, error) {
	format, formats := f.format, web.ReportFormats()
	if format == "" {
		format = "md"
		if ext := strings.TrimPrefix(filepath.Ext(f.out), "."); slices.Contains(formats, ext) {
			format = ext
		}
	}
	if !slices.Contains(formats, format) {
		return web.ReportStyle{}, usageError("--format: got %q, want md, html or json%s", format, spelling.Hint(format, formats))
	}
	return web.ReportStyle{Format: format, Unmasked: f.unmasked}, nil
}

// write puts a report where it is wanted.
func (f *reportFlags) write(doc *web.Document, std stdio) error {
	if f.out == "" || f.out == "-" {
		_, err := std.out.Write(doc.Body)
		return err
	}
	return writeReport(f.out, doc.Body)
}

// writeReport writes a file as a whole or not at all. It may name people: not
// everybody may read it.
func writeReport(name string, body []byte) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(name), ".report-")
	if err != nil {
		return fmt.Errorf("cannot write %q: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
			err = fmt.Errorf("cannot write %q: %w", name, err)
		}
	}()
	_, err = temp.Write(body)
	if err := errors.Join(err, temp.Chmod(0o640), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}

// monthlyFlags is what the command line of report says.
type monthlyFlags struct {
	book          bookFlags
	how           reportFlags
	tenant, month string
}

var reportVerbs = []subcommand{{name: "monthly"}}

func (f *monthlyFlags) define() *flagSet {
	fs := newFlagSet("report")
	fs.group("Of whom, and when", func() {
		fs.StringVar(&f.tenant, "tenant", "", "the tenant `NAME`; may be left out where there is one")
		fs.StringVar(&f.month, "month", "", "the `MONTH` of the tenant's time zone, as 2026-10; unless given the last one that is over")
	})
	f.book.defineReading(fs)
	fs.group("How to write it", func() { f.how.define(fs) })
	return fs
}

func reportCommand() *command {
	return &command{
		name: "report", args: "monthly", words: subcommandNames(reportVerbs),
		summary: "Write the monthly report of a tenant.",
		about: "monthly tells of one month of a tenant's time zone: cases opened, closed and open, by severity and owner; targets met and missed; uptime against its target; the downtime of each service-affecting case that was closed; and how the calls sounded, day by day and by segment." +
			"\n\nIt is made by a running probe (--url), or of the store (--config FILE, also beside a running probe; or --store DIR, a backup for example). The report of a month that goes on says so." +
			"\n\nReports of single cases are written by \"earshot case report\". A schedule that writes or mails both is configured (reports)." +
			"\n\nExample: earshot report monthly --tenant acme --month 2026-10 -o acme-2026-10.html",
		flags: func() *flagSet { return new(monthlyFlags).define() },
		run:   reportRun,
	}
}

func reportRun(ctx context.Context, args []string, std stdio) error {
	var f monthlyFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err != nil {
		return err
	}
	if _, err := subcommandOf(fs, reportVerbs, rest); err != nil {
		return err
	}
	return f.how.make(&f.book, std, func(book reportBook, how web.ReportStyle) (*web.Document, error) {
		return book.Monthly(ctx, f.tenant, f.month, how)
	})
}

// make has a report made and writes it.
func (f *reportFlags) make(from *bookFlags, std stdio, do func(reportBook, web.ReportStyle) (*web.Document, error)) (err error) {
	how, err := f.style()
	if err != nil {
		return err
	}
	book, err := from.openReports()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	doc, err := do(book, how)
	if err != nil {
		return err
	}
	return f.write(doc, std)
}
