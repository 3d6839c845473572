package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/pipeline"
	"earshot/topology"
)

// expectFlags is what the command line of alert test says.
type expectFlags struct {
	expect, config string
	write, json    bool
}

func (f *expectFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.expect, "expect", "", "the `FILE` that says which alerts and cases the captures must make")
	fs.BoolVar(&f.write, "write", false, "write that file: what the captures make today, for you to review")
}

// alertTest runs rules over captures and compares what they make with what is
// expected: args are the rules and the captures.
func alertTest(ctx context.Context, f *expectFlags, args []string, std stdio) error {
	switch {
	case len(args) < 2:
		return usageError("alert test wants a file of rules (or \"%s\") and at least one capture", shippedRules)
	case f.expect == "":
		return usageError("alert test wants --expect FILE; with --write it makes one")
	}
	cfg, err := loadConfig(f.config)
	if err != nil {
		return err
	}
	rules, err := rulesNamed(args[0])
	if err != nil {
		return err
	}
	var wanted *expectation
	if !f.write {
		if wanted, err = loadExpectation(f.expect, rules); err != nil {
			return err
		}
	}
	made, err := rehearse(ctx, cfg, rules, args[1:], std)
	if err != nil {
		return err
	}
	if f.write {
		return made.writeExpectation(f.expect, std.out)
	}
	return reportResults(wanted.compare(made), f.json, std.out)
}

// outcome is what captures make: every firing of an alert, and the cases.
type outcome struct {
	first  time.Time // capture time of the first packet
	alerts []alerting.Alert
	cases  []*alerting.Case
}

// rehearse runs captures through rules.
func rehearse(ctx context.Context, cfg *config, rules *alerting.RuleSet, paths []string, std stdio) (*outcome, error) {
	pipe, err := cfg.measuring()
	if err != nil {
		return nil, err
	}
	plan, err := topology.New(cfg.topology(), cfg.points())
	if err != nil {
		return nil, usageError("%v", err)
	}
	pipe.Plan, pipe.Observe = plan, true
	r, err := newRehearsal(cfg, plan, rules)
	if err != nil {
		return nil, err
	}
	files, err := capture.Open(paths, capture.Options{Stdin: std.in})
	if err != nil {
		return nil, err
	}
	defer files.Close()
	p := pipeline.New(pipe, []capture.Source{files}, r)
	if err := p.Run(ctx); err != nil {
		return nil, err
	}
	for _, w := range files.Warnings() {
		fmt.Fprintf(std.err, "earshot: warning: %s\n", w)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("interrupted: nothing is known of the rest of the captures")
	}
	r.end()
	return &outcome{time.Unix(0, p.Summary().First).UTC(), r.alerts, r.cases()}, nil
}

// result is what became of one expectation.
type result struct {
	OK       bool   `json:"ok"`
	Expected string `json:"expected"`
	Line     int    `json:"line"`              // of the file that expects it
	Got      string `json:"got,omitempty"`     // what met it, or how many there were
	Nearest  string `json:"nearest,omitempty"` // what came closest
	Differs  string `json:"differs,omitempty"` // in which it is not what was expected
}

// reportResults writes results as a test runner does; an error with a status
// of its own says that something is not as expected.
func reportResults(list []result, asJSON bool, w io.Writer) error {
	failed := 0
	for i := range list {
		r := &list[i]
		if !r.OK {
			failed++
		}
		if asJSON {
			text, err := json.Marshal(r)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s\n", text)
			continue
		}
		r.write(w)
	}
	if !asJSON {
		fmt.Fprintf(w, "%d of %d as expected\n", len(list)-failed, len(list))
	}
	if failed > 0 {
		return exitError{code: exitFailOn}
	}
	return nil
}

func (r *result) write(w io.Writer) {
	if r.OK {
		fmt.Fprintf(w, "ok    %s\n", r.Expected)
		return
	}
	fmt.Fprintf(w, "FAIL  %s (line %d)\n", r.Expected, r.Line)
	for _, x := range []struct{ name, text string }{{"got", r.Got}, {"nearest", r.Nearest}, {"differs", r.Differs}} {
		if x.text != "" {
			fmt.Fprintf(w, "      %-8s %s\n", x.name, x.text)
		}
	}
}

// writeExpectation writes what was made as an expectation.
func (o *outcome) writeExpectation(name string, out io.Writer) error {
	if err := os.WriteFile(name, o.expectation(), 0o644); err != nil {
		return fmt.Errorf("cannot write the expectation: %w", err)
	}
	fmt.Fprintf(out, "%s: %s and %s, as these captures make them today. Review it before you trust it.\n", name, plural(len(o.alerts), "alert"), plural(len(o.cases), "case"))
	return nil
}
