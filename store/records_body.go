package store

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"

	"earshot/dialog"
)

// dictionary is what a body may point back to: records as they mostly are. It
// halves the bodies. It is part of the format of version 1 and never changes;
// each file holds a copy, for readers other than Earshot.
//
//go:embed dictionary.jsonl
var dictionary []byte

// mostStreamText bounds what is kept of a call's streams: 4 MiB are about three
// thousand. The call's own line names them all. largestBody is what is read.
const (
	mostStreamText = 4 << 20
	largestBody    = 64 << 20
)

// packer makes bodies. One goroutine uses it.
type packer struct {
	zstd *zstd.Encoder
	json dialog.JSONOptions
	text []byte
}

// newPacker takes zstd's fastest level: the next one needs more than twice the
// time for nothing, see docs/store.md.
func newPacker(options dialog.JSONOptions) (*packer, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderDictRaw(0, dictionary))
	return &packer{zstd: e, json: options}, err
}

// call packs the lines of a call's streams, then its own.
func (p *packer) call(c *dialog.CallRecord) []byte {
	p.text = p.text[:0]
	for _, s := range c.Media {
		whole := len(p.text)
		if p.line(s); len(p.text) > mostStreamText {
			p.text = p.text[:whole]
			break
		}
	}
	p.line(c)
	return p.zstd.EncodeAll(p.text, nil)
}

func (p *packer) stream(s *dialog.StreamRecord) []byte {
	p.text = p.text[:0]
	p.line(s)
	return p.zstd.EncodeAll(p.text, nil)
}

func (p *packer) line(r dialog.Record) {
	p.text = append(dialog.AppendJSON(p.text, r, p.json), '\n')
}

func newUnpacker() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(largestBody), zstd.WithDecoderDictRaw(0, dictionary))
}

// Found is one record that was found: a call with its streams, or a stream of
// no call.
type Found struct {
	Lines  string // JSON lines as replay writes them: a call after its streams
	Cursor Cursor // where it is
}

// Record reads the lines. What is not in a record's JSON is not in the result:
// segments, peers, the ladder.
func (f *Found) Record() (dialog.Record, error) {
	var media []*dialog.StreamRecord
	for line := range strings.Lines(f.Lines) {
		var head struct{ Type string }
		if err := json.Unmarshal([]byte(line), &head); err != nil {
			return nil, fmt.Errorf("cannot read record %s: %w", f.Cursor, err)
		}
		var err error
		switch head.Type {
		case "stream":
			s := new(dialog.StreamRecord)
			err = json.Unmarshal([]byte(line), s)
			media = append(media, s)
		case "call":
			c := &dialog.CallRecord{}
			if err = json.Unmarshal([]byte(line), c); err == nil {
				c.Media = media
				return c, nil
			}
		default:
			err = fmt.Errorf("unknown type %q", head.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("cannot read record %s: %w", f.Cursor, err)
		}
	}
	if len(media) != 1 {
		return nil, fmt.Errorf("cannot read record %s: %w", f.Cursor, errNoCall)
	}
	return media[0], nil
}

var errNoCall = errors.New("store: several streams and no call")
