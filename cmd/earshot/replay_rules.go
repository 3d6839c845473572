package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"earshot/alerting"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/report"
	"earshot/topology"
)

// Words for rules that are not in a file of their own.
const (
	shippedRules    = "default" // those that come with earshot
	configuredRules = "config"  // those of the configuration, as a live probe has them
)

// rulesNamed reads the rules that a command line names.
func rulesNamed(name string) (*alerting.RuleSet, error) {
	if name == shippedRules {
		return alerting.DefaultRules()
	}
	return loadRules(name)
}

// rehearse prepares the rules, where the flags name some.
func (r *replayRun) rehearse(cfg *config) error {
	if r.flags.rules == "" {
		return nil
	}
	var rules *alerting.RuleSet // nil: of the configuration
	var err error
	if r.flags.rules != configuredRules {
		if rules, err = rulesNamed(r.flags.rules); err != nil {
			return err
		}
	}
	if r.pipe.Plan, err = topology.New(cfg.topology(), cfg.points()); err != nil {
		return usageError("%v", err)
	}
	r.pipe.Observe = true
	r.rules, err = newRehearsal(cfg, r.pipe.Plan, rules)
	return err
}

// sink is what the pipeline gives its records to.
func (r *replayRun) sink() pipeline.Sink {
	if r.rules == nil {
		return r
	}
	return ruledSink{r, r.rules}
}

// ruledSink gives everything to the rules too.
type ruledSink struct {
	*replayRun
	rules *rehearsal
}

func (s ruledSink) Record(rec dialog.Record) {
	s.rules.Record(rec)
	s.replayRun.Record(rec)
}

func (s ruledSink) Observe(o *dialog.Observation) { s.rules.Observe(o) }
func (s ruledSink) Tick(b pipeline.Beat)          { s.rules.Tick(b) }

var (
	_ pipeline.Observer   = ruledSink{}
	_ pipeline.Timekeeper = ruledSink{}
)

// rulesOutput shows alerts and cases instead of calls.
type rulesOutput struct {
	w     io.Writer
	style report.Style
	rules *rehearsal
}

func (o *rulesOutput) call(*dialog.CallRecord)               {}
func (o *rulesOutput) stream(*dialog.StreamRecord)           {}
func (o *rulesOutput) transaction(*dialog.TransactionRecord) {}

func (o *rulesOutput) finish(v report.Overview) error {
	w := bufio.NewWriter(o.w)
	cases := o.rules.cases()
	if len(o.rules.alerts) == 0 {
		fmt.Fprintln(w, "No alert fired: by these rules nothing was wrong for long enough.")
	} else {
		fmt.Fprintln(w, "Alerts")
		report.Alerts(w, o.style, o.rules.alerts)
	}
	for _, c := range cases {
		fmt.Fprintln(w)
		if err := report.Case(w, o.style, c, o.rules.now()); err != nil {
			return err
		}
	}
	v.Write(w, o.style)
	return w.Flush()
}

// ruledJSON adds alerts and cases to the lines of records.
type ruledJSON struct {
	*jsonOutput
	rules *rehearsal
}

func (o *ruledJSON) finish(v report.Overview) error {
	for i := range o.rules.alerts {
		if err := o.line("alert", &o.rules.alerts[i]); err != nil {
			return err
		}
	}
	for _, c := range o.rules.cases() {
		if err := o.line("case", c); err != nil {
			return err
		}
	}
	return o.jsonOutput.finish(v)
}

// line writes a value as an object whose first key is its type, as records are.
func (o *ruledJSON) line(kind string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.w, "{\"type\":%q,%s\n", kind, text[1:])
	return err
}
