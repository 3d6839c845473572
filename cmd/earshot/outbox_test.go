package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
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

// hookServer takes webhooks, or refuses them all.
type hookServer struct {
	*httptest.Server
	refuses atomic.Bool
	taken   atomic.Int64
}

func startHooks(t *testing.T) *hookServer {
	t.Helper()
	h := &hookServer{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if h.refuses.Load() {
			http.Error(w, "no such queue", http.StatusUnprocessableEntity)
			return
		}
		h.taken.Add(1)
		fmt.Fprint(w, `{"id": "4711", "number": "VOICE-17"}`)
	}))
	t.Cleanup(h.Close)
	return h
}

// waitFor looks at something again until a pattern is in it.
func waitFor(t *testing.T, pattern string, args ...string) string {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, out, errs := earshot(t, args...)
		if regexp.MustCompile("(?s)" + pattern).MatchString(out) {
			return out
		}
		if time.Now().After(end) {
			t.Fatalf("earshot %s never showed %q: %s%s", strings.Join(args, " "), pattern, out, errs)
		}
	}
}

// outboxConfiguration is one with a webhook.
func outboxConfiguration(t *testing.T, dir, url string) string {
	t.Helper()
	write(t, filepath.Join(dir, "hook.secret"), "sesame-open-the-door-please")
	file := filepath.Join(dir, "earshot.yaml")
	write(t, file, fmt.Sprintf(`
hep: {udp: "127.0.0.1:0"}
store: {dir: store}
destinations:
  - {name: desk, kind: webhook, url: %q, secret_file: hook.secret}
  - {name: quiet, kind: webhook, url: %q, secret_file: hook.secret, filter: {severity: critical}}
`, url, url))
	return file
}

// A case goes to a destination that refuses it; somebody sees that, mends it and
// has it tried again, at the probe; then in the store of one that is stopped.
func TestOutboxCommand(t *testing.T) {
	dir, hooks := t.TempDir(), startHooks(t)
	file := outboxConfiguration(t, dir, hooks.URL)
	hooks.refuses.Store(true)
	p := startOutboxProbe(t, file, filepath.Join(dir, "store"))
	at := []string{"--url", p.url}
	with := func(args ...string) []string { return append(append([]string{"outbox"}, args...), at...) }
	says(t, "There is no such ticket", with("list")...)
	says(t, "Case 1", append([]string{"case", "open", "Crackling", "--severity", "high", "--author", "ann"}, at...)...)
	out := waitFor(t, `1 +desk +#1 +dead`, with("list")...)
	if !strings.Contains(out, "no such queue") || strings.Contains(out, "quiet") {
		t.Errorf("the list says\n%s", out)
	}
	says(t, `Error +.*no such queue`, with("show", "1")...)
	says(t, `^\{"id":1,"destination":"desk"`, with("list", "--state", "dead", "--json")...)
	says(t, "There is no such ticket", with("list", "--state", "confirmed")...)
	hooks.refuses.Store(false)
	says(t, `Ticket 1 +desk: (pending|sent)`, with("retry", "1", "--author", "ann")...)
	waitFor(t, `desk: confirmed.*There +VOICE-17`, with("show", "1")...)
	fails(t, exitFailure, "1 is confirmed", with("retry", "1", "--author", "ann")...)
	says(t, "^0 dead tickets", with("retry", "all")...)
	says(t, "dropped by ann", with("drop", "1", "--author", "ann")...)
	fails(t, exitFailure, "no such ticket", with("show", "9")...)

	hooks.refuses.Store(true)
	says(t, "Case 2", append([]string{"case", "open", "Echo", "--severity", "high", "--author", "ann"}, at...)...)
	waitFor(t, `2 +desk +#2 +dead`, with("list")...)
	p.stop()
	at = []string{"--config", file}
	says(t, `2 +desk +#2 +dead`, with("list", "--case", "2")...)
	says(t, "1 dead tickets are tried again", with("retry", "all")...)
	says(t, `2 +desk +#2 +pending`, with("list", "--all", "--limit", "1")...)
	says(t, "dropped by ann", with("drop", "2", "--author", "ann")...)
	fails(t, exitFailure, "there is no ticket 9", with("drop", "9")...)
}

// TestOutboxUsage: mistakes are found before anybody is asked.
func TestOutboxUsage(t *testing.T) {
	for _, c := range []struct{ says, args string }{
		{"outbox wants one of", "outbox"},
		{`cannot "lst".*did you mean "list"`, "outbox lst"},
		{`"ded", want one of pending`, "outbox list --state ded"},
		{"is no number of a ticket", "outbox show x"},
		{"is no number of a case", "outbox list --case x"},
		{"--state does not belong to outbox show but to list", "outbox show 1 --state dead"},
		{"a ticket has one already", "outbox retry 1 --destination x"},
		{"dry-run needs --config", "outbox dry-run 1"},
	} {
		fails(t, exitUsage, c.says, strings.Fields(c.args)...)
	}
}

// TestOutboxDryRun: the request is shown, its secret is not, and nothing is sent.
func TestOutboxDryRun(t *testing.T) {
	dir, hooks := t.TempDir(), startHooks(t)
	file := outboxConfiguration(t, dir, hooks.URL)
	cases, err := store.OpenCases(filepath.Join(dir, "store"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := cases.Close(); err != nil {
		t.Fatal(err)
	}
	says(t, "Case 1", "case", "open", "Crackling", "--severity", "high", "--config", file)
	out := says(t, `# desk \(webhook\), create:\n.*POST .*Crackling.*# quiet is not told of case 1`, "outbox", "dry-run", "1", "--config", file)
	if strings.Contains(out, "sesame") || hooks.taken.Load() != 0 {
		t.Errorf("%d requests were made, and it says\n%s", hooks.taken.Load(), out)
	}
	says(t, "^# quiet", "outbox", "dry-run", "1", "--config", file, "--destination", "quiet")
	fails(t, exitUsage, `no "desc".*did you mean "desk"`, "outbox", "dry-run", "1", "--config", file, "--destination", "desc")
	fails(t, exitFailure, "no case 7", "outbox", "dry-run", "7", "--config", file)
}

// startOutboxProbe is the web server, the desk and the courier of a probe.
func startOutboxProbe(t *testing.T, file, dir string) *bookProbe {
	t.Helper()
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := c.destinations()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := store.OpenCases(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	desk, err := startDesk(alerting.DeskConfig{}, settings, cases, deskFiles{}, &store.Retention{}, alerting.NewWatch(alerting.WatchConfig{Rules: new(alerting.RuleSet)}), log, newThrottle(log))
	if err != nil {
		t.Fatal(err)
	}
	m, err := web.NewMetrics(web.MetricsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.NewServer(web.ServerConfig{Log: log}, web.Probe{Desk: deskAPI{desk}, Outbox: outboxAPI{desk}}, m)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler())
	p := &bookProbe{dir: dir, url: server.URL}
	var stopped atomic.Bool
	p.stop = func() {
		if !stopped.Swap(true) {
			server.Close()
			if err := desk.close(); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(p.stop)
	return p
}
