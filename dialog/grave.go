package dialog

import "earshot/sipparse"

// maxGraves bounds the Call-IDs remembered after their end.
const maxGraves = 1 << 16

// grave is a Call-ID whose call is over and emitted, or was refused. Stragglers
// of it (a BYE retransmitted for 32 s) must not begin a call that never was.
type grave struct {
	callID  string
	fromTag string
	cseq    uint32
	until   int64
}

// graveyard keeps them in the order in which they came, for 64*T1.
type graveyard struct {
	byID  map[string]grave
	queue fifo[grave]
}

func newGraveyard() graveyard { return graveyard{byID: map[string]grave{}} }

func (g *graveyard) get(callID string) (grave, bool) {
	d, dead := g.byID[callID]
	return d, dead
}

// bury remembers a Call-ID; the oldest makes room.
func (g *graveyard) bury(d grave, now int64) {
	d.until = now + timerB
	if g.queue.len() >= maxGraves {
		g.dig()
	}
	g.byID[d.callID] = d
	g.queue.push(d)
}

// clear forgets who lay long enough.
func (g *graveyard) clear(now int64) {
	for g.queue.len() > 0 && g.queue.front().until <= now {
		g.dig()
	}
}

// dig removes the oldest grave.
func (g *graveyard) dig() {
	d := *g.queue.front()
	if g.byID[d.callID] == d {
		delete(g.byID, d.callID) // not buried again since
	}
	g.queue.pop()
}

// haunts reports whether m is a straggler of a dead call, not a new attempt
// with an old Call-ID.
func (d grave) haunts(m *sipparse.Message) bool {
	if m.Method != "INVITE" || m.To.Tag != "" {
		return true
	}
	return clip(m.From.Tag) == d.fromTag && m.CSeq <= d.cseq
}
