package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"earshot/alerting"
)

func dateOf(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateTime, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A period ends with a day; by the calendar.
func TestPeriodEnds(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		made   string
		period Period
		zone   *time.Location
		want   string // UTC
	}{
		{"2026-03-20 15:00:00", Period{Months: 2}, nil, "2026-05-21 00:00:00"},
		{"2026-01-31 00:00:00", Period{Months: 1}, nil, "2026-03-01 00:00:00"},
		{"2028-01-31 23:59:59", Period{Months: 1}, nil, "2028-03-01 00:00:00"}, // after 29 February
		{"2028-01-30 00:00:00", Period{Months: 1}, nil, "2028-03-01 00:00:00"},
		{"2027-12-31 12:00:00", Period{Months: 2}, nil, "2028-03-01 00:00:00"},
		{"2026-08-31 12:00:00", Period{Months: 13}, nil, "2027-10-01 00:00:00"}, // after 30 September
		{"2026-11-22 12:00:00", Period{Months: 36}, nil, "2029-11-23 00:00:00"},
		{"2026-11-22 12:00:00", Period{Days: 30}, nil, "2026-12-23 00:00:00"},
		// 23:30 UTC on 19 March is the 20th in Berlin, whose 21 May begins at 22:00 UTC of the 20th.
		{"2026-03-19 23:30:00", Period{Months: 2}, berlin, "2026-05-20 22:00:00"},
	} {
		if got := tt.period.Ends(dateOf(t, tt.made), tt.zone); !got.Equal(dateOf(t, tt.want)) {
			t.Errorf("%s and %+v: ends %v, want %s", tt.made, tt.period, got.UTC(), tt.want)
		}
	}
}

// What over says agrees with Ends, for every instant.
func TestPeriodOver(t *testing.T) {
	zones := []*time.Location{nil, time.FixedZone("east", 9*3600), time.FixedZone("west", -7*3600)}
	rapid.Check(t, func(t *rapid.T) {
		p := Period{rapid.IntRange(0, 36).Draw(t, "months"), rapid.IntRange(0, 90).Draw(t, "days")}
		if p == (Period{}) {
			p.Days = 1
		}
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), 0)
		back := time.Duration(p.Months*30+p.Days)*24*time.Hour + time.Duration(rapid.IntRange(-40*24, 40*24).Draw(t, "hours"))*time.Hour
		made := now.Add(-back)
		if over, ends := made.Before(p.over(now, zone)), p.Ends(made, zone); over != !now.Before(ends) {
			t.Errorf("made %v, %+v: over is %v at %v, ends %v", made, p, over, now, ends)
		}
	})
}

// sweepScene is a store with two closed cases, an audit entry each and a change
// for each of four tenants; the first closed on 20 March, the second on 1 June.
func sweepScene(t *testing.T) (*Cases, string) {
	dir := t.TempDir()
	c := openCases(t, dir)
	var j alerting.Journal
	for i, tenant := range []string{"acme", "globex", "initech", ""} {
		for k, closed := range []string{"2026-03-20 15:00:00", "2026-06-01 09:00:00"} {
			n := 1 + 2*i + k
			one := makeCase(n, 1)
			one.Tenant, one.Status, one.Closed = tenant, alerting.StatusClosed, dateOf(t, closed)
			j.Cases = append(j.Cases, one)
			j.Audit = append(j.Audit, alerting.AuditEntry{Seq: int64(n), At: one.Closed, Who: "ann", What: "case.close", Case: n})
			j.Changes = append(j.Changes, &alerting.NetworkChange{ID: int64(n), At: one.Closed, Tenant: tenant})
		}
	}
	open := makeCase(9, 1)
	open.Opened = dateOf(t, "2020-01-01 00:00:00")
	j.Cases = append(j.Cases, open)
	commit(t, c, &j)
	return c, dir
}

func TestCasesSweep(t *testing.T) {
	two := Retention{Cases: Period{Months: 2}, Audit: Period{Months: 3}}
	with := func(name string, r TenantRetention) Retention {
		return Retention{Cases: two.Cases, Audit: two.Audit, Tenants: map[string]TenantRetention{name: r}}
	}
	left := TenantRetention{Left: dateOf(t, "2026-05-20 10:00:00")} // 30 days of grace: until 19 June
	for _, tt := range []struct {
		name    string
		now     string
		rules   Retention
		hold    string
		held    int // a case
		cases   string
		changes string
		audit   string
	}{
		{"on the last day", "2026-05-20 23:59:59", two, "", 0, "123456789", "12345678", "12345678"},
		{"the day after", "2026-05-21 00:00:00", two, "", 0, "24689", "2468", "12345678"},
		{"the audit log too", "2026-06-21 00:00:00", two, "", 0, "24689", "2468", "2468"},
		{"for ever", "2036-01-01 00:00:00", Retention{}, "", 0, "123456789", "12345678", "12345678"},
		{"a tenant with a longer time", "2026-05-21 00:00:00", with("acme", TenantRetention{Cases: Period{Months: 13}}), "", 0, "124689", "12468", "12345678"},
		{"a tenant with a shorter time", "2026-05-20 00:00:00", with("acme", TenantRetention{Cases: Period{Days: 10}}), "", 0, "23456789", "2345678", "12345678"},
		{"a tenant with nothing of its own", "2026-05-21 00:00:00", with("acme", TenantRetention{}), "", 0, "24689", "2468", "12345678"},
		{"a tenant on hold", "2026-06-21 00:00:00", two, "tenant acme\n", 0, "124689", "12468", "12468"},
		{"a tenant of its own on hold", "2026-06-21 00:00:00", with("acme", TenantRetention{Cases: Period{Days: 1}}), "tenant acme", 0, "124689", "12468", "12468"},
		{"a case on hold", "2026-06-21 00:00:00", two, "", 3, "234689", "2468", "23468"},
		{"all on hold", "2026-06-21 00:00:00", two, "all", 0, "123456789", "12345678", "12345678"},
		{"a tenant in its grace", "2026-06-19 23:00:00", with("globex", left), "", 0, "24689", "2468", "12345678"},
		{"a tenant that is gone", "2026-06-20 00:00:00", with("globex", left), "", 0, "2689", "268", "125678"},
		{"gone, on hold", "2026-06-20 00:00:00", with("globex", left), "tenant globex", 0, "234689", "23468", "12345678"},
		{"gone, a case on hold", "2026-06-20 00:00:00", with("globex", left), "", 4, "24689", "268", "1245678"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, dir := sweepScene(t)
			if tt.hold != "" {
				writeFile(t, filepath.Join(dir, HoldFile), tt.hold)
			}
			if tt.held > 0 {
				one, err := c.Case(t.Context(), tt.held)
				if err != nil {
					t.Fatal(err)
				}
				one.Hold = true
				commit(t, c, &alerting.Journal{Cases: []*alerting.Case{one}})
			}
			swept, err := c.Sweep(dateOf(t, tt.now), &tt.rules)
			if err != nil {
				t.Fatal(err)
			}
			cases, changes, audit := keptNumbers(t, c)
			if cases != tt.cases || changes != tt.changes || audit != tt.audit {
				t.Errorf("left are cases %s, changes %s, audit %s; want %s, %s, %s", cases, changes, audit, tt.cases, tt.changes, tt.audit)
			}
			if want := (Swept{int64(9 - len(cases)), int64(8 - len(changes)), int64(8 - len(audit))}); swept != want {
				t.Errorf("said to be swept: %+v, want %+v", swept, want)
			}
			if _, err := c.Check(t.Context()); err != nil {
				t.Error(err)
			}
			if m, err := c.Load(noon); err != nil || m.NextCase != 10 || m.NextAudit != 9 {
				t.Errorf("the next numbers: got %+v, %v", m, err)
			}
		})
	}
}

func keptNumbers(t *testing.T, c *Cases) (cases, changes, audit string) {
	t.Helper()
	list, err := c.Find(t.Context(), &CaseQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		cases = fmt.Sprint(list[i].Number) + cases
	}
	all, err := c.Changes(t.Context(), &ChangeQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		changes = fmt.Sprint(all[i].ID) + changes
	}
	entries, err := c.Audit(t.Context(), &AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		audit = fmt.Sprint(entries[i].Seq) + audit
	}
	return cases, changes, audit
}
