package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxDictionary bounds the history that a decompressor keeps: what zstd's own
// tool allows unless told otherwise, and twice what xz -9 uses.
const maxDictionary = 128 << 20

// readAhead is how much compressed input is read at once.
const readAhead = 256 << 10

// magicLength is how many octets tell the compression, and whether there is any.
const magicLength = 6

// compression names the format that a file begins with, "" for none of ours.
func compression(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}): // RFC 1952 2.3.1
		return "gzip"
	case bytes.HasPrefix(head, []byte{0x28, 0xB5, 0x2F, 0xFD}), // RFC 8878 3.1.1
		len(head) >= 4 && head[0]&0xF0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2A, 0x4D, 0x18}): // 3.1.2, skippable
		return "zstd"
	case bytes.HasPrefix(head, []byte("\xFD7zXZ\x00")):
		return "xz"
	}
	return ""
}

// decompress returns what r holds in the given format. The decoders run on the
// caller's goroutine.
func decompress(format string, r io.Reader) (io.ReadCloser, error) {
	b := bufio.NewReaderSize(r, readAhead)
	d := &decompressor{format: format}
	switch format {
	case "gzip":
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, d.explain(err)
		}
		d.Reader = z // its Close would only repeat the error that Read gave
	case "zstd":
		z, err := zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(maxDictionary))
		if err != nil {
			return nil, d.explain(err)
		}
		d.Reader, d.close = z, z.Close
	case "xz":
		z, err := newXZ(b)
		if err != nil {
			return nil, d.explain(err)
		}
		d.Reader = z
	}
	return d, nil
}

// decompressor is a decoder whose errors name its format.
type decompressor struct {
	io.Reader
	format string
	close  func()
}

func (d *decompressor) Read(b []byte) (int, error) {
	n, err := d.Reader.Read(b)
	if err != nil && err != io.EOF {
		err = d.explain(err)
	}
	return n, err
}

func (d *decompressor) explain(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		return fmt.Errorf("the %s data is cut off: %w", d.format, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("bad %s data: %w", d.format, err)
}

// Close gives the decoder's memory back.
func (d *decompressor) Close() error {
	if d.close != nil {
		d.close()
	}
	return nil
}

// newXZ looks at the first block's dictionary size before the decoder takes
// that much memory: the format allows 4 GiB.
func newXZ(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(xzStreamHeader + xzBlockHeaderMax)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if size := xzDictionary(head); size > maxDictionary {
		return nil, fmt.Errorf("the dictionary takes %d octets, the limit is %d", size, maxDictionary)
	}
	return xz.NewReader(r)
}

const (
	xzStreamHeader   = 12
	xzBlockHeaderMax = 1024
	xzLZMA2          = 0x21
)

// xzDictionary returns the dictionary size of the first block of an xz stream
// (xz file format 1.2.0, 3.1 and 5.3.1), 0 where there is none to be read.
func xzDictionary(stream []byte) uint64 {
	if len(stream) < xzStreamHeader+2 || stream[xzStreamHeader] == 0 {
		return 0
	}
	block := stream[xzStreamHeader:]
	flags, b := block[1], block[2:]
	for _, sized := range [...]byte{0x40, 0x80} { // compressed and uncompressed size
		if flags&sized != 0 {
			_, n := binary.Uvarint(b)
			b = b[max(n, 0):]
		}
	}
	if len(b) < 3 || b[0] != xzLZMA2 || b[1] != 1 {
		return 0
	}
	size := b[2] & 0x3F
	if size >= 40 {
		return 1<<32 - 1
	}
	return uint64(2|size&1) << (size/2 + 11)
}
