package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestRunKilledKeepsCases: what a probe has answered outlives SIGKILL, and a
// command that comes again after it is not done again.
func TestRunKilledKeepsCases(t *testing.T) {
	dir, page := t.TempDir(), freePort(t)
	config := filepath.Join(dir, "earshot.yaml")
	write(t, filepath.Join(dir, "users"), "[read-write]\nalice:correct horse\n")
	write(t, filepath.Join(dir, "mine"), "alice:correct horse\n")
	write(t, config, fmt.Sprintf(`
hep: {udp: "127.0.0.1:0"}
web: {listen: %q, users_file: users}
store: {dir: store}
`, page))
	with := []string{"--url", "http://" + page, "--user-file", filepath.Join(dir, "mine")}
	open := func(key, body string) *http.Response {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+page+"/api/v1/cases", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.SetBasicAuth("alice", "correct horse")
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Idempotency-Key", key)
		a, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		if _, err := io.Copy(io.Discard, a.Body); err != nil {
			t.Fatal(err)
		}
		return a
	}
	probe := start(t, "run", "--config", config)
	probe.hears("READY=1")
	if a := open("key-1", `{"subject": "Crackling"}`); a.StatusCode != http.StatusCreated || a.Header.Get("Location") != "/api/v1/cases/1" {
		t.Fatalf("status %s, headers %v", a.Status, a.Header)
	}
	says(t, "looking", append([]string{"case", "update", "1", "looking"}, with...)...)
	says(t, "SBC 2", append([]string{"change", "add", "SBC 2 upgraded"}, with...)...)
	probe.signal(syscall.SIGKILL)
	probe.end()

	probe = start(t, "run", "--config", config)
	probe.hears("READY=1")
	says(t, "Case 1: Crackling.*alice.*looking", append([]string{"case", "show", "1"}, with...)...)
	says(t, "alice.*SBC 2 upgraded", append([]string{"change", "list"}, with...)...)
	if a := open("key-1", `{"subject": "Crackling"}`); a.StatusCode != http.StatusCreated || a.Header.Get("Idempotency-Replayed") != "true" || a.Header.Get("Location") != "/api/v1/cases/1" {
		t.Errorf("the same again: status %s, headers %v", a.Status, a.Header)
	}
	if a := open("key-1", `{"subject": "another"}`); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("another command with the key: status %s", a.Status)
	}
	if out := says(t, "Crackling", append([]string{"case", "list", "--all", "--json"}, with...)...); strings.Count(out, "\n") != 1 {
		t.Errorf("there are cases that nobody opened:\n%s", out)
	}
	probe.signal(syscall.SIGTERM)
	if status := probe.end(); status != exitOK || strings.Contains(probe.log(), "correct horse") {
		t.Errorf("status %d, or a secret in the log:\n%s", status, probe.log())
	}
}
