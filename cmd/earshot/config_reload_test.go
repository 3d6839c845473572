package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// SIGHUP reads rules and parties again; what cannot be used changes nothing,
// and the log says which line of which file is to blame.
func TestReloadRules(t *testing.T) {
	dir, page := t.TempDir(), freePort(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	const head = "defaults: false\nrules:\n"
	site := func(owner string) string {
		return fmt.Sprintf("hep: {udp: \"127.0.0.1:0\"}\nweb: {listen: %q}\nsegments: [{name: floor, vlans: [7], owner: %s}]\nalerting: {rules: ours.yaml}\n", page, owner)
	}
	rules := func() string {
		_, body := fetch(t, "http://"+page+"/api/v1/rules")
		return body
	}
	write(t, in("ours.yaml"), head+"  - {name: first, signal: loss, above: 0.1}\n")
	write(t, in("earshot.yaml"), site("IT"))
	probe := start(t, "run", "--config", in("earshot.yaml"))
	probe.hears("READY=1")
	if got := rules(); !strings.Contains(got, `"first"`) || strings.Contains(got, `"jitter"`) {
		t.Errorf("got the rules %s, want first alone", got)
	}

	write(t, in("ours.yaml"), head+"  - {name: second, signal: los, above: 0.1}\n")
	probe.signal(syscall.SIGHUP)
	probe.logs("the old configuration goes on")
	if log, got := probe.log(), rules(); !strings.Contains(log, "ours.yaml") || !strings.Contains(log, "line 3: signal is") || !strings.Contains(got, `"first"`) {
		t.Errorf("want the old rules and the file's line in the log, got %s and\n%s", got, log)
	}

	write(t, in("ours.yaml"), head+"  - {name: second, signal: loss, above: 0.1}\n")
	write(t, in("earshot.yaml"), site("Somebody else"))
	probe.signal(syscall.SIGHUP)
	probe.logs("configuration reloaded")
	probe.until("the new rules", func() bool { return strings.Contains(rules(), `"second"`) })
	if log := probe.log(); strings.Contains(log, "until a restart") {
		t.Errorf("owners and rules need no restart:\n%s", log)
	}
	probe.signal(syscall.SIGTERM)
	if status := probe.end(); status != exitOK {
		t.Errorf("got status %d:\n%s", status, probe.log())
	}
}
