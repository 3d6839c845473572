package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A case that is opened and closed while the probe is down has its report when
// it is back, and not another one after the next start.
func TestRunMakesReports(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "earshot.yaml")
	text := fmt.Sprintf("hep: {udp: \"127.0.0.1:0\"}\nweb: {listen: %q}\nstore: {dir: store}\n", freePort(t))
	write(t, config, text+"reports:\n  - {kind: incident, format: md, dir: reports, mail: nobody}\n")
	fails(t, exitUsage, `line 5: reports: no destination of kind mail is called "nobody"`, "run", "--config", config)
	write(t, config, text+"reports:\n  - {kind: incident, format: md, dir: reports}\n")

	made := filepath.Join(dir, "reports", "incident-1.md")
	run := func(done func() bool) {
		t.Helper()
		probe := start(t, "run", "--config", config)
		probe.hears("READY=1")
		for range 200 {
			if done() {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		probe.signal(syscall.SIGTERM)
		probe.end()
	}
	noted := func(what string) func() bool {
		return func() bool {
			log, err := os.ReadFile(filepath.Join(dir, "store", "cases.db-wal"))
			return err == nil && strings.Contains(string(log), what)
		}
	}
	run(noted("report since incident md reports"))
	where := []string{"--config", config, "--author", "ann"}
	says(t, "Case 1", append([]string{"case", "open", "Crackling", "--severity", "high"}, where...)...)
	says(t, "closed", append([]string{"case", "close", "1", "line card replaced"}, where...)...)
	run(noted("report incident md reports: case 1 closed"))
	text1, err := os.ReadFile(made)
	if err != nil || !strings.Contains(string(text1), "line card replaced") || strings.Contains(string(text1), "Draft") {
		t.Fatalf("%v: %s", err, text1)
	}
	if err := os.Remove(made); err != nil {
		t.Fatal(err)
	}
	rounds := 0
	run(func() bool { rounds++; return rounds > 20 }) // a second: the clerk begins at once
	if _, err := os.Stat(made); !os.IsNotExist(err) {
		t.Errorf("the report was made again: %v", err)
	}
}
