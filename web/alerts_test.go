package web

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// plain decodes JSON without knowing our types.
func plain(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// TestPrometheusAlerts: the answer is that of GET /api/v1/alerts in the
// documentation of Prometheus 3 (querying/api, "Alerts").
func TestPrometheusAlerts(t *testing.T) {
	s := newServer(t, ServerConfig{})
	want := `{"status": "success", "data": {"alerts": [{
		"activeAt": "2026-01-05T11:48:00Z",
		"annotations": {"summary": "loss on trunk"},
		"labels": {"alertname": "loss-on-trunks", "direction": "to_peer", "segment": "trunk", "signal": "loss", "severity": "critical"},
		"state": "firing", "value": "2.5e-01"}]}}`
	if got := get(s, "/api/v1/alerts?some_parameter_of_prometheus=1").Body.String(); !reflect.DeepEqual(plain(t, got), plain(t, want)) {
		t.Errorf("got %s, want %s", got, want)
	}
	if w := get(s, "/api/v1/alerts?format=earshto"); w.Code != 400 || !strings.Contains(w.Body.String(), "did you mean") {
		t.Errorf("a wrong format: %d %s", w.Code, w.Body)
	}
	full := read[AlertList](t, get(s, "/api/v1/alerts?format=earshot"), 200)
	if len(full.Alerts) != 1 || !reflect.DeepEqual(full.Alerts[0], sceneAlert()) {
		t.Errorf("in full: %+v, want %+v", full.Alerts, sceneAlert())
	}
	s.probe.Alerts = func() []alerting.Alert {
		over := sceneAlert()
		over.State = alerting.Resolved
		return []alerting.Alert{over}
	}
	if got := get(s, "/api/v1/alerts").Body.String(); got != `{"status":"success","data":{"alerts":[]}}`+"\n" {
		t.Errorf("with a resolved alert: %s", got)
	}
	s.probe.Alerts = nil
	if got := get(s, "/api/v1/alerts").Body.String(); got != `{"status":"success","data":{"alerts":[]}}`+"\n" {
		t.Errorf("without rules: %s", got)
	}
}

// TestPrometheusRules: the answer is that of GET /api/v1/rules in the
// documentation of Prometheus 3 (querying/api, "Rules").
func TestPrometheusRules(t *testing.T) {
	s := newServer(t, ServerConfig{})
	got := plain(t, get(s, "/api/v1/rules").Body.String())
	alert := plain(t, get(s, "/api/v1/alerts").Body.String()).(map[string]any)["data"].(map[string]any)["alerts"]
	want := map[string]any{"status": "success", "data": map[string]any{"groups": []any{map[string]any{
		"name": "earshot", "file": "earshot", "interval": 1.0, "limit": 0.0, "evaluationTime": 0.0, "lastEvaluation": "2026-01-05T12:00:00Z",
		"rules": []any{
			map[string]any{
				"name": "loss-on-trunks", "type": "alerting", "health": "ok", "state": "firing", "alerts": alert,
				"query":    "share(loss > 1) > 0.05 by (segment, direction) over 5m", // voip-ready: at most 1 %
				"duration": 120.0, "keepFiringFor": 300.0,
				"labels": map[string]any{}, "annotations": map[string]any{"summary": "loss on {segment}"},
				"evaluationTime": 0.0, "lastEvaluation": "2026-01-05T12:00:00Z",
			},
			map[string]any{
				"name": "low-score", "type": "alerting", "health": "ok", "state": "inactive", "alerts": []any{},
				"query":    "p10(mos) < 3.5 over 1m30s",
				"duration": 30.0, "keepFiringFor": 240.0,
				"labels": map[string]any{"team": "voice", "severity": "low"}, "annotations": map[string]any{},
				"evaluationTime": 0.0, "lastEvaluation": "2026-01-05T12:00:00Z",
			},
		},
	}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%v, want\n%v", got, want)
	}
	for query, count := range map[string]int{
		"?type=record": 0, "?type=alert": 2, "?rule_name[]=low-score": 1, "?rule_group[]=earshot": 2, "?rule_group[]=other": 0, "?exclude_alerts=true": 2,
	} {
		text := get(s, "/api/v1/rules"+query).Body.String()
		if got := strings.Count(text, `"type":"alerting"`); got != count {
			t.Errorf("%s: %d rules, want %d", query, got, count)
		}
		if query == "?exclude_alerts=true" && strings.Contains(text, "activeAt") {
			t.Error("alerts are not excluded")
		}
	}
	if w := get(s, "/api/v1/rules?type=both"); w.Code != 400 {
		t.Errorf("a wrong type: status %d", w.Code)
	}
}

// TestAlertMetrics: alerts by rule, and open cases with what is due.
func TestAlertMetrics(t *testing.T) {
	desk := newTestDesk()
	open := func(c alerting.Command) {
		t.Helper()
		c.Kind, c.Author = alerting.CommandOpen, "Ann"
		if _, err := desk.Do(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	open(alerting.Command{Subject: "a", Severity: alerting.Critical, Set: map[string]string{"owner": "carrier"}})
	open(alerting.Command{Subject: "b", Severity: alerting.Critical})
	open(alerting.Command{Subject: "c", Severity: alerting.Low})
	// Plan care, critical: response 4 h, restoration 6 h, both of clock time. After 5 h and 50 min the
	// first is missed and the second near; of a low case the response is due after 2 business days.
	desk.now = func() time.Time { return testNow.Add(5*time.Hour + 50*time.Minute) }
	desk.desk.Tick(desk.now())
	m, probe := populated(t), sceneProbe()
	probe.Desk = desk
	m.Attach(probe)
	expect(t, m, map[string]float64{
		`earshot_alerts{rule="loss-on-trunks", severity="critical", state="firing"}`:  1,
		`earshot_alerts{rule="loss-on-trunks", severity="critical", state="pending"}`: 0,
		`earshot_alerts{rule="low-score", severity="low", state="firing"}`:            0,
		`earshot_alerts{rule="other", severity="low", state="firing"}`:                0,
		`earshot_rules`: 2,
		`earshot_rules_passed_over_total{reason="suspect"}`:                               7,
		`earshot_cases_open{severity="critical", sub_status="new"}`:                       2,
		`earshot_cases_open{severity="low", sub_status="new"}`:                            1,
		`earshot_cases_open{severity="high", sub_status="restored"}`:                      0,
		`earshot_cases_open_by_owner{owner="carrier"}`:                                    1,
		`earshot_cases_open_by_owner{owner="unknown"}`:                                    2,
		`earshot_cases_open_by_owner{owner="other"}`:                                      0,
		`earshot_cases_total{action="opened"}`:                                            3,
		`earshot_case_targets{goal="response", severity="critical", state="breached"}`:    2,
		`earshot_case_targets{goal="restoration", severity="critical", state="warning"}`:  2,
		`earshot_case_targets{goal="restoration", severity="critical", state="breached"}`: 0,
		`earshot_case_targets{goal="response", severity="low", state="warning"}`:          0,
		`earshot_case_targets_missed_total{goal="response"}`:                              2,
		`earshot_case_targets_missed_total{goal="restoration"}`:                           0,
		`earshot_desk_refused_commands_total`:                                             4,
		`earshot_desk_journal_errors_total`:                                               2,
		`earshot_desk_waiting`:                                                            1,
	})
}

// TestOwnersFold: owners beyond the cap, and names that mean something else, do
// not make series.
func TestOwnersFold(t *testing.T) {
	owners := map[string]uint64{"": 2, "other": 3, "unknown": 4, "big": 9}
	for i := range maxOwners {
		owners[string(rune('a'+i/26))+string(rune('a'+i%26))] = 1
	}
	list := foldOwners(owners)
	counts, total := map[string]uint64{}, uint64(0)
	for _, o := range list {
		counts[o.name] += o.cases
		total += o.cases
	}
	if len(list) != maxOwners+2 || len(counts) != len(list) || total != 2+3+4+9+maxOwners {
		t.Errorf("%d series, %d cases", len(list), total)
	}
	if counts["big"] != 9 || counts[unknown] != 6 || counts[other] != 4 { // one of the small ones has no room
		t.Errorf("big %d, unknown %d, other %d", counts["big"], counts[unknown], counts[other])
	}
}

// TestRulesBeyondTheBudget: their alerts count as other.
func TestRulesBeyondTheBudget(t *testing.T) {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t), Rules: 1})
	probe := sceneProbe()
	probe.Alerts = func() []alerting.Alert {
		a := sceneAlert()
		a.Rule, a.State, a.Severity = "low-score", alerting.Pending, alerting.Low
		return []alerting.Alert{a}
	}
	m.Attach(probe)
	expect(t, m, map[string]float64{`earshot_alerts{rule="other", severity="low", state="pending"}`: 1})
	if text := written(t, m, Text); strings.Contains(text, `rule="low-score"`) {
		t.Error("a rule beyond the budget has series")
	}
}
