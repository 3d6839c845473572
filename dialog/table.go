package dialog

import (
	"net/netip"
	"slices"
	"strings"

	"earshot/mos"
	"earshot/rtpstats"
	"earshot/sipparse"
	"earshot/topology"
)

// Config is what correlation may be told.
type Config struct {
	Codecs                                *mos.CodecTable    // nil: the built-in table
	LegHeaders                            []string           // X-Call-ID-like headers that join B2BUA legs
	KeepLadder                            bool               // keep every call's messages for display
	MaxLadder                             int                // 0: 200
	KeepTimeline                          bool               // keep the timelines of streams (else only the worst interval)
	DeclaredDelayMS                       float64            // one-way network delay to assume for MOS-CQ where none is measured; 0: none
	Limits                                Limits             // beyond which something is a finding; zero fields mean the defaults
	IgnoreFindings                        []string           // codes of findings that are not made
	MaxCalls, MaxStreams, MaxTransactions int                // caps; 0: defaults
	Observe                               func(*Observation) // takes every interval of every stream as it closes; nil: nobody
}

// The caps where the configuration names none: what is alive at once.
const (
	DefaultMaxCalls        = 100_000
	DefaultMaxStreams      = 100_000
	DefaultMaxTransactions = 100_000 // outside calls
)

// withDefaults fills in the caps that were left at 0.
func (c Config) withDefaults() Config {
	if c.MaxLadder == 0 {
		c.MaxLadder = defaultLadder
	}
	if c.MaxCalls == 0 {
		c.MaxCalls = DefaultMaxCalls
	}
	if c.MaxTransactions == 0 {
		c.MaxTransactions = DefaultMaxTransactions
	}
	return c
}

// Hop is where a message was seen.
type Hop struct {
	Src, Dst  netip.AddrPort
	Transport string // "udp", "tcp", "tls", "ws", "wss"
	DSCP      uint8  // marking of its packet, where DSCPKnown is set
	DSCPKnown bool
	Path      rtpstats.Path // where it was captured
}

// Table is the state of all dialogs, calls and streams. One goroutine drives
// it, with packet time: messages and RTCP in capture order, then the reports
// of the same second in the order of their keys, then Tick.
type Table struct {
	cfg       Config
	media     *media
	sets      map[string]*dialogSet // by Call-ID
	calls     int                   // live ones
	exchanges map[exchangeKey]*exchange
	joins     joinIndex
	gone      graveyard
	due       queue
	counts    counts
	done      []done // records since the last tick
	closed    bool   // no message comes any more
	sipCounts sipCounts
	viewer    viewer
	now       int64 // packet time of the last tick
}

// done is what has ended and waits to be emitted: a record, or a call whose
// records are made only then, so that the end of a capture with 10,000 calls
// does not hold all their records at once.
type done struct {
	end    int64
	id     string
	record Record
	call   *call
	at     int64 // packet time at which the call was given up
}

// NewTable returns an empty table.
func NewTable(cfg Config) *Table {
	cfg = cfg.withDefaults()
	t := &Table{
		cfg:       cfg,
		sets:      map[string]*dialogSet{},
		exchanges: map[exchangeKey]*exchange{},
		joins:     newJoinIndex(),
		gone:      newGraveyard(),
		sipCounts: newSIPCounts(),
	}
	t.media = newMedia(&t.cfg)
	return t
}

// SIP takes one message.
func (t *Table) SIP(at int64, hop Hop, m *sipparse.Message) {
	t.counts.message(m)
	t.sipCounts.message(&hop, t.media.plan, m)
	at = max(at, 1) // 0 is how a time says that it was not seen
	if m.CallID == "" || methodOf(m) == "" {
		t.counts.unusable++
		return
	}
	s := t.sets[clip(m.CallID)]
	if s != nil && at > s.call.start && s.replacedBy(m) { // no two calls of one Call-ID begin in one instant
		delete(t.sets, s.callID)
		s = nil
	}
	switch {
	case s != nil && s.inCall(m):
	case s == nil && beginsCall(m):
		if s = t.open(at, hop, m); s == nil {
			return
		}
	default:
		t.exchange(at, hop, m)
		return
	}
	s.call.mark(hop)
	seen := echo
	if m.IsRequest() {
		seen = t.request(at, hop, s, m)
	} else {
		seen = t.response(at, hop, s, m)
	}
	t.follow(at, hop, s, m, seen)
}

// beginsCall reports whether a message of an unknown Call-ID begins to tell of
// a call: its first INVITE, or anything that only happens inside of one.
func beginsCall(m *sipparse.Message) bool {
	if sessionMethod(methodOf(m)) {
		return true
	}
	return m.Method == "INFO" && m.To.Tag != ""
}

// replacedBy reports whether m is the first INVITE of another call that uses
// the set's Call-ID again.
func (s *dialogSet) replacedBy(m *sipparse.Message) bool {
	if m.Method != "INVITE" || m.To.Tag != "" {
		return false
	}
	if _, over := s.over(); !over {
		return false
	}
	if clip(m.From.Tag) != s.fromTag {
		return s.find(m) == nil
	}
	return s.ended != 0 && m.CSeq > s.cseq
}

// open begins the dialog set of m, in a new call or in the one it continues;
// nil where m is a straggler or the table is full.
func (t *Table) open(at int64, hop Hop, m *sipparse.Message) *dialogSet {
	if d, dead := t.gone.get(clip(m.CallID)); dead && d.haunts(m) {
		return nil
	}
	c, evidence := t.join(at, hop, m)
	if c == nil {
		if t.calls >= t.cfg.MaxCalls {
			t.counts.refuse(refusedCalls)
			t.gone.bury(grave{callID: keep(m.CallID), fromTag: keep(m.From.Tag), cseq: m.CSeq}, at)
			return nil
		}
		c = newCall(at, m)
		t.calls++
		t.due.schedule(c, at+timerB)
	} else {
		c.evidence = addDistinct(c.evidence, evidence, maxJoinKeys)
	}
	s := c.newSet(at, m)
	t.sets[s.callID] = s
	if m.Replaces != "" && m.Method == "INVITE" {
		c.transfer(Transfer{At: Time(at), Kind: "replaces", Target: keep(strings.TrimSpace(before(m.Replaces, ";")))}, refer{set: s})
	}
	return s
}

// follow does what every message of a call asks for, after its event.
func (t *Table) follow(at int64, hop Hop, s *dialogSet, m *sipparse.Message, seen sight) {
	c := s.call
	if len(s.legs) == 0 {
		return
	}
	t.climb(at, hop, c, m, seen)
	if seen == retransmission {
		c.retransmissions++
	}
	if seen != fresh {
		return
	}
	if !sessionMethod(methodOf(m)) {
		return
	}
	if len(s.legs) > 1 && m.Method == "INVITE" {
		c.evidence = addDistinct(c.evidence, evidenceHop, maxJoinKeys)
	}
	c.refresh()
	t.joins.remember(at, s, m)
	if end, over := s.over(); over {
		t.due.schedule(c, end+linger)
	}
}

// SetPlan makes a plan hold from now on; nil: there are no peers and segments.
// The counts of [Table.SIPCounts] follow the peers' names into it.
func (t *Table) SetPlan(plan *topology.Plan) {
	if plan == t.media.plan {
		return
	}
	t.sipCounts.renumber(t.media.plan, plan)
	t.media.setPlan(plan)
}

// RTCP takes one datagram that looked like RTCP. CallID is the Call-ID of the
// call that it belongs to by the word of whoever captured it (HEP's correlation
// id), "" where nobody said.
func (t *Table) RTCP(at int64, src, dst netip.AddrPort, callID string, b []byte) {
	t.counts.rtcp++
	var named *dialogSet
	if callID != "" {
		named = t.sets[clip(callID)]
	}
	t.media.rtcp(at, src, dst, named, b)
}

// Report takes a stream report; it keeps nothing of r's slices.
func (t *Table) Report(r *rtpstats.Report) { t.media.report(r) }

// finish takes a call out of what can still change; flush emits it.
func (t *Table) finish(c *call, now int64) {
	t.done = append(t.done, done{end: c.end, id: c.id, call: c, at: now})
}

// emitCall makes a call's records, gives its streams and then the call itself,
// and forgets it.
func (t *Table) emitCall(c *call, now int64, emit func(Record)) {
	s := c.sets[0]
	r := c.record(now, t.media.unseen.ofSignalling)
	t.doubt(c, r)
	for _, stream := range t.media.finish(c, r) {
		t.counts.streams++
		emit(stream)
	}
	emit(r)
	t.counts.call(r, s.origin().invited != 0, s.byeDone != 0)
	t.joins.drop(c)
	for _, s := range c.sets {
		if t.sets[s.callID] == s {
			delete(t.sets, s.callID)
			if t.closed {
				continue
			}
			t.gone.bury(grave{callID: s.callID, fromTag: s.fromTag, cseq: s.cseq}, now)
		}
	}
	t.calls--
}

func (t *Table) ended(end int64, r Record) {
	t.done = append(t.done, done{end: end, id: recordID(r), record: r})
}

func (t *Table) endedStream(r *StreamRecord) {
	t.counts.streams++
	t.ended(int64(r.End), r)
}

// recordID is what orders records that ended in the same instant.
func recordID(r Record) string {
	switch r := r.(type) {
	case *CallRecord:
		return r.ID
	case *StreamRecord:
		return r.ID
	case *TransactionRecord:
		return r.CallID + " " + r.Method + " " + r.Src.String()
	}
	return ""
}

// Tick ends what is over at this packet time and emits its records in a reproducible order.
func (t *Table) Tick(at int64, emit func(Record)) {
	t.media.unseen.note(t.now, at, t.media.full)
	t.now = at
	t.due.run(t, at)
	t.media.tick(at, t.endedStream)
	t.joins.forget(at)
	t.gone.clear(at)
	t.flush(emit)
}

// Close ends everything: the capture is over.
func (t *Table) Close(at int64, emit func(Record)) {
	t.closed = true
	t.media.unseen.note(t.now, at, t.media.full)
	t.done = slices.Grow(t.done, t.calls+len(t.exchanges))
	t.due.run(t, at)
	t.due.drain(func(p perishable) {
		switch p := p.(type) {
		case *call:
			p.cutOff(t, at)
		case *exchange:
			t.endExchange(p)
		}
	})
	t.media.close(at, t.endedStream)
	t.flush(emit)
}

// cutOff finishes a call because the capture ends.
func (c *call) cutOff(t *Table, at int64) {
	c.settle(t, at)
	s := c.sets[0]
	if _, over := s.over(); !over {
		c.disposition, c.end, c.truncated = InProgress, at, true
	}
	t.finish(c, at)
}

// flush emits what ended since the last tick, by end, then id; a call's streams
// come just before it.
func (t *Table) flush(emit func(Record)) {
	slices.SortStableFunc(t.done, func(a, b done) int {
		switch {
		case a.end < b.end:
			return -1
		case a.end > b.end:
			return 1
		}
		return strings.Compare(a.id, b.id)
	})
	for i, d := range t.done {
		t.done[i] = done{} // nothing keeps what has been emitted
		if d.call != nil {
			t.emitCall(d.call, d.at, emit)
			continue
		}
		emit(d.record)
	}
	t.done = t.done[:0]
}

// Totals returns the counts so far.
func (t *Table) Totals() Totals {
	totals := t.counts.totals()
	totals.SIPCountsFolded = t.sipCounts.folded
	t.media.totals(&totals)
	return totals
}
