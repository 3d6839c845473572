// Package dialog correlates what the wire showed: SIP transactions into
// dialogs, dialogs into calls with all their legs, and streams into calls.
//
// It promises a state machine driven by (packet time, event): the same
// messages, datagrams and reports in the same order give the same records, and
// no table grows past its cap (what a full one turned away is in
// [Totals].Refused). It is written by one goroutine and starts none.
//
// It refuses to know where packets come from, what the wall clock says, who is
// told about a call, or what of it is worth an alert.
//
// Read it in the order of the structures:
//
//	call         one CallRecord in the making: its dialog sets and its legs
//	dialogSet    all that one Call-ID makes after an INVITE: forks, hops, re-INVITEs
//	leg          one observed hop: two SIP peers, and how the INVITE fared there
//	transaction  one request on one hop with its responses (RFC 3261 17)
//	exchange     a REGISTER, OPTIONS ... outside of calls
//
//	mline        what one side of a leg said of one m-line, over all its SDPs
//	endpoint     an address where a side receives media, for a while
//	stream       what the shards reported of a stream, and the evidence that binds it
//	witness      what RTCP reports say of a stream (speaker: what its sender says)
//	diagnosis    what was wrong with a call's media
//
//	Observation  one interval of one stream, while it goes on
//	View         what is alive, and sipCounts what was said, for those who watch
//
// The media half (from mline on) meets the signalling half in seam.go.
package dialog
