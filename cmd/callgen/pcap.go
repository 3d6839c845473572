package main

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
)

// captureWriter writes frames in one of the capture file formats.
type captureWriter struct {
	w          *bufio.Writer
	gz         *gzip.Writer
	file       io.Closer
	format     string
	resolution int64 // ns per tick of the format's clock
	snaplen    int
	packets    int64
	bytes      int64
	drops      *dropper // what an overloaded probe loses; nil: nothing
	scratch    [28]byte
}

// formats lists the file formats and the resolution of their clocks in ns.
var formats = map[string]int64{"pcap": 1000, "pcap-ns": 1, "pcapng": 1}

const linkTypeEthernet = 1

// newCaptureWriter opens path ("-" is stdout; a name that ends in .gz is
// compressed) and writes the file header for the given number of interfaces.
func newCaptureWriter(path string, stdout io.Writer, format string, snaplen, interfaces int) (*captureWriter, error) {
	c := &captureWriter{format: format, resolution: formats[format], snaplen: snaplen}
	sink := stdout
	if path != "-" {
		f, err := os.Create(path)
		if err != nil {
			return nil, fmt.Errorf("cannot create the capture: %w", err)
		}
		sink, c.file = f, f
	}
	if strings.HasSuffix(path, ".gz") {
		c.gz = gzip.NewWriter(sink)
		sink = c.gz
	}
	c.w = bufio.NewWriterSize(sink, 1<<20)
	if format == "pcapng" {
		c.sectionHeader(interfaces)
		return c, nil
	}
	magic := uint32(0xa1b2c3d4)
	if format == "pcap-ns" {
		magic = 0xa1b23c4d
	}
	h := binary.LittleEndian.AppendUint32(nil, magic)
	h = append(h, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0) // version 2.4, two reserved fields
	h = binary.LittleEndian.AppendUint32(h, uint32(snaplen))
	h = binary.LittleEndian.AppendUint32(h, linkTypeEthernet)
	_, _ = c.w.Write(h) // bufio keeps the first error for close
	return c, nil
}

// sectionHeader writes a section header block and one interface description
// block each, with nanosecond resolution.
func (c *captureWriter) sectionHeader(interfaces int) {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0x0a0d0d0a)
	b = le.AppendUint32(b, 28)
	b = le.AppendUint32(b, 0x1a2b3c4d)
	b = append(b, 1, 0, 0, 0)          // version 1.0
	b = le.AppendUint64(b, ^uint64(0)) // section length unknown
	b = le.AppendUint32(b, 28)         // total length again
	for i := range interfaces {
		name := fmt.Sprintf("tap%d", i)
		b = le.AppendUint32(b, 1)
		b = le.AppendUint32(b, 40)
		b = append(b, linkTypeEthernet, 0, 0, 0)
		b = le.AppendUint32(b, uint32(c.snaplen))
		b = append(b, 2, 0, 4, 0) // if_name, 4 octets
		b = append(b, name...)
		b = append(b, 9, 0, 1, 0, 9, 0, 0, 0) // if_tsresol 10^-9, padded
		b = append(b, 0, 0, 0, 0)             // opt_endofopt
		b = le.AppendUint32(b, 40)
	}
	_, _ = c.w.Write(b)
}

// write adds one frame, captured at the time at (ns) on an interface; keep is how
// many of its octets the capture kept, 0 for all up to snaplen.
func (c *captureWriter) write(at int64, iface uint32, frame []byte, keep int) {
	if c.drops != nil {
		if c.drops.takes(at) {
			return
		}
		c.dropStatistics(at)
	}
	c.packets++
	c.bytes += int64(len(frame))
	caplen := min(len(frame), c.snaplen)
	if keep > 0 {
		caplen = min(caplen, keep)
	}
	if c.format == "pcapng" {
		c.enhancedPacket(at, iface, frame[:caplen], len(frame))
		return
	}
	h := c.scratch[:16]
	binary.LittleEndian.PutUint32(h, uint32(at/1e9))
	binary.LittleEndian.PutUint32(h[4:], uint32(at%1e9/c.resolution))
	binary.LittleEndian.PutUint32(h[8:], uint32(caplen))
	binary.LittleEndian.PutUint32(h[12:], uint32(len(frame)))
	_, _ = c.w.Write(h)
	_, _ = c.w.Write(frame[:caplen])
}

func (c *captureWriter) enhancedPacket(at int64, iface uint32, data []byte, origLen int) {
	padding := -len(data) & 3
	total := uint32(32 + len(data) + padding)
	h := c.scratch[:28]
	binary.LittleEndian.PutUint32(h, 6)
	binary.LittleEndian.PutUint32(h[4:], total)
	binary.LittleEndian.PutUint32(h[8:], iface)
	binary.LittleEndian.PutUint32(h[12:], uint32(uint64(at)>>32))
	binary.LittleEndian.PutUint32(h[16:], uint32(at))
	binary.LittleEndian.PutUint32(h[20:], uint32(len(data)))
	binary.LittleEndian.PutUint32(h[24:], uint32(origLen))
	_, _ = c.w.Write(h)
	_, _ = c.w.Write(data)
	_, _ = c.w.Write(zeros[:padding])
	binary.LittleEndian.PutUint32(h, total)
	_, _ = c.w.Write(h[:4])
}

// close completes the file; it returns the first error of any write.
func (c *captureWriter) close() error {
	err := c.w.Flush()
	if c.gz != nil {
		if e := c.gz.Close(); err == nil {
			err = e
		}
	}
	if c.file != nil {
		if e := c.file.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("cannot write the capture: %w", err)
	}
	return nil
}
