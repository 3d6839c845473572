package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrBeforeEpoch is returned for a frame from before 1970: the time stamps of
// pcapng are unsigned.
var ErrBeforeEpoch = errors.New("capture: time before 1970")

// Writer writes frames as pcapng: their captured octets, original length, time
// to the nanosecond and direction. The same frames give the same file, which
// says nothing of when and where it was written.
type Writer struct {
	w          *bufio.Writer
	interfaces []writerInterface
	lost       uint64 // packets, all told
	block      []byte // the block being made, but for packet data; reused
}

// writerInterface is what decides which interface a frame is written under.
type writerInterface struct {
	link  LinkType
	point uint16
	fcs   uint8
}

// Flags of an enhanced packet block (4.3.1), bits 0 and 1.
const flagOutbound = 2

// nanoseconds is the if_tsresol of 10^-9 s.
const nanoseconds = 9

// NewWriter writes the section header.
func NewWriter(w io.Writer) (*Writer, error) {
	s := &Writer{w: bufio.NewWriterSize(w, 64<<10)}
	s.begin(blockSection)
	s.put32(byteOrderMagic)
	s.put16(1) // version 1.0
	s.put16(0)
	s.put32(1<<32 - 1) // section length unknown, an i64 of -1
	s.put32(1<<32 - 1)
	if err := s.end(nil); err != nil {
		return nil, err
	}
	return s, nil
}

// WriteFrame writes one frame, and its interface first where it is a new one.
func (s *Writer) WriteFrame(f *Frame) error {
	if f.At < 0 {
		return fmt.Errorf("cannot write a frame: %w", ErrBeforeEpoch)
	}
	if len(f.Data) > basePacket+maxSnap {
		return fmt.Errorf("cannot write a frame of %d octets, the limit is %d", len(f.Data), basePacket+maxSnap)
	}
	id, err := s.declared(writerInterface{f.Link, f.Point, f.FCS})
	if err != nil {
		return err
	}
	s.begin(blockEnhanced)
	s.put32(id)
	s.put32(uint32(f.At >> 32))
	s.put32(uint32(f.At))
	s.put32(uint32(len(f.Data)))
	s.put32(uint32(f.OrigLen))
	return s.end(f)
}

// Lost notes that the capture lost packets here, n more than before: an
// interface statistics block (4.6) of the first interface, which must have had a
// frame.
func (s *Writer) Lost(at int64, n uint64) error {
	s.lost += n
	s.begin(blockStatistics)
	s.put32(0)
	s.put32(uint32(at >> 32))
	s.put32(uint32(at))
	s.put16(optionInterfaceDrop)
	s.put16(8)
	s.put32(uint32(s.lost))
	s.put32(uint32(s.lost >> 32))
	s.put32(0) // end of options
	return s.end(nil)
}

// Flush writes out what is still buffered.
func (s *Writer) Flush() error { return s.w.Flush() }

// declared returns the number of an interface, after describing a new one. A
// capture has few of them, so that a search beats a map.
func (s *Writer) declared(want writerInterface) (uint32, error) {
	for i, in := range s.interfaces {
		if in == want {
			return uint32(i), nil
		}
	}
	s.interfaces = append(s.interfaces, want)
	s.begin(blockInterface)
	s.put16(uint16(want.link))
	s.put16(0)
	s.put32(0) // no snap length
	s.option(optionResolution, nanoseconds)
	if want.fcs > 0 {
		s.option(optionFCSLength, want.fcs)
	}
	s.put32(0) // end of options
	return uint32(len(s.interfaces) - 1), s.end(nil)
}

// begin starts a block; its length is filled in by end.
func (s *Writer) begin(kind uint32) {
	s.block = s.block[:0]
	s.put32(kind)
	s.put32(0)
}

// end writes the block out, with the packet of f and its options if there is one.
func (s *Writer) end(f *Frame) error {
	var data, tail []byte
	fields := len(s.block)
	if f != nil {
		data = f.Data
		s.pad(len(data))
		if f.Outgoing {
			s.put16(optionFlags)
			s.put16(4)
			s.put32(flagOutbound)
			s.put32(0) // end of options
		}
	}
	length := uint32(len(s.block) + len(data) + 4)
	s.put32(length)
	binary.LittleEndian.PutUint32(s.block[4:], length)
	tail = s.block[fields:]
	for _, part := range [...][]byte{s.block[:fields], data, tail} {
		if _, err := s.w.Write(part); err != nil {
			return fmt.Errorf("cannot write pcapng: %w", err)
		}
	}
	return nil
}

// option adds an option of one octet.
func (s *Writer) option(code uint16, value uint8) {
	s.put16(code)
	s.put16(1)
	s.put32(uint32(value))
}

// pad adds what n octets lack to a multiple of 4.
func (s *Writer) pad(n int) {
	for ; n%4 != 0; n++ {
		s.block = append(s.block, 0)
	}
}

func (s *Writer) put16(v uint16) { s.block = binary.LittleEndian.AppendUint16(s.block, v) }
func (s *Writer) put32(v uint32) { s.block = binary.LittleEndian.AppendUint32(s.block, v) }
