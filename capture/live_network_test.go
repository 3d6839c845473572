//go:build linux

package capture

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"earshot/capture/wire"
)

// privateNetwork moves the test's thread into a network namespace of its own,
// which ends with the test, and sets up pairs of veth: "a0" and "a1" for "a".
func privateNetwork(t *testing.T, pairs ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: a network namespace and packet sockets")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip (iproute2)")
	}
	runtime.LockOSThread() // and never unlocked: the thread is not used again
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("no network namespaces here: %v", err)
	}
	// Without IPv6 new interfaces send nothing of their own.
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0)
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/all/disable_ipv6", []byte("1"), 0)
	ip(t, "link set lo up")
	for _, name := range pairs {
		addPair(t, name)
	}
}

func addPair(t *testing.T, name string) {
	t.Helper()
	ip(t, "link add "+name+"0 type veth peer name "+name+"1")
	ip(t, "link set "+name+"0 up")
	ip(t, "link set "+name+"1 up")
	awaitLink(t, name+"0")
	awaitLink(t, name+"1")
}

// awaitLink waits until the kernel has noticed the other end; it drops frames
// until then.
func awaitLink(t *testing.T, name string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !strings.Contains(ip(t, "link show "+name), "state UP"); {
		if time.Now().After(deadline) {
			t.Fatalf("not up after 5 s:\n%s", ip(t, "link show "+name))
		}
		time.Sleep(time.Millisecond)
	}
}

func ip(t *testing.T, args string) string {
	t.Helper()
	out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
	return string(out)
}

// packetSender is a packet socket that sends whole frames.
type packetSender struct {
	t  *testing.T
	fd int
}

func sendOn(t *testing.T, name string) packetSender {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	index, _, err := lookUp(fd, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index}); err != nil {
		t.Fatal(err)
	}
	return packetSender{t, fd}
}

// send sends the frames, each again while the queue is full.
func (s packetSender) send(frames ...[]byte) {
	s.t.Helper()
	for _, f := range frames {
		_, err := unix.Write(s.fd, f)
		for errors.Is(err, unix.ENOBUFS) {
			time.Sleep(time.Millisecond)
			_, err = unix.Write(s.fd, f)
		}
		if err != nil {
			s.t.Fatalf("cannot send %d octets: %v", len(f), err)
		}
	}
}

// openLive opens captures and closes them with the test. Without a filter they
// take everything.
func openLive(t *testing.T, cfg LiveConfig) []*Live {
	t.Helper()
	for i := range cfg.Interfaces {
		if cfg.Interfaces[i].Filter == nil {
			all, err := CompileFilter("")
			if err != nil {
				t.Fatal(err)
			}
			cfg.Interfaces[i].Filter = all
		}
	}
	lives, err := OpenLive(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lives {
		t.Cleanup(func() { l.Close() })
		for _, tap := range l.taps {
			tap.backlogFrom = "" // it is the whole machine's, and other tests fill it
		}
	}
	return lives
}

// takeFrames takes frames, their data copied, until there are n, or the source
// has been idle a few times in a row.
func takeFrames(t *testing.T, l *Live, n int) []Frame {
	t.Helper()
	var frames []Frame
	for idle := 0; len(frames) < n && idle < 6; {
		var f Frame
		switch err := l.Next(&f); {
		case errors.Is(err, ErrIdle):
			idle++
		case err != nil:
			t.Fatal(err)
		default:
			f.Data = bytes.Clone(f.Data)
			frames = append(frames, f)
			idle = 0
		}
	}
	return frames
}

// nextUntil calls Next, and throws frames away, until what is asked for is true.
func nextUntil(t *testing.T, l *Live, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("not after 10 s: %s", what)
		}
		var f Frame
		if err := l.Next(&f); err != nil && !errors.Is(err, ErrIdle) {
			t.Fatal(err)
		}
	}
}

// rtpFrame is an Ethernet frame with RTP of a flow.
func rtpFrame(flow byte, seq uint16) []byte {
	b := testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(20000+uint16(flow), 30000, testRTP(seq))))
	b[14+15] = flow // the sender's last octet
	return b
}
