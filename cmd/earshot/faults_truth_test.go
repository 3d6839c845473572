package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// faultsTruth is what the generator says of a site scenario: who answers for
// what, every call and stream, and what each fault touched.
type faultsTruth struct {
	owners  map[string]string // of segments
	faults  []*truthFault
	calls   map[string]*truthCall   // by each of its Call-IDs
	streams map[string]*truthStream // by source, destination and SSRC
	list    []*truthCall
	dropped int64 // frames that the probe lost

	registrations map[string]string // the site of each, by Call-ID
}

// truthFault is one labelled fault.
type truthFault struct {
	Name      string
	What      map[string]any
	Segments  []string
	Peers     []string
	Owner     string
	Expect    string
	Severity  string
	Codec     string
	UserAgent string `json:"user_agent"`
	Direction string
	Share     float64
	From, To  time.Time
	OnMS      int64 `json:"on_ms"`
	OffMS     int64 `json:"off_ms"`
	First     *time.Time
	Last      *time.Time
	Affected  struct{ Calls, Streams, Packets, Transactions int64 }
	Same      struct{ Calls, Streams int64 } `json:"unaffected_same_segment"`
}

// does reports whether the fault is of a kind.
func (f *truthFault) does(what string) bool {
	v, ok := f.What[what]
	return ok && v != nil && v != "" && v != false && v != 0.0
}

// truthCall is one call.
type truthCall struct {
	Call        int
	CallIDs     []string `json:"call_ids"`
	Disposition string
	Start, End  *time.Time
	Ringing     *time.Time
	Answer      *time.Time
	Route       struct {
		Site, Trunk string
		Inbound     bool
		UserAgent   string `json:"user_agent"`
		Segments    []string
		Faults      []string
	}
}

// truthStream is one stream as it passed the tap.
type truthStream struct {
	Call        int
	Src, Dst    string
	SSRC        string
	Codec       string
	First, Last time.Time
	Packets     int64
	Lost        int64
	Route       struct {
		Segment, Direction string
		Relayed            bool
		Faults             map[string]int64 // packets that each fault touched
	}
}

// readFaultsTruth reads a truth file of callgen -site.
func readFaultsTruth(t *testing.T, path string) *faultsTruth {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	truth := &faultsTruth{owners: map[string]string{}, calls: map[string]*truthCall{}, streams: map[string]*truthStream{}, registrations: map[string]string{}}
	for line := range bytes.Lines(text) {
		if err := truth.line(line); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
	}
	truth.sites()
	slices.SortFunc(truth.list, func(a, b *truthCall) int { return a.Call - b.Call })
	return truth
}

// line takes one line of the file.
func (x *faultsTruth) line(line []byte) error {
	var kind struct {
		Type, Segment, Owner string
		Dropped              int64
		CallID               string `json:"call_id"`
	}
	if err := json.Unmarshal(line, &kind); err != nil {
		return err
	}
	switch kind.Type {
	case "segment":
		x.owners[kind.Segment] = kind.Owner
	case "transaction":
		x.registrations[kind.CallID] = ""
	case "capture_drops":
		x.dropped += kind.Dropped
	case "fault":
		f := new(truthFault)
		x.faults = append(x.faults, f)
		return json.Unmarshal(line, f)
	case "call":
		c := new(truthCall)
		if err := json.Unmarshal(line, c); err != nil {
			return err
		}
		x.list = append(x.list, c)
		for _, id := range c.CallIDs {
			x.calls[id] = c
		}
	case "stream":
		s := new(truthStream)
		if err := json.Unmarshal(line, s); err != nil {
			return err
		}
		x.streams[streamName(s.Src, s.Dst, s.SSRC)] = s
	}
	return nil
}

// sites finds the site of each registration by its phone's network, which the
// phones' voice tells.
func (x *faultsTruth) sites() {
	network := func(address string) string { return address[:strings.LastIndex(address, ".")+1] }
	names := map[string]string{}
	for _, s := range x.streams {
		if site, ok := strings.CutPrefix(s.Route.Segment, "access-"); ok && s.Route.Direction == "from_peer" {
			names[network(s.Src)] = site
		}
	}
	for id := range x.registrations {
		_, phone, _ := strings.Cut(id, "@")
		x.registrations[id] = names[network(phone)]
	}
}

// streamName is what identifies a stream on the wire.
func streamName(src, dst, ssrc string) string { return fmt.Sprint(src, " ", dst, " ", ssrc) }
