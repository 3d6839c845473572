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
	done := make(chan error)
	go func() { done <- os.WriteFile(path, timed(1, 'p', 2, 4), 0o600) }()
	if got, want := order(t, path, writeFile(t, "a.pcap", timed(1, 'a', 1, 3))), "a1 p2 a3 p4"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
