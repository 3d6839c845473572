package sanitise

import (
	"io"

	"earshot/capture"
)

// Options says how a capture is sanitised.
type Options struct {
	Key Key
	Cut bool // cut RTP off behind its header, instead of zeroing its payload
}

// Summary is what became of a capture. It holds nothing of what was replaced,
// but for Warnings.
type Summary struct {
	SHA256         string   `json:"sha256"` // of what was written
	Bytes          int64    `json:"bytes"`  // of it
	KeyFingerprint string   `json:"key_fingerprint"`
	Packets        uint64   `json:"packets"`
	Counts         Counts   `json:"counts"`
	Damaged        bool     `json:"damaged,omitempty"` // the input ended before its end, or in part could not be read
	Warnings       []string `json:"-"`                 // what was wrong with the input; names its files
}

// Capture writes a capture without what is personal, as pcapng. It goes through
// the packets twice, and calls open for each time: what fragments and TCP
// segments carry is known when their last has come, and it changes the first.
func Capture(open func() (capture.Source, error), w io.Writer, o Options) (*Summary, error) {
	panic("sanitise: not written yet")
}
