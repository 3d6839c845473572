package capture

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"earshot/capture/wire"
)

// attach sets f's program on a socket, as live capture does.
func attach(fd int, f *Filter) error {
	raw := f.Instructions()
	program := make([]unix.SockFilter, len(raw))
	for i, ins := range raw {
		program[i] = unix.SockFilter{Code: ins.Op, Jt: ins.Jt, Jf: ins.Jf, K: ins.K}
	}
	return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]})
}

// ownNetwork gives the test's thread a network namespace of its own, with a
// veth pair and a tun device; the thread ends with the test.
func ownNetwork(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: a network namespace and packet sockets")
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("no network namespaces here: %v", err)
	}
	// No router solicitations on the new interfaces; without IPv6 there are none.
	_ = os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0)
	for _, args := range [][]string{
		{"link", "add", "esflt-a", "mtu", "9000", "type", "veth", "peer", "name", "esflt-b", "mtu", "9000"},
		{"link", "set", "esflt-a", "up"}, {"link", "set", "esflt-b", "up"},
	} {
		if text, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("cannot run ip %v: %v: %s", args, err, text)
		}
	}
}

// listener is a packet socket with a filter, bound to an interface.
func listener(t *testing.T, index int, f *Filter) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := attach(fd, f); err != nil {
		t.Fatalf("%s: %v", f, err)
	}
	all := uint16(unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8)
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index}); err != nil {
		t.Fatal(err)
	}
	return fd
}

// heard reports whether a frame of this length is waiting, and takes all that are.
func heard(t *testing.T, fd, length int) bool {
	t.Helper()
	found := false
	buffer := make([]byte, 1<<16)
	for {
		n, _, err := unix.Recvfrom(fd, buffer, 0)
		if errors.Is(err, unix.EAGAIN) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		found = found || n == length
	}
}

func interfaceIndex(t *testing.T, name string) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, ifr); err != nil {
		t.Fatal(err)
	}
	return int(ifr.Uint32())
}

// TestFilterInKernel sends the packets of filterPackets over a veth pair and
// asks the kernel which of them each program keeps, on the receiving interface
// (tag taken away) and on the sending one (tag in place). The machine of the
// other tests must say the same.
func TestFilterInKernel(t *testing.T) {
	ownNetwork(t)
	out, in := interfaceIndex(t, "esflt-a"), interfaceIndex(t, "esflt-b")
	sender := listener(t, out, mustFilter(t, "arp and not arp")) // keeps nothing
	waitUp(t, sender, out)
	for _, expr := range append([]string{"vlan 5", "vlan 7", "vlan", "fragment", "", DefaultFilterExpression}, filterExpressions...) {
		f := mustFilter(t, expr)
		receiving, sending := listener(t, in, f), listener(t, out, f)
		for name, frame := range filterPackets() {
			if err := unix.Sendto(sender, frame, 0, &unix.SockaddrLinklayer{Ifindex: out}); err != nil {
				t.Fatal(err)
			}
			sent := ethernetPacket(frame, len(frame))
			received := sent.untagged()
			if got, want := heard(t, receiving, len(received.data)), keeps(t, f, received); got != want {
				t.Errorf("%s, received %s: kernel %v, machine %v", expr, name, got, want)
			}
			if got, want := heard(t, sending, len(sent.data)), keeps(t, f, sent); got != want {
				t.Errorf("%s, sent %s: kernel %v, machine %v", expr, name, got, want)
			}
		}
		unix.Close(receiving)
		unix.Close(sending)
	}
}

// TestFilterOnTun: an interface without link header, where the network header
// is found by SKF_NET_OFF.
func TestFilterOnTun(t *testing.T) {
	ownNetwork(t)
	tun, err := unix.Open("/dev/net/tun", unix.O_RDWR, 0)
	if err != nil {
		t.Skipf("no tun devices here: %v", err)
	}
	defer unix.Close(tun)
	ifr, _ := unix.NewIfreq("esflt-tun")
	ifr.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(tun, unix.TUNSETIFF, ifr); err != nil {
		t.Skipf("cannot make a tun device: %v", err)
	}
	if text, err := exec.Command("ip", "link", "set", "esflt-tun", "up").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	index := interfaceIndex(t, "esflt-tun")
	for _, expr := range append([]string{"fragment", DefaultFilterExpression, "ether src 02:00:00:00:00:01"}, filterExpressions...) {
		f := mustFilter(t, expr)
		fd := listener(t, index, f)
		for name, frame := range filterPackets() {
			etherType := uint16(be16(frame[12:]))
			if etherType != wire.EtherIPv4 && etherType != wire.EtherIPv6 {
				continue
			}
			packet := frame[14:]
			if _, err := unix.Write(tun, packet); err != nil {
				t.Fatal(err)
			}
			if got, want := heard(t, fd, len(packet)), keeps(t, f, bare(etherType, packet, len(packet))); got != want {
				t.Errorf("%s, %s: kernel %v, machine %v", expr, name, got, want)
			}
		}
		unix.Close(fd)
	}
}

// waitUp waits until the veth pair carries frames.
func waitUp(t *testing.T, fd, index int) {
	t.Helper()
	frame := filterPackets()["arp"]
	for range 100 {
		if unix.Sendto(fd, frame, 0, &unix.SockaddrLinklayer{Ifindex: index}) == nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the veth pair doesn't come up")
}

func mustFilter(t testing.TB, expr string) *Filter {
	t.Helper()
	f, err := CompileFilter(expr)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// FuzzCompileFilter: whatever the expression, it compiles to a program that the
// kernel accepts, or gives an error with a column.
func FuzzCompileFilter(f *testing.F) {
	for _, expr := range filterExpressions {
		f.Add(expr)
	}
	f.Add("vlan 5 and !(port 5060 || ether dst 02:00:00:00:00:01)")
	f.Add("net 10 or 10.1.2 mask 255.255.255.0")
	f.Add(DefaultFilterExpression)
	f.Fuzz(func(t *testing.T, expr string) {
		filter, err := CompileFilter(expr)
		if err != nil {
			return
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := attach(fd, filter); err != nil && !errors.Is(err, unix.ENOMEM) { // net.core.optmem_max
			t.Fatalf("the kernel refuses %q: %v", expr, err)
		}
		for _, frame := range filterPackets() {
			keeps(t, filter, ethernetPacket(frame, len(frame)))
			keeps(t, filter, ethernetPacket(frame[:min(len(frame), 14+len(expr))], len(frame)))
		}
	})
}
