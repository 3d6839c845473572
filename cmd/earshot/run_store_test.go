package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/store"
)

// A call is found beside the running probe that keeps it, by number and
// segment, and after the probe has been killed.
func TestRunKeepsCalls(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "earshot.yaml")
	hep, page := freePort(t), freePort(t)
	write(t, config, fmt.Sprintf(`
hep: {tcp: %q}
web: {listen: %q}
peers: [{name: caller, networks: [10.0.0.0/8]}]
segments: [{name: way-out, near: [caller]}]
store: {dir: kept, min_free_mb: 1}
`, hep, page))
	probe := start(t, "run", "--config", config)
	probe.hears("READY=1")
	sendCall(t, hep, "kept-call")
	find := func(flags ...string) string {
		status, out, errs := earshot(t, append([]string{"calls", "find", "--json", "--config", config}, flags...)...)
		if status != exitOK {
			t.Fatalf("got %d: %s", status, errs)
		}
		return out
	}
	probe.until("the call in the store", func() bool { return strings.Contains(find("--call-id", "kept-call"), `"call_ids":["kept-call"]`) })
	for _, flags := range [][]string{{"--segment", "way-out"}, {"--peer", "caller"}, {"--since", "1h"}, {"--ip", "10.0.0.1"}} {
		if !strings.Contains(find(flags...), "kept-call") {
			t.Errorf("%q does not find it", flags)
		}
	}
	if out := find("--since", "1h", "--segment", "other"); strings.Contains(out, "kept-call") {
		t.Error("it is found in a segment that it did not pass")
	}
	if status, out, errs := earshot(t, "calls", "find", "--json", "--url", "http://"+page, "--peer", "caller"); status != exitOK || out != find("--peer", "caller") {
		t.Errorf("asked itself: status %d %s: %q", status, errs, out)
	}
	if _, metrics := fetch(t, "http://"+page+"/metrics"); !strings.Contains(metrics, `earshot_store_records_total{result="written"} 1`) {
		t.Error("the metrics do not say that one record was written")
	}
	probe.signal(syscall.SIGKILL)
	probe.end()
	if !strings.Contains(find("--call-id", "kept-call"), "kept-call") {
		t.Error("it is gone with the probe")
	}
	again := start(t, "run", "--config", config)
	again.hears("READY=1")
	again.signal(syscall.SIGTERM)
	if status := again.end(); status != exitOK || !strings.Contains(find(), "kept-call") {
		t.Errorf("started and ended again: status %d; log:\n%s", status, again.log())
	}
}

// What finds the queue full is counted; what was taken is written, the last
// records too, and streams of a call only with it.
func TestRecordQueue(t *testing.T) {
	now := time.Now()
	call := func(i int) *dialog.CallRecord {
		return &dialog.CallRecord{Type: "call", ID: fmt.Sprintf("%016x", i), Start: dialog.Time(now.UnixNano()), End: dialog.Time(now.UnixNano())}
	}
	cfg := store.Config{Dir: t.TempDir(), Days: 2, TotalBytes: 1 << 40}
	s, err := store.Open(cfg, now)
	if err != nil {
		t.Fatal(err)
	}
	// Nobody takes from this one yet.
	q := &recordQueue{in: make(chan dialog.Record, 3), done: make(chan struct{}), store: s, tell: func(err error) { t.Error(err) }}
	id := "x"
	q.Record(&dialog.StreamRecord{Type: "stream", ID: "of a call", Call: &id})
	q.Record(&dialog.TransactionRecord{Type: "transaction"})
	for i := range 5 {
		q.Record(call(i))
	}
	if got := q.dropped.Load(); got != 2 {
		t.Errorf("got %d dropped, want 2 of 5", got)
	}
	go q.run()
	if err := q.close(); err != nil {
		t.Fatal(err)
	}
	if got := s.Stats().Written; got != 3 {
		t.Errorf("got %d written, want 3", got)
	}
}
