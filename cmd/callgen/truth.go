package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// streamTruth is one stream as a line of the truth file; README.md defines the fields.
type streamTruth struct {
	Type         string   `json:"type"`
	Call         int      `json:"call"`
	Group        string   `json:"group,omitempty"`
	Direction    string   `json:"direction"`
	Src          string   `json:"src"`
	Dst          string   `json:"dst"`
	SSRC         string   `json:"ssrc"`
	Codec        string   `json:"codec"`
	Announced    string   `json:"announced"`
	PayloadType  uint8    `json:"payload_type"`
	ClockRate    int      `json:"clock_rate"`
	PTimeMS      int      `json:"ptime_ms"`
	SRTP         bool     `json:"srtp"`
	DSCP         uint8    `json:"dscp"`
	TTL          uint8    `json:"ttl"`
	Sent         int64    `json:"sent"`
	Packets      int64    `json:"packets"`
	Expected     int64    `json:"expected"`
	Lost         int64    `json:"lost"`
	LostHidden   int64    `json:"lost_hidden"`
	LostAfter    int64    `json:"lost_after_tap"`
	Duplicates   int64    `json:"duplicates"`
	Reordered    int64    `json:"reordered"`
	Restarts     int64    `json:"restarts"`
	Jitter       jitterMS `json:"jitter_ms"`
	DeltaMaxMS   float64  `json:"delta_max_ms"`
	First        string   `json:"first"`
	Last         string   `json:"last"`
	EventPackets int64    `json:"event_packets"`
	Events       int64    `json:"events"`
	ComfortNoise int64    `json:"comfort_noise"`
	Bytes        int64    `json:"bytes"`
	SkewPPM      float64  `json:"skew_ppm"`
	RTT          rttTruth `json:"rtt_ms"`
	RTCP         rtcpSaid `json:"rtcp"`

	Route *segmentStreamTruth `json:"route,omitempty"`
}

type jitterMS struct {
	Last    float64 `json:"last"`
	Mean    float64 `json:"mean"`
	Max     float64 `json:"max"`
	Packets int64   `json:"packets"`
}

// rttTruth is the round trip from the tap to the stream's sender, to its
// receiver, and both.
type rttTruth struct {
	Sender   float64 `json:"sender"`
	Receiver float64 `json:"receiver"`
	Total    float64 `json:"total"`
}

// rtcpSaid is what the receiver's last report said of the stream.
type rtcpSaid struct {
	Reports  int64   `json:"reports"`
	Lost     int64   `json:"lost"`
	JitterMS float64 `json:"jitter_ms"`
}

// callTruth is one call as a line of the truth file.
type callTruth struct {
	Type            string      `json:"type"`
	Call            int         `json:"call"`
	Group           string      `json:"group,omitempty"`
	CallIDs         []string    `json:"call_ids"`
	From            string      `json:"from"`
	To              string      `json:"to"`
	Transport       string      `json:"transport"`
	Encapsulation   string      `json:"encapsulation"`
	Start           string      `json:"start"`
	Ringing         *string     `json:"ringing"`
	Answer          *string     `json:"answer"`
	End             *string     `json:"end"`
	Disposition     string      `json:"disposition"`
	FinalStatus     *int        `json:"final_status"`
	EndedBy         string      `json:"ended_by"`
	Offered         []string    `json:"offered"`
	Codec           string      `json:"codec"`
	Holds           int         `json:"holds"`
	Transfers       int         `json:"transfers"`
	TransferOf      *int        `json:"transfer_of,omitempty"`
	Challenged      bool        `json:"challenged"`
	Faults          []string    `json:"faults"`
	Traits          []string    `json:"traits"`
	Retransmissions int         `json:"retransmissions"`
	SIPMessages     int         `json:"sip_messages"`
	Events          []callEvent `json:"events"`
	Streams         []string    `json:"streams"`
	Route           *routeTruth `json:"route,omitempty"`
}

// callEvent is one SIP message at its first appearance.
type callEvent struct {
	At   string `json:"at"`
	What string `json:"what"`
	Leg  int    `json:"leg"`
}

// transactionTruth is a REGISTER or OPTIONS outside calls.
type transactionTruth struct {
	Type        string `json:"type"`
	Method      string `json:"method"`
	CallID      string `json:"call_id"`
	Start       string `json:"start"`
	FinalStatus int    `json:"final_status"`
}

// totalTruth is the truth file's last line: what the capture holds altogether.
type totalTruth struct {
	Type         string `json:"type"`
	Packets      int64  `json:"packets"`
	RTPPackets   int64  `json:"rtp_packets"`
	RTCPPackets  int64  `json:"rtcp_packets"`
	SIPMessages  int64  `json:"sip_messages"`
	TCPSegments  int64  `json:"tcp_segments"`
	Copies       int64  `json:"capture_copies"`
	Calls        int    `json:"calls"`
	Streams      int    `json:"streams"`
	Transactions int    `json:"transactions"`
}

// truthWriter writes JSON lines; without a file it only counts.
type truthWriter struct {
	w            *bufio.Writer
	file         io.Closer
	enc          *json.Encoder
	calls        int
	streams      int
	transactions int
	err          error
}

func newTruthWriter(path string) (*truthWriter, error) {
	if path == "" {
		return &truthWriter{}, nil
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("cannot create the truth file: %w", err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	return &truthWriter{w: w, file: f, enc: json.NewEncoder(w)}, nil
}

func (t *truthWriter) write(v any) {
	switch v.(type) {
	case *streamTruth:
		t.streams++
	case *callTruth:
		t.calls++
	case *transactionTruth:
		t.transactions++
	}
	if t.enc == nil {
		return
	}
	if err := t.enc.Encode(v); err != nil && t.err == nil {
		t.err = err
	}
}

func (t *truthWriter) close(total totalTruth) error {
	total.Calls, total.Streams, total.Transactions = t.calls, t.streams, t.transactions
	t.write(total)
	if t.file == nil {
		return nil
	}
	err := t.err
	if e := t.w.Flush(); err == nil {
		err = e
	}
	if e := t.file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fmt.Errorf("cannot write the truth file: %w", err)
	}
	return nil
}

// stamp writes a moment as the truth file does: RFC 3339, UTC, nanoseconds.
func stamp(at int64) string { return time.Unix(0, at).UTC().Format("2006-01-02T15:04:05.000000000Z") }

func stampPtr(at int64) *string {
	s := stamp(at)
	return &s
}

func inMS(d time.Duration) float64 { return float64(d) / 1e6 }

// truth is the stream's line.
func (s *stream) truth() *streamTruth {
	r := &s.tap
	t := &streamTruth{
		Type: "stream", Call: s.call.truth.Call, Group: s.call.truth.Group, Direction: "callee_to_caller",
		Src: s.src.addrPort().String(), Dst: s.dst.addrPort().String(), SSRC: fmt.Sprintf("0x%08x", s.ssrc),
		Codec: s.codec.encoding, Announced: s.announced, PayloadType: s.codec.pt, ClockRate: s.codec.clock, PTimeMS: s.ptimeMS,
		SRTP: s.srtp, DSCP: s.dscp, TTL: s.src.ttl,
		Sent: s.sent, Packets: r.packets, Expected: r.expected(), Lost: r.lost(), LostAfter: s.lostAfter,
		Duplicates: r.duplicates, Reordered: r.reordered, Restarts: r.restarts,
		Jitter:     jitterMS{r.ms(r.jitter), r.ms(r.meanJitter()), r.ms(r.max), r.updates},
		DeltaMaxMS: float64(r.deltaMax) / 1e6, First: stamp(r.firstAt), Last: stamp(r.lastAt),
		EventPackets: r.evs, Events: r.events, ComfortNoise: r.cn, Bytes: r.wireBytes, SkewPPM: s.skewPPM,
		RTT:  rttTruth{2 * inMS(s.near), 2 * inMS(s.far), 2 * inMS(s.near+s.far)},
		RTCP: rtcpSaid{s.reports, s.toldLost, s.toldJitterMS}, Route: s.routeTruth(),
	}
	t.LostHidden = s.sent - r.unique - t.Lost
	if s.relayed { // its gaps came in with it
		t.LostHidden = s.sent - r.unique
	}
	if s.callerSide {
		t.Direction = "caller_to_callee"
	}
	return t
}
