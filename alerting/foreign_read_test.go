package alerting

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A webhook of version 4 as Alertmanager's documentation gives its fields
// (prometheus.io, "webhook_config"): one alert fires, one has ended, one is
// Earshot's own.
const testWebhook = `{
  "version": "4", "groupKey": "{}:{alertname=\"TrunkDown\"}", "truncatedAlerts": 0, "status": "firing", "receiver": "earshot",
  "groupLabels": {"alertname": "TrunkDown"}, "commonLabels": {"alertname": "TrunkDown"}, "commonAnnotations": {}, "externalURL": "http://am:9093",
  "alerts": [
    {"status": "firing", "labels": {"alertname": "TrunkDown", "severity": "page", "segment": "trunk-b", "tenant": "acme"},
     "annotations": {"summary": "Trunk B\u0007 is\ndown"}, "startsAt": "2026-03-10T09:00:00.123456789+01:00", "endsAt": "0001-01-01T00:00:00Z",
     "generatorURL": "http://prom/graph?g0.expr=up", "fingerprint": "0123456789abcdef"},
    {"status": "resolved", "labels": {"alertname": "TrunkDown", "severity": "whatever"}, "annotations": {},
     "startsAt": "2026-03-10T07:00:00Z", "endsAt": "2026-03-10T08:00:00Z", "generatorURL": "", "fingerprint": "fedcba9876543210"},
    {"status": "firing", "labels": {"alertname": "EarshotCase", "monitor": "earshot"}, "annotations": {},
     "startsAt": "2026-03-10T08:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "fingerprint": "00000000000000aa"}
  ]}`

func TestIntakeReads(t *testing.T) {
	got, ours, err := new(Intake).Read("alertmanager", []byte(testWebhook))
	if err != nil || len(got) != 2 || ours != 1 {
		t.Fatalf("%d alerts, %d ours, %v; want 2, 1", len(got), ours, err)
	}
	a, b := got[0], got[1]
	if want := time.Date(2026, 3, 10, 8, 0, 0, 123456789, time.UTC); !a.Starts.Equal(want) || !a.Ends.IsZero() {
		t.Errorf("starts %s, ends %s; want %s and none", a.Starts, a.Ends, want)
	}
	if a.Severity != Critical || a.Segment != "trunk-b" || a.Tenant != "acme" || a.name() != "Trunk B is down" || a.Group != `{}:{alertname="TrunkDown"}` {
		t.Errorf("got %+v, named %q", a, a.name())
	}
	if b.Severity != Medium || b.Ends.IsZero() || b.name() != "TrunkDown" {
		t.Errorf("got %+v", b)
	}
	in := &Intake{SeverityLabel: "alertname", Severities: map[string]Severity{"trunkdown": Low}}
	if got, _, _ = in.Read("x", []byte(testWebhook)); got[0].Severity != Low {
		t.Errorf("severity %s, want low as configured", got[0].Severity)
	}
}

func TestIntakeRefuses(t *testing.T) {
	edit := func(old, to string) string { return strings.Replace(testWebhook, old, to, 1) }
	for _, c := range []struct{ body, want string }{
		{`{"alerts": 3}`, "not what Alertmanager's webhook sends"},
		{`[]`, "not what Alertmanager's webhook sends"},
		{`{}`, `no "groupKey"`},
		{`{"groupKey": "x"}`, `no "alerts"`},
		{edit(`"truncatedAlerts": 0`, `"truncatedAlerts": 7`), "set max_alerts to 0"},
		{edit(`"fingerprint": "0123456789abcdef"`, `"fingerprint": ""`), `alert 1 of 3: it has no "fingerprint"`},
		{edit(`"status": "resolved"`, `"status": "gone"`), `alert 2 of 3: its "status" is "gone"`},
		{edit(`"startsAt": "2026-03-10T07:00:00Z"`, `"startsAt": "0001-01-01T00:00:00Z"`), `alert 2 of 3: it has no "startsAt"`},
	} {
		if got, _, err := new(Intake).Read("alertmanager", []byte(c.body)); err == nil || !strings.Contains(err.Error(), c.want) || got != nil {
			t.Errorf("%.60s: got %v, %v; want %q", c.body, got, err, c.want)
		}
	}
}

// Whatever is told: a desk takes it whole or not at all, its case reads back as
// it was written, and no control character gets into a line.
func FuzzForeign(f *testing.F) {
	f.Add([]byte(testWebhook))
	f.Add([]byte(`{"groupKey":"g","alerts":[{"status":"firing","startsAt":"2026-03-10T07:00:00Z","fingerprint":"\u202e\u0000"},{"status":"firing","startsAt":"2026-03-10T07:00:00Z","fingerprint":"\u202e\u0000"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		alerts, _, err := new(Intake).Read("alertmanager", body)
		if err != nil {
			return
		}
		now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
		d := NewDesk(DeskConfig{Directory: testDirectory(t)})
		taken, err := d.Foreign(now, alerts, 0)
		if err != nil {
			t.Fatal(err)
		}
		if n := taken.New + taken.Known + taken.Ended + taken.Waiting; n != len(alerts) {
			t.Fatalf("%d alerts are accounted for of %d", n, len(alerts))
		}
		if again, err := d.Foreign(now, alerts, 0); err != nil || again.New != 0 {
			t.Fatalf("told again: %+v, %v", again, err)
		}
		for _, c := range d.Cases() {
			if strings.ContainsFunc(c.Subject, func(r rune) bool { return r < ' ' || r == 0x202e }) || len(c.Subject) > maxLine {
				t.Fatalf("subject %q", c.Subject)
			}
			wire(t, c)
		}
		if !slices.IsSortedFunc(d.Cases(), func(a, b *Case) int { return a.Number - b.Number }) {
			t.Fatal("cases are not in order")
		}
	})
}
