package main

import (
	"encoding/json"
	"testing"
)

// heard is what the tests read of a stream's or a call's record.
type heard struct {
	Type        string
	ID          string
	Call        *string
	CallIDs     []string `json:"call_ids"`
	Disposition string
	Src, Dst    string
	SSRC        string
	Codec       *string
	Packets     uint64
	Expected    uint64
	Lost        int64
	Duplicates  uint64
	Copies      uint64 `json:"capture_copies"`
	Reordered   uint64
	Trust       string
	DurationMS  *float64               `json:"duration_ms"`
	JitterMS    struct{ Mean float64 } `json:"jitter_ms"`
	MOS         struct{ LQ *float64 }
	RTCP        struct {
		Reports int
		Lost    *int64
	}
}

func parseRecords(t *testing.T, lines []string) (calls, streams []heard) {
	t.Helper()
	for _, line := range lines {
		var h heard
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		switch h.Type {
		case "call":
			calls = append(calls, h)
		case "stream":
			streams = append(streams, h)
		}
	}
	return calls, streams
}

// key names a stream as the impairer's truth does.
func (h *heard) key() string { return h.Src + " " + h.Dst + " " + h.SSRC }
