package web

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// testReports answers with what it was asked for.
type testReports struct{ err error }

func (r testReports) Incident(_ context.Context, number int, how ReportStyle) (*Document, error) {
	return &Document{"text/markdown; charset=utf-8", fmt.Appendf(nil, "case %d, %+v", number, how)}, r.err
}

func (r testReports) Monthly(ctx context.Context, tenant, month string, how ReportStyle) (*Document, error) {
	if month == "slow" {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return &Document{"text/html; charset=utf-8", fmt.Appendf(nil, "%q %q, %+v", tenant, month, how)}, r.err
}

func TestReportsAnswered(t *testing.T) {
	s, _ := caseServer(t)
	visit := func(path string) (int, string, string) {
		w := get(s, path)
		return w.Code, w.Header().Get("Content-Type"), w.Body.String()
	}
	if code, _, body := visit("/api/v1/cases/17/report"); code != 404 || !strings.Contains(body, "store.dir") {
		t.Errorf("without a store: %d %s", code, body)
	}
	s.probe.Reports = testReports{}
	s.searchTime = 20 * time.Millisecond
	for _, tt := range []struct {
		path string
		code int
		want string
	}{
		{"/api/v1/cases/17/report", 200, "case 17, {Format:json Unmasked:false}"},
		{"/api/v1/cases/17/report?format=html&unmasked=true", 200, "case 17, {Format:html Unmasked:true}"},
		{"/api/v1/cases/x/report", 404, "no number of a case"},
		{"/api/v1/cases/17/report?format=pdf", 400, "want json, md, html"},
		{"/api/v1/cases/17/report?month=2026-10", 400, "unknown parameter"},
		{"/api/v1/cases/17/report?unmasked=perhaps", 400, "want true or false"},
		{"/api/v1/reports/monthly", 200, `"" "", {Format:json Unmasked:false}`},
		{"/api/v1/reports/monthly?tenant=acme&month=2026-10&format=md", 200, `"acme" "2026-10", {Format:md Unmasked:false}`},
		{"/api/v1/reports/monthly?month=slow", 504, "--config FILE"},
		{"/api/v1/reports/yearly", 404, "nothing here"},
	} {
		if code, _, body := visit(tt.path); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s, want %d with %q", tt.path, code, body, tt.code, tt.want)
		}
	}
	if _, media, _ := visit("/api/v1/reports/monthly"); media != "text/html; charset=utf-8" {
		t.Errorf("media type %q", media)
	}
	s.probe.Reports = testReports{&alerting.CommandError{Reason: alerting.NotFound, Text: "there is no tenant x"}}
	if code, _, body := visit("/api/v1/reports/monthly?tenant=x"); code != 404 || !strings.Contains(body, "there is no tenant x") {
		t.Errorf("an unknown tenant: %d %s", code, body)
	}
}
