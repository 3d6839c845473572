package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testCase is one line of testdata/cases.txt.
type testCase struct {
	folder, output string
	flags          []string
}

// readCases reads cases.txt of the present directory.
func readCases(t *testing.T) []testCase {
	t.Helper()
	text, err := os.ReadFile("cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	for line := range strings.Lines(string(text)) {
		folder, flags, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		c := testCase{folder: folder, output: "input.pcap", flags: strings.Fields(flags)}
		if c.flags[0] == "-o" {
			c.output, c.flags = c.flags[1], c.flags[2:]
		}
		cases = append(cases, c)
	}
	return cases
}

// TestCases regenerates every case of testdata and compares the bytes.
// CALLGEN_UPDATE=1 rewrites the files instead.
func TestCases(t *testing.T) {
	t.Chdir("../../testdata")
	for _, c := range readCases(t) {
		t.Run(c.folder, func(t *testing.T) {
			if os.Getenv("CALLGEN_UPDATE") != "" {
				c.write(t, c.folder)
				return
			}
			dir := t.TempDir()
			c.write(t, dir)
			for _, name := range []string{c.output, "truth.json"} {
				got, want := content(t, filepath.Join(dir, name)), content(t, filepath.Join(c.folder, name))
				if !bytes.Equal(got, want) {
					t.Errorf("%s: %d bytes generated, %d in testdata, and they differ", name, len(got), len(want))
				}
			}
			if _, err := os.Stat(filepath.Join(c.folder, "README.md")); err != nil {
				t.Error(err)
			}
		})
	}
}

func (c testCase) write(t *testing.T, dir string) {
	t.Helper()
	args := append([]string{"-o", filepath.Join(dir, c.output), "-truth", filepath.Join(dir, "truth.json")}, c.flags...)
	if err := run(args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
}

// content reads a file, without its compression: gzip's own bytes may change
// with the Go version.
func content(t *testing.T, path string) []byte {
	t.Helper()
	if strings.HasSuffix(path, ".gz") {
		return gunzip(t, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
