package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"earshot/alerting/outbox"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/report"
	"earshot/spelling"
)

// replayFlags is what the command line of replay says.
type replayFlags struct {
	streams, json, csv, intervals bool
	call, html, extract           string
	filter                        filter
	failOn                        conditions
	shards                        int
	config, color, rules          string
	evidence                      string
	quiet, deliver                bool
}

func (f *replayFlags) define() *flagSet {
	fs := newFlagSet("replay")
	fs.group("What to show", func() {
		fs.BoolVar(&f.streams, "streams", false, "a table of RTP streams, those of no call included, instead of calls")
		fs.StringVar(&f.call, "call", "", "one call in full: its SIP ladder and the timeline of each direction; `ID` is the beginning of a call's id, or part of a Call-ID")
		fs.BoolVar(&f.json, "json", false, "one JSON object a line: calls, streams, transactions, then a summary; reproducible byte for byte")
		fs.BoolVar(&f.csv, "csv", false, "comma-separated values: calls, or streams with --streams")
		fs.StringVar(&f.html, "html", "", "write one self-contained page with calls, ladders and timelines to `FILE`")
		fs.BoolVar(&f.intervals, "intervals", false, "with --json: every stream's timeline")
		fs.StringVar(&f.extract, "extract", "", "with --call: write that call's packets (signalling, RTCP, RTP; original octets and times) as pcapng to `FILE`")
	})
	fs.group("Alerts and cases", func() {
		fs.StringVar(&f.rules, "rules", "", "instead of calls the alerts and cases that a live probe would make of this traffic by the rules in `FILE`; \"default\" is those that come with earshot, \"config\" those of --config. Segments, owners and the rest come from --config. With --json they follow the records")
		fs.StringVar(&f.evidence, "evidence", "", "with --rules: write the evidence of each case to `DIR`/case-N: records, a chart, packets without anything personal, and a manifest")
		fs.BoolVar(&f.deliver, "deliver", false, "with --rules: bring the cases, and their evidence, to the destinations of --config, as a live probe does")
	})
	fs.group("Which calls", func() { f.filter.define(fs.FlagSet) })
	fs.group("For scripts", func() {
		fs.Var(&f.failOn, "fail-on", "exit with status 3 if a shown call meets a `CONDITION` such as \"mos<3.6\" or \"loss>1%,findings>0\"; figures: "+figureList)
		fs.BoolVar(&f.quiet, "quiet", false, "no progress bar and no summary")
		fs.StringVar(&f.color, "color", "auto", "colour the output: `WHEN` is auto, always or never")
	})
	fs.group("How it works", func() {
		fs.IntVar(&f.shards, "shards", 0, "measure on `N` shards; 0: one per processor but one. The results don't depend on it")
		fs.StringVar(&f.config, "config", "", "read codec values, leg headers, limits and the thresholds of findings from a YAML `FILE`")
	})
	return fs
}

func replayCommand() *command {
	return &command{
		name: "replay", args: "FILE...", files: true,
		summary: "Diagnose the calls in capture files.",
		about: "Reads pcap and pcapng, plain or in gzip, zstd or xz, from files, directories (every capture in them) and \"-\" for standard input; several files are merged by time." +
			"\n\nBy default it prints a table of calls, with loss, jitter and MOS of each direction as heard where the capture was made, and says in words what was wrong with the bad ones." +
			" The MOS is listening quality (MOS-LQ) by the E-model of the codec's own scale: G.107, G.107.1 or G.107.2.",
		flags: func() *flagSet { return new(replayFlags).define() },
		run:   replay,
	}
}

func replay(ctx context.Context, args []string, std stdio) error {
	var f replayFlags
	fs := f.define()
	paths, err := fs.parse(args)
	if err != nil {
		return err
	}
	if err := f.check(paths); err != nil {
		return err
	}
	cfg, err := loadConfig(f.config)
	if err != nil {
		return err
	}
	r, err := newReplay(&f, cfg, paths, std)
	if err != nil {
		return err
	}
	return r.run(ctx)
}

// check finds what contradicts itself on the command line.
func (f *replayFlags) check(paths []string) error {
	chosen := 0
	for _, on := range []bool{f.json, f.csv, f.call != ""} {
		if on {
			chosen++
		}
	}
	switch {
	case len(paths) == 0:
		return usageError("replay wants at least one capture file or directory, or \"-\" for standard input")
	case chosen > 1:
		return usageError("--json, --csv and --call exclude each other")
	case f.extract != "" && f.call == "":
		return usageError("--extract wants --call ID: it writes the packets of one call")
	case f.extract != "" && len(paths) == 1 && paths[0] == "-":
		return usageError("--extract reads the capture twice, which standard input does not allow; save it to a file first")
	case f.rules != "" && (f.csv || f.call != "" || f.streams || f.html != ""):
		return usageError("--rules shows alerts and cases: it goes with --json alone")
	case (f.evidence != "" || f.deliver) && f.rules == "":
		return usageError("--evidence and --deliver are for the cases that --rules makes")
	case f.evidence != "" && len(paths) == 1 && paths[0] == "-":
		return usageError("--evidence reads the capture twice, which standard input does not allow; save it to a file first")
	case f.rules == configuredRules && f.config == "":
		return usageError("--rules config takes the rules of a configuration: name it with --config FILE")
	case f.intervals && !f.json:
		return usageError("--intervals belongs to --json")
	case f.filter.finding != "" && !slices.Contains(dialog.FindingCodes(), f.filter.finding):
		return usageError("--finding: there is no finding %q%s", f.filter.finding, spelling.Hint(f.filter.finding, dialog.FindingCodes()))
	case f.color != "auto" && f.color != "always" && f.color != "never":
		return usageError("--color: got %q, want auto, always or never", f.color)
	case f.shards < 0 || f.shards > 1024:
		return usageError("--shards: got %d, want 0 to 1024", f.shards)
	}
	return nil
}

// replayRun is one replay, from its files to its exit status.
type replayRun struct {
	flags *replayFlags
	paths []string
	std   stdio
	style report.Style
	pipe  pipeline.Config
	out   output
	fail  verdict
	rules *rehearsal // nil: no rules

	selected     []*dialog.CallRecord // with --call: for --extract
	destinations []*outbox.Setting    // with --deliver
	cfg          *config
}

func newReplay(f *replayFlags, cfg *config, paths []string, std stdio) (*replayRun, error) {
	pipe, err := cfg.measuring()
	if err != nil {
		return nil, err
	}
	pipe.Shards = f.shards
	pipe.Dialog.KeepLadder = f.call != "" || f.html != ""
	pipe.Dialog.KeepTimeline = f.call != "" || f.html != "" || f.intervals
	r := &replayRun{flags: f, paths: paths, std: std, style: style(f.color, std.out), pipe: pipe, fail: verdict{conditions: f.failOn}}
	r.cfg = cfg
	if err := r.rehearse(cfg); err != nil {
		return nil, err
	}
	if err := r.checkDelivery(cfg); err != nil {
		return nil, err
	}
	r.out = newOutput(f, std.out, r.style, r.rules)
	return r, nil
}

// style finds out whether to colour, and how wide the terminal is.
func style(when string, out io.Writer) report.Style {
	s := report.Style{Color: when == "always"}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return s
	}
	if w, _, err := term.GetSize(int(file.Fd())); err == nil {
		s.Width = w
	}
	if when == "auto" && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" {
		s.Color = true
	}
	return s
}

// Record takes one finished record; the pipeline's recorder calls it.
func (r *replayRun) Record(rec dialog.Record) {
	switch rec := rec.(type) {
	case *dialog.CallRecord:
		if r.flags.filter.call(rec) && r.chosen(rec) {
			r.fail.take(rec)
			r.out.call(rec)
			if r.flags.extract != "" {
				r.selected = append(r.selected, rec)
			}
		}
	case *dialog.StreamRecord:
		// Streams of a call come with it.
		if rec.Call == nil && r.flags.call == "" && r.flags.filter.stream(rec) {
			r.out.stream(rec)
		}
	case *dialog.TransactionRecord:
		if r.flags.call == "" && r.flags.filter.transaction(rec) {
			r.out.transaction(rec)
		}
	}
}

// chosen reports whether a call is the one that --call names, where it names one.
func (r *replayRun) chosen(c *dialog.CallRecord) bool {
	if strings.HasPrefix(c.ID, r.flags.call) {
		return true
	}
	for _, id := range c.CallIDs {
		if contains(id, r.flags.call) {
			return true
		}
	}
	return false
}

func (r *replayRun) run(ctx context.Context) error {
	started := time.Now()
	files, err := capture.Open(r.paths, capture.Options{Stdin: r.std.in})
	if err != nil {
		return err
	}
	defer files.Close()
	p := pipeline.New(r.pipe, []capture.Source{files}, r.sink())
	bar := startProgress(r.flags.quiet || r.flags.json, r.std.err, files, p)
	err = p.Run(ctx)
	bar.stop()
	for _, w := range files.Warnings() {
		fmt.Fprintf(r.std.err, "earshot: warning: %s\n", w)
	}
	if err != nil {
		return err
	}
	if r.rules != nil {
		r.rules.end()
	}
	o := report.Overview{
		Files: files.Names(), Summary: p.Summary(), Elapsed: time.Since(started),
		Interrupted: ctx.Err() != nil, Quiet: r.flags.quiet,
	}
	if err := r.out.finish(o); err != nil {
		return fmt.Errorf("cannot write the result: %w", err)
	}
	if err := r.extract(ctx); err != nil {
		return err
	}
	if err := r.makeEvidence(ctx); err != nil {
		return err
	}
	if err := r.deliver(ctx); err != nil {
		return err
	}
	return r.fail.err()
}
