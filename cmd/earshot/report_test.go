package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/dialog"
	"earshot/report"
	"earshot/store"
)

// reportScene keeps two cases and four calls of the last month that is over,
// and says which that is. Days are those of UTC.
func reportScene(t *testing.T, dir string) report.Month {
	t.Helper()
	month := report.MonthOf(time.Now(), time.UTC).Before()
	begin := month.Begin(time.UTC)
	day := func(n int, clock string) time.Time {
		at, err := time.Parse("15:04", clock)
		if err != nil {
			t.Fatal(err)
		}
		return begin.AddDate(0, 0, n-1).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
	}
	var j alerting.Journal
	for i, tenant := range []string{"acme", "globex"} {
		c := &alerting.Case{
			Number: i + 1, Tenant: tenant, Environment: "production", Type: alerting.TypeSupport, SubType: alerting.SubTypeProblem, Severity: alerting.High,
			Subject: "Packet loss", Description: "Calls from +493012345678 lose packets.", Owner: "Carrier A",
			Opened: day(10, "08:02"), Modified: day(10, "12:00"), Closed: day(10, "12:00"), Status: alerting.StatusClosed, SubStatus: alerting.SubResolved,
			Occurrences: []alerting.FaultSpell{{From: day(10, "08:00"), To: day(10, "09:00")}}, Restored: day(10, "09:05"),
			Events: []alerting.CaseEvent{
				{At: day(10, "08:02"), What: alerting.CaseOpened, Severity: alerting.High}, {At: day(10, "08:10"), What: alerting.CaseAnswered},
				{At: day(10, "09:05"), What: alerting.ServiceRestored}, {At: day(10, "12:00"), What: alerting.CaseClosed},
			},
			Updates: []alerting.Update{{Seq: 1, At: day(10, "08:02"), Author: alerting.MonitorAuthor, Kind: alerting.UpdateOpened, Text: "Opened."}},
		}
		j.Cases = append(j.Cases, c)
	}
	cases, err := store.OpenCases(dir, begin)
	if err != nil {
		t.Fatal(err)
	}
	if err := cases.Commit(&j, nil); err != nil {
		t.Fatal(err)
	}
	if err := cases.Close(); err != nil {
		t.Fatal(err)
	}
	var records []dialog.Record
	for i, mos := range []float64{4.4, 4.3, 2.5} {
		start := dialog.Time(day(10+i, "08:30").UnixNano())
		c := &dialog.CallRecord{Type: "call", ID: fmt.Sprintf("%016x", i+1), From: "+493012345678", Start: start, Answer: start, End: start + 60e9, Disposition: dialog.Answered, MOSWorst: &mos}
		if mos < report.ImpairedBelow {
			c.Findings = []dialog.Finding{{Code: "low_mos", Text: "It sounded bad."}}
		}
		records = append(records, c)
	}
	s, err := store.Open(store.Config{Dir: dir, Days: 90, TotalBytes: 1 << 40, Tenant: func(string) string { return "acme" }}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(time.Now(), records); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return month
}

const reportConfigText = `
hep: {udp: "127.0.0.1:0"}
web: {listen: %q}
store: {dir: store}
alerting: {tenant: acme}
tenants:
  - {name: acme, plan: business-care, uptime_target: 99.95}
  - {name: globex}
`

// The reports of a store are those of the probe that keeps it, byte for byte.
func TestReportCommands(t *testing.T) {
	dir, page := t.TempDir(), freePort(t)
	config := filepath.Join(dir, "earshot.yaml")
	write(t, config, fmt.Sprintf(reportConfigText, page))
	month := reportScene(t, filepath.Join(dir, "store"))
	hours := int64(month.Next().Begin(time.UTC).Sub(month.Begin(time.UTC)) / time.Hour)

	local := []string{"--config", config}
	monthly := func(where []string, args ...string) string {
		return says(t, "", append(append([]string{"report", "monthly", "--tenant", "acme"}, where...), args...)...)
	}
	var m report.Monthly
	if err := json.Unmarshal([]byte(monthly(local, "--format", "json")), &m); err != nil {
		t.Fatal(err)
	}
	// One case of high severity, down for an hour: 8 min to the first answer and
	// 63 min to the restoration, of 2 bh and 2 bd; three calls, one of them bad.
	if m.Month != month.String() || !m.Complete || m.Cases.Opened != 1 || m.Cases.Closed != 1 || m.Uptime.DowntimeS != 3600 || m.Uptime.PeriodS != hours*3600 || *m.Uptime.Met {
		t.Errorf("got %+v", m)
	}
	if q := &m.Quality; q.Total.Calls != 3 || q.Total.Impaired != 1 || *q.Total.MOSMedian != 4.3 || q.Days[11].Calls != 1 || q.Days[11].Impaired != 1 || q.Days[0].Kept || !strings.Contains(q.Missing, "the records begin with "+m.Month+"-10") {
		t.Errorf("quality: %+v", m.Quality)
	}
	if g := m.Targets; g[0].Met != 1 || g[1].Met != 1 || g[2].Met != 1 || g[0].Missed+g[1].Missed+g[2].Missed != 0 {
		t.Errorf("targets: %+v", g)
	}

	probe := start(t, "run", "--config", config)
	probe.hears("READY=1")
	there := []string{"--url", "http://" + page}
	for _, format := range []string{"json", "md", "html"} {
		if a, b := monthly(local, "--month", month.String(), "--format", format), monthly(there, "--format", format); a != b {
			t.Errorf("%s: the store's report and the probe's differ:\n%s\n%s", format, a, b)
		}
		incident := func(where []string) string {
			return says(t, "Packet loss", append([]string{"case", "report", "1", "--format", format}, where...)...)
		}
		if a, b := incident(local), incident(there); a != b {
			t.Errorf("%s: the store's incident report and the probe's differ:\n%s\n%s", format, a, b)
		}
	}
	failsReports(t, local)
	failsReports(t, there)

	// Masked unless somebody says otherwise; to a file, in the format of its name.
	if out := says(t, "lose packets", append([]string{"case", "report", "1"}, there...)...); strings.Contains(out, "493012345678") {
		t.Errorf("a number of a customer is in the report:\n%s", out)
	}
	says(t, "493012345678", append([]string{"case", "report", "1", "--unmasked"}, there...)...)
	says(t, "493012345678", append([]string{"case", "report", "1", "--unmasked"}, local...)...)
	file := filepath.Join(dir, "report.html")
	says(t, "^$", append([]string{"report", "monthly", "--tenant", "globex", "-o", file}, there...)...)
	text, err := os.ReadFile(file)
	if info, statErr := os.Stat(file); err != nil || statErr != nil || info.Mode().Perm() != 0o640 || !strings.HasPrefix(string(text), "<!DOCTYPE html>") {
		t.Errorf("%v, %v, %.40s", err, statErr, text)
	}
	probe.signal(syscall.SIGTERM)
	probe.end()
}

// failsReports asks for what there is none of.
func failsReports(t *testing.T, where []string) {
	t.Helper()
	next := report.MonthOf(time.Now(), time.UTC).Next().Next().String()
	for pattern, args := range map[string][]string{
		`there is no tenant "acne".*did you mean "?acme.*there are acme, globex`: {"report", "monthly", "--tenant", "acne"},
		`which tenant\? There are acme, globex`:                                  {"report", "monthly"},
		next + " has not begun":                                                  {"report", "monthly", "--tenant", "acme", "--month", next},
		`want one like 2026-10`:                                                  {"report", "monthly", "--tenant", "acme", "--month", "October"},
		`nothing is kept of 2019-01: the records begin with .*backup`:            {"report", "monthly", "--tenant", "acme", "--month", "2019-01"},
		"there is no case 99":                                                    {"case", "report", "99"},
	} {
		fails(t, exitFailure, pattern, append(args, where...)...)
	}
	fails(t, exitUsage, "want md, html or json", append([]string{"case", "report", "1", "--format", "pdf"}, where...)...)
	fails(t, exitUsage, "report wants one of monthly", append([]string{"report"}, where...)...)
}

// A store alone has no tenants: its report is about everything.
func TestReportOfStoreAlone(t *testing.T) {
	dir := t.TempDir()
	month := reportScene(t, dir)
	var m report.Monthly
	if err := json.Unmarshal([]byte(says(t, "", "report", "monthly", "--store", dir, "--format", "json")), &m); err != nil {
		t.Fatal(err)
	}
	if m.Month != month.String() || m.Tenant != "" || m.Cases.Opened != 2 || m.Uptime.DowntimeS != 3600 || m.Uptime.Met != nil || m.Quality.Total.Calls != 3 {
		t.Errorf("got %+v", m)
	}
	fails(t, exitFailure, "the configuration names none", "report", "monthly", "--store", dir, "--tenant", "acme")
	fails(t, exitFailure, "no cases are kept there", "report", "monthly", "--store", t.TempDir())
}

// What is wrong with a schedule is said with its line.
func TestReportsConfiguration(t *testing.T) {
	for text, want := range map[string]string{
		"reports:\n  - {kind: monthly, dir: out}\nstore: {dir: s}\n":                                                 "",
		"reports:\n  - {kind: monthly, dir: out}\n":                                                                  "line 2: reports: there is nothing to report on",
		"store: {dir: s}\nreports:\n  - {kind: monthli, dir: out}\n":                                                 `line 3: reports: kind is "monthli", want monthly or incident (did you mean "monthly"?)`,
		"store: {dir: s}\nreports:\n  - kind: monthly\n":                                                             "line 3: reports: number 1 goes nowhere",
		"store: {dir: s}\nreports:\n  - {dir: out}\n":                                                                "reports: number 1 has no kind",
		"store: {dir: s}\nreports:\n  - {kind: monthly, dir: out, format: pdf}\n":                                    `line 3: reports: format is "pdf"`,
		"store: {dir: s}\nreports:\n  - {kind: monthly, dir: out, day: 6}\n":                                         "line 3: reports.day is 6, want 1 to 5",
		"store: {dir: s}\nreports:\n  - {kind: monthly, dir: out, at: noon}\n":                                       `line 3: reports: at is "noon"`,
		"store: {dir: s}\nreports:\n  - {kind: incident, dir: out,\n     day: 3}\n":                                  "line 4: reports: an incident report is made when",
		"store: {dir: s}\ntenants: [{name: acme}]\nreports:\n  - {kind: monthly, dir: out,\n     tenants: [acne]}\n": `line 5: reports: no tenant is called "acne" (did you mean "acme"?)`,
		"tenants: [{name: acme, uptime_target: 101}]\n":                                                              "line 1: tenants.uptime_target is 101, want 1 to 100",
	} {
		file := filepath.Join(t.TempDir(), "earshot.yaml")
		write(t, file, text)
		_, err := loadConfig(file)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}
