package capture

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// maxInflated bounds what a compressed payload may become: the largest that an
// uncompressed one can be.
const maxInflated = 1<<16 - 1

// isCompressed reports whether b begins like gzip (RFC 1952 2.3.1) or zlib
// (RFC 1950 2.2).
func isCompressed(b []byte) bool {
	return isGzip(b) || len(b) > 2 && b[0]&0x0f == 8 && be16(b)%31 == 0
}

func isGzip(b []byte) bool { return len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b }

// hepInflater unpacks the payloads of chunk 0x10. What it needs for that is made
// when the first one comes, and then reused.
type hepInflater struct {
	src  bytes.Reader
	gzip *gzip.Reader
	zlib io.ReadCloser
	out  []byte
}

// inflate returns what b unpacks to, valid until the next call; false where it
// is damaged or becomes too large.
func (f *hepInflater) inflate(b []byte) ([]byte, bool) {
	f.src.Reset(b)
	r, err := f.reader(isGzip(b))
	if err != nil {
		return nil, false
	}
	if f.out == nil {
		f.out = make([]byte, maxInflated+1)
	}
	n, err := io.ReadFull(r, f.out) // full: one octet too many
	if err == nil || n == 0 {
		return nil, false
	}
	if _, err := r.Read(f.out[n : n+1]); err != io.EOF { // io.ReadFull does not tell the end from damage
		return nil, false
	}
	return f.out[:n], true
}

func (f *hepInflater) reader(gz bool) (io.Reader, error) {
	if gz {
		if f.gzip == nil {
			f.gzip = new(gzip.Reader)
		}
		err := f.gzip.Reset(&f.src)
		f.gzip.Multistream(false)
		return f.gzip, err
	}
	if f.zlib == nil {
		r, err := zlib.NewReader(&f.src)
		f.zlib = r
		return r, err
	}
	return f.zlib, f.zlib.(zlib.Resetter).Reset(&f.src, nil)
}
