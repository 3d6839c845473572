package mos

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// LoadCodecs reads a codec table in YAML, in the form of codecs.yaml, and lays
// it over the built-in one: an encoding that the document names replaces all
// built-in rows of that encoding. Errors tell the line and, for a misspelt
// key, the nearest known one.
func LoadCodecs(r io.Reader) (*CodecTable, error) {
	t, err := readCodecs(r)
	if err != nil {
		return nil, fmt.Errorf("cannot read codec table: %w", err)
	}
	return t.over(DefaultCodecs()), nil
}

// DecodeCodecs lays the rows of a list over the built-in table as [LoadCodecs]
// does. The list is part of another document; errors tell that one's lines.
func DecodeCodecs(list *yaml.Node) (*CodecTable, error) {
	if list.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("line %d: want a list of rows", list.Line)
	}
	doc := document{Codecs: make([]yaml.Node, len(list.Content))}
	for i, n := range list.Content {
		doc.Codecs[i] = *n
	}
	t, err := doc.table()
	if err != nil {
		return nil, err
	}
	return t.over(DefaultCodecs()), nil
}

// document is the form of a codec table.
type document struct {
	Codecs  []yaml.Node `yaml:"codecs"`
	Without []yaml.Node `yaml:"without"`
}

// row is one entry of codecs.
type row struct {
	Name          string   `yaml:"name"`
	Encodings     []string `yaml:"encodings"`
	ClockRate     int      `yaml:"clock_rate"`
	Model         Model    `yaml:"model"`
	MinKbps       float64  `yaml:"min_kbps"`
	Bandwidth     string   `yaml:"bandwidth"`
	FrameType     *int     `yaml:"frame_type"`
	Ie            *float64 `yaml:"ie"`
	Bpl           *float64 `yaml:"bpl"`
	PLC           string   `yaml:"plc"`
	LookaheadMS   float64  `yaml:"lookahead_ms"`
	BurstAware    *bool    `yaml:"burst_aware"`
	Source        string   `yaml:"source"`
	IeConfidence  string   `yaml:"ie_confidence"`
	BplConfidence string   `yaml:"bpl_confidence"`
}

// absence is one entry of without.
type absence struct {
	Reason    string   `yaml:"reason"`
	Encodings []string `yaml:"encodings"`
}

// readCodecs reads one document on its own.
func readCodecs(r io.Reader) (*CodecTable, error) {
	var root yaml.Node
	if err := yaml.NewDecoder(r).Decode(&root); errors.Is(err, io.EOF) {
		return newCodecTable(nil, nil), nil // an empty document changes nothing
	} else if err != nil {
		return nil, err
	}
	var doc document
	if err := decodeStrictly(root.Content[0], &doc); err != nil {
		return nil, err
	}
	return doc.table()
}

// table checks and indexes what the document says.
func (doc *document) table() (*CodecTable, error) {
	rows, err := readRows(doc.Codecs)
	if err != nil {
		return nil, err
	}
	without, err := readAbsences(doc.Without)
	if err != nil {
		return nil, err
	}
	t := newCodecTable(rows, without)
	for name := range t.without {
		if t.byEncoding[name] != nil {
			return nil, fmt.Errorf("encoding %q is in codecs and in without", name)
		}
	}
	return t, nil
}

func readRows(nodes []yaml.Node) ([]Codec, error) {
	var rows []Codec
	lines := make(map[Codec]int, len(nodes)) // by what selects a row
	for i := range nodes {
		n := &nodes[i]
		var r row
		if err := decodeStrictly(n, &r); err != nil {
			return nil, err
		}
		c, err := r.codec()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n.Line, err)
		}
		for _, name := range r.Encodings {
			c.Encoding = strings.ToLower(strings.TrimSpace(name))
			key := Codec{Encoding: c.Encoding, ClockRate: c.ClockRate, MinKbps: c.MinKbps, Bandwidth: c.Bandwidth, FrameType: c.FrameType, PLC: c.PLC}
			if first, taken := lines[key]; taken {
				return nil, fmt.Errorf("line %d: %q holds for the same as line %d", n.Line, name, first)
			}
			lines[key] = n.Line
			rows = append(rows, c)
		}
	}
	return rows, nil
}

func readAbsences(nodes []yaml.Node) (map[string]error, error) {
	without := make(map[string]error)
	for i := range nodes {
		n := &nodes[i]
		var a absence
		if err := decodeStrictly(n, &a); err != nil {
			return nil, err
		}
		reason := map[string]error{"no_value": ErrNoValue, "no_speech": ErrNoSpeech}[a.Reason]
		if reason == nil {
			return nil, fmt.Errorf("line %d: reason is %q, want \"no_value\" or \"no_speech\"", n.Line, a.Reason)
		}
		for _, name := range a.Encodings {
			without[strings.ToLower(strings.TrimSpace(name))] = reason
		}
	}
	return without, nil
}
