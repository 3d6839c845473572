package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

// bookProbe is the API and the cases of a probe, without its pipeline: the web
// server, the desk's goroutine and the store are the real ones.
type bookProbe struct {
	dir  string // of the store
	url  string
	stop func()
}

func startBookProbe(t *testing.T, cfg web.ServerConfig, wrap func(http.Handler) http.Handler) *bookProbe {
	t.Helper()
	p := &bookProbe{dir: t.TempDir()}
	cases, err := store.OpenCases(p.dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	desk, err := startDesk(alerting.DeskConfig{}, nil, cases, deskFiles{}, &store.Retention{}, alerting.NewWatch(alerting.WatchConfig{Rules: new(alerting.RuleSet)}), log, newThrottle(log))
	if err != nil {
		t.Fatal(err)
	}
	m, err := web.NewMetrics(web.MetricsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Log = log
	firing := alerting.Alert{
		Rule: "loss", State: alerting.Firing, Severity: alerting.High, Started: time.Now().Add(-time.Hour), Fired: time.Now().Add(-time.Hour),
		Labels: []alerting.Label{{Name: "segment", Value: "trunk-b"}},
	}
	s, err := web.NewServer(cfg, web.Probe{Desk: deskAPI{desk}, Alerts: func() []alerting.Alert { return []alerting.Alert{firing} }}, m)
	if err != nil {
		t.Fatal(err)
	}
	if wrap == nil {
		wrap = func(h http.Handler) http.Handler { return h }
	}
	server := httptest.NewServer(wrap(s.Handler()))
	p.url = server.URL
	var stopped atomic.Bool
	p.stop = func() {
		if stopped.Swap(true) {
			return
		}
		server.Close()
		if err := desk.close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(p.stop)
	return p
}

// says runs a command that must succeed and print what a pattern finds.
func says(t *testing.T, pattern string, args ...string) string {
	t.Helper()
	status, out, errs := earshot(t, args...)
	if status != exitOK {
		t.Fatalf("earshot %s: status %d: %s", strings.Join(args, " "), status, errs)
	}
	if !regexp.MustCompile("(?s)" + pattern).MatchString(out) {
		t.Errorf("earshot %s: want %q in\n%s", strings.Join(args, " "), pattern, out)
	}
	return out
}

// fails runs a command that must fail with a status and words.
func fails(t *testing.T, status int, pattern string, args ...string) {
	t.Helper()
	got, out, errs := earshot(t, args...)
	if got != status || !regexp.MustCompile("(?s)"+pattern).MatchString(errs) {
		t.Errorf("earshot %s: status %d, %q, %q; want %d and %q", strings.Join(args, " "), got, errs, out, status, pattern)
	}
}

// workOnCases takes a case through its life, wherever it is kept.
func workOnCases(t *testing.T, where ...string) {
	t.Helper()
	with := func(args ...string) []string { return append(append([]string{"case"}, args...), where...) }
	change := func(args ...string) []string { return append(append([]string{"change"}, args...), where...) }
	says(t, "No cases", with("list")...)
	says(t, "Case 1: Crackling on trunk B.*(?i:high).*since noon.*ann@", with("open", "Crackling", "on", "trunk", "B", "--severity", "high", "--note", "since noon", "--author", "ann@example.com",
		"--set", "external_reference=TT-1", "--set", "security=true")...)
	says(t, "TT-1", with("show", "#1")...)
	says(t, "Crackling on trunk B", with("list", "--severity", "critical,high", "--status", "new")...)
	says(t, "No cases", with("list", "--severity", "low")...)
	says(t, "carrier asked", with("update", "1", "carrier asked", "--status", "awaiting_customer", "--author", "ann@example.com")...)
	says(t, "Bob", with("assign", "1", "Bob")...)
	says(t, "another", with("open", "another", "--author", "bob")...)
	says(t, "(?i:closed).*card replaced", with("close", "1", "card replaced")...)
	fails(t, exitFailure, "closed", with("assign", "1", "Ann")...)
	if out := says(t, "another", with("list")...); strings.Contains(out, "Crackling") {
		t.Errorf("a closed case is listed:\n%s", out)
	}
	says(t, "another.*Crackling", with("list", "--all")...)
	says(t, "again", with("reopen", "1", "it is there again")...)
	out := says(t, `"number":1,`, with("show", "1", "--json")...)
	var body web.CaseBody
	if err := json.Unmarshal([]byte(out), &body); err != nil || body.Version == 0 || !body.Security || body.Updates[0].Author != "ann@example.com" {
		t.Errorf("%v: %s", err, out)
	}
	fails(t, exitFailure, "(?i:version|changed)", with("update", "1", "late", "--version", "1")...)
	says(t, "in time", with("update", "1", "in time", "--version", fmt.Sprint(body.Version))...)
	fails(t, exitFailure, "no case 99", with("show", "99")...)
	fails(t, exitFailure, "no case 99", with("close", "99", "x")...)
	audit := says(t, "case.update.*case.reopen.*case.close.*case.assign.*case.open", with("audit", "1")...)
	if !strings.Contains(audit, "ann@example.com") {
		t.Errorf("the audit log lacks its author:\n%s", audit)
	}
	if lines := strings.Count(says(t, `"what":"case.open"`, with("audit", "1", "--json")...), "\n"); lines < 6 {
		t.Errorf("the audit log has %d lines of JSON", lines)
	}
	says(t, "No change", change("list")...)
	at := time.Now().Add(-time.Hour).UTC().Format(time.DateTime)
	says(t, at+".*everywhere.*SBC 2 upgraded", change("add", "SBC 2 upgraded", "--at", at, "--author", "ann")...)
	fails(t, exitFailure, "still to come", change("add", "SBC 3 upgraded", "--at", "2999-01-01")...)
	says(t, `"text":"SBC 2 upgraded"`, change("list", "--json")...)
	says(t, "ann.*SBC 2 upgraded", change("list")...)
}

// TestCasesOfAProbe: cases are worked on at a running probe.
func TestCasesOfAProbe(t *testing.T) {
	p := startBookProbe(t, web.ServerConfig{}, nil)
	workOnCases(t, "--url", p.url)
	// What is kept can be read beside the probe, and not changed.
	says(t, "Crackling", "case", "list", "--store", p.dir)
	fails(t, exitFailure, "(?i:in use|running)", "case", "assign", "1", "Ann", "--store", p.dir)
	says(t, "trunk-b", "alert", "list", "--url", p.url)
	says(t, `"rule":"loss".*"state":"firing"`, "alert", "list", "--url", p.url, "--json")
	p.stop()
	says(t, "(?s)Case 1: .*Ann", "case", "assign", "1", "Ann", "--store", p.dir)
}

// TestCasesOfAStore: they are worked on where no probe runs.
func TestCasesOfAStore(t *testing.T) {
	p := startBookProbe(t, web.ServerConfig{}, nil)
	p.stop()
	workOnCases(t, "--store", p.dir)
	config := filepath.Join(t.TempDir(), "earshot.yaml")
	write(t, config, fmt.Sprintf("store: {dir: %q}\n", p.dir))
	says(t, "another", "case", "list", "--config", config)
	fails(t, exitFailure, "no cases are kept there", "case", "list", "--store", t.TempDir())
	fails(t, exitFailure, "no cases are kept there", "case", "open", "x", "--store", t.TempDir())
	write(t, config, "log: {level: info}\n")
	fails(t, exitUsage, "no store.dir", "case", "list", "--config", config)
	fails(t, exitUsage, "no probe asks for a login", "case", "list", "--store", p.dir, "--token-file", config)
}

// TestCasesNeedALogin: who has logged in signs, and does what his level lets him.
func TestCasesNeedALogin(t *testing.T) {
	dir := t.TempDir()
	in := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	users := in("users", "looker:just a look\n[read-write]\nalice:correct horse\n")
	tokens := in("tokens", "[read-write]\ncrm 2222222222222222\n")
	p := startBookProbe(t, web.ServerConfig{UsersFile: users, TokensFile: tokens}, nil)
	looker, alice, crm := in("looker", "looker:just a look\n"), in("alice", "alice:correct horse\n"), in("crm", "crm 2222222222222222\n")
	says(t, "alice", "case", "open", "x", "--url", p.url, "--user-file", alice)
	says(t, "crm for Ms Miller", "case", "open", "y", "--url", p.url, "--token-file", crm, "--author", "Ms Miller")
	says(t, "x", "case", "list", "--url", p.url, "--user-file", looker)
	fails(t, exitFailure, `"looker" has the level read-only.*read-write`, "case", "open", "x", "--url", p.url, "--user-file", looker)
	fails(t, exitFailure, "takes admin", "case", "update", "1", "--set", "legal_hold=true", "--url", p.url, "--user-file", alice)
	fails(t, exitFailure, "wants a login", "case", "list", "--url", p.url)
	wrong := in("wrong", "alice:wrong\n")
	for range 5 {
		fails(t, exitFailure, "does not know this login", "case", "list", "--url", p.url, "--user-file", wrong)
	}
	fails(t, exitFailure, "the account is locked", "case", "list", "--url", p.url, "--user-file", alice)
}

// TestCaseOnceOverABrokenLine: the answer to a command is lost, and the case is
// opened once.
func TestCaseOnceOverABrokenLine(t *testing.T) {
	var posts atomic.Int32
	p := startBookProbe(t, web.ServerConfig{}, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && posts.Add(1) == 1 {
				h.ServeHTTP(httptest.NewRecorder(), r) // done, but nobody hears of it
				panic(http.ErrAbortHandler)
			}
			h.ServeHTTP(w, r)
		})
	})
	says(t, "Case 1: x", "case", "open", "x", "--url", p.url, "--author", "ann")
	if out := says(t, "x", "case", "list", "--url", p.url, "--json"); strings.Count(out, "\n") != 1 || posts.Load() != 2 {
		t.Errorf("%d requests, and these cases:\n%s", posts.Load(), out)
	}
}

// TestCaseCommandLine: what is wrong with a command line is said before anybody
// is asked.
func TestCaseCommandLine(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"case", "wants one of list, show"},
		{"case lst", `did you mean "list"`},
		{"case show", "usage: earshot case show NUMBER"},
		{"case show x", "no number of a case"},
		{"case close 1", "usage: earshot case close NUMBER COMMENT"},
		{"case list --status opne", `did you mean "open"`},
		{"case list --severity hihg", `did you mean "high"`},
		{"case list --limit -1", "0 or more"},
		{"case list --set owner=x", "does not belong to case list but to open, update"},
		{"case list --color sometimes", "auto, always or never"},
		{"case update 1", "nothing to update"},
		{"case update 1 --status closed", "want new, investigation"},
		{"case update 1 --set ownr=x", `did you mean "owner"`},
		{"case update 1 --set owner", "want FIELD=VALUE"},
		{"case update 1 --set down=yes", "true or false"},
		{"case open x --severity 9", "no severity"},
		{"case open x --set description=y", "--note"},
		{"change", "wants one of add, list"},
		{"change add", "usage: earshot change add TEXT"},
		{"change list --at 2026-01-01", "does not belong to change list"},
		{"change list --limit -1", "0 or more"},
		{"alert", "wants one of list"},
		{"alert list x", "usage: earshot alert list"},
	} {
		fails(t, exitUsage, regexp.QuoteMeta(tt.want), strings.Fields(tt.args)...)
	}
	fails(t, exitFailure, "is \"earshot run\" running", "case", "list", "--url", "http://"+freePort(t))
}

// TestAuditDetail: what the other columns say is not said twice.
func TestAuditDetail(t *testing.T) {
	for detail, want := range map[string]string{
		`{"kind":"close","case":1,"author":"ann","text":"card replaced","key":"K"}`:                                                                          "text card replaced",
		`{"kind":"update","case":1,"author":"ann","text":"","severity":"high","set":{"down":"true"}}`:                                                        "down true, severity high",
		`{"seq":3,"at":"2026-01-05T12:00:00Z","author":"earshot","kind":"measured","text":"worse","fields":[{"field":"severity","from":"low","to":"high"}]}`: `severity from "low" to "high", text worse`,
		`no JSON`: "no JSON",
	} {
		if got := auditDetail(detail); got != want {
			t.Errorf("%s: got %q, want %q", detail, got, want)
		}
	}
}

// TestProse: a text may come from standard input, within its bounds.
func TestProse(t *testing.T) {
	for _, tt := range []struct{ words, in, want, fault string }{
		{"a b", "", "a b", ""},
		{"-", " from\nthe pipe \n", "from\nthe pipe", ""},
		{"-", strings.Repeat("x", maxNote+1), "", "more than 65536 octets"},
		{"-", "\xff", "", "no UTF-8"},
	} {
		got, err := prose(strings.Fields(tt.words), strings.NewReader(tt.in))
		if got != tt.want || (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("%q with %.20q: got %q, %v", tt.words, tt.in, got, err)
		}
	}
	p := startBookProbe(t, web.ServerConfig{}, nil)
	var out, errs bytes.Buffer
	args := []string{"case", "open", "x", "--note", "-", "--author", "ann", "--url", p.url, "--json"}
	if status := run(context.Background(), args, stdio{strings.NewReader("two\nlines\n"), &out, &errs}); status != exitOK || !strings.Contains(out.String(), `"description":"two\nlines"`) {
		t.Errorf("status %d: %s%s", status, out.String(), errs.String())
	}
}
