package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/sanitise"
	"earshot/store"
	"earshot/web"
)

// fileProbe is the API, the cases and the files of a probe with one open case.
type fileProbe struct {
	url   string
	dir   string
	desk  *caseDesk
	files deskFiles
}

// startFileProbe starts one, whose answers go through wrap.
func startFileProbe(t *testing.T, wrap func(http.Handler) http.Handler) *fileProbe {
	t.Helper()
	p := &fileProbe{dir: t.TempDir()}
	cases, err := store.OpenCases(p.dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if p.files.kept, err = store.OpenAttachments(p.dir, store.AttachmentLimits{}); err != nil {
		t.Fatal(err)
	}
	p.files.retention = &store.AttachmentRetention{}
	p.files.intake = attachmentIntake{p.files.kept, sanitise.Key{1}, nil}
	log := slog.New(slog.DiscardHandler)
	p.desk, err = startDesk(alerting.DeskConfig{}, nil, cases, p.files, &store.Retention{}, alerting.NewWatch(alerting.WatchConfig{Rules: new(alerting.RuleSet)}), log, newThrottle(log))
	if err != nil {
		t.Fatal(err)
	}
	m, err := web.NewMetrics(web.MetricsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.NewServer(web.ServerConfig{Log: log}, web.Probe{Desk: deskAPI{p.desk}, Attachments: p.files.intake}, m)
	if err != nil {
		t.Fatal(err)
	}
	if wrap == nil {
		wrap = func(h http.Handler) http.Handler { return h }
	}
	server := httptest.NewServer(wrap(s.Handler()))
	p.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := p.desk.close(); err != nil {
			t.Error(err)
		}
	})
	p.run(t, exitOK, "case", "open", "crackles")
	return p
}

// run runs a command at the probe.
func (p *fileProbe) run(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	status, out, errs := earshot(t, append(args, "--url", p.url, "--author", "ann")...)
	if status != want {
		t.Fatalf("%q: status %d, want %d: %s", args, status, want, errs)
	}
	return out, errs
}

// file writes a file to be attached.
func file(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAttachAndGet: a file that needs several parts arrives over a line that
// breaks again and again, and comes back over it, octet by octet; nothing that
// has arrived is sent twice.
func TestAttachAndGet(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789abcdef"), (2*uploadPart+uploadPart/2)/16)
	var sent, fetched atomic.Int64
	line := &brokenLine{sent: &sent, fetched: &fetched}
	p := startFileProbe(t, line.wrap)
	line.breaks.Store(true)
	path := file(t, "trace.txt", text)
	p.run(t, exitOK, "case", "attach", "1", path)
	if n := sent.Load(); n < int64(len(text)) || n > int64(len(text))+5*uploadPart {
		t.Errorf("%d octets were sent for %d", n, len(text))
	}
	back := filepath.Join(t.TempDir(), "back.txt")
	p.run(t, exitOK, "case", "get", "1", "trace.txt", "--o", back)
	got, err := os.ReadFile(back)
	if err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d octets came back, %v", len(got), err)
	}
	if n := fetched.Load(); n < int64(len(text)) || n > int64(len(text))+4<<20 {
		t.Errorf("%d octets were fetched for %d", n, len(text))
	}
	if _, err := os.Stat(back + ".part"); err == nil {
		t.Error("the part stayed")
	}
	line.breaks.Store(false)
	out, _ := p.run(t, exitOK, "case", "show", "1", "--json")
	sum := sha256.Sum256(text)
	if !strings.Contains(out, hex.EncodeToString(sum[:])) || strings.Count(out, `"name":"trace.txt"`) != 1 {
		t.Errorf("the case says %s", out)
	}
	if _, errs := p.run(t, exitFailure, "case", "get", "1", "none.txt"); !strings.Contains(errs, "it has trace.txt") {
		t.Errorf("got %s", errs)
	}
}

// brokenLine breaks the second request for a file, and every third one after it.
type brokenLine struct {
	breaks        atomic.Bool
	count         atomic.Int64
	sent, fetched *atomic.Int64
}

func (l *brokenLine) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/attachments/") || !l.breaks.Load() {
			next.ServeHTTP(w, r)
			return
		}
		broken := l.count.Add(1)%3 == 2
		r.Body = &meter{r.Body, l.sent, broken && r.Method == http.MethodPost}
		next.ServeHTTP(&tap{w, l.fetched, broken && r.Method == http.MethodGet}, r)
		if broken {
			panic(http.ErrAbortHandler) // the answer is lost
		}
	})
}

// meter counts what is read, and breaks off after 100,000 octets.
type meter struct {
	io.ReadCloser
	n      *atomic.Int64
	breaks bool
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.n.Add(int64(n))
	if m.breaks {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// tap counts what is answered, and breaks off after the first octets.
type tap struct {
	http.ResponseWriter
	n      *atomic.Int64
	breaks bool
}

func (w *tap) Write(p []byte) (int, error) {
	if w.breaks {
		w.n.Add(int64(len(p)))
		_, _ = w.ResponseWriter.Write(p)
		panic(http.ErrAbortHandler)
	}
	w.n.Add(int64(len(p)))
	return w.ResponseWriter.Write(p)
}

// TestAttachCapture: a capture is sanitised on its way in, also a compressed
// one; what may hold one is refused unless somebody says that it is fit.
func TestAttachCapture(t *testing.T) {
	p := startFileProbe(t, nil)
	_, errs := p.run(t, exitOK, "case", "attach", "1", demo)
	if !strings.Contains(errs, "input-sanitised.pcapng") || !strings.Contains(errs, "without anything personal") {
		t.Errorf("told %s", errs)
	}
	back := filepath.Join(t.TempDir(), "back.pcapng")
	p.run(t, exitOK, "case", "get", "1", "input-sanitised.pcapng", "--o", back)
	text, err := os.ReadFile(back)
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range []string{"12025550002", "493055514793", "10.20.0.3"} { // see TestFilters
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("it holds %s", canary)
		}
	}
	status, out, errs := earshot(t, "replay", "--json", back)
	if got := kinds(t, out)["call"]; status != exitOK || got != 12 {
		t.Errorf("status %d, %d calls: %s", status, got, errs)
	}
	for name, text := range map[string]string{"a.zip": "PK\x03\x04...", "b.gz": "\x1f\x8b\x08....", "c.tar": strings.Repeat("\x00", 257) + "ustar", "d.7z": "7z\xBC\xAF\x27\x1C"} {
		path := file(t, name, []byte(text))
		if _, errs := p.run(t, exitFailure, "case", "attach", "1", path); !strings.Contains(errs, "may hold captures") && !strings.Contains(errs, "cannot be read") {
			t.Errorf("%s: %s", name, errs)
		}
		p.run(t, exitOK, "case", "attach", "1", path, "--as-is", "--name", "fit-"+name)
	}
	p.run(t, exitOK, "case", "attach", "1", file(t, "empty.txt", nil))
	left, err := filepath.Glob(filepath.Join(p.dir, "attachments", "1", ".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left: %q, %v", left, err)
	}
}

// TestAttachDamagedCapture: one that holds no packet that can be read is told.
func TestAttachDamagedCapture(t *testing.T) {
	p := startFileProbe(t, nil)
	text, err := os.ReadFile(burst)
	if err != nil {
		t.Fatal(err)
	}
	p.run(t, exitOK, "case", "attach", "1", file(t, "cut.pcap", text[:len(text)/2]))
	out, _ := p.run(t, exitOK, "case", "show", "1", "--json")
	if !strings.Contains(out, `"name":"cut-sanitised.pcapng"`) || strings.Contains(out, `"name":"cut.pcap"`) {
		t.Errorf("the case says %s", out)
	}
}

// TestStoredFiles: without a probe files are read from the store, and none is
// attached.
func TestStoredFiles(t *testing.T) {
	p := startFileProbe(t, nil)
	p.run(t, exitOK, "case", "attach", "1", file(t, "note.txt", []byte("hello")))
	back := filepath.Join(t.TempDir(), "back.txt")
	if status, _, errs := earshot(t, "case", "get", "1", "note.txt", "--store", p.dir, "--o", back); status != exitOK {
		t.Fatalf("status %d: %s", status, errs)
	}
	if text, err := os.ReadFile(back); string(text) != "hello" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	if status, _, errs := earshot(t, "case", "attach", "1", back, "--store", p.dir); status == exitOK || !strings.Contains(errs, "running probe") {
		t.Errorf("status %d: %s", status, errs)
	}
	if status, _, errs := earshot(t, "case", "evidence", "1", "--store", p.dir); status == exitOK || !strings.Contains(errs, "has no evidence") {
		t.Errorf("status %d: %s", status, errs)
	}
}

func TestSanitisedName(t *testing.T) {
	for name, want := range map[string]string{
		"in.pcap": "in-sanitised.pcapng", "in.pcapng.gz": "in-sanitised.pcapng", "trace": "trace-sanitised.pcapng",
		".pcap": "capture-sanitised.pcapng", strings.Repeat("n", 119): "capture-sanitised.pcapng",
	} {
		if got := sanitisedName(name); got != want || !alerting.SafeName(got) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

// TestArchivesAreNoCaptures: what counts as an archive is nothing that could be
// opened and sanitised.
func TestArchivesAreNoCaptures(t *testing.T) {
	for _, a := range archives {
		path := file(t, "x", []byte(strings.Repeat("\x00", a.at)+a.magic+strings.Repeat("\x00", 600)))
		if archiveKind(path) == "" {
			t.Errorf("%s is not seen", a.kind)
		}
		if src, err := capture.Open([]string{path}, capture.Options{}); err == nil {
			src.Close()
			t.Errorf("%s was opened as a capture", a.kind)
		}
	}
}
