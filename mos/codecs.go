package mos

import (
	"fmt"
	"strings"

	_ "embed" // codecs.yaml
)

// CodecTable finds the row for what was measured of a codec. It is immutable
// and may be shared.
type CodecTable struct {
	rows       []Codec
	byEncoding map[string][]*Codec
	without    map[string]error // encodings known to have no score, and why
}

//go:embed codecs.yaml
var defaultCodecs string

// DefaultCodecs returns the built-in table, codecs.yaml.
func DefaultCodecs() *CodecTable {
	t, err := readCodecs(strings.NewReader(defaultCodecs))
	if err != nil {
		panic(fmt.Sprintf("mos: the built-in codec table is broken: %v", err))
	}
	return t
}

// Rows returns all rows in the order of their documents: a configuration's
// first, then the built-in ones that it left standing.
func (t *CodecTable) Rows() []Codec { return append([]Codec(nil), t.rows...) }

// newCodecTable indexes the rows.
func newCodecTable(rows []Codec, without map[string]error) *CodecTable {
	t := &CodecTable{rows: rows, byEncoding: make(map[string][]*Codec), without: without}
	for i := range rows {
		c := &rows[i]
		t.byEncoding[c.Encoding] = append(t.byEncoding[c.Encoding], c)
	}
	return t
}

// over returns a table in which every encoding that t names is t's, and the
// rest is as in base.
func (t *CodecTable) over(base *CodecTable) *CodecTable {
	rows := append([]Codec(nil), t.rows...)
	for _, c := range base.rows {
		if !t.names(c.Encoding) {
			rows = append(rows, c)
		}
	}
	without := make(map[string]error, len(base.without)+len(t.without))
	for name, reason := range base.without {
		if !t.names(name) {
			without[name] = reason
		}
	}
	for name, reason := range t.without {
		without[name] = reason
	}
	return newCodecTable(rows, without)
}

func (t *CodecTable) names(encoding string) bool {
	return t.byEncoding[encoding] != nil || t.without[encoding] != nil
}
