package dialog

import "net/netip"

// leg is one observed hop of a call: two SIP peers and what they said.
type leg struct {
	call      *call
	src, dst  netip.AddrPort // who sent the first request, and to whom
	callID    string
	fromTag   string // the caller's tag
	toTag     string // of the dialog that answered, else of the last early one
	transport string

	media legMedia // the media half's own
}
