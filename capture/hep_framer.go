package capture

import (
	"bytes"

	"earshot/capture/wire"
)

const (
	hepBufferMin  = 16 << 10
	hepBufferMax  = 1 << 16 // a packet is shorter by one
	maxHEPSkipped = 1 << 16 // octets that are no HEP before a stream is given up
)

// hepFramer cuts what a stream brings into HEP packets, by their length field.
// Proxies of HEP greet in plain text: octets before the next magic are stepped
// over, but not without end.
type hepFramer struct {
	buf        []byte
	start, end int
	skipped    int
}

// room returns where to read the next octets into. There always is some.
func (f *hepFramer) room() []byte {
	if f.start == f.end {
		f.start, f.end = 0, 0
	}
	if f.end == len(f.buf) && f.start > 0 {
		f.end = copy(f.buf, f.buf[f.start:f.end])
		f.start = 0
	}
	if f.end == len(f.buf) {
		larger := make([]byte, min(max(2*len(f.buf), hepBufferMin), hepBufferMax))
		copy(larger, f.buf)
		f.buf = larger
	}
	return f.buf[f.end:]
}

// took tells how many octets were read into room.
func (f *hepFramer) took(n int) { f.end += n }

// whole returns as many packets in a row as have come whole, none when the
// next one is still on its way, and steps over them. They are valid until the
// next call of room.
func (f *hepFramer) whole() []byte {
	for {
		b := f.buf[f.start:f.end]
		n := wholeHEP(b)
		if n > 0 {
			f.start += n
			return b[:n]
		}
		skip := strayHEP(b)
		if skip == 0 {
			return nil
		}
		f.start += skip
		f.skipped += skip
	}
}

// partial reports whether a packet has begun that has not ended.
func (f *hepFramer) partial() bool { return f.end > f.start }

// lost reports whether the stream is no HEP.
func (f *hepFramer) lost() bool { return f.skipped > maxHEPSkipped }

// wholeHEP returns the length of the packets that b begins with and holds whole.
func wholeHEP(b []byte) int {
	n := 0
	for wire.IsHEP3(b[n:]) {
		length := be16(b[n+4:])
		if length < wire.HEP3Header || length > len(b)-n {
			break
		}
		n += length
	}
	return n
}

// strayHEP returns how many octets at the beginning of b belong to no packet;
// what may still become one is not among them.
func strayHEP(b []byte) int {
	if len(b) == 0 || begunHEP(b) {
		return 0
	}
	n := 1
	for n < len(b) && !begunHEP(b[n:]) {
		next := bytes.IndexAny(b[n+1:], "HE")
		if next < 0 {
			return len(b)
		}
		n += 1 + next
	}
	return n
}

// begunHEP reports whether b may be the beginning of a packet.
func begunHEP(b []byte) bool {
	for _, magic := range [...]string{"HEP3", "EEP3", "EEP1"} {
		if n := min(len(b), len(magic)); string(b[:n]) == magic[:n] {
			return len(b) < wire.HEP3Header || be16(b[4:]) >= wire.HEP3Header
		}
	}
	return false
}
