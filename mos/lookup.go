package mos

import (
	"errors"
	"fmt"
	"strings"
)

// Reasons why there is no score. [CodecTable.Lookup] wraps them in an error
// whose text is the reason for people.
var (
	ErrUnnamed  = errors.New("codec unknown")             // nothing told which codec it is
	ErrNoCodec  = errors.New("no entry in the table")     // a name that the table doesn't have
	ErrNoValue  = errors.New("no published impairment")   // nobody published Ie for it, or not at this rate or band
	ErrNoMode   = errors.New("no rate or bandwidth seen") // a multi-rate codec whose packets didn't tell its mode
	ErrNoSpeech = errors.New("no speech to score")        // telephone-event, comfort noise, redundancy, video
)

// Query is what was announced and measured of a stream's codec.
type Query struct {
	Encoding  string  // SDP encoding name in any case, e.g. "PCMU"
	ClockRate int     // RTP clock, Hz; 0: unknown
	Kbps      float64 // payload bit rate over active packets, kbit/s; 0: unknown
	Bandwidth string  // Opus: "NB", "MB", "WB", "SWB", "FB"; "" unknown
	FrameType int     // AMR frame type; -1: unknown or not AMR
	PLC       string  // concealment preferred, as a row names it, e.g. "none"; "" the table's first choice
}

// Lookup finds the row for a codec. The error says why there is none and wraps
// one of the sentinel errors.
func (t *CodecTable) Lookup(q Query) (Codec, error) {
	name := strings.ToLower(strings.TrimSpace(q.Encoding))
	if name == "" {
		return Codec{}, fmt.Errorf("not computable: %w", ErrUnnamed)
	}
	if reason, ok := t.without[name]; ok {
		return Codec{}, notComputable(reason, q)
	}
	rows, ok := t.byEncoding[name]
	if !ok {
		return Codec{}, notComputable(ErrNoCodec, q)
	}
	rows = atClock(rows, q.ClockRate)
	if len(rows) == 0 {
		return Codec{}, fmt.Errorf("%w at %d Hz", notComputable(ErrNoValue, q), q.ClockRate)
	}
	rows, reason := inBand(rows, q.Bandwidth)
	if reason != nil {
		return Codec{}, notComputable(reason, q)
	}
	rows, reason = inMode(rows, q)
	if reason != nil {
		return Codec{}, notComputable(reason, q)
	}
	return concealedAs(rows, q.PLC), nil
}

func notComputable(reason error, q Query) error {
	return fmt.Errorf("not computable: %w for codec %q", reason, q.Encoding)
}

// atClock keeps the rows that hold for an RTP clock; an unknown one fits all.
func atClock(rows []*Codec, hz int) []*Codec {
	if hz == 0 {
		return rows
	}
	return keep(rows, func(c *Codec) bool { return c.ClockRate == 0 || c.ClockRate == hz })
}

// inBand keeps the rows of an audio band. A band without values of its own is
// judged by the next narrower one on that one's scale: medium band as
// narrowband, fullband as super-wideband.
func inBand(rows []*Codec, band string) ([]*Codec, error) {
	if exact := keep(rows, func(c *Codec) bool { return c.Bandwidth == band }); len(exact) > 0 {
		return exact, nil
	}
	if every := keep(rows, func(c *Codec) bool { return c.Bandwidth == "" }); len(every) > 0 {
		return every, nil
	}
	switch band {
	case "":
		return nil, ErrNoMode
	case "MB":
		return inBand(rows, "NB")
	case "FB":
		return inBand(rows, "SWB")
	}
	return nil, ErrNoValue
}

// inMode keeps the rows of a rate: by AMR's frame type where it is known, else
// the highest MinKbps that the bit rate reaches.
func inMode(rows []*Codec, q Query) ([]*Codec, error) {
	if byType := keep(rows, func(c *Codec) bool { return c.FrameType >= 0 }); q.FrameType >= 0 && len(byType) > 0 {
		byType = keep(byType, func(c *Codec) bool { return c.FrameType == q.FrameType })
		if len(byType) == 0 {
			return nil, ErrNoValue
		}
		return byType, nil
	}
	best, rated := -1.0, false
	for _, c := range rows {
		rated = rated || c.MinKbps > 0
		if c.MinKbps > best && c.MinKbps <= q.Kbps {
			best = c.MinKbps
		}
	}
	switch {
	case rated && q.Kbps == 0:
		return nil, ErrNoMode
	case best < 0:
		return nil, ErrNoValue
	}
	return keep(rows, func(c *Codec) bool { return c.MinKbps == best }), nil
}

// concealedAs returns the row with the concealment asked for, or the first.
func concealedAs(rows []*Codec, plc string) Codec {
	for _, c := range rows {
		if strings.EqualFold(c.PLC, plc) {
			return *c
		}
	}
	return *rows[0]
}

func keep(rows []*Codec, wanted func(*Codec) bool) []*Codec {
	var kept []*Codec
	for _, c := range rows {
		if wanted(c) {
			kept = append(kept, c)
		}
	}
	return kept
}
