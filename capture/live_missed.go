//go:build linux

package capture

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// Where the kernel tells what never reached a packet socket.
const (
	interfacesPath = "/sys/class/net"
	backlogPath    = "/proc/net/softnet_stat"
)

// growth follows a counter of the kernel, which starts anew with its interface.
type growth struct {
	last  uint64
	known bool
	total uint64 // since it was first read
}

// add takes a reading and returns by how much the counter grew.
func (g *growth) add(reading uint64, ok bool) uint64 {
	if !ok {
		g.known = false
		return 0
	}
	var more uint64
	if g.known && reading > g.last {
		more = reading - g.last
	}
	g.last, g.known = reading, true
	g.total += more
	return more
}

// missedByCard returns the packets of an interface that its card had no room
// for: rx_missed_errors, or the older rx_fifo_errors in which some drivers
// count the same.
func missedByCard(root, name string) (uint64, bool) {
	missed, ok := readCounter(filepath.Join(root, name, "statistics/rx_missed_errors"))
	fifo, okFIFO := readCounter(filepath.Join(root, name, "statistics/rx_fifo_errors"))
	return max(missed, fifo), ok || okFIFO
}

func readCounter(path string) (uint64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
	return n, err == nil
}

// missedByBacklog returns the packets of all interfaces that found the queue of
// a processor full (net.core.netdev_max_backlog): the second column of each
// processor's line, hexadecimal.
func missedByBacklog(path string) (sum uint64, ok bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		columns := bytes.Fields(line)
		if len(columns) < 2 {
			continue
		}
		n, err := strconv.ParseUint(string(columns[1]), 16, 64)
		if err != nil {
			return 0, false
		}
		sum += n
	}
	return sum, true
}

// miss reads what was lost before the packet socket. Those packets are not in
// lost: no filter has seen them, and most may have been none of ours. But what
// was given in the last second, and what waits in the ring, may have lost
// neighbours.
func (t *tap) miss() (suspect bool) {
	more := t.backlog.add(missedByBacklog(t.backlogFrom))
	if t.Name != AnyInterface {
		more += t.missed.add(missedByCard(interfacesPath, t.Name))
	}
	if more == 0 {
		return false
	}
	t.ring.expectHole(0, t.ring.unread())
	return true
}
