package pipeline

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"earshot/capture"
)

// wire writes a capture of Ethernet frames that a test makes octet by octet.
type wire struct {
	t    *testing.T
	path string
	file *os.File
	w    *capture.Writer
	at   int64 // of the next frame, ns
	id   uint16
}

func newWire(t *testing.T) *wire {
	t.Helper()
	path := filepath.Join(t.TempDir(), "wire.pcapng")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := capture.NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	return &wire{t: t, path: path, file: f, w: w, at: 1_700_000_000e9}
}

// close ends the capture and returns its name.
func (w *wire) close() string {
	w.t.Helper()
	if err := errors.Join(w.w.Flush(), w.file.Close()); err != nil {
		w.t.Fatal(err)
	}
	return w.path
}

// maxDatagram is what an IPv4 packet leaves for a UDP payload.
const maxDatagram = 65535 - 20 - 8

// datagram sends payload over UDP (RFC 768), without a checksum.
func (w *wire) datagram(src, dst netip.AddrPort, payload []byte) {
	payload = payload[:min(len(payload), maxDatagram)]
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	b = append(b, 0, 0)
	w.packet(src, dst, 17, append(b, payload...))
}

// Flags of a TCP header (RFC 9293 3.1).
const (
	tcpFIN = 0x01
	tcpSYN = 0x02
	tcpACK = 0x10
)

// segment sends payload at a sequence number over TCP (RFC 9293 3.1).
func (w *wire) segment(src, dst netip.AddrPort, seq uint32, flags uint8, payload []byte) {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, 1) // acknowledged
	b = append(b, 5<<4, flags, 0xff, 0xff, 0, 0, 0, 0)
	w.packet(src, dst, 6, append(b, payload...))
}

// packet sends an IPv4 packet (RFC 791 3.1) in an Ethernet frame, a millisecond
// after the one before it.
func (w *wire) packet(src, dst netip.AddrPort, protocol uint8, payload []byte) {
	w.t.Helper()
	w.id++
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45, 0}
	b = binary.BigEndian.AppendUint16(b, uint16(20+len(payload)))
	b = binary.BigEndian.AppendUint16(b, w.id)
	b = append(b, 0, 0, 64, protocol, 0, 0)
	b = append(b, src.Addr().AsSlice()...)
	b = append(b, dst.Addr().AsSlice()...)
	sum := uint32(0)
	for i := 14; i < 34; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	sum = sum&0xffff + sum>>16
	binary.BigEndian.PutUint16(b[24:], ^uint16(sum+sum>>16))
	b = append(b, payload...)
	if err := w.w.WriteFrame(&capture.Frame{At: w.at, Data: b, OrigLen: len(b), Link: capture.LinkEthernet}); err != nil {
		w.t.Fatal(err)
	}
	w.at += 1e6
}
