package capture

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// hepBatch is how many datagrams one system call may take.
	hepBatch = 64
	// hepReceive is how large a receive buffer is asked for: half a second of
	// 30,000 messages a second. Without privileges the system gives what it
	// allows (net.core.rmem_max).
	hepReceive = 16 << 20
	// maxDatagram is the longest payload of a UDP datagram.
	maxDatagram = 65507
)

// hepSocket takes datagrams in batches. Its methods are for the goroutine that
// calls Next, but for wake.
type hepSocket struct {
	conn   *net.UDPConn
	raw    syscall.RawConn
	local  netip.AddrPort
	batch  hepMessages
	pos, n int // of the batch, given and taken
	wait   time.Duration
	parked atomic.Bool
	drops  atomic.Uint64

	// Methods as values, made once: each would be an allocation.
	receive, count func(fd uintptr)
	await          func(fd uintptr) bool
}

func newHEPSocket(address string) (*hepSocket, error) {
	a, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp", a)
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s := &hepSocket{conn: conn, raw: raw, local: addrPort(conn.LocalAddr()), batch: newHEPMessages(), wait: hepWait}
	s.receive = func(fd uintptr) { s.n, _ = s.batch.receive(fd) }
	s.await = func(fd uintptr) bool {
		n, again := s.batch.receive(fd)
		s.n = n
		return !again
	}
	s.count = func(fd uintptr) { s.drops.Store(kernelDrops(fd, s.drops.Load())) }
	if err := raw.Control(raiseReceiveBuffer); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return s, nil
}

// next returns the next datagram of the batch: headroom, then n octets.
func (s *hepSocket) next() (b []byte, n int, src netip.AddrPort) {
	if s.pos == s.n {
		return nil, 0, netip.AddrPort{}
	}
	b, n, src = s.batch.get(s.pos)
	s.pos++
	return b, n, src
}

// fill takes the next batch; with wait it waits for one, but not without end, nor
// when pending says that there is something else.
//
// The waker shows what it brings, then looks at parked; we set parked, then look
// at what it shows. So either it wakes us or we see it. The deadline is set
// before parked: the waker's, which has passed, must be the later one.
func (s *hepSocket) fill(wait bool, pending func() bool) {
	s.pos, s.n = 0, 0
	if !wait {
		_ = s.raw.Control(s.receive) // an error is a socket that has been closed, and nothing came
		return
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(s.wait))
	s.parked.Store(true)
	if !pending() {
		_ = s.raw.Read(s.await) // an error is that closed socket, or the deadline
	}
	s.parked.Store(false)
}

// wake ends a wait of fill. Any goroutine may call it.
func (s *hepSocket) wake() {
	if s.parked.Load() {
		_ = s.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// look reads how many datagrams the kernel dropped.
func (s *hepSocket) look() { _ = s.raw.Control(s.count) }
