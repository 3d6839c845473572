package pipeline

import (
	"earshot/capture"
	"earshot/dialog"
	"earshot/rtpstats"
)

// Summary is what one run saw, over all stages.
type Summary struct {
	Packets, Bytes   uint64 // frames, and their octets on the wire
	First, Last      int64  // capture times, ns; 0 where there was no packet
	SIPMessages      uint64 // whole messages, retransmissions included, capture copies not
	RTCPPackets      uint64
	RTPPackets       uint64            // what looked like RTP; streams and their candidates
	TruncatedPackets uint64            // cut by the snap length
	CaptureCopies    uint64            // packets that the capture holds twice
	CaptureDrops     uint64            // packets that the capture lost, as it says itself
	Skipped          map[string]uint64 // packets passed over, by reason; reasons that occurred
	TCPGaps          uint64            // holes in TCP streams
	Resyncs          uint64            // places where a SIP stream was found again after a hole or junk
	UnparsedSIP      uint64            // looked like SIP but had no usable Call-ID
	Streams          rtpstats.Counters // summed over shards
	Refused          map[string]uint64 // what full tables turned away, by table; tables that were full
	Totals           dialog.Totals
}

// Summary returns the totals of the run. Call it after Run has returned.
func (p *Pipeline) Summary() Summary {
	s := Summary{
		Skipped: map[string]uint64{}, Refused: map[string]uint64{},
		Streams: p.corr.counters, Totals: p.corr.table.Totals(),
		UnparsedSIP: p.corr.unparsed, CaptureDrops: p.corr.drops,
	}
	for _, l := range p.lanes {
		s.add(&l.counts)
	}
	note(s.Skipped, "rejected_rtp", s.Streams.Rejected)
	note(s.Refused, "streams", s.Streams.RefusedStreams)
	note(s.Refused, "candidates", s.Streams.RefusedProbation)
	for table, n := range s.Totals.Refused {
		note(s.Refused, table, n)
	}
	return s
}

func (s *Summary) add(c *laneCounts) {
	s.Packets += c.Packets
	s.Bytes += c.Bytes
	if s.First == 0 || c.First != 0 && c.First < s.First {
		s.First = c.First
	}
	s.Last = max(s.Last, c.Last)
	s.RTPPackets += c.RTP
	s.SIPMessages += c.SIP
	s.RTCPPackets += c.RTCP
	s.TruncatedPackets += c.Decode.Truncated
	s.CaptureCopies += c.Decode.Copies
	s.TCPGaps += c.TCP.Gaps
	s.Resyncs += c.Resyncs
	for why := capture.Reason(1); int(why) < capture.Reasons; why++ {
		note(s.Skipped, why.String(), c.Decode.Passed[why])
	}
	for why, n := range c.Passed {
		note(s.Skipped, passedNames[why], n)
	}
	note(s.Refused, "sip_connections", c.SIPStreamsRefused)
}

// note adds n to a map's entry, and makes none for nothing.
func note(m map[string]uint64, key string, n uint64) {
	if n > 0 {
		m[key] += n
	}
}
