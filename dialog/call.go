package dialog

// call is one call while it is watched: all its legs and what they came to.
// Times are capture times in ns, 0 where the event was not seen.
type call struct {
	id     string
	legs   []*leg // in order of their first message; the first one speaks for the call
	start  int64  // first INVITE, or the first message seen of a truncated call
	ring   int64  // first 180 or 183 of the first leg
	answer int64  // its first 2xx
	end    int64  // BYE, final failure, or the last thing seen

	holds       []span // intervals in which a side held the call, in order; the last may be open (to == 0)
	disposition Disposition
	truncated   bool // began before the capture, or outlived it

	media callMedia // the media half's own
}

// span is an interval of capture time, ns; to is 0 while it is open.
type span struct{ from, to int64 }
