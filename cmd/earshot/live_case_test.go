package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/evidence"
)

// quickRules are rules for a test's patience: a fault must hold for a second,
// and be gone for eight.
const quickRules = `defaults: false
rules:
  - name: quick-loss
    signal: loss
    by: [segment, direction]
    measure: share
    above: 0.10
    resolve: 0.03
    window: 20s
    for: 1s
    resolve_for: 8s
    min: {units: 4, affected: 3, time: 10s}
    severity: high
    annotations: {summary: "Packet loss in {segment}", description: "{share} lost."}
`

// testCase: a network that loses packets gives one case with the right party;
// the probe is killed and started again, and it is still one case; the
// network is repaired, and the case says restored, on proof; a person closes it.
// Beside that a receiver hears of it: once that it is there, with its evidence,
// and once that it is closed.
func (l *lab) testCase(t *testing.T) {
	needs(t, "sipp")
	dir := t.TempDir()
	config := filepath.Join(dir, "probe.yaml")
	files := map[string]string{"rules.yaml": quickRules, "probe.yaml": `
captures: [{name: rc}]
save: {memory_mb: 16, dir: packets, file_mb: 1}
evidence: {settle_s: 2}
destinations:
  - {name: desk, kind: webhook, url: "http://127.0.0.1:10099/", secret_file: secret, comment_every: 1s}
web: {listen: "127.0.0.1:10060"}
store: {dir: kept}
peers:
  - {name: carols, networks: [10.9.4.0/24]}
  - {name: bobs, networks: [10.9.2.0/24]}
segments:
  - {name: carols-line, near: [bobs], far: [carols], owner: line-provider, contact: noc@line.example}
alerting: {rules: rules.yaml}
`, "secret": strings.Repeat("k", 40)}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func() *running {
		p := l.start(t, "router", dir, l.earshot, "run", "--config", config)
		p.until("msg=listening")
		return p
	}

	wire := l.wire(t, "loss=12%")
	received := filepath.Join(dir, "received")
	receiver := l.start(t, "router", dir, l.earshot, "receive", "--listen", "127.0.0.1:10099", "--secret-file", filepath.Join(dir, "secret"), "--out", received)
	receiver.until("receiving webhooks")
	p := run()
	l.startUAS(t)
	calls := l.sippCalls(t, "carol", "10.9.4.2", 60)
	opened := l.awaitCase(t, func(c *alerting.Case) bool { return true })
	if opened.Owner != "line-provider" || opened.Contact != "noc@line.example" || opened.Segment != "carols-line" || opened.Severity != alerting.High {
		t.Errorf("the case names owner %q, contact %q, segment %q, severity %s", opened.Owner, opened.Contact, opened.Segment, opened.Severity)
	}
	receiver.until("created    case 1")
	receiver.until("attached   evidence-1.zip")
	l.checkEvidence(t, received, "evidence-1.zip")
	p.signal(syscall.SIGKILL)
	<-p.done
	p = run()
	calls.wait(60 * time.Second)
	wire.signal(syscall.SIGTERM)
	wire.wait(15 * time.Second)

	l.wire(t, "loss=0%")
	repaired := l.sippCalls(t, "carol", "10.9.4.2", 80)
	restored := l.awaitCase(t, func(c *alerting.Case) bool { return c.SubStatus == alerting.SubRestored })
	if restored.Number != opened.Number || restored.Restored.IsZero() || restored.Proof.Units < 4 {
		t.Errorf("restored %d at %v by %d streams, want %d by 4 at least", restored.Number, restored.Restored, restored.Proof.Units, opened.Number)
	}
	receiver.until("attached   evidence-2.zip") // of calls whose packets were gone with the probe, but for the capture files
	l.checkEvidence(t, received, "evidence-2.zip")
	l.within(t, "case", "close", "1", "The provider replaced a line card.")
	closed := l.awaitCase(t, func(c *alerting.Case) bool { return c.Status == alerting.StatusClosed })
	if closed.SubStatus != alerting.SubResolved || closed.Closure != "The provider replaced a line card." {
		t.Errorf("closed as %s, %q", closed.SubStatus, closed.Closure)
	}
	receiver.until("closed     case 1")
	repaired.wait(60 * time.Second)
	p.signal(syscall.SIGTERM)
	if log := p.wait(20 * time.Second); !strings.Contains(log, `msg="case restored"`) {
		t.Errorf("the log does not tell that the case is restored:\n%s", log)
	}
	receiver.signal(syscall.SIGTERM)
	if heard := receiver.wait(15 * time.Second); strings.Count(heard, "  created  ") != 1 || strings.Count(heard, "  closed  ") != 1 {
		t.Errorf("the receiver heard of more than one ticket, or of none:\n%s", heard)
	}
}

// checkEvidence checks an evidence that a receiver got: it has the packets of
// all the worst calls, and replayed they give its records.
func (l *lab) checkEvidence(t *testing.T, received, name string) {
	t.Helper()
	archives, err := filepath.Glob(filepath.Join(received, "*", "files", name))
	if err != nil || len(archives) != 1 {
		t.Fatalf("got %v, %v; want one %s", archives, err, name)
	}
	if out := l.within(t, "evidence", "check", archives[0]); !strings.Contains(out, "the figures are reproduced") {
		t.Errorf("%s is not confirmed:\n%s", name, out)
	}
	folder := filepath.Join(t.TempDir(), "e")
	if err := evidence.Unpack(archives[0], folder); err != nil {
		t.Fatal(err)
	}
	manifest := manifestOf(t, folder)
	for _, x := range manifest.Examples {
		if strings.HasPrefix(x.Example, "worst") && x.Missing != "" {
			t.Errorf("%s: %s is not there: %s", name, x.Example, x.Missing)
		}
	}
}

// wire starts the impairer between carol and the router.
func (l *lab) wire(t *testing.T, faults string) *running {
	t.Helper()
	w := l.start(t, "wire", t.TempDir(), l.impair, "-a", "wa", "-b", "wb", "-ab", faults)
	w.until("relaying")
	return w
}

// awaitCase waits for the only case to be so.
func (l *lab) awaitCase(t *testing.T, so func(*alerting.Case) bool) *alerting.Case {
	t.Helper()
	var page struct{ Cases []*alerting.Case }
	for range 120 {
		if err := json.Unmarshal([]byte(l.get(t, "router", "http://127.0.0.1:10060/api/v1/cases")), &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Cases) > 1 {
			t.Fatalf("%d cases for one fault:\n%s", len(page.Cases), l.within(t, "case", "show", "2")+l.within(t, "case", "show", "1"))
		}
		if len(page.Cases) == 1 {
			c := new(alerting.Case)
			url := fmt.Sprintf("http://127.0.0.1:10060/api/v1/cases/%d", page.Cases[0].Number)
			if err := json.Unmarshal([]byte(l.get(t, "router", url)), c); err != nil {
				t.Fatal(err)
			}
			if so(c) {
				return c
			}
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatalf("waited in vain; the cases are %+v", page.Cases)
	return nil
}

// within runs a command of earshot on the router.
func (l *lab) within(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("ip", append([]string{"netns", "exec", labPrefix + "router", l.earshot}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("earshot %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
