package store

import (
	"testing"
	"time"

	"earshot/alerting"
)

// Alerts of other systems are kept with their case, told to the next desk while
// they fire and a day longer, and go with their case.
func TestForeignAlertsAreKept(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	cases, err := OpenCases(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	defer cases.Close()
	desk := alerting.NewDesk(alerting.DeskConfig{})
	tell := func(at time.Time, ended time.Time) {
		t.Helper()
		alert := alerting.ForeignAlert{Source: "alertmanager", Group: "g", Fingerprint: "f", Starts: now, Ends: ended, Labels: map[string]string{"alertname": "a"}, Severity: alerting.High}
		if _, err := desk.Foreign(at, []alerting.ForeignAlert{alert}, 0); err != nil {
			t.Fatal(err)
		}
		j := desk.Take()
		for range 2 { // again is the same
			if err := cases.Commit(&j, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	loaded := func(at time.Time) []*alerting.ForeignAlert {
		t.Helper()
		m, err := cases.Load(at)
		if err != nil {
			t.Fatal(err)
		}
		return m.Foreign
	}
	tell(now, time.Time{})
	if got := loaded(now.AddDate(0, 1, 0)); len(got) != 1 || got[0].Case != 1 || !got[0].Ends.IsZero() || got[0].Labels["alertname"] != "a" {
		t.Fatalf("got %+v, want the one that fires", got)
	}
	over := now.Add(time.Hour)
	tell(over, over)
	if got := loaded(over.Add(24 * time.Hour)); len(got) != 1 || !got[0].Ends.Equal(over) {
		t.Errorf("a day later: got %+v", got)
	}
	if got := loaded(over.Add(24*time.Hour + time.Second)); len(got) != 0 {
		t.Errorf("more than a day later: got %+v", got)
	}
	// The case goes after its time, and its alerts with it.
	if _, err := cases.Sweep(over.AddDate(0, 14, 0), &Retention{Cases: Period{Months: 13}, Audit: Period{Months: 36}}); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := cases.read.QueryRow("SELECT count(*) FROM foreign_alerts").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d alerts are left of a case that is gone (%v)", left, err)
	}
}
