package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What a running probe answered is kept, though it is killed as soon as it has,
// and each start goes on with the same case.
func TestRunKeepsCases(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "earshot.yaml")
	listen := freePort(t)
	write(t, config, fmt.Sprintf(`
hep: {tcp: %q}
web: {listen: %q}
tenants: [{name: acme, contacts: [a@acme.example, b@acme.example]}]
store: {dir: kept, min_free_mb: 1}
`, freePort(t), listen))
	did := func(args ...string) string {
		t.Helper()
		status, out, errs := earshot(t, append(args, "--url", "http://"+listen, "--author", "ann")...)
		if status != exitOK {
			t.Fatalf("%q: got %d: %s", args, status, errs)
		}
		return out
	}
	const kills = 4
	for i := range kills {
		probe := start(t, "run", "--config", config)
		probe.hears("READY=1")
		if i == 0 {
			did("case", "open", "Crackling at the desk")
		}
		did("case", "update", "1", fmt.Sprintf("note %d", i))
		did("change", "add", fmt.Sprintf("SBC upgraded %d times", i))
		probe.signal(syscall.SIGKILL)
		probe.end()
	}
	status, out, errs := earshot(t, "store", "check", "--config", config)
	if status != exitOK || !strings.Contains(out, "1 case (open: 1), 4 changes, audit log of ") {
		t.Errorf("check: got %d\n%s%s", status, out, errs)
	}
	_, out, errs = earshot(t, "case", "show", "1", "--config", config)
	for i := range kills {
		if n := strings.Count(out, fmt.Sprintf("note %d", i)); n != 1 {
			t.Errorf("note %d is there %d times in\n%s%s", i, n, out, errs)
		}
	}
	if got := exported(t, filepath.Join(dir, "kept"), "cases", "--tenant", "acme"); len(got) != 1 || !strings.Contains(got[0], "Crackling at the desk") {
		t.Errorf("exported: got %q", got)
	}
}
