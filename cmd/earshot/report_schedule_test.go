package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/report"
	"earshot/store"
)

func instantOf(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A report of Berlin that is due on the 2nd at 06:00: at 04:00 UTC in summer, at
// 05:00 in winter.
func TestDueMonths(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p := &plannedReport{kind: kindMonthly, day: 2, minute: 360}
	for _, tt := range []struct{ since, now, want string }{
		{"2026-10-15 00:00:00", "2026-11-02 04:59:59", ""},
		{"2026-10-15 00:00:00", "2026-11-02 05:00:00", "2026-10"},
		{"2026-11-02 04:59:59", "2026-11-02 05:00:00", "2026-10"},
		{"2026-11-02 05:00:00", "2026-11-30 00:00:00", ""},                        // first seen when it was due already
		{"2026-08-15 00:00:00", "2026-11-30 00:00:00", "2026-08 2026-09 2026-10"}, // nobody was there meanwhile
		{"2026-09-02 03:59:59", "2026-09-02 04:00:00", "2026-08"},
		{"2020-01-01 00:00:00", "2026-01-15 00:00:00", "2024-12 2025-01 2025-02 2025-03 2025-04 2025-05 2025-06 2025-07 2025-08 2025-09 2025-10 2025-11 2025-12"},
	} {
		var got []string
		for _, m := range p.dueMonths(instantOf(t, tt.since), instantOf(t, tt.now), berlin) {
			got = append(got, m.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("since %s, at %s: got %v, want %s", tt.since, tt.now, got, tt.want)
		}
	}
}

func TestReportFileNames(t *testing.T) {
	month, err := report.ParseMonth("2026-10")
	if err != nil {
		t.Fatal(err)
	}
	monthly, incident := &plannedReport{kind: kindMonthly, format: "html"}, &plannedReport{kind: kindIncident, format: "md"}
	for _, tt := range []struct {
		d    dueReport
		want string
	}{
		{dueReport{plan: monthly, month: month}, "monthly-2026-10.html"},
		{dueReport{plan: monthly, month: month, tenant: "acme"}, "monthly-acme-2026-10.html"},
		{dueReport{plan: incident, number: 17, draft: true}, "incident-17-draft.md"},
		{dueReport{plan: incident, number: 17}, "incident-17.md"},
	} {
		if got := tt.d.name(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	seen := map[string]string{}
	for _, name := range []string{"acme", "a/b", "a.b", "a_b", "../../etc/passwd", "Büro", ".", "..", "a\x00b"} {
		word := fileWord(name)
		if strings.ContainsAny(word, "/\\.\x00 ") || seen[word] != "" {
			t.Errorf("%q: %q, as %q", name, word, seen[word])
		}
		seen[word] = name
	}
}

// memoryLedger is a ledger that outlives its clerks.
type memoryLedger struct {
	made  map[string]time.Time
	fails bool
}

func (l *memoryLedger) ReportsMade(context.Context) (map[string]time.Time, error) {
	return maps.Clone(l.made), nil
}

func (l *memoryLedger) ReportMade(at time.Time, made, forget []string) error {
	if l.fails {
		return errors.New("the disk is full")
	}
	for _, key := range made {
		l.made[key] = at
	}
	for _, key := range forget {
		delete(l.made, key)
	}
	return nil
}

// memoryMailer keeps letters, unless it fails.
type memoryMailer struct {
	letters []*outbox.Letter
	fails   int // so often
}

func (m *memoryMailer) Mail(_ context.Context, l *outbox.Letter) error {
	if m.fails > 0 {
		m.fails--
		return errors.New("nobody answers")
	}
	m.letters = append(m.letters, l)
	return nil
}

// clerkScene is a schedule of incident and monthly reports, and the cases of a
// store that is not there.
type clerkScene struct {
	dir    string
	cases  []*alerting.Case
	ledger *memoryLedger
	mailer *memoryMailer
	plans  []plannedReport
	clerk  *reportClerk
	now    time.Time
}

func newClerkScene(t *testing.T) *clerkScene {
	s := &clerkScene{dir: t.TempDir(), ledger: &memoryLedger{made: map[string]time.Time{}}, mailer: &memoryMailer{}}
	s.plans = []plannedReport{
		{key: "incident", kind: kindIncident, format: "md", dir: s.dir, mailer: s.mailer, mail: "customers"},
		{key: "monthly", kind: kindMonthly, format: "json", dir: s.dir, mailer: s.mailer, day: 2, minute: 360},
	}
	s.restart()
	return s
}

// restart begins with a new clerk, who knows what the ledger knows.
func (s *clerkScene) restart() {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s.clerk = &reportClerk{ledger: s.ledger, log: log, events: newThrottle(log), todo: map[string]dueReport{}, failed: map[string]*failedTries{}}
	s.clerk.terms.Store(&reportTerms{})
	s.clerk.plans.Store(&s.plans)
	s.clerk.reporter = &reporter{terms: s.clerk.terms.Load, now: func() time.Time { return s.now }, cases: func(_ context.Context, q *store.CaseQuery) ([]*alerting.Case, error) {
		var found []*alerting.Case
		for _, c := range slices.Backward(s.cases) {
			if q.Matches(c) {
				found = append(found, c)
			}
		}
		return found, nil
	}}
}

// round lets the clerk work at a time, and lists the files that are there and
// how many letters were sent.
func (s *clerkScene) round(t *testing.T, at string) string {
	t.Helper()
	s.now = instantOf(t, at)
	s.clerk.round(t.Context(), s.now)
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return fmt.Sprintf("%s +%d", strings.Join(names, " "), len(s.mailer.letters))
}

func (s *clerkScene) expect(t *testing.T, at, want string) {
	t.Helper()
	if got := s.round(t, at); got != want {
		t.Errorf("%s: got %s, want %s", at, got, want)
	}
}

// change replaces a case, as a desk does.
func (s *clerkScene) change(t *testing.T, number int, at string, change func(c *alerting.Case, at time.Time)) {
	t.Helper()
	i := slices.IndexFunc(s.cases, func(c *alerting.Case) bool { return c.Number == number })
	c := *s.cases[i]
	c.Modified = instantOf(t, at)
	change(&c, c.Modified)
	s.cases[i] = &c
}

func (s *clerkScene) open(t *testing.T, number int, severity alerting.Severity, at string) {
	opened := instantOf(t, at)
	s.cases = append(s.cases, &alerting.Case{
		Number: number, Type: alerting.TypeSupport, Severity: severity, Subject: "Packet loss", Status: alerting.StatusOpen, SubStatus: alerting.SubNew, Opened: opened, Modified: opened,
		Events: []alerting.CaseEvent{{At: opened, What: alerting.CaseOpened, Severity: severity}},
	})
}

func restored(c *alerting.Case, at time.Time) { c.Restored, c.SubStatus = at, alerting.SubRestored }

func closed(c *alerting.Case, at time.Time) {
	c.Status, c.SubStatus, c.Closed = alerting.StatusClosed, alerting.SubResolved, at
}

// A case has a draft when it is restored and the last word when it is closed;
// a restart repeats neither, and a reopened case gets both again.
func TestClerkIncidents(t *testing.T) {
	s := newClerkScene(t)
	s.open(t, 1, alerting.High, "2026-10-05 08:00:00")
	s.change(t, 1, "2026-10-05 09:00:00", closed) // before there was a schedule
	s.expect(t, "2026-10-06 08:00:00", " +0")
	s.open(t, 2, alerting.High, "2026-10-06 08:01:00")
	s.open(t, 3, alerting.Medium, "2026-10-06 08:01:00")
	s.change(t, 1, "2026-10-06 08:01:30", func(*alerting.Case, time.Time) {}) // a note on it is no new closing
	s.expect(t, "2026-10-06 08:02:00", " +0")
	for _, number := range []int{2, 3} {
		s.change(t, number, "2026-10-06 09:00:00", restored)
	}
	s.expect(t, "2026-10-06 09:00:30", "incident-2-draft.md +0")
	if text, err := os.ReadFile(filepath.Join(s.dir, "incident-2-draft.md")); err != nil || !strings.Contains(string(text), "Draft: the case is open") {
		t.Errorf("%v in %s", err, text)
	}
	if err := os.Remove(filepath.Join(s.dir, "incident-2-draft.md")); err != nil {
		t.Fatal(err)
	}
	s.restart()
	s.expect(t, "2026-10-06 09:01:30", " +0")
	for _, number := range []int{2, 3} {
		s.change(t, number, "2026-10-06 12:00:00", closed)
	}
	s.expect(t, "2026-10-06 12:00:10", "incident-2.md +1")
	letter := s.mailer.letters[0]
	if letter.Subject != "Incident report, case 2: Packet loss" || len(letter.Files) != 1 || letter.Files[0].Name != "incident-2.md" || !strings.Contains(letter.Text, "Downtime: ") {
		t.Errorf("letter %+v", letter)
	}
	s.restart()
	s.expect(t, "2026-10-06 12:01:10", "incident-2.md +1")
	s.change(t, 2, "2026-10-07 08:00:00", func(c *alerting.Case, _ time.Time) {
		c.Status, c.SubStatus, c.Closed, c.Restored = alerting.StatusOpen, alerting.SubInvestigation, time.Time{}, time.Time{}
	})
	s.expect(t, "2026-10-07 08:01:00", "incident-2.md +1")
	s.change(t, 2, "2026-10-07 10:00:00", restored)
	s.expect(t, "2026-10-07 10:00:20", "incident-2-draft.md incident-2.md +1")
	s.change(t, 2, "2026-10-07 11:00:00", closed)
	s.expect(t, "2026-10-07 11:00:20", "incident-2.md +2")
	if s.mailer.letters[1].ID == letter.ID {
		t.Error("two reports have one ID")
	}
}

// A probe that was down makes good what fell due meanwhile, once: a case that
// was restored and closed has no draft any more, each month has its report.
func TestClerkMakesGood(t *testing.T) {
	s := newClerkScene(t)
	s.expect(t, "2026-08-20 08:00:00", " +0")
	s.open(t, 1, alerting.Critical, "2026-08-20 08:30:00")
	s.change(t, 1, "2026-08-20 09:00:00", restored)
	s.change(t, 1, "2026-08-21 09:00:00", closed)
	s.restart()
	const all = "incident-1.md monthly-2026-08.json monthly-2026-09.json monthly-2026-10.json +4"
	s.expect(t, "2026-11-03 08:00:00", all)
	s.expect(t, "2026-11-03 08:01:00", all)
	s.restart()
	s.expect(t, "2026-11-20 08:00:00", all)
}

// What fails is tried again after 1, 2, 4 … minutes, at last every hour, and
// the same letter keeps its ID.
func TestClerkTriesAgain(t *testing.T) {
	s := newClerkScene(t)
	s.plans = s.plans[:1]
	s.clerk.plans.Store(&s.plans)
	s.expect(t, "2026-10-06 08:00:00", " +0")
	s.open(t, 1, alerting.High, "2026-10-06 08:00:00")
	s.change(t, 1, "2026-10-06 08:01:00", closed)
	s.mailer.fails = 2
	s.expect(t, "2026-10-06 08:01:30", "incident-1.md +0") // fails, next at 08:02:30
	s.expect(t, "2026-10-06 08:02:29", "incident-1.md +0") // is not tried
	s.expect(t, "2026-10-06 08:02:30", "incident-1.md +0") // fails, next at 08:04:30
	s.expect(t, "2026-10-06 08:04:29", "incident-1.md +0")
	s.ledger.fails = true
	s.expect(t, "2026-10-06 08:04:30", "incident-1.md +1") // is sent, and nobody notes it
	s.ledger.fails = false
	s.expect(t, "2026-10-06 08:08:30", "incident-1.md +2")
	s.expect(t, "2026-10-06 09:30:00", "incident-1.md +2")
	if a, b := s.mailer.letters[0].ID, s.mailer.letters[1].ID; a != b || a == "" {
		t.Errorf("the same report has the IDs %q and %q", a, b)
	}
	for key, at := range map[string]time.Time{"final of old": s.now.AddDate(-2, 0, 0), "since incident": s.now.AddDate(-2, 0, 0)} {
		s.ledger.made[key] = at
	}
	s.expect(t, "2026-10-06 09:31:00", "incident-1.md +2")
	if _, there := s.ledger.made["final of old"]; there || s.ledger.made["since incident"].IsZero() {
		t.Errorf("the ledger is %v", s.ledger.made)
	}
}

// A draft that could not be written is not written when its case is closed
// meanwhile: the last word is.
func TestClerkOutdatedDraft(t *testing.T) {
	s := newClerkScene(t)
	s.expect(t, "2026-10-06 08:00:00", " +0")
	s.open(t, 1, alerting.High, "2026-10-06 08:00:00")
	s.change(t, 1, "2026-10-06 08:01:00", restored)
	s.plans[0].dir = filepath.Join(s.dir, "later")
	s.expect(t, "2026-10-06 08:01:30", " +0") // there is no such folder
	s.change(t, 1, "2026-10-06 08:02:00", closed)
	if err := os.Mkdir(s.plans[0].dir, 0o750); err != nil {
		t.Fatal(err)
	}
	s.expect(t, "2026-10-06 08:10:00", "later +1")
	entries, err := os.ReadDir(s.plans[0].dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "incident-1.md" {
		t.Errorf("got %v, %v", entries, err)
	}
}
