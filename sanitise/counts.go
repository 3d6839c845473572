package sanitise

// Counts is how many packets had what done to them. Each counts once, as what is
// most telling of it.
type Counts struct {
	SIP     uint64 `json:"sip"`     // in UDP: one message or more in each
	RTP     uint64 `json:"rtp"`     // header kept
	RTCP    uint64 `json:"rtcp"`    // reports kept
	HEP     uint64 `json:"hep"`     // whatever it carried
	STUN    uint64 `json:"stun"`    // and TURN, DTLS, ZRTP
	TCP     uint64 `json:"tcp"`     // segments; of the streams that speak SIP the messages are kept
	ICMP    uint64 `json:"icmp"`    // and what they quote
	Blanked uint64 `json:"blanked"` // headers kept, the rest zeros
	Unknown uint64 `json:"unknown"` // nothing kept beyond the link layer

	Messages     uint64 `json:"messages"`                  // SIP messages of TCP streams
	LeftOut      uint64 `json:"left_out,omitempty"`        // fragments, and messages of TCP streams, beyond what can be kept in mind: zeros
	Unfinished   uint64 `json:"unfinished,omitempty"`      // fragments of datagrams that never became whole: zeros
	Contradicted uint64 `json:"contradicted,omitempty"`    // fragments that contradict others: zeros
	Lost         uint64 `json:"lost_in_capture,omitempty"` // packets that the capture says it lost, as the result says too
}

func (c *Counts) add(d done) {
	switch d {
	case didUnknown:
		c.Unknown++
	case didBlank:
		c.Blanked++
	case didICMP:
		c.ICMP++
	case didTCP:
		c.TCP++
	case didSTUN:
		c.STUN++
	case didRTP:
		c.RTP++
	case didRTCP:
		c.RTCP++
	case didSIP:
		c.SIP++
	case didHEP:
		c.HEP++
	}
}
