package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/report"
	"earshot/spelling"
	"earshot/store"
	"earshot/web"
)

// reporter makes reports of what is kept, at a running probe or in the store of
// one that is stopped. Any goroutine may use it.
type reporter struct {
	cases func(ctx context.Context, q *store.CaseQuery) ([]*alerting.Case, error)
	dir   string // of the records; "": none are kept
	terms func() *reportTerms
	now   func() time.Time
}

// reportTerms are what reports go by beside cases and records. They are immutable.
type reportTerms struct {
	directory   *alerting.Directory
	maintenance *alerting.Maintenance
	uptime      map[string]float64          // targets by tenant, percent
	tenantOf    func(segment string) string // as the store has it
}

// wrongReport is an error of who asks for a report.
func wrongReport(reason alerting.Reason, field, format string, args ...any) error {
	return &alerting.CommandError{Reason: reason, Field: field, Text: fmt.Sprintf(format, args...)}
}

// incident makes the report of a case; a case whose tenant is unknown goes by
// the default one.
func (r *reporter) incident(ctx context.Context, number int, unmasked bool) (*report.Incident, error) {
	found, err := r.cases(ctx, &store.CaseQuery{Number: number})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, wrongReport(alerting.NotFound, "", "there is no case %d", number)
	}
	return r.incidentOf(found[0], unmasked), nil
}

func (r *reporter) incidentOf(c *alerting.Case, unmasked bool) *report.Incident {
	terms, now := r.terms(), r.now()
	at := now
	if c.Status == alerting.StatusClosed { // nothing runs any more
		at = c.Modified
	}
	c = terms.read(c, at)
	if !unmasked {
		c = outbox.Mask(c)
	}
	return report.NewIncident(c, &report.IncidentTerms{Calendar: terms.tenant(c.Tenant).Calendar, Maintenance: terms.maintenance, Now: now})
}

// read is a case with its clocks as of a time.
func (t *reportTerms) read(c *alerting.Case, at time.Time) *alerting.Case {
	return alerting.NewDesk(alerting.DeskConfig{Directory: t.directory}).Read(c, at)
}

// tenant is the tenant of a name, the default one where it is unknown.
func (t *reportTerms) tenant(name string) *alerting.Tenant {
	if t.directory != nil && t.directory.Tenants[name] != nil {
		return t.directory.Tenants[name]
	}
	return t.directory.TenantOf("")
}

// tenantNames are those that are configured.
func (t *reportTerms) tenantNames() []string {
	if t.directory == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.directory.Tenants))
}

// chosen is the tenant that somebody means: by its name, or the only one.
func (t *reportTerms) chosen(name string) (*alerting.Tenant, error) {
	names := t.tenantNames()
	switch {
	case len(names) == 0 && name == "", len(names) == 1 && name == "":
		return t.tenant(strings.Join(names, "")), nil
	case len(names) == 0:
		return nil, wrongReport(alerting.NotFound, "tenant", "there is no tenant %q: the configuration names none, and the report is about everything without one", name)
	case name == "":
		return nil, wrongReport(alerting.Invalid, "tenant", "which tenant? There are %s", strings.Join(names, ", "))
	case !slices.Contains(names, name):
		return nil, wrongReport(alerting.NotFound, "tenant", "there is no tenant %q%s; there are %s", name, spelling.Hint(name, names), strings.Join(names, ", "))
	}
	return t.tenant(name), nil
}

// monthly makes the report of a month; "" is the last one that is over.
func (r *reporter) monthly(ctx context.Context, name, month string, unmasked bool) (*report.Monthly, error) {
	terms, now := r.terms(), r.now()
	tenant, err := terms.chosen(name)
	if err != nil {
		return nil, err
	}
	zone := tenant.Calendar.Zone()
	current := report.MonthOf(now, zone)
	wanted := current.Before()
	if month != "" {
		if wanted, err = report.ParseMonth(month); err != nil {
			return nil, wrongReport(alerting.Invalid, "month", "month: %v", err)
		}
	}
	if wanted.Begin(zone).After(now) {
		return nil, wrongReport(alerting.Invalid, "month", "month: %s has not begun; the latest that there is something of is %s", wanted, current)
	}
	t := &report.MonthlyTerms{Tenant: tenant, Month: wanted, Now: now, Maintenance: terms.maintenance, Uptime: terms.uptime[tenant.Name]}
	cases, err := r.monthCases(ctx, t, terms)
	if err != nil {
		return nil, err
	}
	quality, first, err := r.quality(ctx, t, terms)
	if err != nil {
		return nil, err
	}
	if len(cases) == 0 && !first.IsZero() && first.After(t.AsOf()) {
		return nil, wrongReport(alerting.NotFound, "month", "month: nothing is kept of %s: the records begin with %s, what was before was deleted or never kept (store.days, store.cases_months); a backup of that time can be asked with --store",
			wanted, first.Format(time.DateOnly))
	}
	if !unmasked {
		for i, c := range cases {
			cases[i] = outbox.Mask(c)
		}
	}
	return report.NewMonthly(t, cases, quality), nil
}

// monthCases are the cases of a tenant that were open in a month, with their
// clocks as of its end.
func (r *reporter) monthCases(ctx context.Context, t *report.MonthlyTerms, terms *reportTerms) ([]*alerting.Case, error) {
	from, until := t.Month.Begin(t.Tenant.Calendar.Zone()), t.AsOf()
	byNumber := map[int]*alerting.Case{}
	for _, q := range []store.CaseQuery{{Status: alerting.StatusOpen}, {ClosedSince: from}} {
		q.Tenant, q.OpenedUntil = t.Tenant.Name, until
		found, err := r.cases(ctx, &q)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			byNumber[c.Number] = c
		}
	}
	var list []*alerting.Case
	for _, number := range slices.Sorted(maps.Keys(byNumber)) {
		list = append(list, terms.read(byNumber[number], until))
	}
	return list, nil
}

// face is a report that can be written in every format.
type face interface {
	JSON(w io.Writer) error
	Markdown(w io.Writer) error
	HTML(w io.Writer) error
}

var errNoFormat = errors.New("there is no such format")

// document writes a report in a format.
func document(f face, format string) (*web.Document, error) {
	var b bytes.Buffer
	doc := &web.Document{}
	var err error
	switch format {
	case "json":
		doc.Type, err = "application/json", f.JSON(&b)
	case "md":
		doc.Type, err = "text/markdown; charset=utf-8", f.Markdown(&b)
	case "html":
		doc.Type, err = "text/html; charset=utf-8", f.HTML(&b)
	default:
		err = errNoFormat
	}
	doc.Body = b.Bytes()
	return doc, err
}
