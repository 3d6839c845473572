package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lab is two namespaces with a veth pair each; their outer ends, imp-l and
// imp-r, are in a third, where impair runs.
func lab(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: network namespaces and packet sockets")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip of iproute2")
	}
	t.Cleanup(func() {
		for _, ns := range []string{"imp-left", "imp-right", "imp-mid"} {
			_ = exec.Command("ip", "netns", "del", ns).Run()
		}
	})
	script := `
		set -e
		ip netns add imp-left; ip netns add imp-right; ip netns add imp-mid
		ip -n imp-mid link add imp-l type veth peer name e0 netns imp-left
		ip -n imp-mid link add imp-r type veth peer name e0 netns imp-right
		ip -n imp-left addr add 10.77.0.1/24 dev e0; ip -n imp-right addr add 10.77.0.2/24 dev e0
		for n in imp-left imp-right; do ip -n $n link set e0 up; done
		for i in imp-l imp-r; do ip -n imp-mid link set $i up; done`
	if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
		t.Skipf("cannot make network namespaces: %v: %s", err, out)
	}
}

// within runs fn on a thread of its own in a namespace. Sockets that it opens
// stay there.
func within(t *testing.T, namespace string, fn func() error) {
	t.Helper()
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		fd, err := unix.Open("/run/netns/"+namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			defer unix.Close(fd)
			err = unix.Setns(fd, unix.CLONE_NEWNET)
		}
		if err == nil {
			err = fn()
		}
		result <- err
	}()
	if err := <-result; err != nil {
		t.Fatal(err)
	}
}

// TestRelay sends RTP, and UDP that is none, through impair, and holds what
// arrives against the truth: every packet, by its number.
func TestRelay(t *testing.T) {
	lab(t)
	var from, to *net.UDPConn
	within(t, "imp-right", func() (err error) {
		to, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 77, 0, 2), Port: 30000})
		return err
	})
	within(t, "imp-left", func() (err error) {
		from, err = net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 77, 0, 1), Port: 20000}, to.LocalAddr().(*net.UDPAddr))
		return err
	})
	defer from.Close()
	_ = to.SetReadBuffer(8 << 20)

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var truthText bytes.Buffer
	ready := &watcher{want: "relaying", seen: make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		fd, err := unix.Open("/run/netns/imp-mid", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		if err == nil {
			err = run(ctx, []string{"-a", "imp-l", "-b", "imp-r", "-ab", "gilbert=4%/40%,duplicate=3%,reorder=3%/7ms,jitter=uniform/1ms,delay=5ms"}, &truthText, ready)
		}
		done <- err
	}()
	select {
	case <-ready.seen:
	case err := <-done:
		t.Fatal(err)
	}

	var got arrivals
	var receiving sync.WaitGroup
	receiving.Go(func() { got.take(to) })
	const packets = 3000
	for i := range packets {
		if _, err := from.Write(rtpPayload(uint16(65000 + i))); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			_, _ = from.Write([]byte("not RTP"))
		}
		time.Sleep(500 * time.Microsecond)
	}
	time.Sleep(100 * time.Millisecond) // let the last ones through
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	to.Close()
	receiving.Wait()
	got.compare(t, truthText.Bytes(), packets)
}

func rtpPayload(seq uint16) []byte {
	b := make([]byte, 172)
	b[0] = 0x80
	binary.BigEndian.PutUint16(b[2:], seq)
	binary.BigEndian.PutUint32(b[8:], 7)
	return b
}

// arrivals is what the receiver saw.
type arrivals struct {
	rtp, copies, other, late int
	seen                     map[int]bool
}

func (a *arrivals) take(conn *net.UDPConn) {
	a.seen = map[int]bool{}
	highest := -1
	for b := make([]byte, 2048); ; {
		n, err := conn.Read(b)
		if err != nil {
			return
		}
		if n != 172 {
			a.other++
			continue
		}
		number := int(binary.BigEndian.Uint16(b[2:]) - 65000) // from 0, over the wrap
		switch {
		case a.seen[number]:
			a.copies++
			continue
		case number < highest:
			a.late++
		}
		a.rtp++
		a.seen[number] = true
		highest = max(highest, number)
	}
}

func (a *arrivals) compare(t *testing.T, text []byte, sent int) {
	t.Helper()
	var tr truth
	if err := json.Unmarshal(text, &tr); err != nil {
		t.Fatal(err)
	}
	if len(tr.AToB.Flows) != 1 || tr.AToB.Missed+tr.AToB.Unsent != 0 {
		t.Fatalf("got %s", text)
	}
	f := tr.AToB.Flows[0]
	if f.Received != uint64(sent) || f.Relayed+f.Dropped != f.Received || f.Dropped == 0 || f.Reordered == 0 || f.Duplicated == 0 {
		t.Errorf("truth: %+v", f)
	}
	if uint64(a.rtp) != f.Relayed || uint64(a.copies) != f.Duplicated || uint64(a.late) != f.Reordered {
		t.Errorf("arrived: %d packets, %d copies, %d late; truth: %d, %d, %d", a.rtp, a.copies, a.late, f.Relayed, f.Duplicated, f.Reordered)
	}
	if a.other != sent/10 {
		t.Errorf("%d packets that are not RTP arrived, want %d", a.other, sent/10)
	}
	dropped := 0
	for _, r := range f.Runs {
		for i := range r.Count {
			dropped++
			if number := int(r.First + uint16(i) - 65000); a.seen[number] {
				t.Errorf("packet %d arrived although the truth says dropped", number)
			}
		}
	}
	if uint64(dropped) != f.Dropped {
		t.Errorf("runs name %d packets, %d were dropped", dropped, f.Dropped)
	}
	if f.AddedMS.Min < 5 || f.AddedMS.Mean > 50 {
		t.Errorf("added %+v ms, want 5 and more", f.AddedMS)
	}
}

// watcher closes seen when the wanted text is written.
type watcher struct {
	want string
	text strings.Builder
	seen chan struct{}
	once sync.Once
}

func (w *watcher) Write(b []byte) (int, error) {
	w.text.Write(b)
	if strings.Contains(w.text.String(), w.want) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(b), nil
}
