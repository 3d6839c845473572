package dialog

import (
	"slices"

	"earshot/rtpstats"
)

// due is when media from one side should have been on the way.
type due struct {
	total   int64 // ns
	last    span  // the last stretch of it
	atStart bool  // due from the first moment on
}

// dueBetween reckons when both SDPs of a leg agreed that a side's audio flows:
// it sends, and the other side receives (RFC 3264 5.1, 8.4). Hold, sendonly,
// inactive and a rejected m-line are silence that nobody complains of. Where
// one side's SDP was not seen, nothing is due.
func dueBetween(l *leg, from side, start, end int64) due {
	var d due
	sender, receiver := audioLine(l, from)
	if sender == nil {
		return d
	}
	for at := start; at < end; {
		next := min(nextTurn(sender, at), nextTurn(receiver, at), end)
		sends, _ := sender.directionAt(at)
		_, receives := receiver.directionAt(at)
		if sends && receives {
			d.add(at, next)
			d.atStart = d.atStart || at == start
		}
		at = next
	}
	return d
}

func (d *due) add(from, to int64) {
	d.total += to - from
	if d.last.to == from && d.total > to-from {
		d.last.to = to
		return
	}
	d.last = span{from: from, to: to}
}

// audioLine returns the first m-line of audio that both sides described.
func audioLine(l *leg, from side) (sender, receiver *mline) {
	mine, theirs := l.media.lines[from], l.media.lines[from.other()]
	for i := range min(len(mine), len(theirs)) {
		if mine[i].kind == rtpstats.MediaAudio && len(mine[i].turns) > 0 && len(theirs[i].turns) > 0 {
			return mine[i], theirs[i]
		}
	}
	return nil, nil
}

// nextTurn returns when a line changes its direction next.
func nextTurn(l *mline, at int64) int64 {
	i := slices.IndexFunc(l.turns, func(t turn) bool { return t.at > at })
	if i < 0 {
		return 1<<63 - 1
	}
	return l.turns[i].at
}
