package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"earshot/alerting"
)

func (d *testDesk) Foreign(_ context.Context, alerts []alerting.ForeignAlert, ours int) (alerting.ForeignTaken, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return alerting.ForeignTaken{}, d.fails
	}
	return d.desk.Foreign(d.now(), alerts, ours)
}

func (d *testDesk) Intake() *alerting.Intake { return new(alerting.Intake) }

// hooked is a webhook of version 4 with one alert.
func hooked(status, name string) string {
	return fmt.Sprintf(`{"version":"4","groupKey":"{}:{alertname=%s}","status":%q,"alerts":[{"status":%q,"labels":{"alertname":%q,"severity":"critical"},
		"annotations":{},"startsAt":"2026-03-10T09:00:00Z","endsAt":"2026-03-10T09:30:00Z","fingerprint":"f-%s"}]}`, name, status, status, name, name)
}

func TestAlertmanagerHook(t *testing.T) {
	desk := newTestDesk()
	server, err := NewServer(ServerConfig{Log: quiet()}, Probe{Desk: desk, Hooks: desk}, newMetrics(t, MetricsConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	post := func(body string) (int, string) {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/api/v1/hooks/alertmanager", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{hooked("firing", "TrunkDown"), 200, `{"new":1,"known":0,"ended":0,"waiting":0,"ours":0,"cases":[1]}`},
		{hooked("firing", "TrunkDown"), 200, `{"new":0,"known":1,`},
		{hooked("resolved", "TrunkDown"), 200, `{"new":0,"known":0,"ended":1,"waiting":0,"ours":0,"cases":[1]}`},
		{`{"alerts":[]}`, 400, "groupKey"},
		{"nothing", 400, "not what Alertmanager's webhook sends"},
		{`{"groupKey":"` + strings.Repeat("x", maxHook) + `"}`, 413, "16777216 octets"},
	} {
		if status, got := post(c.body); status != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%.50s: %d %s, want %d %s", c.body, status, got, c.status, c.want)
		}
	}
	if c := desk.desk.Case(1); c == nil || c.Status != alerting.StatusClosed || c.Severity != alerting.Critical {
		t.Errorf("case 1 is %+v, want it closed, critical", c)
	}
	// What is not kept is not answered with 200: the sender comes again.
	desk.fails = errors.New("the disk is full")
	if status, got := post(hooked("firing", "Other")); status != 503 || !strings.Contains(got, "the disk is full") {
		t.Errorf("got %d %s, want 503", status, got)
	}
}
