package sanitise

import (
	"strings"

	"earshot/capture"
	"earshot/capture/wire"
	"earshot/sipparse"
)

// plan is what the first pass finds out for the second: which fragments make a
// datagram, what the streams that speak SIP say and where in them it will stand,
// and how payload types are coded. The first pass writes it, the second reads it.
type plan struct {
	surveying bool // the first pass
	spool     spool
	modes     [128]uint8 // by payload type, what any SDP of the capture says
	pieces    map[pieceKey]*whole
	flows     map[flow][]*direction
	patches   int
	begun     int             // directions in flows
	ended     map[flow]uint64 // the frame that ended the last connection

	leftOut, contradicted, messages uint64 // as Counts has them
}

// Bounds of the plan. What exceeds them becomes zeros, and is counted.
const (
	maxPieces  = 4 << 20
	maxPatches = 8 << 20
	maxFlows   = 1 << 20 // directions of connections
)

func newPlan() *plan {
	return &plan{surveying: true, pieces: map[pieceKey]*whole{}, flows: map[flow][]*direction{}, ended: map[flow]uint64{}}
}

// How the first octets of a payload are to be read.
const (
	modeOpus = 1 << iota
	modeAMR
	modeEvent
)

// announce notes what the SDP of a message says of payload types.
func (p *plan) announce(room *sipparse.SDP, message []byte) {
	_, sdp := sipparse.AnnounceInto(room, message)
	if sdp == nil {
		return
	}
	for i := range sdp.Media {
		for _, f := range sdp.Media[i].Formats {
			if int(f.PayloadType) < len(p.modes) {
				p.modes[f.PayloadType] |= modeOf(f.Encoding)
			}
		}
	}
}

func modeOf(encoding string) uint8 {
	switch strings.ToLower(encoding) {
	case "opus":
		return modeOpus
	case "amr", "amr-wb":
		return modeAMR
	case "telephone-event":
		return modeEvent
	}
	return 0
}

// survey is the first pass: it decodes as the pipeline does, and follows what
// goes over more than one frame.
type survey struct {
	plan     *plan
	rewriter *rewriter // for the fragments; what it writes is thrown away
	decoder  *capture.Decoder
	tcp      *capture.Streams
	streams  map[flow]*stream
	room     sipparse.SDP
	datagram capture.Datagram
	second   int64
	text     []byte
}

func newSurvey(r *rewriter) *survey {
	return &survey{
		plan: r.plan, rewriter: r, streams: map[flow]*stream{},
		decoder: capture.NewDecoder(capture.DecoderConfig{}),
		tcp:     capture.NewStreams(capture.StreamsConfig{Want: sipparse.Wants}),
	}
}

// take looks at one frame.
func (s *survey) take(f *capture.Frame) {
	dg := &s.datagram
	ok := s.decoder.Decode(f, dg)
	if second := f.At / 1e9; second > s.second {
		s.second = second
		s.tcp.Tick(f.At, s.chunk)
	}
	if !ok || dg.Fragmented {
		s.rewriter.survey(f)
	}
	switch {
	case !ok:
	case dg.Protocol == wire.ProtocolTCP && !dg.Message:
		s.tcp.Push(dg, s.chunk)
	case sipparse.Looks(dg.Payload):
		s.plan.announce(&s.room, dg.Payload)
	}
}

// end gives up what is still open.
func (s *survey) end() {
	s.tcp.Close(s.chunk)
	s.plan.surveying = false
}

// survey goes through a frame that may be a fragment, for the plan alone.
func (r *rewriter) survey(f *capture.Frame) {
	copied := *f
	counts := r.counts
	r.at = f.At
	r.frame(&copied)
	r.counts = counts
}
