package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Traffic is what a Sender sends. Next writes one frame or datagram to buf and
// returns its length and its time, ns; io.EOF ends it.
type Traffic interface {
	Next(buf []byte) (n int, at int64, err error)
}

// burst is how many frames one system call sends.
const burst = 64

// maxFrame is the longest frame or datagram that is sent.
const maxFrame = 9000

// Sender sends frames from an interface, or datagrams to an address, in bursts
// of one system call. It is for one goroutine.
type Sender struct {
	fd       int
	bufs     [burst][maxFrame]byte
	vectors  [burst]unix.Iovec
	messages [burst]message
}

// message is struct mmsghdr of sendmmsg(2).
type message struct {
	header unix.Msghdr
	sent   uint32
	_      [4]byte
}

// NewFrameSender sends from an interface past its queueing discipline
// (PACKET_QDISC_BYPASS), as a mirror port would.
func NewFrameSender(ns, iface string) (*Sender, error) {
	return newSender(ns, func() (int, error) {
		in, err := net.InterfaceByName(iface)
		if err != nil {
			return -1, err
		}
		fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		return fd, errors.Join(
			unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: in.Index}),
			unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1))
	})
}

// NewDatagramSender sends UDP datagrams to an address.
func NewDatagramSender(ns string, to netip.AddrPort) (*Sender, error) {
	return newSender(ns, func() (int, error) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		return fd, unix.Connect(fd, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()})
	})
}

func newSender(ns string, open func() (int, error)) (*Sender, error) {
	s := new(Sender)
	err := Within(ns, func() (err error) {
		s.fd, err = open()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot open a socket to send in %s: %w", ns, err)
	}
	for i := range s.messages {
		s.vectors[i].Base = &s.bufs[i][0]
		s.messages[i].header.Iov = &s.vectors[i]
		s.messages[i].header.SetIovlen(1)
	}
	return s, nil
}

// Close closes the socket.
func (s *Sender) Close() error { return unix.Close(s.fd) }

// Sent is what a Sender sent.
type Sent struct {
	Packets uint64
	Elapsed time.Duration
}

// Rate returns packets a second.
func (s Sent) Rate() float64 { return float64(s.Packets) / s.Elapsed.Seconds() }

// slack is how early a frame may be sent, so that bursts form.
const slack = 100 * time.Microsecond

// Run sends until the traffic ends, ctx is done or d has passed (0: no limit):
// at so many packets a second, or, with rate 0, at the times that the traffic
// says, relative to its first packet. Where it cannot keep up it sends as fast
// as it can.
func (s *Sender) Run(ctx context.Context, t Traffic, rate float64, d time.Duration) (Sent, error) {
	var sent Sent
	started := time.Now()
	p := pacer{rate: rate}
	held := 0 // length of the frame in the first buffer that was not due yet
	for {
		now := time.Since(started)
		sent.Elapsed = now
		if ctx.Err() != nil || d > 0 && now >= d {
			return sent, nil
		}
		n, wait := 0, time.Duration(0)
		var end error
		for n < burst {
			if held == 0 {
				length, at, err := t.Next(s.bufs[n][:])
				if err != nil {
					end = err
					break
				}
				held = length
				p.step(at)
			}
			if wait = p.due - now; wait > slack {
				break
			}
			s.vectors[n].SetLen(held)
			held = 0
			n++
		}
		if err := s.send(n); err != nil {
			return sent, err
		}
		sent.Packets += uint64(n)
		switch {
		case errors.Is(end, io.EOF):
			return sent, nil
		case end != nil:
			return sent, end
		case held > 0:
			copy(s.bufs[0][:held], s.bufs[n][:held])
			time.Sleep(min(wait-slack/2, 50*time.Millisecond))
		}
	}
}

// pacer says when the next frame is due, since the start.
type pacer struct {
	rate  float64
	n     float64
	first int64
	due   time.Duration
}

func (p *pacer) step(at int64) {
	if p.n == 0 {
		p.first = at
	}
	p.due = time.Duration(at - p.first)
	if p.rate > 0 {
		p.due = time.Duration(p.n / p.rate * 1e9)
	}
	p.n++
}

// send sends the first n buffers, however often the kernel has to be asked.
func (s *Sender) send(n int) error {
	for from := 0; from < n; {
		done, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd),
			uintptr(unsafe.Pointer(&s.messages[from])), uintptr(n-from), 0, 0, 0)
		switch errno {
		case 0:
			from += int(done)
		case unix.EINTR, unix.EAGAIN, unix.ENOBUFS, unix.ECONNREFUSED:
		default:
			return fmt.Errorf("cannot send: %w", errno)
		}
	}
	return nil
}
