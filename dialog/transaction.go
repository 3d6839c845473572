package dialog

import (
	"net/netip"
	"strings"

	"earshot/sipparse"
)

// magicCookie begins every branch that is unique by itself (RFC 3261 8.1.1.7).
const magicCookie = "z9hG4bK"

// maxSeen bounds the distinct responses that one transaction remembers.
const maxSeen = 16

// transaction is one request on one hop, with its responses. The same request
// behind a proxy is another transaction (another branch), with copy set.
type transaction struct {
	method   string
	cseq     uint32
	status   int32 // final response
	branch   string
	sentBy   string
	fromTag  string
	src, dst netip.AddrPort // of the request
	leg      *leg
	from     side // who sent the request
	at       int64

	requestSeen bool // false while only responses were seen: mirror reordering, or the capture began inside
	initial     bool // an INVITE outside of a dialog
	copy        bool // another hop showed this request first
	seen        []reply

	// Offer and answer inside this transaction (RFC 3264).
	offer   *hint // what was offered and not answered yet
	offerer side
	delayed bool // an INVITE without offer: the first reliable response offers
}

// reply identifies a response, to tell a retransmission from a new event.
type reply struct {
	toTag  string
	rseq   string // reliable provisional responses are events of their own (RFC 3262)
	status int16
	direct bool // from where the request went to
}

// newTransaction starts one on leg l from a request, or from the response to an
// unseen one. Strings that the leg has already are shared, not copied.
func newTransaction(at int64, src, dst netip.AddrPort, m *sipparse.Message, l *leg) *transaction {
	return &transaction{
		method:  methodName(methodOf(m)),
		cseq:    m.CSeq,
		branch:  keep(m.Branch),
		sentBy:  share(m.SentBy, l.sentBy[l.side(m, src)]),
		fromTag: share(m.From.Tag, l.fromTag, l.toTag),
		src:     src,
		dst:     dst,
		leg:     l,
		from:    l.side(m, src),
		at:      at,
	}
}

// methodOf is the method of the transaction that m belongs to.
func methodOf(m *sipparse.Message) string {
	if m.IsRequest() {
		return m.Method
	}
	return m.CSeqMethod
}

// matches reports whether a message of the transaction's Call-ID belongs to it.
// Requests match by RFC 3261 17.2.3, responses by 17.1.3, and without the magic
// cookie both by the RFC 2543 rule: From tag, CSeq and the top Via. (To tag and
// Request-URI, which that rule names too, differ between request and response.)
func (x *transaction) matches(m *sipparse.Message) bool {
	if x.cseq != m.CSeq || x.method != clip(methodOf(m)) {
		return false
	}
	if x.branch != clip(m.Branch) {
		return false
	}
	if !strings.HasPrefix(m.Branch, magicCookie) {
		return x.sentBy == clip(m.SentBy) && x.fromTag == clip(m.From.Tag)
	}
	return !m.IsRequest() || x.sentBy == clip(m.SentBy)
}

// sameRequest reports whether both carry one request, on whatever hops.
func (x *transaction) sameRequest(y *transaction) bool {
	return x.cseq == y.cseq && x.method == y.method && x.fromTag == y.fromTag
}

// sight is what a message turned out to be for its transaction.
type sight uint8

const (
	fresh          sight = iota // an event
	retransmission              // the same octets on the same hop
	echo                        // the same message at another point, behind a NAT or a firewall: no event
)

// request classifies a request that matches.
func (x *transaction) request(hop Hop) sight {
	switch {
	case !x.requestSeen:
		return fresh
	case x.src == hop.Src && x.dst == hop.Dst:
		return retransmission
	}
	return echo
}

// response classifies a response that matches, and remembers it.
func (x *transaction) response(hop Hop, m *sipparse.Message) sight {
	r := reply{toTag: clip(m.To.Tag), rseq: clip(m.RSeq), status: int16(m.StatusCode), direct: hop.Src == x.dst}
	for _, have := range x.seen {
		if have.status != r.status || have.toTag != r.toTag || have.rseq != r.rseq {
			continue
		}
		if have.direct == r.direct {
			return retransmission
		}
		return echo
	}
	if x.seen == nil && x.method == "INVITE" {
		x.seen = make([]reply, 0, 4) // 100, 180, 183, 200
	}
	if len(x.seen) < maxSeen {
		r.toTag, r.rseq = share(r.toTag, x.leg.toTag, x.leg.fromTag), strings.Clone(r.rseq)
		x.seen = append(x.seen, r)
	}
	return fresh
}

// final notes a final response; the first one counts.
func (x *transaction) final(status int) {
	if status >= 200 && x.status == 0 {
		x.status = int32(status)
	}
}
