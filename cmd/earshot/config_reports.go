package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/spelling"
)

// reportConfig is a kind of report that is made by itself.
type reportConfig struct {
	Kind    word   `yaml:"kind"`
	Tenants []word `yaml:"tenants"`
	Format  word   `yaml:"format"`
	Dir     word   `yaml:"dir"`
	Mail    word   `yaml:"mail"`
	Day     number `yaml:"day"`
	At      word   `yaml:"at"`
	Mask    toggle `yaml:"mask"`
}

// Words of scheduled reports.
const (
	kindMonthly  = "monthly"
	kindIncident = "incident"

	presetReportFormat = "html"
	presetReportDay    = 2
	latestReportDay    = 5 // of the month after
	presetReportAt     = "06:00"
	mostReports        = 100
)

var (
	reportKinds    = []string{kindMonthly, kindIncident}
	scheduleFormat = []string{"html", "md", "json"}
)

func (r *reportConfig) bounds() []bound {
	return []bound{{"reports.day", &r.Day, 1, latestReportDay, presetReportDay, true}}
}

// minute is when on its day a report is due, in minutes after midnight.
func (r *reportConfig) minute() (int, error) {
	at, err := time.Parse("15:04", r.At.or(presetReportAt))
	return at.Hour()*60 + at.Minute(), err
}

// wrongReports checks what reports are to be made.
func (c *config) wrongReports() []problem {
	var wrong []problem
	add := func(w word, format string, args ...any) {
		wrong = append(wrong, problem{w.line, "reports: " + fmt.Sprintf(format, args...)})
	}
	if n := len(c.Reports); n > mostReports {
		add(word{}, "there are %d, want at most %d", n, mostReports)
	}
	for i := range c.Reports {
		r := &c.Reports[i]
		switch {
		case r.Kind.text == "":
			add(r.Kind, "number %d has no kind: want %s", i+1, strings.Join(reportKinds, " or "))
		case !slices.Contains(reportKinds, r.Kind.text):
			add(r.Kind, "kind is %q, want %s%s", r.Kind.text, strings.Join(reportKinds, " or "), spelling.Hint(r.Kind.text, reportKinds))
		}
		if r.Format.text != "" && !slices.Contains(scheduleFormat, r.Format.text) {
			add(r.Format, "format is %q, want %s%s", r.Format.text, strings.Join(scheduleFormat, ", "), spelling.Hint(r.Format.text, scheduleFormat))
		}
		if r.Dir.text == "" && r.Mail.text == "" {
			add(r.Kind, "number %d goes nowhere: want dir, a folder, or mail, the name of a destination", i+1)
		}
		if _, err := r.minute(); err != nil {
			add(r.At, "at is %q, want a time of day like %q", r.At.text, presetReportAt)
		}
		if r.Kind.text == kindIncident && (r.Day.line > 0 || r.At.line > 0) {
			add(word{line: max(r.Day.line, r.At.line)}, "an incident report is made when its case is restored, and when it is closed: it has no day and no time")
		}
		for _, t := range r.Tenants {
			if names := c.tenantNames(); !slices.Contains(names, t.text) {
				add(t, "no tenant is called %q%s", t.text, spelling.Hint(t.text, names))
			}
		}
	}
	if len(c.Reports) > 0 && c.Store.Dir.text == "" {
		add(c.Reports[0].Kind, "there is nothing to report on: want a folder in store.dir")
	}
	return wrong
}

// uptimeTargets are those of tenants that have one, percent.
func (c *config) uptimeTargets() map[string]float64 {
	targets := map[string]float64{}
	for i := range c.Tenants {
		if t := &c.Tenants[i]; t.UptimeTarget.value > 0 {
			targets[t.Name.text] = t.UptimeTarget.value
		}
	}
	return targets
}
