package web

import "earshot/dialog"

// Summary is the probe at a glance: /api/v1/summary.
type Summary struct {
	Version       string      `json:"version"`
	Started       dialog.Time `json:"started"`        // wall clock
	At            dialog.Time `json:"at"`             // packet time
	LagSeconds    float64     `json:"lag_seconds"`    // wall clock less packet time; 0 where packets come in time
	Ready         bool        `json:"ready"`          //
	Reason        string      `json:"reason"`         // why it is not ready
	ActiveCalls   int         `json:"active_calls"`   //
	ActiveStreams int         `json:"active_streams"` //
	Rates         Rates       `json:"rates"`          // over the last 5 s
	Totals        Totals      `json:"totals"`         // since the start

	Drops     Drops              `json:"drops"`      // since the start
	DropRates Drops              `json:"drop_rates"` // a second, over the last 5 s
	Segments  []SegmentFigures   `json:"segments"`   // in the order of the configuration, "other" last
	Worst     []Stream           `json:"worst"`      // up to 10 streams with the lowest score of their last interval
	Responses map[string]float64 `json:"responses"`  // SIP responses a second by class, "1xx" to "6xx", over the last 5 s
}

// Rates are events a second.
type Rates struct {
	Packets     float64 `json:"packets"`
	Bytes       float64 `json:"bytes"`
	SIPMessages float64 `json:"sip_messages"`
	RTPPackets  float64 `json:"rtp_packets"`
	RTCPPackets float64 `json:"rtcp_packets"`
	Calls       float64 `json:"calls"` // that ended
}

// Totals are counts since the start.
type Totals struct {
	Packets     uint64 `json:"packets"`
	Bytes       uint64 `json:"bytes"`
	SIPMessages uint64 `json:"sip_messages"`
	RTPPackets  uint64 `json:"rtp_packets"`
	RTCPPackets uint64 `json:"rtcp_packets"`
	Calls       uint64 `json:"calls"`    // that ended
	Answered    uint64 `json:"answered"` // of them
	Streams     uint64 `json:"streams"`  // that ended
}

// Drops are packets that the probe itself lost, by the stage that lost them.
type Drops struct {
	Kernel    float64 `json:"kernel"`     // before the probe could read them
	Ring      float64 `json:"ring"`       // RTP that found its shard busy
	Queue     float64 `json:"queue"`      // SIP and RTCP that found the correlator busy
	TableFull float64 `json:"table_full"` // RTP of streams beyond the tables' caps
}

// SegmentFigures is how one segment sounded, one way.
type SegmentFigures struct {
	Segment   string  `json:"segment"`
	Direction string  `json:"direction"`
	Last      Figures `json:"last"`   // intervals that ended within the last whole 5 s of packet time
	Minute    Figures `json:"minute"` // within the last 60 s
}

// Figures sums up intervals. Intervals in which the capture itself lost
// packets are left out, except in Suspect.
type Figures struct {
	Intervals uint64   `json:"intervals"`
	Suspect   uint64   `json:"suspect"`    // intervals left out
	MOS       *float64 `json:"mos"`        // mean over scored seconds; null where none was scored
	MOSMin    *float64 `json:"mos_min"`    // worst interval
	BadRatio  *float64 `json:"bad_ratio"`  // share of scored seconds in the band "bad"
	LossRatio *float64 `json:"loss_ratio"` // lost over expected; null where nothing was expected
	JitterMS  *float64 `json:"jitter_ms"`  // mean over intervals
	Packets   uint64   `json:"packets"`
	Lost      uint64   `json:"lost"`
}

// Call is a call that goes on, with its segment by name.
type Call struct {
	dialog.CallView
	Segment string `json:"segment"`
}

// Stream is a stream that goes on, with its place by name.
type Stream struct {
	dialog.StreamView
	Point     string `json:"point"`
	Segment   string `json:"segment"`
	Direction string `json:"direction"`
}

// CallList is a page of calls: /api/v1/calls.
type CallList struct {
	At    dialog.Time `json:"at"`    // packet time of the picture
	Total int         `json:"total"` // that fit the filter
	Calls []Call      `json:"calls"`
}

// StreamList is a page of streams: /api/v1/streams.
type StreamList struct {
	At      dialog.Time `json:"at"`
	Total   int         `json:"total"`
	Streams []Stream    `json:"streams"`
}

// SegmentList is how the segments sound: /api/v1/segments.
type SegmentList struct {
	At       dialog.Time      `json:"at"`
	Segments []SegmentFigures `json:"segments"`
}

// ErrorBody is what a failed request answers.
type ErrorBody struct {
	Error string `json:"error"`
	Hint  string `json:"hint"`
}
