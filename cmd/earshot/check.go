package main

import (
	"context"
	"fmt"
	"os"

	"earshot/topology"
	"earshot/web"
)

func checkCommand() *command {
	return &command{
		name: "check", args: "FILE", files: true,
		summary: "Check a configuration file.",
		about: "Says OK and what the file asks for: captures, peers, segments and who answers for them, rules, calendars with their next holiday, maintenance to come, and the largest number of metric series that it can lead to, against the budget." +
			" What is allowed and seldom meant is a warning." +
			" Files that it names must be there and fit to be used. Otherwise the status is 2, and everything that is wrong is told at once.",
		flags: func() *flagSet { return newFlagSet("check") },
		run:   check,
	}
}

func check(_ context.Context, args []string, std stdio) error {
	files, err := newFlagSet("check").parse(args)
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return usageError("check wants one configuration file, got %d", len(files))
	}
	c, err := loadConfig(files[0])
	if err != nil {
		return err
	}
	wrong := c.unusable()
	destinations, err := c.destinations()
	wrong = append(wrong, problemsOf("", err)...)
	plan, err := topology.New(c.topology(), c.points())
	if err != nil {
		return usageError("%v", err)
	}
	b := c.budget(plan)
	if err := b.Err(); err != nil {
		wrong = append(wrong, problem{c.Metrics.MaxSeries.line, err.Error()})
	}
	if len(wrong) > 0 {
		return configError(files[0], wrong)
	}
	parts, err := c.alertingParts()
	if err != nil {
		return err
	}
	c.describe(std.out, parts, destinations, b)
	for _, text := range append(c.advice(parts), c.outboxAdvice(destinations)...) {
		fmt.Fprintf(std.err, "earshot: warning: %s\n", text)
	}
	return nil
}

// unusable looks at the files that a configuration names.
func (c *config) unusable() []problem {
	var wrong []problem
	look := func(w word, err error) {
		if err != nil {
			wrong = append(wrong, problem{w.line, err.Error()})
		}
	}
	_, err := c.measuring()
	look(word{}, err)
	if file := c.rulesFile(); file != "" {
		_, err = loadRules(file)
		look(word{line: c.Alerting.Rules.Line}, err)
	}
	_, err = c.hepDecoding()
	look(c.HEP.KeysFile, err)
	_, _, err = c.hepServerTLS()
	look(c.HEP.TLS, err)
	for i := range c.HEPOut {
		o := &c.HEPOut[i]
		_, err = secret(c.path(o.KeyFile.text), o.KeyEnv.text)
		look(o.KeyFile, err)
		_, err = c.senderTLS(o)
		look(o.TLSCA, err)
	}
	if address := c.webAddress(); address != "" {
		look(c.Web.Listen, c.server(nil).Check(address))
	}
	if c.Metrics.Push.URL.text != "" {
		push := c.push(nil)
		look(c.Metrics.Push.URL, push.Check())
	}
	return append(wrong, c.wrongFolders()...)
}

// wrongFolders looks at where things are to be written. The folder of capture
// files is made at the start where its parent is there.
func (c *config) wrongFolders() []problem {
	var wrong []problem
	if dir := c.path(c.Save.Dir.text); dir != "" {
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			wrong = append(wrong, problem{c.Save.Dir.line, fmt.Sprintf("save.dir: %q is no folder", dir)})
		}
	}
	if dir := c.store().Dir; dir != "" {
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			wrong = append(wrong, problem{c.Store.Dir.line, fmt.Sprintf("store.dir: %q is no folder", dir)})
		}
	}
	if file := c.path(c.Records.File.text); file != "" && file != "-" {
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			wrong = append(wrong, problem{c.Records.File.line, fmt.Sprintf("records.file: %q is a folder", file)})
		}
	}
	return wrong
}

// budget is the worst case of series.
func (c *config) budget(plan *topology.Plan) web.Budget {
	return web.WorstCase(plan, c.metricsConfig(plan))
}
