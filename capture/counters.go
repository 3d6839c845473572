package capture

// Reason says why a frame gave no datagram. The set is closed, so it can label
// a metric.
type Reason uint8

// The reasons for which the decoder passes a frame over.
const (
	decoded                 Reason = iota // not a reason: the frame gave a datagram
	PassedUnknownLink                     // a link type that the decoder does not know
	PassedNotIP                           // neither IPv4 nor IPv6: LLDP, spanning tree, LCP, MACsec, ...
	PassedARP                             // address resolution
	PassedICMP                            // ICMP and ICMPv6; the packet quoted inside an error is not traffic
	PassedOtherProtocol                   // IP with neither UDP nor TCP: SCTP, ESP, OSPF, ...
	PassedTruncatedHeaders                // the snap length cut into the headers
	PassedBadHeader                       // a header that contradicts itself
	PassedTooDeep                         // more encapsulations, tags or extension headers than anyone sends
	PassedFragment                        // a fragment that did not complete its datagram; an earlier or later one may
	PassedFragmentDuplicate               // a fragment that brought nothing new
	PassedFragmentRefused                 // a fragment that contradicts the others or exceeds the bounds
	PassedHEPBroken                       // HEP that contradicts itself, lacks an address, or whose payload cannot be read
	PassedHEPKey                          // HEP without an authentication key that is accepted
	PassedHEPOther                        // HEP that carries neither SIP nor RTP nor RTCP: logs, CDRs, quality reports, ...
	reasonCount
)

// Reasons is the number of reasons, for walking Counters.Passed from 1 up.
const Reasons = int(reasonCount)

// String returns the reason in the form of a metric's label value.
func (r Reason) String() string {
	if r < reasonCount {
		return reasonNames[r]
	}
	return "unknown"
}

var reasonNames = [reasonCount]string{
	decoded:                 "decoded",
	PassedUnknownLink:       "unknown_link",
	PassedNotIP:             "not_ip",
	PassedARP:               "arp",
	PassedICMP:              "icmp",
	PassedOtherProtocol:     "other_protocol",
	PassedTruncatedHeaders:  "truncated_headers",
	PassedBadHeader:         "bad_header",
	PassedTooDeep:           "too_deep",
	PassedFragment:          "fragment",
	PassedFragmentDuplicate: "fragment_duplicate",
	PassedFragmentRefused:   "fragment_refused",
	PassedHEPBroken:         "hep_broken",
	PassedHEPKey:            "hep_key",
	PassedHEPOther:          "hep_other",
}

// Counters is what a Decoder counted since it was made.
type Counters struct {
	Packets   uint64 // frames given to Decode
	Bytes     uint64 // their octets on the wire as the capture states them
	Truncated uint64 // frames that the snap length cut
	UDP       uint64 // datagrams decoded, copies included
	TCP       uint64 // segments decoded, copies included
	Copies    uint64 // datagrams and segments that the capture holds again

	// Passed counts the frames that gave nothing, by Reason.
	// Packets = UDP + TCP + the sum of Passed.
	Passed [Reasons]uint64

	Fragments FragmentCounters
	HEP       HEPCounters
}

// HEPCounters counts what HEP brought. What it brought in vain is in
// Counters.Passed.
type HEPCounters struct {
	SIP        uint64 // messages
	RTP        uint64 // packets
	RTCP       uint64 // compounds, those from JSON included
	RTCPJSON   uint64 // of them, those that came as JSON
	Compressed uint64 // payloads that came compressed
	Clock      uint64 // packets whose sender gave no time or one more than an hour off; they count at their arrival
}

// FragmentCounters counts fragmented datagrams, not fragments.
type FragmentCounters struct {
	Reassembled uint64 // became whole
	TimedOut    uint64 // given up 30 s of packet time after their first fragment
	Evicted     uint64 // given up to make room for newer ones
	Pending     uint64 // unfinished now
}

// Add adds the counts of another decoder.
func (c *Counters) Add(o *Counters) {
	c.Packets += o.Packets
	c.Bytes += o.Bytes
	c.Truncated += o.Truncated
	c.UDP += o.UDP
	c.TCP += o.TCP
	c.Copies += o.Copies
	for r := range c.Passed {
		c.Passed[r] += o.Passed[r]
	}
	c.Fragments.Reassembled += o.Fragments.Reassembled
	c.Fragments.TimedOut += o.Fragments.TimedOut
	c.Fragments.Evicted += o.Fragments.Evicted
	c.Fragments.Pending += o.Fragments.Pending
	c.HEP.SIP += o.HEP.SIP
	c.HEP.RTP += o.HEP.RTP
	c.HEP.RTCP += o.HEP.RTCP
	c.HEP.RTCPJSON += o.HEP.RTCPJSON
	c.HEP.Compressed += o.HEP.Compressed
	c.HEP.Clock += o.HEP.Clock
}
