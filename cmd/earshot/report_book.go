package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

// reportBook is who makes reports: a running probe, or the store of one that is
// stopped.
type reportBook interface {
	web.Reports
	close() error
}

// reportAPI makes reports for whoever asks.
type reportAPI struct{ *reporter }

var _ web.Reports = reportAPI{}

// Incident is the report of one case.
func (r reportAPI) Incident(ctx context.Context, number int, how web.ReportStyle) (*web.Document, error) {
	made, err := r.incident(ctx, number, how.Unmasked)
	if err != nil {
		return nil, err
	}
	return document(made, how.Format)
}

// Monthly is the report of a tenant and a month.
func (r reportAPI) Monthly(ctx context.Context, tenant, month string, how web.ReportStyle) (*web.Document, error) {
	made, err := r.monthly(ctx, tenant, month, how.Unmasked)
	if err != nil {
		return nil, err
	}
	return document(made, how.Format)
}

// probeReports are made by a running probe.
type probeReports struct{ *client }

func (p *probeReports) close() error { return nil }

// Incident asks for the report of a case.
func (p *probeReports) Incident(ctx context.Context, number int, how web.ReportStyle) (*web.Document, error) {
	return p.fetch(ctx, fmt.Sprintf("/api/v1/cases/%d/report", number), url.Values{}, how)
}

// Monthly asks for the report of a month.
func (p *probeReports) Monthly(ctx context.Context, tenant, month string, how web.ReportStyle) (*web.Document, error) {
	values := url.Values{}
	for name, value := range map[string]string{"tenant": tenant, "month": month} {
		if value != "" {
			values.Set(name, value)
		}
	}
	return p.fetch(ctx, "/api/v1/reports/monthly", values, how)
}

func (p *probeReports) fetch(ctx context.Context, path string, values url.Values, how web.ReportStyle) (*web.Document, error) {
	values.Set("format", how.Format)
	if how.Unmasked {
		values.Set("unmasked", "true")
	}
	ctx, cancel := context.WithTimeout(ctx, searchAnswer)
	defer cancel()
	a, err := p.do(ctx, path+"?"+values.Encode())
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(io.LimitReader(a.Body, answerLimit))
	return &web.Document{Type: a.Header.Get("Content-Type"), Body: body}, err
}

// storedReports are made of a store, beside a probe or without one.
type storedReports struct {
	reportAPI
	cases *store.CasesReader
}

func (s *storedReports) close() error { return s.cases.Close() }

// defineReading defines the flags of who only looks.
func (f *bookFlags) defineReading(fs *flagSet) {
	fs.group("Which probe", func() { f.client.define(fs.FlagSet) })
	fs.group("Or which store, without a probe", func() {
		fs.StringVar(&f.config, "config", "", "the store and the parties that the configuration `FILE` names")
		fs.StringVar(&f.dir, "store", "", "the store in the folder `DIR`, a backup for example; without --config there are no tenants, the plan is \"care\", and days are those of UTC")
	})
}

// openReports finds who makes reports.
func (f *bookFlags) openReports() (reportBook, error) {
	if f.config == "" && f.dir == "" {
		c, err := f.client.open()
		if err != nil {
			return nil, err
		}
		return &probeReports{c}, nil
	}
	if f.client.tokenFile != "" || f.client.userFile != "" || f.client.caFile != "" {
		return nil, usageError("--config and --store look into the store itself: no probe asks for a login")
	}
	cfg, dir, err := f.place()
	if err != nil {
		return nil, err
	}
	terms := &reportTerms{directory: cfg.Directory, maintenance: cfg.Maintenance}
	if f.config != "" {
		c, err := loadConfig(f.config)
		if err != nil {
			return nil, err
		}
		terms.uptime, terms.tenantOf = c.uptimeTargets(), c.tenantOfSegment()
	}
	cases, err := store.OpenCasesReader(dir)
	if err != nil {
		return nil, err
	}
	find := func(ctx context.Context, q *store.CaseQuery) ([]*alerting.Case, error) { return cases.Find(ctx, q) }
	r := &reporter{cases: find, dir: dir, terms: func() *reportTerms { return terms }, now: time.Now}
	return &storedReports{reportAPI{r}, cases}, nil
}
