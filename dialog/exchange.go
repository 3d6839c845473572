package dialog

import (
	"net/netip"

	"earshot/sipparse"
)

// exchangeKey names a transaction outside calls on whatever hops. The From tag
// tells the two ends apart, who count CSeq each for themselves; REGISTER has one
// requester only, and some change their tag with every try.
type exchangeKey struct {
	callID, fromTag, method string
	cseq                    uint32
}

func keyOf(m *sipparse.Message) exchangeKey {
	k := exchangeKey{callID: clip(m.CallID), method: clip(methodOf(m)), cseq: m.CSeq}
	if k.method != "REGISTER" {
		k.fromTag = clip(m.From.Tag)
	}
	return k
}

// exchange is a non-INVITE transaction outside of calls, as the hop that showed
// it first saw it. The tries after a challenge belong to it.
type exchange struct {
	key      exchangeKey
	from, to string
	src, dst netip.AddrPort
	branch   string
	agent    string // User-Agent of who asks, one copy for all who have it; "" unknown

	start           int64 // first request
	heard           int64 // last message
	requestSeen     bool
	status          int
	finalAt         int64
	retransmissions int
	tries           int // after challenges
	due             int64
}

// maxTries bounds the tries that count as one: without credentials, with them,
// and once more for a stale nonce. Who goes on guesses passwords.
const maxTries = 3

// exchange takes a message outside of calls.
func (t *Table) exchange(at int64, hop Hop, m *sipparse.Message) {
	e := t.exchanges[keyOf(m)]
	if e == nil && m.IsRequest() {
		e = t.retried(hop, m)
	}
	if e == nil {
		t.beginExchange(at, hop, m)
		return
	}
	e.take(at, hop, m)
	if e.finalAt != 0 {
		t.due.schedule(e, e.patience())
	}
}

// retried finds the exchange that m tries again: the next CSeq after a
// challenge, or after 423, which asks for a longer expiry (RFC 3261 10.2.8).
func (t *Table) retried(hop Hop, m *sipparse.Message) *exchange {
	k := keyOf(m)
	k.cseq--
	e := t.exchanges[k]
	if e == nil || e.src.Addr() != hop.Src.Addr() || e.tries >= maxTries-1 {
		return nil
	}
	switch e.status {
	case 401, 407, 423:
	default:
		return nil
	}
	delete(t.exchanges, e.key)
	e.key.cseq = m.CSeq
	t.exchanges[e.key] = e
	e.status, e.finalAt = 0, 0
	e.src, e.dst, e.branch = hop.Src, hop.Dst, keep(m.Branch)
	e.requestSeen = false
	e.tries++
	return e
}

func (t *Table) beginExchange(at int64, hop Hop, m *sipparse.Message) {
	if len(t.exchanges) >= t.cfg.MaxTransactions {
		t.counts.refuse(refusedTransactions)
		return
	}
	src, dst := hop.Src, hop.Dst
	if !m.IsRequest() {
		if _, dead := t.gone.get(clip(m.CallID)); dead {
			return // a straggler of a call that is over
		}
		src, dst = dst, src
	}
	k := keyOf(m)
	k.callID, k.fromTag, k.method = keep(k.callID), keep(k.fromTag), methodName(k.method)
	e := &exchange{
		key: k, from: name(&m.From), to: name(&m.To),
		src: src, dst: dst, branch: keep(m.Branch), start: at,
	}
	if m.IsRequest() && m.UserAgent != "" {
		e.agent = t.media.intern(clip(m.UserAgent))
	}
	t.exchanges[k] = e
	e.take(at, hop, m)
	t.due.schedule(e, e.patience())
}

// take notes a message of the exchange. Copies on other hops have other
// branches: a proxy adds its Via.
func (e *exchange) take(at int64, hop Hop, m *sipparse.Message) {
	if e.branch != clip(m.Branch) {
		return
	}
	e.heard = max(e.heard, at)
	if !m.IsRequest() {
		e.respond(at, hop, m)
		return
	}
	switch {
	case e.src != hop.Src || e.dst != hop.Dst:
	case e.requestSeen:
		e.retransmissions++
	case e.finalAt != 0: // its response came first
		e.start, e.requestSeen = at, true
	default:
		e.requestSeen = true
	}
}

func (e *exchange) respond(at int64, hop Hop, m *sipparse.Message) {
	switch {
	case m.StatusCode < 200:
	case e.finalAt == 0:
		e.status, e.finalAt = m.StatusCode, at
	case m.StatusCode == e.status && hop.Dst == e.src:
		e.retransmissions++
	}
}

// patience returns until when more may come: the next try of a challenge or the
// first answer for Timer F, retransmissions for T4 after the final response.
func (e *exchange) patience() int64 {
	switch {
	case e.finalAt == 0:
		return e.heard + timerB
	case e.status == 401 || e.status == 407 || e.status == 423:
		return e.finalAt + timerB
	}
	return e.finalAt + t4
}

func (e *exchange) slot() *int64 { return &e.due }

// look emits the record when nothing more may come.
func (e *exchange) look(t *Table, now int64) int64 {
	if until := e.patience(); until > now {
		return until
	}
	t.endExchange(e)
	return 0
}

func (t *Table) endExchange(e *exchange) {
	delete(t.exchanges, e.key)
	r := e.record()
	t.counts.transactions++
	if r.Method == "REGISTER" && e.requestSeen {
		t.counts.register(r)
	}
	t.ended(e.end(), r)
}

// end is the final response, or the last request that got none.
func (e *exchange) end() int64 {
	if e.finalAt != 0 {
		return e.finalAt
	}
	return e.heard
}

func (e *exchange) record() *TransactionRecord {
	r := &TransactionRecord{
		Type: "transaction", Method: e.key.method, CallID: e.key.callID, From: e.from, To: e.to,
		Src: e.src, Dst: e.dst, Start: Time(e.start), Retransmissions: e.retransmissions,
		UserAgent: e.agent,
	}
	if e.status != 0 {
		status := e.status
		r.FinalStatus = &status
	}
	if e.requestSeen {
		r.ResponseMS = between(e.start, e.finalAt)
	}
	return r
}
