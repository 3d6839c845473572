package dialog

// The seam between the two halves of the correlator. The signalling half
// (table, invite, call, leg ...) owns calls and legs and calls the methods
// below, from the table's one goroutine and in capture order. The media half
// (media, endpoint, stream ...) owns endpoints, streams, RTCP and scores; of a
// call it reads the facts and writes only the media fields.
//
//	newMedia(cfg)                            an empty media half
//	describe(at, c, l, s, sdp, answer, early) side s of leg l offered or answered (never a retransmission)
//	report(r)                                a stream's figures so far; Config.Observe is told
//	setPlan(plan)                            the segments that streams and calls belong to from now on
//	rtcp(at, src, dst, named, b)             one RTCP datagram; named is the call that it is said to belong to, or nil
//	quiet(c, at)                             no packet of c's streams since the last report interval began:
//	                                         what finish would write is complete
//	last(c)                                  time of the last packet of c's streams known so far, 0: none yet
//	finish(c, rec)                           c is over: its stream records; completes rec; forgets c
//	tick(at, emit)                           streams of no call that ended
//	close(at, emit)                          the capture is over (after every call was finished)
//	viewStreams(list), viewCalls(list)       what a view shows of them
//	totals(t)                                adds the RTCP that was unreadable and what was refused to t

// side is who of a call's leg spoke.
type side uint8

// The sides: caller sent the leg's first INVITE.
const (
	caller side = iota
	callee
)

// other returns the opposite side.
func (s side) other() side { return 1 - s }
