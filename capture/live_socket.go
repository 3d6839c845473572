//go:build linux

package capture

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// frameSlot is the frame size that the ring is asked for. TPACKET_V3 packs
// frames of any length; the figure only has to fit the blocks.
const frameSlot = 2048

// ringReserve is the room before each frame, for a VLAN tag to be put back and
// the network header to stay aligned.
const ringReserve = 16

// openPacketSocket opens a packet socket that takes nothing yet: its protocol
// is 0 until it is bound.
func openPacketSocket() (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.EPERM):
		return -1, missingCapability(err)
	case errors.Is(err, unix.EAFNOSUPPORT):
		return -1, fmt.Errorf("cannot open a packet socket: %w (the kernel needs CONFIG_PACKET, systemd's RestrictAddressFamilies AF_PACKET)", err)
	case err != nil:
		return -1, fmt.Errorf("cannot open a packet socket: %w", err)
	}
	return fd, nil
}

// missingCapability names the capability and the commands that grant it.
func missingCapability(err error) error {
	self, lookup := os.Executable()
	if lookup != nil {
		self = os.Args[0]
	}
	return fmt.Errorf("cannot open a packet socket: %w: capturing needs the capability CAP_NET_RAW; "+
		"grant it with `sudo setcap cap_net_raw+ep %s`, or AmbientCapabilities=CAP_NET_RAW in the systemd unit", err, self)
}

// mapRing makes the ring and maps it. The kernel's pages of it are never
// swapped, so nothing has to be locked.
func mapRing(fd, size, block int) ([]byte, error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return nil, fmt.Errorf("cannot use TPACKET_V3: %w (it needs Linux 3.2)", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, ringReserve); err != nil {
		return nil, fmt.Errorf("cannot reserve room in the ring: %w", err)
	}
	request := unix.TpacketReq3{
		Block_size:     uint32(block),
		Block_nr:       uint32(size / block),
		Frame_size:     frameSlot,
		Frame_nr:       uint32(size / frameSlot),
		Retire_blk_tov: uint32(liveRetire.Milliseconds()),
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return nil, fmt.Errorf("cannot get a ring of %d MiB: %w; ask for a smaller one, or for fewer lanes", size>>20, err)
	}
	memory, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("cannot map a ring of %d MiB: %w; ask for a smaller one, or for fewer lanes", size>>20, err)
	}
	return memory, nil
}

// bindSocket makes the socket take the packets of an interface, or of all of
// them if index is 0.
func bindSocket(fd, index int) error {
	protocol := native16([]byte{unix.ETH_P_ALL >> 8, unix.ETH_P_ALL}) // in network order
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol, Ifindex: index}); err != nil {
		return fmt.Errorf("cannot bind to interface %d: %w", index, err)
	}
	return nil
}

// promiscuous asks for the frames of other hosts. The kernel takes the wish
// back when the socket closes or the interface goes.
func promiscuous(fd, index int) error {
	wish := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &wish); err != nil {
		return fmt.Errorf("cannot make the interface promiscuous: %w", err)
	}
	return nil
}

// attachFilter sets the socket's filter, in place of the one before.
func attachFilter(fd int, program []bpf.RawInstruction) error {
	filter := make([]unix.SockFilter, len(program))
	for i, ins := range program {
		filter[i] = unix.SockFilter{Code: ins.Op, Jt: ins.Jt, Jf: ins.Jf, K: ins.K}
	}
	err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	if err != nil {
		return fmt.Errorf("cannot attach a filter of %d instructions: %w", len(filter), err)
	}
	return nil
}

// lookUp returns an interface's index and flags.
func lookUp(fd int, name string) (index int, flags uint16, err error) {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, request); err != nil {
		return 0, 0, err
	}
	index = int(request.Uint32())
	if request, err = unix.NewIfreq(name); err != nil {
		return 0, 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request); err != nil {
		return 0, 0, err
	}
	return index, request.Uint16(), nil
}

// fanout is a group of sockets among which the kernel shares packets by flow.
type fanout struct {
	id     int
	exists bool
}

// join adds a bound socket. The hash is the same for both directions of a flow,
// and leaves ports out where packets are fragments, so that all fragments of a
// datagram come to one lane. They are not put together by the kernel
// (PACKET_FANOUT_FLAG_DEFRAG): what is captured is what was on the wire.
func (g *fanout) join(fd int) error {
	flags := 0
	if !g.exists {
		flags = unix.PACKET_FANOUT_FLAG_UNIQUEID // the kernel chooses
	}
	argument := g.id | (unix.PACKET_FANOUT_HASH|flags)<<16
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, argument); err != nil {
		return fmt.Errorf("cannot share packets among lanes: %w (it needs Linux 4.12); take one lane", err)
	}
	if g.exists {
		return nil
	}
	chosen, err := unix.GetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT)
	if err != nil {
		return fmt.Errorf("cannot share packets among lanes: %w", err)
	}
	g.id, g.exists = chosen&0xffff, true
	return nil
}
