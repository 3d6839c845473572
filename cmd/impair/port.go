package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// virtioHeader precedes every frame (struct virtio_net_hdr): it carries what
// the kernel has not done yet, checksums and segmentation, from one interface
// to the other. Without it a local sender's UDP would arrive with a wrong
// checksum.
const virtioHeader = 10

// port is an interface whose frames are taken and given.
type port struct {
	name string
	fd   int
	oob  []byte
}

// openPort takes all frames that come in at an interface, whoever they are for.
func openPort(name string) (*port, error) {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("cannot find interface %q: %w", name, err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EPERM) {
		return nil, fmt.Errorf("cannot open a packet socket: run as root, or give CAP_NET_RAW and CAP_NET_ADMIN")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open a packet socket: %w", err)
	}
	p := &port{name: name, fd: fd, oob: make([]byte, 256)}
	if err := p.prepare(iface.Index); err != nil {
		p.close()
		return nil, fmt.Errorf("cannot relay %q: %w", name, err)
	}
	return p, nil
}

func (p *port) prepare(index int) error {
	const receiveBuffer = 32 << 20
	if unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, receiveBuffer) != nil {
		_ = unix.SetsockoptInt(p.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, receiveBuffer) // as far as net.core.rmem_max lets it
	}
	for _, option := range []int{unix.PACKET_VNET_HDR, unix.PACKET_AUXDATA, unix.PACKET_IGNORE_OUTGOING} {
		if err := unix.SetsockoptInt(p.fd, unix.SOL_PACKET, option, 1); err != nil {
			return fmt.Errorf("packet socket option %d: %w", option, err)
		}
	}
	promiscuous := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(p.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &promiscuous); err != nil {
		return fmt.Errorf("promiscuous mode: %w", err)
	}
	all := binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL}) // in network order
	return unix.Bind(p.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: index})
}

func (p *port) close() { unix.Close(p.fd) }

// wait returns when a frame is there or the time is over.
func (p *port) wait(most time.Duration) error {
	timeout := unix.NsecToTimespec(int64(most))
	_, err := unix.Ppoll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, &timeout, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("cannot wait for %q: %w", p.name, err)
	}
	return nil
}

// receive reads one frame, with its virtio header, into buffer, and puts a VLAN
// tag that the kernel took away back.
func (p *port) receive(buffer []byte) ([]byte, error) {
	const room = 4 // for the tag
	for {
		n, oobn, _, _, err := unix.Recvmsg(p.fd, buffer[room:], p.oob, 0)
		if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENETDOWN) {
			continue
		}
		if err != nil {
			return nil, err // EAGAIN, or the interface is gone
		}
		frame := buffer[room : room+n]
		if tpid, tci, tagged := stripped(p.oob[:oobn]); tagged && n >= virtioHeader+12 {
			return retag(buffer[:room+n], tpid, tci), nil
		}
		return frame, nil
	}
}

// stripped finds the tag in the ancillary data (struct tpacket_auxdata).
func stripped(oob []byte) (tpid, tci uint16, tagged bool) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0, 0, false
	}
	for _, m := range messages {
		if m.Header.Level != unix.SOL_PACKET || m.Header.Type != unix.PACKET_AUXDATA || len(m.Data) < 20 {
			continue
		}
		status := binary.NativeEndian.Uint32(m.Data)
		if status&unix.TP_STATUS_VLAN_VALID == 0 {
			return 0, 0, false
		}
		tpid = 0x8100
		if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			tpid = binary.NativeEndian.Uint16(m.Data[18:])
		}
		return tpid, binary.NativeEndian.Uint16(m.Data[16:]), true
	}
	return 0, 0, false
}

// retag moves virtio header and addresses of the frame behind the first four
// octets of b to the front, and puts the tag into the gap.
func retag(b []byte, tpid, tci uint16) []byte {
	const addresses = virtioHeader + 12
	copy(b, b[4:4+addresses])
	binary.BigEndian.PutUint16(b[addresses:], tpid)
	binary.BigEndian.PutUint16(b[addresses+2:], tci)
	const headerLength, checksumStart = 2, 6
	for _, at := range []int{headerLength, checksumStart} { // both count from the frame's beginning
		if n := binary.NativeEndian.Uint16(b[at:]); n > 0 {
			binary.NativeEndian.PutUint16(b[at:], n+4)
		}
	}
	return b
}

// send gives a frame, with its virtio header, to the interface.
func (p *port) send(frame []byte) error {
	const needsChecksum = 1
	frame[0] &= needsChecksum // what a receiver has found out is nothing to a sender
	for {
		_, err := unix.Write(p.fd, frame)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// missed returns how many frames the kernel had to drop.
func (p *port) missed() uint64 {
	stats, err := unix.GetsockoptTpacketStats(p.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0
	}
	return uint64(stats.Drops)
}
