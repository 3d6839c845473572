package mos

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestLookup(t *testing.T) {
	tests := []struct {
		q       Query
		name    string
		model   Model
		ie, bpl float64
		aware   bool
	}{
		// Values as G.113 and the literature print them, SDP names as people write them.
		{Query{Encoding: "PCMU", ClockRate: 8000}, "G.711", G107, 0, 25.1, true},
		{Query{Encoding: "pcma", ClockRate: 8000}, "G.711", G107, 0, 25.1, true},
		{Query{Encoding: " PCMA "}, "G.711", G107, 0, 25.1, true},
		{Query{Encoding: "PCMU", PLC: "none"}, "G.711", G107, 0, 4.3, false},
		{Query{Encoding: "PCMU", PLC: "something else"}, "G.711", G107, 0, 25.1, true},
		{Query{Encoding: "G729", ClockRate: 8000, Kbps: 8}, "G.729A", G107, 11, 19, true},
		{Query{Encoding: "g729"}, "G.729A", G107, 11, 19, true},
		{Query{Encoding: "G723", Kbps: 6.4}, "G.723.1 6.3", G107, 15, 16.1, true},   // 24 octets per 30 ms
		{Query{Encoding: "G723", Kbps: 5.333}, "G.723.1 5.3", G107, 19, 16.1, true}, // 20 octets per 30 ms
		{Query{Encoding: "G726-32"}, "G.726-32", G107, 7, 4.3, false},
		{Query{Encoding: "AAL2-G726-32"}, "G.726-32", G107, 7, 4.3, false},
		{Query{Encoding: "AAL2-G726-16"}, "G.726-16", G107, 50, 4.3, false},
		{Query{Encoding: "G728", Kbps: 16}, "G.728", G107, 7, 4.3, false},
		{Query{Encoding: "G728", Kbps: 12.8}, "G.728 12.8", G107, 20, 4.3, false},
		{Query{Encoding: "GSM"}, "GSM-FR", G107, 20, 10, false},
		{Query{Encoding: "GSM-EFR"}, "GSM-EFR", G107, 5, 10, false},
		{Query{Encoding: "GSM-HR-08"}, "GSM-HR", G107, 23, 10, false},
		{Query{Encoding: "iLBC", Kbps: 15.2}, "iLBC 15.2", G107, 11, 25, true},
		{Query{Encoding: "iLBC", Kbps: 13.33}, "iLBC 13.3", G107, 12, 25, true},

		{Query{Encoding: "AMR", FrameType: 0}, "AMR 4.75", G107, 21.4, 10, false},
		{Query{Encoding: "AMR", FrameType: 7}, "AMR 12.2", G107, 5, 10, false},
		{Query{Encoding: "AMR", FrameType: 7, Kbps: 5.6}, "AMR 12.2", G107, 5, 10, false}, // the payload's word counts
		// 20 ms by the bit rate alone: RFC 4867 octet-aligned 12.2 is 33 octets, bandwidth-efficient 32.
		{Query{Encoding: "AMR", FrameType: -1, Kbps: 13.2}, "AMR 12.2", G107, 5, 10, false},
		{Query{Encoding: "AMR", FrameType: -1, Kbps: 12.8}, "AMR 12.2", G107, 5, 10, false},
		{Query{Encoding: "AMR", FrameType: -1, Kbps: 11.2}, "AMR 10.2", G107, 6, 10, false},
		{Query{Encoding: "AMR", FrameType: -1, Kbps: 8.4}, "AMR 7.4", G107, 11.6, 10, false},
		{Query{Encoding: "AMR-WB", ClockRate: 16000, FrameType: 2}, "AMR-WB 12.65", G1071, 13, 4.3, false},
		{Query{Encoding: "AMR-WB", ClockRate: 16000, FrameType: 8}, "AMR-WB 23.85", G1071, 8, 4.9, false},
		{Query{Encoding: "AMR-WB", FrameType: -1, Kbps: 13.2}, "AMR-WB 12.65", G1071, 13, 4.3, false}, // 33 octets
		{Query{Encoding: "AMR-WB", FrameType: -1, Kbps: 24}, "AMR-WB 23.05", G1071, 1, 4.6, false},    // 60 octets

		{Query{Encoding: "G722", ClockRate: 8000, Kbps: 64}, "G.722 64", G1071, 13, 4.3, false},
		{Query{Encoding: "G722", ClockRate: 8000, Kbps: 48}, "G.722 48", G1071, 31, 4.3, false},
		{Query{Encoding: "G7221", ClockRate: 16000, Kbps: 32}, "G.722.1 32", G1071, 13, 4.3, false},
		{Query{Encoding: "L16", ClockRate: 8000}, "L16", G107, 0, 4.3, false},
		{Query{Encoding: "L16", ClockRate: 16000}, "L16", G1071, 0, 4.3, false},
		{Query{Encoding: "L16", ClockRate: 44100}, "L16", G1072, 0, 4.3, false},

		{Query{Encoding: "EVS", ClockRate: 16000, Kbps: 13.2}, "EVS SWB 13.2", G1072, 17.1, 11.7, false},
		{Query{Encoding: "EVS", ClockRate: 16000, Kbps: 24.8}, "EVS SWB 24.4", G1072, 7.2, 11.4, false},
		{Query{Encoding: "opus", ClockRate: 48000, Kbps: 8, Bandwidth: "NB"}, "Opus NB 8", G107, 16, 20.3, false},
		{Query{Encoding: "opus", ClockRate: 48000, Kbps: 9, Bandwidth: "MB"}, "Opus NB 9", G107, 11.7, 18.9, false},
		{Query{Encoding: "opus", ClockRate: 48000, Kbps: 24, Bandwidth: "WB"}, "Opus WB 15", G1071, 18.1, 18.7, false},
		{Query{Encoding: "opus", ClockRate: 48000, Kbps: 28, Bandwidth: "SWB"}, "Opus SWB 28", G1072, 18.5, 10.6, false},
		{Query{Encoding: "OPUS", ClockRate: 48000, Kbps: 96, Bandwidth: "FB"}, "Opus SWB 40", G1072, 10.7, 9.8, false},
	}
	table := DefaultCodecs()
	for _, tt := range tests {
		c, err := table.Lookup(tt.q)
		if err != nil {
			t.Errorf("%+v: %v", tt.q, err)
			continue
		}
		if c.Name != tt.name || c.Model != tt.model || c.Ie != tt.ie || c.Bpl != tt.bpl || c.BurstAware != tt.aware {
			t.Errorf("%+v: got %s %s Ie %v Bpl %v burst-aware %v, want %s %s %v %v %v",
				tt.q, c.Name, c.Model, c.Ie, c.Bpl, c.BurstAware, tt.name, tt.model, tt.ie, tt.bpl, tt.aware)
		}
	}
}

func TestLookupReasons(t *testing.T) {
	tests := []struct {
		q    Query
		is   error
		text string
	}{
		{Query{}, ErrUnnamed, `not computable: codec unknown`},
		{Query{Encoding: "X-Nonesuch"}, ErrNoCodec, `not computable: no entry in the table for codec "X-Nonesuch"`},
		{Query{Encoding: "DVI4", ClockRate: 8000}, ErrNoValue, `not computable: no published impairment for codec "DVI4"`},
		{Query{Encoding: "speex", ClockRate: 16000, Kbps: 27.8}, ErrNoValue, `not computable: no published impairment for codec "speex" at 16000 Hz`},
		{Query{Encoding: "EVS", ClockRate: 16000, Kbps: 7.2}, ErrNoValue, `not computable: no published impairment for codec "EVS"`},
		{Query{Encoding: "AMR", FrameType: 15, Kbps: 1}, ErrNoValue, `not computable: no published impairment for codec "AMR"`},
		{Query{Encoding: "AMR", FrameType: -1}, ErrNoMode, `not computable: no rate or bandwidth seen for codec "AMR"`},
		{Query{Encoding: "opus", Kbps: 24}, ErrNoMode, `not computable: no rate or bandwidth seen for codec "opus"`},
		{Query{Encoding: "opus", Bandwidth: "WB"}, ErrNoMode, `not computable: no rate or bandwidth seen for codec "opus"`},
		{Query{Encoding: "opus", Bandwidth: "SWB", Kbps: 6}, ErrNoValue, `not computable: no published impairment for codec "opus"`},
		{Query{Encoding: "telephone-event", ClockRate: 8000}, ErrNoSpeech, `not computable: no speech to score for codec "telephone-event"`},
		{Query{Encoding: "CN", ClockRate: 8000}, ErrNoSpeech, `not computable: no speech to score for codec "CN"`},
		{Query{Encoding: "H264", ClockRate: 90000}, ErrNoSpeech, `not computable: no speech to score for codec "H264"`},
	}
	table := DefaultCodecs()
	for _, tt := range tests {
		_, err := table.Lookup(tt.q)
		if !errors.Is(err, tt.is) || err.Error() != tt.text {
			t.Errorf("%+v: got %v, want %v", tt.q, err, tt.text)
		}
	}
}

// TestEveryRowIsFound asks for each row by what selects it.
func TestEveryRowIsFound(t *testing.T) {
	table := DefaultCodecs()
	for _, c := range table.Rows() {
		q := Query{Encoding: c.Encoding, ClockRate: c.ClockRate, Kbps: c.MinKbps, Bandwidth: c.Bandwidth, FrameType: c.FrameType, PLC: c.PLC}
		if q.Kbps == 0 {
			q.Kbps = 1
		}
		if got, err := table.Lookup(q); err != nil || got != c {
			t.Errorf("%+v: got %+v, %v", c, got, err)
		}
	}
}

func TestLookupOfAnything(t *testing.T) {
	table := DefaultCodecs()
	encodings := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"opus", "AMR", "amr-wb", "g722", "EVS", "PCMU", "L16", "G723"}))
	rapid.Check(t, func(t *rapid.T) {
		q := Query{
			Encoding:  encodings.Draw(t, "encoding"),
			ClockRate: rapid.SampledFrom([]int{0, 8000, 16000, 48000, 7}).Draw(t, "clock"),
			Kbps:      rapid.Float64().Draw(t, "kbps"),
			Bandwidth: rapid.SampledFrom([]string{"", "NB", "MB", "WB", "SWB", "FB", "?"}).Draw(t, "band"),
			FrameType: rapid.IntRange(-1, 20).Draw(t, "frame type"),
		}
		c, err := table.Lookup(q)
		if (err == nil) != (c.Name != "") {
			t.Fatalf("%+v: codec %+v with error %v", q, c, err)
		}
	})
}
