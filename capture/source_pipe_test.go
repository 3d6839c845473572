//go:build linux

package capture

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestNamedPipe reads a pipe by its name, which can be opened only once.
func TestNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Skip("no named pipes: ", err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.Write(timed(1, 'p', 2, 4)); err != nil {
		t.Fatal(err)
	}
	s, err := Open([]string{path, writeFile(t, "a.pcap", timed(1, 'a', 1, 3))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := pipe.Close(); err != nil {
		t.Fatal(err)
	}
	var marks []byte
	for _, f := range frames(t, s) {
		marks = append(marks, f.Data...)
	}
	if string(marks) != "apap" {
		t.Errorf("got packets %q, want apap", marks)
	}
}
