package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/*/want.json; review the difference line by line")

// earshot runs a command line as main does.
func earshot(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(context.Background(), args, stdio{strings.NewReader(""), &o, &e})
	return status, o.String(), e.String()
}

// TestGolden holds the JSON contract: every case's records, byte for byte.
// That the numbers in them are right is shown elsewhere, by the generator's
// truth (pipeline/truth_test.go) and tshark (pipeline/tshark_test.go); this
// test shows that nothing changes unseen.
func TestGolden(t *testing.T) {
	inputs, err := filepath.Glob("../../testdata/*/input.*")
	if err != nil || len(inputs) == 0 {
		t.Fatalf("found no cases: %v", err)
	}
	for _, input := range inputs {
		dir := filepath.Dir(input)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			status, got, errs := earshot(t, "replay", "--json", input)
			if status != exitOK {
				t.Fatalf("status %d: %s", status, errs)
			}
			want := filepath.Join(dir, "want.json")
			if *update {
				if err := os.WriteFile(want, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			compareLines(t, got, string(text))
		})
	}
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("line %d:\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Errorf("got %d lines, want %d", len(g), len(w))
	}
}
