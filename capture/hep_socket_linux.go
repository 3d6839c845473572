package capture

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is struct mmsghdr of recvmmsg(2).
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
}

// hepMessages is a batch of datagrams and where the kernel writes them.
type hepMessages struct {
	headers []mmsghdr
	vectors []unix.Iovec
	names   []unix.RawSockaddrInet6 // large enough for both families
	slab    []byte
}

// hepSlot is one datagram with room for the headers in front.
const hepSlot = hepHeadroom + maxDatagram + 5 // a multiple of 8

func newHEPMessages() hepMessages {
	m := hepMessages{
		headers: make([]mmsghdr, hepBatch),
		vectors: make([]unix.Iovec, hepBatch),
		names:   make([]unix.RawSockaddrInet6, hepBatch),
		slab:    make([]byte, hepBatch*hepSlot),
	}
	for i := range m.headers {
		m.vectors[i].Base = &m.slab[i*hepSlot+hepHeadroom]
		m.vectors[i].SetLen(maxDatagram)
		h := &m.headers[i].hdr
		h.Iov = &m.vectors[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&m.names[i]))
		h.Namelen = unix.SizeofSockaddrInet6
	}
	return m
}

// receive takes what is there, without waiting; again says that it was nothing.
func (m *hepMessages) receive(fd uintptr) (n int, again bool) {
	for {
		got, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&m.headers[0])), uintptr(len(m.headers)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(got), false
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, true
		default:
			return 0, false
		}
	}
}

// get returns datagram i of the batch, and lets its header be used again.
func (m *hepMessages) get(i int) (b []byte, n int, src netip.AddrPort) {
	h := &m.headers[i]
	h.hdr.Namelen = unix.SizeofSockaddrInet6
	n = int(h.len)
	b = m.slab[i*hepSlot : i*hepSlot+hepHeadroom+n]
	name := &m.names[i]
	port := (*[2]byte)(unsafe.Pointer(&name.Port))
	if name.Family == unix.AF_INET {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(name))
		return b, n, netip.AddrPortFrom(netip.AddrFrom4(four.Addr), binary.BigEndian.Uint16(port[:]))
	}
	return b, n, netip.AddrPortFrom(netip.AddrFrom16(name.Addr), binary.BigEndian.Uint16(port[:]))
}

// raiseReceiveBuffer asks for more room than sockets have, beyond the system's
// limit where that is permitted.
func raiseReceiveBuffer(fd uintptr) {
	if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, hepReceive) != nil {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, hepReceive) // less room is no reason not to start
	}
}

// kernelDrops returns how many datagrams the socket has dropped in all, for
// which the kernel has 32 bits. SO_MEMINFO tells it when asked; SO_RXQ_OVFL, the
// same counter, only with the next datagram.
func kernelDrops(fd uintptr, before uint64) uint64 {
	var info [unix.SK_MEMINFO_DROPS + 1]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return before
	}
	return before + uint64(info[unix.SK_MEMINFO_DROPS]-uint32(before))
}
