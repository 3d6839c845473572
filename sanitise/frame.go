package sanitise

import (
	"encoding/binary"
	"hash/crc32"

	"earshot/capture"
)

// maxDepth and maxCut are the decoder's bounds of encapsulations, and of what a
// capture may claim that it cut off.
const (
	maxDepth = 8
	maxCut   = 1 << 20
)

// rewriter takes frames apart down to what they carry, as capture.Decoder does,
// and writes them anew without what is personal. Every layer appends itself to
// out, then what it encloses, and then mends its lengths and checksums.
//
// A layer is given its octets and how many the capture lacks at its end. It
// returns how many are lacking now, and whether it made sense: where a guess at
// what follows was wrong the caller takes back what was appended.
//
// What is not understood is never copied: zeros of the same length stand for it.
type rewriter struct {
	addresses *Addresses
	tags      tags
	names     *Names
	text      *Text
	cut       bool // RTP ends behind its header
	plan      *plan
	zip       inflater
	counts    Counts

	out     []byte
	did     done
	depth   int
	hep     bool   // the frame may carry HEP
	ordinal uint64 // number of the frame in the capture
	nth     int    // fragment headers met in this frame
	id      int    // identification of the innermost IPv4 header, 0 without one
	quoting int    // inside a packet that an ICMP error quotes
	at      int64  // capture time, in the first pass

	reassembly reassembly // of the first pass
}

// done is what became of a frame, the most telling that happened.
type done uint8

const (
	didUnknown done = iota
	didBlank
	didICMP
	didTCP
	didSTUN
	didRTP
	didRTCP
	didSIP
	didHEP
)

// note says what the frame at hand turned out to be.
func (r *rewriter) note(d done) { r.did = max(r.did, d) }

// frame writes a frame anew; f.Data is then valid until the next call.
func (r *rewriter) frame(f *capture.Frame) {
	r.out = r.out[:0]
	r.did, r.depth, r.nth, r.quoting, r.hep = didUnknown, 0, 0, 0, f.HEP
	cut := min(max(f.OrigLen-len(f.Data), 0), maxCut)
	lacks, _ := r.link(f.Link, f.Data, cut)
	if f.FCS == fcsLen && cut == 0 {
		mendFCS(f.Data, r.out)
	}
	f.OrigLen += len(r.out) - len(f.Data) + lacks - cut
	f.Data = r.out
	r.counts.add(r.did)
}

// fcsLen is the length of Ethernet's frame check sequence.
const fcsLen = 4

// mendFCS writes the frame check sequence where there was a right one. It is
// sent with the lowest octet first (IEEE 802.3 3.2.9).
func mendFCS(before, after []byte) {
	b, a := len(before)-fcsLen, len(after)-fcsLen
	if b < 0 || a < 0 || crc32.ChecksumIEEE(before[:b]) != binary.LittleEndian.Uint32(before[b:]) {
		return
	}
	binary.LittleEndian.PutUint32(after[a:], crc32.ChecksumIEEE(after[:a]))
}

// enter counts one more encapsulation and reports whether it is one too many.
func (r *rewriter) enter() bool {
	r.depth++
	return r.depth > maxDepth
}

// blank writes zeros for octets that must not go on.
func (r *rewriter) blank(b []byte) {
	r.out = append(r.out, b...)
	clear(r.out[len(r.out)-len(b):])
}

// senseless writes zeros for a layer that makes no sense.
func (r *rewriter) senseless(b []byte, cut int) (int, bool) {
	r.blank(b)
	return cut, false
}

// opaque writes zeros for what makes sense but is nobody's business.
func (r *rewriter) opaque(b []byte, cut int) (int, bool) {
	r.note(didBlank)
	r.blank(b)
	return cut, true
}

// copyHeader copies a header that holds nothing personal, and returns where it is.
func (r *rewriter) copyHeader(b []byte) (at int) {
	at = len(r.out)
	r.out = append(r.out, b...)
	return at
}

// attempt tries a layer, and takes it back where it made no sense.
func (r *rewriter) attempt(layer func([]byte, int) (int, bool), b []byte, cut int) (int, bool) {
	start, depth, nth, did := len(r.out), r.depth, r.nth, r.did
	lacks, ok := layer(b, cut)
	if !ok {
		r.out, r.depth, r.nth, r.did = r.out[:start], depth, nth, did
	}
	return lacks, ok
}

// enclosure is what a length field encloses, and what lies behind it.
type enclosure struct {
	body    []byte
	lack    int    // octets of the body that the capture lacks
	trailer []byte // padding, a frame check sequence: zeros in the result
	beyond  int    // octets behind the body that the capture lacks
	phantom int    // octets that the length claims and nobody sent
}

// enclose cuts b to the length that a header claims.
func enclose(b []byte, cut, length int) enclosure {
	if length <= len(b) {
		return enclosure{body: b[:length], trailer: b[length:], beyond: cut}
	}
	lack := length - len(b)
	return enclosure{body: b, lack: lack, beyond: max(cut-lack, 0), phantom: max(lack-cut, 0)}
}

// close writes the trailer, and returns what the outer layer lacks when the body
// now lacks that much. Behind a hole nothing can follow.
func (r *rewriter) close(e *enclosure, lacks int) int {
	if lacks = max(lacks-e.phantom, 0); lacks > 0 || e.phantom > 0 {
		return lacks + len(e.trailer) + e.beyond
	}
	r.blank(e.trailer)
	return e.beyond
}

// length is how long what was written since start claims to be.
func (r *rewriter) length(start, lacks int) int { return len(r.out) - start + lacks }

// put16 writes a length field; one that does not fit is 0, as network cards that
// cut packets up later leave it.
func (r *rewriter) put16(at, v int) {
	if v > 0xffff {
		v = 0
	}
	binary.BigEndian.PutUint16(r.out[at:], uint16(v))
}

func be16(b []byte) int    { return int(binary.BigEndian.Uint16(b)) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
