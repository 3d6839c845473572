package sanitise

// Counts is how many packets had what done to them. Each counts once.
type Counts struct {
	SIP     uint64 `json:"sip"`
	RTP     uint64 `json:"rtp"`
	RTCP    uint64 `json:"rtcp"`
	HEP     uint64 `json:"hep"`
	STUN    uint64 `json:"stun"`
	TCP     uint64 `json:"tcp"`     // segments
	ICMP    uint64 `json:"icmp"`    // and what they quote
	Blanked uint64 `json:"blanked"` // understood as far as their headers; the rest is zeros
	Unknown uint64 `json:"unknown"` // not IP, or a link layer that is not known: all zeros
}
