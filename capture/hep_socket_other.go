//go:build !linux

package capture

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// hepMessages is a batch of one datagram, where there is no recvmmsg.
type hepMessages struct {
	buf []byte
	n   int
	src netip.AddrPort
}

func newHEPMessages() hepMessages {
	return hepMessages{buf: make([]byte, hepHeadroom+maxDatagram)}
}

// receive takes what is there, without waiting; again says that it was nothing.
func (m *hepMessages) receive(fd uintptr) (n int, again bool) {
	n, from, err := unix.Recvfrom(int(fd), m.buf[hepHeadroom:], 0)
	if err != nil {
		return 0, err == unix.EAGAIN
	}
	m.n = n
	switch from := from.(type) {
	case *unix.SockaddrInet4:
		m.src = netip.AddrPortFrom(netip.AddrFrom4(from.Addr), uint16(from.Port))
	case *unix.SockaddrInet6:
		m.src = netip.AddrPortFrom(netip.AddrFrom16(from.Addr), uint16(from.Port))
	}
	return 1, false
}

// get returns the datagram.
func (m *hepMessages) get(int) (b []byte, n int, src netip.AddrPort) {
	return m.buf[:hepHeadroom+m.n], m.n, m.src
}

func raiseReceiveBuffer(fd uintptr) {
	_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, hepReceive) // less room is no reason not to start
}

// kernelDrops knows nothing of other systems' sockets.
func kernelDrops(_ uintptr, before uint64) uint64 { return before }
