package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Reports makes the reports about cases. It is called from any goroutine, and
// may take its time. Its errors are those of a Desk.
type Reports interface {
	// Incident is the report of one case.
	Incident(ctx context.Context, number int, how ReportStyle) (*Document, error)
	// Monthly is the report of a tenant and a month, as 2026-10; "" is the only
	// tenant, and the last month that is over.
	Monthly(ctx context.Context, tenant, month string, how ReportStyle) (*Document, error)
}

// ReportStyle is how a report is wanted.
type ReportStyle struct {
	Format   string // one of ReportFormats
	Unmasked bool   // numbers and addresses of customers as they are
}

// ReportFormats lists the formats of reports, that of the API first.
func ReportFormats() []string { return []string{"json", "md", "html"} }

// Document is a report that is written.
type Document struct {
	Type string // of media
	Body []byte
}

var reportParameters = []string{"format", "unmasked"}

func (s *Server) getCaseReport(w http.ResponseWriter, r *http.Request) {
	number, ok := caseNumber(w, r)
	if !ok || !s.hasReports(w) {
		return
	}
	how, err := readReportStyle(r.URL.Query(), reportParameters...)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/cases/17/report?format=html")
		return
	}
	s.report(w, r, func(ctx context.Context) (*Document, error) { return s.probe.Reports.Incident(ctx, number, how) })
}

func (s *Server) getMonthly(w http.ResponseWriter, r *http.Request) {
	if !s.hasReports(w) {
		return
	}
	values := r.URL.Query()
	how, err := readReportStyle(values, append([]string{"tenant", "month"}, reportParameters...)...)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/reports/monthly?tenant=acme&month=2026-10&format=html")
		return
	}
	s.report(w, r, func(ctx context.Context) (*Document, error) {
		return s.probe.Reports.Monthly(ctx, values.Get("tenant"), values.Get("month"), how)
	})
}

func (s *Server) hasReports(w http.ResponseWriter) bool {
	if s.probe.Reports != nil {
		return true
	}
	fail(w, http.StatusNotFound, "this probe keeps no cases to report on", "name a folder for them: store.dir in the configuration")
	return false
}

func readReportStyle(values url.Values, known ...string) (how ReportStyle, err error) {
	if err := onlyParameters(values, known); err != nil {
		return how, err
	}
	how.Format = values.Get("format")
	if err := oneOf("format", how.Format, ReportFormats()...); err != nil {
		return how, err
	}
	if how.Format == "" {
		how.Format = ReportFormats()[0]
	}
	switch text := values.Get("unmasked"); text {
	case "", "false":
	case "true":
		how.Unmasked = true
	default:
		return how, fmt.Errorf("unmasked: got %q, want true or false", printable(text))
	}
	return how, nil
}

// report makes a report in the place of a search: it reads as much.
func (s *Server) report(w http.ResponseWriter, r *http.Request, make func(context.Context) (*Document, error)) {
	if err := s.takePlace(r.Context()); err != nil {
		failSearch(w, err)
		return
	}
	defer func() { <-s.searches }()
	ctx, cancel := context.WithTimeout(r.Context(), s.searchTime)
	defer cancel()
	doc, err := make(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusGatewayTimeout, "the report was not ready in "+s.searchTime.String(),
			"make it beside the probe: earshot report monthly --config FILE, or let the schedule make it (reports)")
	case err != nil:
		s.failDesk(w, err)
	default:
		w.Header().Set("Content-Type", doc.Type)
		// A page may be styled as it says itself, and still fetch and run nothing.
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		s.send(w, r, http.StatusOK, doc.Body)
	}
}
