package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/capture"
)

// sanitiseKey makes a file with a key.
func sanitiseKey(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte(strings.Repeat("5a", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The demo's capture has the same calls afterwards, and none of its addresses
// and numbers (testdata/demo/README.md).
func TestSanitise(t *testing.T) {
	out := filepath.Join(t.TempDir(), "clean.pcapng")
	status, manifest, errs := earshot(t, "sanitise", "--json", "--key", sanitiseKey(t), demo, out)
	if status != exitOK || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		SHA256, Command string
		Bytes           int
		Packets         uint64
	}
	if err := json.Unmarshal([]byte(manifest), &m); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(file)
	if m.SHA256 != hex.EncodeToString(sum[:]) || m.Bytes != len(file) || m.Command != "earshot replay --json "+out {
		t.Errorf("got manifest %s", manifest)
	}
	for _, personal := range []string{"12025550002", "493055514793", "203.0.113.", "10.20.0.3"} {
		if bytes.Contains(file, []byte(personal)) {
			t.Errorf("%q is in the result", personal)
		}
	}
	_, before, _ := earshot(t, "replay", "--json", demo)
	_, after, _ := earshot(t, "replay", "--json", out)
	if x, y := kinds(t, before), kinds(t, after); x["call"] != 12 || y["call"] != x["call"] || y["stream"] != x["stream"] {
		t.Errorf("%v became %v", x, y)
	}
	if x, y := lossOf(t, before), lossOf(t, after); x == 0 || x != y {
		t.Errorf("%d lost packets became %d", x, y)
	}
	if m.Packets == 0 {
		t.Errorf("got manifest %s", manifest)
	}
}

// lossOf adds the lost packets of all streams.
func lossOf(t *testing.T, out string) (lost int) {
	t.Helper()
	for line := range strings.Lines(out) {
		var r struct {
			Type string
			Lost int
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Type == "stream" {
			lost += r.Lost
		}
	}
	return lost
}

func TestSanitiseRefuses(t *testing.T) {
	dir := t.TempDir()
	key := sanitiseKey(t)
	open := filepath.Join(dir, "open")
	short := filepath.Join(dir, "short")
	input := filepath.Join(dir, "input.pcap")
	text, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{open: strings.Repeat("5a", 32), short: "5a5a5a", input: string(text)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out.pcapng")
	for _, c := range []struct {
		name, says string
		args       []string
	}{
		{"no key", "--new-key", []string{input, out}},
		{"no output", "IN OUT", []string{"--key", key, input}},
		{"a missing key", "--new-key makes it", []string{"--key", filepath.Join(dir, "nowhere"), input, out}},
		{"a key that all can read", "chmod o-rwx", []string{"--key", open, input, out}},
		{"a key too short", "64 hexadecimal digits", []string{"--key", short, input, out}},
		{"a new key over an old one", "there already", []string{"--new-key", "--key", key, input, out}},
		{"the input", "would overwrite the capture", []string{"--key", key, input, input}},
		{"a file of the directory", "would overwrite the capture", []string{"--key", key, dir, input}},
		{"the key", "would overwrite the key", []string{"--key", key, input, key}},
		{"a directory", "is a directory", []string{"--key", key, input, dir}},
		{"no capture", "cannot sanitise", []string{"--key", key, "replay_test.go", out}},
		{"a missing capture", "no such file", []string{"--key", key, filepath.Join(dir, "none.pcap"), out}},
		{"the manifest into the capture", "--json", []string{"--json", "--key", key, input, "-"}},
	} {
		status, _, errs := earshot(t, append([]string{"sanitise"}, c.args...)...)
		if status == exitOK || !strings.Contains(errs, c.says) || strings.Contains(errs, "5a5a") {
			t.Errorf("%s: status %d: %s", c.name, status, errs)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%s: there is a result", c.name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("%v was left behind", left)
	}
	if now, _ := os.ReadFile(input); !bytes.Equal(now, text) {
		t.Error("the input has changed")
	}
}

// A capture that ends in the middle is written up to there, and that is said.
func TestSanitiseDamaged(t *testing.T) {
	dir := t.TempDir()
	text, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	input, out := filepath.Join(dir, "cut.pcap"), filepath.Join(dir, "out.pcapng")
	if err := os.WriteFile(input, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	status, manifest, errs := earshot(t, "sanitise", "--json", "--key", sanitiseKey(t), input, out)
	if status != exitOK || !strings.Contains(errs, "warning") || !strings.Contains(manifest, `"damaged": true`) || strings.Contains(manifest, "cut.pcap") {
		t.Errorf("status %d: %s%s", status, errs, manifest)
	}
	if _, replayed, _ := earshot(t, "replay", "--json", out); !strings.Contains(replayed, `"type":"stream"`) {
		t.Errorf("got %s", replayed)
	}
}

// From a pipe to a pipe, with a key made on the way; nothing stays in TMPDIR.
func TestSanitiseStandardInput(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	key := filepath.Join(t.TempDir(), "key")
	text, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	status := run(t.Context(), []string{"sanitise", "--new-key", "--key", key, "-", "-"}, stdio{in: bytes.NewReader(text), out: &out, err: &errs})
	if status != exitOK {
		t.Fatalf("status %d: %s", status, &errs)
	}
	source, err := capture.Open([]string{"-"}, capture.Options{Stdin: &out})
	if err != nil {
		t.Fatal(err)
	}
	var f capture.Frame
	n := 0
	for source.Next(&f) == nil {
		n++
	}
	if n == 0 || !strings.Contains(errs.String(), "RTP") {
		t.Errorf("got %d packets: %s", n, &errs)
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) > 0 {
		t.Errorf("%v was left behind", left)
	}
}

// An interruption leaves no half of a result.
func TestSanitiseInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "out.pcapng")
	var stdout, errs bytes.Buffer
	status := run(ctx, []string{"sanitise", "--key", sanitiseKey(t), clean, out}, stdio{out: &stdout, err: &errs})
	left, _ := filepath.Glob(out + "*")
	if status == exitOK || len(left) > 0 {
		t.Errorf("status %d, %v is there: %s", status, left, &errs)
	}
}
