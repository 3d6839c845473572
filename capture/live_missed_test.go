//go:build linux

package capture

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMissedPackets(t *testing.T) {
	root := t.TempDir()
	statistics := filepath.Join(root, "eth0/statistics")
	if err := os.MkdirAll(statistics, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(statistics, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var g growth
	step := func(what string, want uint64) {
		t.Helper()
		if got := g.add(missedByCard(root, "eth0")); got != want {
			t.Errorf("%s: grew by %d, want %d", what, got, want)
		}
	}
	step("no such interface", 0)
	write("rx_missed_errors", "40\n")
	write("rx_fifo_errors", "0\n")
	step("what was before does not count", 0)
	write("rx_missed_errors", "45\n")
	step("missed", 5)
	step("nothing new", 0)
	write("rx_fifo_errors", "50\n")
	step("a driver that counts elsewhere", 5)
	write("rx_fifo_errors", "0\n")
	write("rx_missed_errors", "3\n")
	step("the interface was made anew", 0)
	write("rx_missed_errors", "4\n")
	step("and misses again", 1)
	if g.total != 11 {
		t.Errorf("got %d in all, want 11", g.total)
	}
}

// The lines are of a machine with two processors: 0x10 and 0x2 packets found
// their queue full.
func TestMissedByBacklog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "softnet_stat")
	text := "0001a2b3 00000010 00000007 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\n" +
		"00f0a2b3 00000002 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000001\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, ok := missedByBacklog(path); got != 18 || !ok {
		t.Errorf("got %d, %v, want 18", got, ok)
	}
	if _, ok := missedByBacklog(path + "-not"); ok {
		t.Error("a file that is not there was read")
	}
	if _, ok := missedByBacklog(backlogPath); !ok {
		t.Errorf("cannot read %s", backlogPath)
	}
}
