package capture

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Magic numbers of pcap files, in the byte order of the writer
// (draft-ietf-opsawg-pcap 4; the modified one is libpcap's
// KUZNETZOV_TCPDUMP_MAGIC).
const (
	pcapMicro    = 0xA1B2C3D4
	pcapNano     = 0xA1B23C4D
	pcapModified = 0xA1B2CD34
)

const (
	pcapFileHeader     = 24
	pcapRecordHeader   = 16
	modifiedRecord     = 24 // the record header, then ifindex u32, protocol u16, packet type u8, padding
	modifiedPacketType = 22 // octet of it that says who sent the packet, as in Linux SLL
	packetOutgoing     = 4  // Linux PACKET_OUTGOING
)

// basePacket is the snap length of tcpdump and dumpcap (256 KiB); no network
// packet is longer. maxSnap is how much of a file's own snap length is believed
// beyond that. Their sum bounds the memory that a length in a file can ask for.
const (
	basePacket = 256 << 10
	maxSnap    = 1 << 20
)

// packetLimit returns the longest packet that is believed of a snap length; 0
// stands for none.
func packetLimit(snaplen uint32) uint32 {
	if snaplen == 0 {
		return basePacket + maxSnap
	}
	return basePacket + min(snaplen, maxSnap)
}

// pcapReader reads one pcap file.
type pcapReader struct {
	window
	byteOrder
	modified bool
	header   int   // octets of a record header
	tick     int64 // ns of one unit of a record's fraction
	limit    uint32
	link     LinkType
	fcs      uint8
	packets  uint64
}

// newPcap reads the file header.
func newPcap(w window) (*pcapReader, error) {
	r := &pcapReader{window: w, header: pcapRecordHeader, tick: 1000}
	head := r.peek(pcapFileHeader)
	if head == nil {
		return nil, fmt.Errorf("cannot read the pcap header of %q: got %d of its %d octets", w.name, r.left(), pcapFileHeader)
	}
	magic, _ := pcapMagic(head)
	r.bigEndian = binary.BigEndian.Uint32(head) == magic
	switch magic {
	case pcapNano:
		r.tick = 1
	case pcapModified:
		r.modified, r.header = true, modifiedRecord
	}
	if major, minor := r.u16(head[4:]), r.u16(head[6:]); major != 2 {
		return nil, fmt.Errorf("cannot read %q: pcap version %d.%d, known is 2.4", w.name, major, minor)
	}
	r.limit = packetLimit(r.u32(head[16:]))
	r.setLink(r.u32(head[20:]))
	r.pos += pcapFileHeader
	return r, nil
}

// pcapMagic returns the magic number at the start of b, if it is a pcap's.
func pcapMagic(b []byte) (magic uint32, ok bool) {
	for _, magic := range [...]uint32{binary.LittleEndian.Uint32(b), binary.BigEndian.Uint32(b)} {
		switch magic {
		case pcapMicro, pcapNano, pcapModified:
			return magic, true
		}
	}
	return 0, false
}

// setLink takes the link type word apart: the type is in the low 16 bits, and
// bit 26 says that the top four count the FCS in units of 16 bits.
func (r *pcapReader) setLink(word uint32) {
	r.link = LinkType(word)
	if word&(1<<26) != 0 {
		r.fcs = uint8(word>>28) * 2
	}
}

// next reads one record. It looks at the window directly: peeking at the header
// and then at the record took twice the time (21 against 10 ns).
func (r *pcapReader) next(f *Frame) error {
	b := r.data[r.pos:r.end]
	if len(b) < r.header {
		if b = r.fill(r.header); b == nil {
			return r.ended(r.header)
		}
	}
	captured := r.u32(b[8:])
	if captured > r.limit {
		return r.damage(fmt.Errorf("captured length %d is over the limit of %d", captured, r.limit))
	}
	size := r.header + int(captured)
	if len(b) < size {
		if b = r.fill(size); b == nil {
			return r.ended(size)
		}
	}
	f.At = int64(r.u32(b))*1e9 + int64(r.u32(b[4:]))*r.tick
	f.Data = b[r.header:size]
	f.OrigLen = int(r.u32(b[12:]))
	f.Link = r.link
	f.HEP = true
	f.Point = 0
	f.Outgoing = r.modified && b[modifiedPacketType] == packetOutgoing
	f.FCS = r.fcs
	r.pos += size
	r.packets++
	return nil
}

// ended tells the end of the file from one in the middle of a record.
func (r *pcapReader) ended(want int) error {
	if r.left() == 0 && r.err == io.EOF {
		return io.EOF
	}
	return r.damage(cutOff(&r.window, want))
}

func (r *pcapReader) damage(err error) error {
	return &DamageError{Name: r.name, Packet: r.packets + 1, Offset: r.offset(), Err: err}
}

// cutOff says why a window could not give the octets that it was asked for.
func cutOff(w *window, want int) error {
	if w.err != io.EOF {
		return w.err
	}
	return &cutError{w.left(), want}
}

func (r *pcapReader) lost() uint64 { return 0 }

func (r *pcapReader) iface(uint16) interfaceKey { return interfaceKey{link: r.link} }
