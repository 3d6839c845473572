package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"earshot/capture"
	"earshot/dialog"
)

// lines is a Sink that keeps the records as JSON lines.
type lines struct{ bytes.Buffer }

func (l *lines) Record(r dialog.Record) {
	l.Write(dialog.AppendJSON(nil, r, dialog.JSONOptions{Intervals: true}))
	l.WriteByte('\n')
}

// replay runs files through a pipeline and returns its records and summary.
func replay(t testing.TB, cfg Config, files ...string) (string, Summary) {
	t.Helper()
	var out lines
	cfg.Dialog.KeepTimeline = true
	summary := replayInto(t, cfg, &out, files...)
	return out.String(), summary
}

// replayInto runs files through a pipeline into a sink.
func replayInto(t testing.TB, cfg Config, sink Sink, files ...string) Summary {
	t.Helper()
	src, err := capture.Open(files, capture.Options{})
	if err != nil {
		t.Fatalf("cannot open %v: %v", files, err)
	}
	defer src.Close()
	p := New(cfg, []capture.Source{src}, sink)
	if err := p.Run(context.Background()); err != nil {
		t.Fatalf("cannot replay %v: %v", files, err)
	}
	return p.Summary()
}

// captures lists the golden cases of testdata, and the real captures beside
// the repository where they are there.
func captures(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"../testdata/*/input.*", "../../shared/captures/files/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if filepath.Ext(f) != ".xz" {
				files = append(files, f)
			}
		}
	}
	if len(files) == 0 {
		t.Fatal("found no captures")
	}
	return files
}

// TestDeterminism: the same packets give the same bytes, whatever the number
// of shards, the size of batches and rings, and the number of processors.
func TestDeterminism(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	variants := []struct {
		name  string
		cfg   Config
		procs int
	}{
		{"2 shards", Config{Shards: 2}, 2},
		{"8 shards, batches of 1", Config{Shards: 8, BatchSize: 1}, 4},
		{"16 shards, ring of 1", Config{Shards: 16, RingSize: 1}, 1},
		{"1 shard, batches of 3, ring of 2", Config{Shards: 1, BatchSize: 3, RingSize: 2}, 8},
	}
	for _, f := range captures(t) {
		want, summary := replay(t, Config{Shards: 1}, f)
		for _, v := range variants {
			runtime.GOMAXPROCS(v.procs)
			got, s := replay(t, v.cfg, f)
			if got != want {
				t.Errorf("%s, %s: records differ from those of 1 shard\n%s", filepath.Base(f), v.name, firstDifference(want, got))
			}
			s.Streams, summary.Streams = summary.Streams, s.Streams
			if a, b := fmt.Sprint(summary), fmt.Sprint(s); a != b {
				t.Errorf("%s, %s: summary differs: got %s, want %s", filepath.Base(f), v.name, b, a)
			}
		}
	}
}

func firstDifference(want, got string) string {
	w, g := bytes.Split([]byte(want), []byte("\n")), bytes.Split([]byte(got), []byte("\n"))
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			return fmt.Sprintf("line %d\nwant %s\ngot  %s", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("want %d lines, got %d", len(w), len(g))
}

// TestRunEndsEarly: a cancelled run still accounts for what it read.
func TestRunEndsEarly(t *testing.T) {
	files := captures(t)
	src, err := capture.Open(files[:1], capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := New(Config{}, []capture.Source{src}, &lines{})
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
}
