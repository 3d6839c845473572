package sanitise

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// maxInflated bounds what a compressed payload may become.
const maxInflated = 1<<16 - 1

// inflater unpacks HEP's compressed payloads and packs them again. The zero
// value is ready.
type inflater struct {
	in   []byte
	room []byte // for what is rewritten between
	out  bytes.Buffer
	zip  *gzip.Writer
}

// inflate returns what gzip or zlib unpacks to, valid until the next call.
func (f *inflater) inflate(b []byte) ([]byte, bool) {
	var r io.Reader
	var err error
	if len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b {
		r, err = gzip.NewReader(bytes.NewReader(b))
	} else {
		r, err = zlib.NewReader(bytes.NewReader(b))
	}
	if err != nil {
		return nil, false
	}
	if f.in == nil {
		f.in = make([]byte, maxInflated+1)
	}
	n, err := io.ReadFull(r, f.in)
	if err != io.ErrUnexpectedEOF || n == 0 { // nil: one octet too many
		return nil, false
	}
	return f.in[:n], true
}

// deflate appends b in gzip.
func (f *inflater) deflate(dst, b []byte) []byte {
	f.out.Reset()
	if f.zip == nil {
		f.zip = gzip.NewWriter(&f.out)
	} else {
		f.zip.Reset(&f.out)
	}
	_, _ = f.zip.Write(b) // a buffer takes everything
	_ = f.zip.Close()
	return append(dst, f.out.Bytes()...)
}
