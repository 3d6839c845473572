package alerting

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const testMaintenance = `
- {name: nightly, zone: Europe/Berlin, segments: [sbc-a], days: daily, hours: "02:00-03:00"}
- {name: weekend, zone: Europe/Berlin, segments: [sbc-a, sbc-b], tenants: [acme], days: sat, hours: "22:00-04:00"}
- {name: move, zone: Europe/Berlin, tenants: [acme], from: 2026-11-22 20:00, to: 2026-11-23T06:00}
- {name: cut, from: "2026-12-01T10:00:00+01:00", to: "2026-12-01T12:00:00+01:00"}
- {name: summer, zone: UTC, segments: [lan], days: mon-fri, hours: "05:00-06:00", since: 2026-06-01, until: 2026-08-31}
- {name: morning, zone: UTC, segments: [wan], days: daily, hours: "00:00-08:00"}
- {name: evening, zone: UTC, segments: [wan], days: "mon,tue", hours: "20:00-24:00"}
`

func maintenanceOf(t testing.TB, text string) *Maintenance {
	t.Helper()
	m, err := DecodeMaintenance(nodeOf(t, text), []string{"acme", "other-tenant"}, []string{"sbc-a", "sbc-b", "lan", "wan", "free"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Sunday, 22 November 2026, 21:00 in Berlin: weekend ended at 04:00, move goes
// on, summer is over for good, morning and evening are in UTC (20:00).
func TestMaintenanceComing(t *testing.T) {
	m := maintenanceOf(t, testMaintenance)
	var got []string
	for _, o := range m.Coming(time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)) {
		got = append(got, o.Window+" "+o.Start.UTC().Format("01-02T15:04")+" "+o.End.UTC().Format("01-02T15:04"))
	}
	want := []string{
		"nightly 11-23T01:00 11-23T02:00", "weekend 11-28T21:00 11-29T03:00", "move 11-22T19:00 11-23T05:00",
		"cut 12-01T09:00 12-01T11:00", "morning 11-23T00:00 11-23T08:00", "evening 11-23T20:00 11-24T00:00",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := (*Maintenance)(nil).Coming(time.Now()); got != nil {
		t.Errorf("no windows: got %v", got)
	}
}

func TestMaintenanceCovers(t *testing.T) {
	m := maintenanceOf(t, testMaintenance)
	for _, test := range []struct {
		at, tenant, segment, window, why string
	}{
		{"2026-11-20T02:00+01:00", "", "sbc-a", "nightly", "the first instant"},
		{"2026-11-20T02:59:59+01:00", "", "sbc-a", "nightly", "the last second"},
		{"2026-11-20T03:00+01:00", "", "sbc-a", "", "the end is not in it"},
		{"2026-11-20T02:30+01:00", "", "sbc-b", "", "another segment"},
		{"2026-11-20T01:30Z", "", "sbc-a", "nightly", "the zone is the window's, not the time's"},

		{"2026-03-29T03:00+02:00", "", "sbc-a", "", "that night has no 02:00 to 03:00"},
		{"2026-03-29T01:59:59+01:00", "", "sbc-a", "", "nor before"},
		{"2026-10-25T02:30+02:00", "", "sbc-a", "nightly", "the first 02:30"},
		{"2026-10-25T02:30+01:00", "", "sbc-a", "nightly", "and the second: it lasts from the first 02:00 to 03:00"},

		{"2026-11-21T23:00+01:00", "acme", "sbc-b", "weekend", "Saturday"},
		{"2026-11-22T03:59+01:00", "acme", "sbc-b", "weekend", "it began on Saturday"},
		{"2026-11-22T04:00+01:00", "acme", "sbc-b", "", "and is over"},
		{"2026-11-22T02:30+01:00", "acme", "sbc-a", "weekend", "of two windows the one that ends last"},
		{"2026-11-21T23:00+01:00", "other-tenant", "sbc-b", "", "another tenant"},
		{"2026-11-21T23:00+01:00", "acme", "lan", "", "another segment"},
		{"2026-11-22T23:00+01:00", "acme", "sbc-b", "move", "Sunday"},

		{"2026-11-22T20:00+01:00", "acme", "lan", "move", "all segments of the tenant"},
		{"2026-11-22T19:59+01:00", "acme", "lan", "", "before"},
		{"2026-11-23T06:00+01:00", "acme", "lan", "", "after"},
		{"2026-11-22T20:00+01:00", "", "free", "", "no tenant"},
		{"2026-12-01T11:00+01:00", "", "free", "cut", "everything"},

		{"2026-06-01T05:00Z", "", "lan", "summer", "the first day"},
		{"2026-05-29T05:00Z", "", "lan", "", "before since"},
		{"2026-08-31T05:59Z", "", "lan", "summer", "the last day"},
		{"2026-09-01T05:00Z", "", "lan", "", "after until"},
		{"2026-06-06T05:00Z", "", "lan", "", "a Saturday"},
	} {
		o, on := m.Current(instantOf(t, test.at), Where{test.tenant, test.segment})
		if o.Window != test.window && on || on != (test.window != "") {
			t.Errorf("%s %s/%s: %q %v, want %q: %s", test.at, test.tenant, test.segment, o.Window, on, test.window, test.why)
		}
		if covers := m.Covers(instantOf(t, test.at), Where{test.tenant, test.segment}); covers != on {
			t.Errorf("%s %s/%s: covered %v, and current %v", test.at, test.tenant, test.segment, covers, on)
		}
	}
}

func TestMaintenanceNext(t *testing.T) {
	m := maintenanceOf(t, testMaintenance)
	for _, test := range []struct {
		at, segment, window, start, end, why string
	}{
		{"2026-11-20T02:00+01:00", "sbc-a", "nightly", "2026-11-21T02:00+01:00", "2026-11-21T03:00+01:00", "the one that is on has begun"},
		{"2026-11-20T01:59+01:00", "sbc-a", "nightly", "2026-11-20T02:00+01:00", "2026-11-20T03:00+01:00", "the same night"},
		{"2026-03-28T12:00+01:00", "sbc-a", "nightly", "2026-03-30T02:00+02:00", "2026-03-30T03:00+02:00", "one is skipped with the hour"},
		{"2026-10-24T12:00+02:00", "sbc-a", "nightly", "2026-10-25T02:00+02:00", "2026-10-25T03:00+01:00", "two hours long"},
		{"2026-01-15T12:00Z", "lan", "summer", "2026-06-01T05:00Z", "2026-06-01T06:00Z", "months ahead; 1 June is a Monday"},
		{"2026-08-28T05:00Z", "lan", "summer", "2026-08-31T05:00Z", "2026-08-31T06:00Z", "over the weekend"},
		{"2026-11-30T12:00Z", "free", "cut", "2026-12-01T09:00Z", "2026-12-01T11:00Z", "single"},
		{"2026-12-01T09:00Z", "free", "", "", "", "none comes after it"},
	} {
		o, ok := m.Next(instantOf(t, test.at), Where{Segment: test.segment})
		if ok != (test.window != "") {
			t.Errorf("%s %s: %v %v: %s", test.at, test.segment, o, ok, test.why)
			continue
		}
		if ok && (o.Window != test.window || !o.Start.Equal(instantOf(t, test.start)) || !o.End.Equal(instantOf(t, test.end))) {
			t.Errorf("%s %s: %v, want %s from %s to %s: %s", test.at, test.segment, o, test.window, test.start, test.end, test.why)
		}
	}
}

func TestMaintenanceEnd(t *testing.T) {
	m := maintenanceOf(t, testMaintenance)
	for _, test := range []struct{ at, tenant, segment, want, why string }{
		{"2026-11-23T21:00Z", "", "wan", "2026-11-24T08:00Z", "Monday evening, and Tuesday morning that touches it"},
		{"2026-11-22T02:30+01:00", "acme", "sbc-a", "2026-11-22T04:00+01:00", "one within the other"},
		{"2026-11-23T12:00Z", "", "wan", "2026-11-23T12:00Z", "none is on"},
	} {
		if got, want := m.End(instantOf(t, test.at), Where{test.tenant, test.segment}), instantOf(t, test.want); !got.Equal(want) {
			t.Errorf("%s: ends %s, want %s: %s", test.at, got, test.want, test.why)
		}
	}
	endless := maintenanceOf(t, `[{name: endless, days: daily, hours: "00:00-24:00"}]`)
	now := instantOf(t, "2026-11-23T12:00Z")
	if got := endless.End(now, Where{}); got.Before(now.AddDate(2, 0, 0)) {
		t.Errorf("what has no end ends %s", got)
	}
}

func TestNoMaintenance(t *testing.T) {
	var none *Maintenance
	now := time.Unix(1_800_000_000, 0)
	if _, ok := none.Next(now, Where{}); ok || none.Covers(now, Where{}) || !none.End(now, Where{}).Equal(now) {
		t.Error("without windows something is covered")
	}
}

// Next is the first minute from which on an idle segment is covered.
func TestMaintenanceNextIsNext(t *testing.T) {
	m := maintenanceOf(t, testMaintenance)
	rapid.Check(t, func(t *rapid.T) {
		now := drawTime(t, "now").Truncate(time.Minute)
		where := Where{rapid.SampledFrom([]string{"", "acme"}).Draw(t, "tenant"), rapid.SampledFrom([]string{"sbc-a", "sbc-b", "lan", "wan", "free"}).Draw(t, "segment")}
		if m.Covers(now, where) {
			if end := m.End(now, where); !end.After(now) || m.Covers(end, where) || !m.Covers(end.Add(-1), where) {
				t.Fatalf("%v: from %s on covered until %s", where, now, end)
			}
			return
		}
		next, ok := m.Next(now, where)
		for i := 1; i <= 2*24*60; i++ {
			minute := now.Add(time.Duration(i) * time.Minute)
			if m.Covers(minute, where) {
				if !ok || !next.Start.Equal(minute) {
					t.Fatalf("%v: covered from %s on, but the next window after %s is %v (%v)", where, minute, now, next, ok)
				}
				return
			}
			if ok && !next.Start.After(minute) {
				t.Fatalf("%v: the next window is %v, but %s is not covered", where, next, minute)
			}
		}
	})
}
