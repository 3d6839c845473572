package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// caseNow is when the cases of these tests are read.
var caseNow = time.Date(2026, 1, 6, 11, 30, 0, 0, time.UTC)

func caseAt(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-01-06 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// trunkCase is a case that has everything.
func trunkCase() *alerting.Case {
	return &alerting.Case{
		Number: 17, Tenant: "acme", Service: "contact centre voice", Environment: "production", Type: alerting.TypeSupport, SubType: alerting.SubTypeProblem,
		Severity: alerting.High, Measured: alerting.Medium, Subject: "Packet loss with G729 in segment trunk-b from the peer",
		Description: "Since 2026-01-06 08:50 UTC G729 calls lose packets.",
		Business:    "Affected since 2026-01-06 08:50 UTC: 41 of 43 calls (95 %).\nWhat users notice: Syllables and words are missing.",
		Impact:      alerting.Impact{Calls: 41, CallsTotal: 1555, Users: 38, Sites: []string{"berlin", "hamburg"}},
		FirstSeen:   caseAt("08:50:10"), LastSeen: caseAt("11:29:00"), Occurrences: []alerting.FaultSpell{{From: caseAt("08:50:10"), To: caseAt("09:50:00")}, {From: caseAt("10:40:00")}},
		Segment: "trunk-b", Factors: []alerting.Factor{{Name: alerting.FactorSegment, Value: "trunk-b"}, {Name: alerting.FactorCodec, Value: "G729"}},
		Owner: "carrier-b", Contact: "noc@carrier-b.example", Assignee: "Ann", Reference: "INC0042",
		Status: alerting.StatusOpen, SubStatus: alerting.SubInvestigation, Opened: caseAt("08:52:30"),
		Faults: []alerting.FaultID{"f"}, Signals: []alerting.Signal{alerting.SignalLoss},
		Questions: []alerting.Answer{
			{Number: 1, Question: "What happens, in detail?", Known: true, Text: "Since 2026-01-06 08:50 UTC G729 calls lose packets.\nHow bad: packets lost, median of the affected 8.1 %, worst 14.2 %; the limit is 1 %."},
			{Number: 7, Question: "Call IDs of examples.", Known: true, Text: "Affected, the worst first:\n- Call-ID 2acec21c88658a93e3fce4629f0e1d2c3b4a59687f@a-rather-long-host-name.sbc.carrier-b.example, at 2026-01-06 08:51:05 UTC"},
			{Number: 8, Question: "Can it be reproduced, and how?", Text: "Not known: nothing was compared."},
		},
		Related:     []alerting.Relation{{Number: 9, Why: "same segment, over 12 days before"}},
		Attachments: []alerting.Attachment{{Name: "evidence.pcapng", Bytes: 1_234_567, SHA256: "9f86d081", Added: caseAt("09:30:00")}},
		Clocks: []alerting.CaseClock{
			{Goal: "response", State: "met", Target: "15 min", Due: caseAt("09:07:30"), Ended: caseAt("09:00:30"), Elapsed: "8 min"},
			{Goal: "restoration", State: "warning", Target: "4 h", Due: caseAt("12:52:30"), WarnAt: caseAt("11:00:00"), Elapsed: "2.63 h"},
			{Goal: "resolution", State: "running", Target: "15 bd", Due: time.Date(2026, 1, 27, 8, 52, 30, 0, time.UTC), Elapsed: "0.3 bd"},
		},
		Updates: []alerting.Update{
			{Seq: 1, At: caseAt("08:52:30"), Author: alerting.MonitorAuthor, Kind: alerting.UpdateOpened, Text: "Opened by measurement, severity medium."},
			{Seq: 2, At: caseAt("09:00:30"), Author: "Ann", Kind: alerting.UpdateAnswered, Text: "Called the carrier's NOC.\nThey look at gateway 3."},
			{Seq: 3, At: caseAt("09:01:00"), Author: "Ann", Kind: alerting.UpdateChanged, Fields: []alerting.FieldChange{{Field: "severity", From: "medium", To: "high"}, {Field: "assignee", To: "Ann"}}},
			{Seq: 4, At: caseAt("11:00:00"), Author: alerting.MonitorAuthor, Kind: alerting.UpdateWarned, Text: "The target of restoration, 4 h, ends at 12:52 UTC."},
		},
		RefersTo: 3, Hold: true, Security: true, RootCause: "asked",
	}
}

func caseText(t *testing.T, s Style, c *alerting.Case) string {
	t.Helper()
	var b strings.Builder
	if err := Case(&b, s, c, caseNow); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// testdata/case.txt was read line by line against trunkCase: change it by hand.
func TestCase(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "case.txt"))
	if err != nil {
		t.Fatal(err)
	}
	compare(t, caseText(t, Style{}, trunkCase()), string(want))
}

// A mail shows 78 columns; only what has no space is longer, since a Call-ID
// without its end finds nothing.
func TestCaseWidth(t *testing.T) {
	for _, s := range []Style{{}, {Width: 60}, {Width: 200}} {
		most := caseColumns(s)
		for line := range strings.SplitSeq(caseText(t, s, trunkCase()), "\n") {
			if strings.Contains(line, "@a-rather-long-host-name.sbc.carrier-b.example") || strings.HasPrefix(line, "~ restoration") || strings.HasPrefix(line, "  resolution") || strings.HasPrefix(line, "  response") {
				continue
			}
			if width(line) > most {
				t.Errorf("width %d: %d columns: %s", s.Width, width(line), line)
			}
		}
	}
}

// Colours add nothing to the words.
func TestCaseColors(t *testing.T) {
	painted := caseText(t, Style{Color: true}, trunkCase())
	if !strings.Contains(painted, "\x1b[1;31m! high") {
		t.Error("the severity is not painted")
	}
	for _, attribute := range sgr {
		painted = strings.ReplaceAll(painted, attribute, "")
	}
	compare(t, strings.ReplaceAll(painted, "\x1b[0m", ""), caseText(t, Style{}, trunkCase()))
}

// What came out of packets or from people never reaches the terminal as it is.
func TestCaseStranger(t *testing.T) {
	evil := "\x1b[2J\x1b]0;x\x07bell\u202e"
	c := trunkCase()
	c.Subject, c.Owner, c.Tenant, c.Closure, c.Business, c.Description = evil, evil, evil, evil, evil, evil
	c.Updates[0].Author, c.Updates[0].Text, c.Updates[0].Kind = evil, evil, alerting.UpdateKind(evil)
	c.Updates[2].Fields[0].To, c.Updates[2].Fields[0].Field = evil, evil
	c.Questions[0].Text, c.Questions[0].Question, c.Related[0].Why, c.Attachments[0].Name = evil, evil, evil, evil
	c.SubStatus, c.Factors[1].Value = alerting.CaseSubStatus(evil), evil
	c.Clocks[0].Goal, c.Clocks[0].Target = evil, evil
	var b strings.Builder
	if err := Cases(&b, Style{}, []*alerting.Case{c}, caseNow); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{caseText(t, Style{}, c), b.String()} {
		if strings.ContainsAny(text, "\x1b\x07\u202e") {
			t.Errorf("control characters in %q", text)
		}
	}
}

func TestCaseClocks(t *testing.T) {
	due := caseNow.Add(90 * time.Minute)
	for _, tt := range []struct {
		k    alerting.CaseClock
		want string
	}{
		{alerting.CaseClock{State: "none"}, ""},
		{alerting.CaseClock{State: "running", Target: "4 h", Due: due}, "due 2026-01-06 13:00 UTC, in 1 h 30 min (target 4 h)"},
		{alerting.CaseClock{State: "paused", Target: "4 h", Due: due}, "stands still; due 2026-01-06 13:00 UTC if it went on now (target 4 h)"},
		{alerting.CaseClock{State: "breached", Target: "1 bd", Breached: caseNow.Add(-50 * time.Hour)}, "missed since 2026-01-04 09:30 UTC, 2 d 2 h ago, and not met yet (target 1 bd)"},
		{alerting.CaseClock{State: "missed", Target: "4 h", Ended: caseNow, Elapsed: "5 h"}, "missed; ended 2026-01-06 11:30 UTC, after 5 h (target 4 h)"},
		{alerting.CaseClock{State: "met", Target: "6 bh", Ended: caseNow, Elapsed: "none"}, "met 2026-01-06 11:30 UTC, outside business hours (target 6 bh)"},
		{alerting.CaseClock{State: "met", Target: "4 h", Ended: caseNow, Elapsed: "none"}, "met 2026-01-06 11:30 UTC, at once (target 4 h)"},
		{alerting.CaseClock{State: "void", Target: "4 h"}, "void: the case was cancelled in time (target 4 h)"},
	} {
		if got := clockText(&tt.k, caseNow); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.k.State, got, tt.want)
		}
	}
}

func TestCases(t *testing.T) {
	late := &alerting.Case{Number: 4, Severity: alerting.Critical, Status: alerting.StatusOpen, SubStatus: alerting.SubNew, Subject: "Failed calls to peer carrier-a", Owner: "carrier-a",
		Opened: caseNow.Add(-5 * time.Hour), Clocks: []alerting.CaseClock{
			{Goal: "response", State: "breached", Breached: caseNow.Add(-time.Hour)}, {Goal: "restoration", State: "running", Due: caseNow.Add(time.Minute)}}}
	closed := &alerting.Case{Number: 120, Severity: alerting.Low, Status: alerting.StatusClosed, SubStatus: alerting.SubResolved, Subject: "A question", Opened: caseNow.Add(-72 * time.Hour)}
	var b strings.Builder
	if err := Cases(&b, Style{}, []*alerting.Case{closed, trunkCase(), late}, caseNow); err != nil {
		t.Fatal(err)
	}
	compare(t, b.String(), strings.Join([]string{
		"CASE  SEVERITY    STATUS                AGE  NEXT CLOCK                   OWNER      TENANT  SUBJECT",
		" 120    low       resolved              3 d  –                            –          –       A question",
		"  17  ! high      investigation  2 h 37 min  ~ restoration in 1 h 22 min  carrier-b  acme    Packet loss with G729 in segment trunk-b from the peer",
		"   4  ! critical  new                   5 h  ! response 1 h late          carrier-a  –       Failed calls to peer carrier-a",
		"3 cases, 2 open, 1 late",
		"",
	}, "\n"))
	b.Reset()
	if err := Cases(&b, Style{}, nil, caseNow); err != nil || b.String() != "No cases.\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

// On a narrow terminal number, severity, status and subject stay.
func TestCasesNarrow(t *testing.T) {
	var b strings.Builder
	if err := Cases(&b, Style{Width: 80}, []*alerting.Case{trunkCase()}, caseNow); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(b.String(), "\n") {
		if width(line) > 80 {
			t.Errorf("%d columns: %s", width(line), line)
		}
	}
	for _, word := range []string{"17", "high", "investigation", "Packet loss with"} {
		if !strings.Contains(b.String(), word) {
			t.Errorf("%q is missing in\n%s", word, b.String())
		}
	}
}
