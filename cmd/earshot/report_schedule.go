package main

import (
	"fmt"
	"hash/fnv"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/report"
)

// plannedReport is a kind of report that is made by itself, and where it goes.
type plannedReport struct {
	key      string // of the plan in the ledger
	kind     string
	tenants  []string // none: all
	format   string
	dir      string        // "": it is not written
	mailer   outbox.Mailer // nil: it is not sent
	mail     string        // its name
	day      int
	minute   int
	unmasked bool
}

// plannedReports are those of a configuration, sent by its destinations.
func (c *config) plannedReports(settings []*outbox.Setting) ([]plannedReport, error) {
	var list []plannedReport
	for i := range c.Reports {
		r := &c.Reports[i]
		p := plannedReport{
			kind: r.Kind.text, tenants: texts(r.Tenants), format: r.Format.or(presetReportFormat), dir: c.path(r.Dir.text),
			mail: r.Mail.text, day: int(r.Day.or(presetReportDay)), unmasked: !r.Mask.or(true),
		}
		p.minute, _ = r.minute() // found right by now
		p.key = strings.TrimSpace(strings.Join([]string{p.kind, p.format, r.Dir.text, r.Mail.text}, " "))
		if p.mail != "" {
			at := slices.IndexFunc(settings, func(s *outbox.Setting) bool { return s.Name == p.mail })
			if at >= 0 {
				p.mailer, _ = settings[at].Destination.(outbox.Mailer)
			}
			if p.mailer == nil {
				return nil, configError(c.file, []problem{{r.Mail.line, fmt.Sprintf("reports: no destination of kind mail is called %q", p.mail)}})
			}
		}
		if err := writable(p.dir); err != nil {
			return nil, fmt.Errorf("reports: %w", err)
		}
		list = append(list, p)
	}
	return list, nil
}

// wants reports whether a tenant is one of those that a plan is for.
func (p *plannedReport) wants(tenant string) bool {
	return len(p.tenants) == 0 || slices.Contains(p.tenants, tenant)
}

// dueReport is one report that is to be made.
type dueReport struct {
	key    string // in the ledger
	plan   *plannedReport
	tenant string
	month  report.Month // of a monthly report
	number int          // of a case
	draft  bool
}

// mostMonthsBack is how many monthly reports are made good after a long pause.
const mostMonthsBack = 13

// dueMonths are the months whose reports have become due since a plan was seen
// first, until now: of a probe that was down also those of the time meanwhile.
func (p *plannedReport) dueMonths(since, now time.Time, zone *time.Location) []report.Month {
	var list []report.Month
	m := report.MonthOf(now, zone)
	for range mostMonthsBack {
		m = m.Before()
		due := p.due(m, zone)
		if !due.After(since) {
			break
		}
		if !due.After(now) {
			list = append(list, m)
		}
	}
	slices.Reverse(list)
	return list
}

// due is when the report of a month is due, in the month after it.
func (p *plannedReport) due(m report.Month, zone *time.Location) time.Time {
	next := m.Next()
	return time.Date(next.Year, next.Month, p.day, 0, p.minute, 0, 0, zone)
}

// monthly lists the monthly reports that are due and not made.
func (p *plannedReport) monthly(terms *reportTerms, since, now time.Time, made map[string]time.Time) []dueReport {
	names := terms.tenantNames()
	if len(names) == 0 {
		names = []string{""}
	}
	var list []dueReport
	for _, name := range names {
		if !p.wants(name) {
			continue
		}
		for _, m := range p.dueMonths(since, now, terms.tenant(name).Calendar.Zone()) {
			d := dueReport{key: fmt.Sprintf("%s: %s %s", p.key, name, m), plan: p, tenant: name, month: m}
			if made[d.key].IsZero() {
				list = append(list, d)
			}
		}
	}
	return list
}

// incidents lists the incident reports that cases call for: a draft for each
// restoration, and the last word for each closing, since a plan was seen first.
func (p *plannedReport) incidents(cases []*alerting.Case, since time.Time, made map[string]time.Time) []dueReport {
	var list []dueReport
	for _, c := range slices.Backward(cases) { // the oldest first
		d := dueReport{plan: p, number: c.Number, tenant: c.Tenant, draft: c.Status != alerting.StatusClosed}
		at, word := c.Closed, "closed"
		if d.draft {
			at, word = c.Restored, "restored"
		}
		if at.IsZero() || at.Before(since) || !report.ServiceAffecting(c) || !p.wants(c.Tenant) || d.draft && p.dir == "" {
			continue
		}
		d.key = fmt.Sprintf("%s: case %d %s %s", p.key, c.Number, word, at.UTC().Format(time.RFC3339))
		if made[d.key].IsZero() {
			list = append(list, d)
		}
	}
	return list
}

// name is the report's own file name, without its folder.
func (d *dueReport) name() string {
	stem := fmt.Sprintf("incident-%d", d.number)
	switch {
	case d.plan.kind == kindMonthly && d.tenant == "":
		stem = "monthly-" + d.month.String()
	case d.plan.kind == kindMonthly:
		stem = "monthly-" + fileWord(d.tenant) + "-" + d.month.String()
	case d.draft:
		stem += "-draft"
	}
	return stem + "." + d.plan.format
}

// draftFile is the draft that the last word replaces.
func (d *dueReport) draftFile() string {
	return filepath.Join(d.plan.dir, fmt.Sprintf("incident-%d-draft.%s", d.number, d.plan.format))
}

// fileWord makes a name fit for a file; different names stay different.
func fileWord(name string) string {
	fit := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
	if fit == name {
		return fit
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return fmt.Sprintf("%s-%08x", fit, h.Sum32())
}
