package capture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// identify returns the reader for the format that a window begins with.
func identify(w window, l ledger) (reader, error) {
	head := w.peek(4)
	if head == nil {
		if w.left() == 0 {
			return nil, noOctets(w.name, w.err)
		}
		return nil, notCapture(&w)
	}
	if _, ok := pcapMagic(head); ok {
		return newPcap(w)
	}
	if binary.LittleEndian.Uint32(head) == blockSection {
		return newPcapng(w, l)
	}
	return nil, notCapture(&w)
}

// notCapture says what a file begins with instead.
func notCapture(w *window) error {
	w.peek(foreignLength) // as much as there is
	head := w.data[w.pos:min(w.end, w.pos+foreignLength)]
	return fmt.Errorf("cannot read %q: %w: it begins %s; accepted are pcap and pcapng, plain or in gzip, zstd or xz",
		w.name, ErrNoCapture, describe(head))
}

// foreign are the formats that people try most often.
var foreign = []struct {
	at    int
	magic string
	name  string
}{
	{0, "PK\x03\x04", "a zip archive"},
	{0, "BZh", "bzip2 data"},
	{0, "7z\xBC\xAF\x27\x1C", "a 7-Zip archive"},
	{0, "\x04\x22\x4D\x18", "lz4 data"},
	{0, "\x1F\x8B", "gzip data inside compressed data"},
	{0, "snoop\x00\x00\x00", "a snoop capture"},
	{0, "GMBU", "a Network Monitor capture"},
	{0, "#!rtpplay1.0", "an rtpdump file"},
	{257, "ustar", "a tar archive"},
}

// foreignLength is how far describe looks.
const foreignLength = 262

// describe says what octets look like.
func describe(head []byte) string {
	for _, f := range foreign {
		if len(head) >= f.at && bytes.HasPrefix(head[f.at:], []byte(f.magic)) {
			return "like " + f.name
		}
	}
	head = head[:min(len(head), 24)]
	if text, _, _ := bytes.Cut(head, []byte("\n")); len(text) > 0 && printable(text) {
		return fmt.Sprintf("with the text %q", text)
	}
	return fmt.Sprintf("with % x", head[:min(len(head), 8)])
}

func printable(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c < ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
