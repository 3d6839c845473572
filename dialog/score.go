package dialog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"earshot/mos"
	"earshot/rtpstats"
)

// minScored is how many packets (by sequence number) a stream or an interval
// must span to be scored: about a second of speech. Below that one loss moves
// the score by more than any listener's opinion.
const minScored = 50

// bufferAdaptive names the jitter-buffer model behind Ppl and the delay.
const bufferAdaptive = "adaptive"

// query is what the codec table is asked for a stream.
func (c *carried) query(mode *rtpstats.Mode) mos.Query {
	q := mos.Query{
		Encoding:  c.codec,
		ClockRate: c.clockRate,
		Kbps:      mode.BitrateKbps,
		Bandwidth: mode.Bandwidth,
		FrameType: mode.FrameType,
	}
	if c.clockInferred {
		q.ClockRate = 0
	}
	return q
}

// maxRows bounds the answers of the codec table that are remembered: a codec of
// variable bit rate asks another question with every report.
const maxRows = 1024

// codecRow is an answer of the codec table.
type codecRow struct {
	codec mos.Codec
	err   error
}

// codecOf looks the stream's codec up, once for the same question: most streams
// ask the same few.
func (m *media) codecOf(s *stream, c *carried) (*mos.Codec, error) {
	q := c.query(&s.report.Mode)
	row := m.rows[q]
	if row == nil {
		codec, err := m.codecs.Lookup(q)
		row = &codecRow{codec: codec, err: err}
		if len(m.rows) >= maxRows {
			clear(m.rows)
		}
		m.rows[q] = row
	}
	return &row.codec, row.err
}

// rankingCodec is what intervals are compared by: the stream's own codec, and
// G.711 while that is unknown.
func (m *media) rankingCodec(s *stream) *mos.Codec {
	c := s.carries()
	if codec, err := m.codecOf(s, &c); err == nil {
		return codec
	}
	return &m.reference
}

// score judges a stream: the whole from its whole counts, and each interval by
// itself. One is never the mean of the other.
func (m *media) score(s *stream, c *carried, rec *StreamRecord) {
	codec, reason := m.scorable(s, c, s.report.Expected)
	if reason != "" {
		rec.Unmeasured, rec.MOS.Reason = reason, new(m.explain(s, c, reason))
		return
	}
	m.scoreWhole(s, codec, rec)
	s.timeline.score(codec, rec)
}

// scorable returns the codec's values, or one of Reasons why so many packets
// of a stream can have no score.
func (m *media) scorable(s *stream, c *carried, expected uint64) (*mos.Codec, string) {
	switch {
	case c.kind == rtpstats.MediaVideo, c.kind == rtpstats.MediaOther:
		return nil, ReasonNotAudio
	case expected < minScored:
		return nil, ReasonTooShort
	case c.codec == "" && (s.report.SRTP || s.secure()):
		return nil, ReasonSRTP
	case c.codec == "":
		return nil, ReasonCodecUnknown
	case mixed(&s.report) != "":
		return nil, ReasonMixedCodec
	}
	codec, err := m.codecOf(s, c)
	switch {
	case errors.Is(err, mos.ErrNoSpeech):
		return nil, ReasonNotAudio
	case err != nil:
		return nil, ReasonCodecUnscored
	}
	return codec, ""
}

// explain says a reason for people.
func (m *media) explain(s *stream, c *carried, reason string) string {
	switch {
	case c.kind == rtpstats.MediaVideo:
		return "video"
	case c.kind == rtpstats.MediaOther:
		return "not audio"
	case reason == ReasonTooShort:
		return fmt.Sprintf("too few packets: %d of %d", s.report.Expected, minScored)
	case c.codec == "":
		return unknownCodec(s.report.PayloadTypes.values())
	case reason == ReasonMixedCodec:
		return "mixed codecs: " + mixed(&s.report)
	}
	_, err := m.codecOf(s, c)
	return strings.TrimPrefix(err.Error(), "not computable: ")
}

func unknownCodec(payloadTypes []uint8) string {
	for _, pt := range payloadTypes {
		if pt >= firstDynamic {
			return fmt.Sprintf("codec unknown: dynamic payload type %d was never announced", pt)
		}
	}
	if len(payloadTypes) > 0 {
		return fmt.Sprintf("codec unknown: payload type %d was never announced", payloadTypes[0])
	}
	return "codec unknown"
}

// firstDynamic is RFC 3551's first dynamic payload type.
const firstDynamic = 96

// dominantShare is the share of the media packets from which on one codec
// stands for a stream that carried several: a few packets before an answer took
// effect change no opinion.
const dominantShare = 0.9

// mixed names the codecs of a stream that changed between them, "" where one
// stands for it. A score of the whole would have to be on two scales at once.
func mixed(r *figures) string {
	media := r.Packets - min(r.Packets, r.EventPackets+r.ComfortNoise)
	if r.CodecChanges == 0 || float64(r.CodecPackets) >= dominantShare*float64(media) {
		return ""
	}
	var names []string
	for _, name := range r.Codecs {
		known := func(n string) bool { return sameEncoding(n, name) }
		if name != "" && !notMedia(name) && !slices.ContainsFunc(names, known) {
			names = append(names, name)
		}
	}
	if len(names) < 2 {
		return ""
	}
	return strings.Join(names, ", ")
}

// scoreWhole scores the stream's whole counts: what the network lost and what
// the adaptive buffer would have discarded count alike (RFC 3611 4.7.1).
func (m *media) scoreWhole(s *stream, codec *mos.Codec, rec *StreamRecord) {
	r := &s.report
	in := mos.Input{
		Codec:  *codec,
		Ppl:    100 * float64(r.Lost+r.LateAdaptive) / float64(r.Expected),
		BurstR: r.Bursts.BurstRatio,
	}
	lq := mos.LQ(in)
	rec.MOS = MOSRecord{
		Model: new(string(lq.Model)), LQ: new(lq.MOS), RLQ: new(lq.R),
		Ie: new(codec.Ie), Bpl: new(codec.Bpl), PLC: new(codec.PLC), Confidence: new(codec.Confidence),
		Ppl: new(in.Ppl), BurstR: new(lq.BurstR), Buffer: new(bufferAdaptive),
	}
	d, ok := m.delayOf(s, codec, saidOfDelay(rec.RTCP), r.BufferMeanMS)
	if !ok {
		rec.MOS.Reason = new("conversational quality unknown: no round trip was measured and no delay declared")
		return
	}
	in.Ta = d.ms
	cq := mos.CQ(in)
	rec.MOS.CQ, rec.MOS.RCQ = new(cq.MOS), new(cq.R)
	rec.MOS.DelayMS, rec.MOS.DelaySource = new(d.ms), new(d.source)
}

// delay is the one-way mouth-to-ear delay and where its network part comes from.
type delay struct {
	ms     float64
	source string
}

// delayOf returns Ta (RFC 3611 4.7.3): half of the round trip, and what the
// ends add. Their word for that (XR end system delay) goes before our own
// sum of packet time, look-ahead and the mean of the adaptive buffer.
func (m *media) delayOf(s *stream, codec *mos.Codec, said roundTrips, bufferMS float64) (delay, bool) {
	network, source := m.networkDelay(said)
	if source == "" {
		return delay{}, false
	}
	if said.xr != nil && said.xr.EndSystemMS > 0 {
		return delay{network + float64(said.xr.EndSystemMS), source}, true
	}
	return delay{codec.OneWayDelayMS(network, s.report.PTimeMS, bufferMS), source}, true
}

// roundTrips is what RTCP said of a stream's delay.
type roundTrips struct {
	ms       float64 // measured at the tap
	measured bool
	xr       *XRRecord
}

func saidOfDelay(rtcp *RTCPRecord) roundTrips {
	if rtcp == nil {
		return roundTrips{}
	}
	said := roundTrips{xr: rtcp.XR}
	if rtcp.RTTMS != nil {
		said.ms, said.measured = *rtcp.RTTMS, true
	}
	return said
}

// networkDelay is half of the round trip that the tap measured, else of the one
// that the receiver reports, else what the configuration declares.
func (m *media) networkDelay(said roundTrips) (float64, string) {
	switch {
	case said.measured:
		return said.ms / 2, "rtcp"
	case said.xr != nil && said.xr.RTTMS > 0:
		return float64(said.xr.RTTMS) / 2, "xr"
	case m.cfg.DeclaredDelayMS > 0:
		return m.cfg.DeclaredDelayMS, "declared"
	}
	return 0, ""
}
