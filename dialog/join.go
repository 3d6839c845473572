package dialog

import (
	"strings"

	"earshot/sipparse"
)

// How the dialog sets of a B2BUA's two sides are found to be one call.
const (
	evidenceSession    = "session_id"  // RFC 7989
	evidenceICID       = "icid"        // RFC 7315 P-Charging-Vector
	evidenceHeader     = "header:"     // a configured header, its name appended
	evidenceNumberTime = "number_time" // same users, right after, from the host that got the first INVITE
	evidenceCallerTime = "caller_time" // the same, but the B2BUA dials another number or name; only where no other call fits
	evidenceHop        = "hop"         // same Call-ID behind a proxy
)

// Numbers and times alone join an INVITE to one that started at most this much
// before, ns, and to one of this many.
const (
	joinWindow     = 3 * second
	maxSameNumbers = 64
	minTag         = 8 // octets of a From tag that another one may contain by no accident: 32 bits in hex
)

// joinKey is an identity that the legs of a call share.
type joinKey struct {
	kind  byte // 's' Session-ID UUID, 'i' ICID, 'h' value of a configured header
	value string
}

// numberKey is who calls whom, or with an empty to who calls at all.
type numberKey struct{ from, to string }

// candidate is a fresh INVITE that the next leg may follow.
type candidate struct {
	at  int64
	key numberKey
}

// joinIndex finds the call that a new INVITE continues.
type joinIndex struct {
	calls   map[joinKey]identified
	numbers map[numberKey][]*dialogSet // oldest first; each one under both its keys
	recent  fifo[candidate]            // all of them, to forget in time
}

// identified is a call that showed an identity, and in which header.
type identified struct {
	call   *call
	header string
}

func newJoinIndex() joinIndex {
	return joinIndex{calls: map[joinKey]identified{}, numbers: map[numberKey][]*dialogSet{}}
}

// join returns the call that m's new dialog set belongs to and the evidence, or nil.
func (t *Table) join(at int64, hop Hop, m *sipparse.Message) (*call, string) {
	if m.Method != "INVITE" || m.To.Tag != "" || m.Replaces != "" {
		return nil, "" // Replaces takes a call's place: a call of its own
	}
	for _, uuid := range m.SessionID {
		if c := t.joins.calls[joinKey{'s', clip(uuid)}].call; c.joinable(m) {
			return c, evidenceSession
		}
	}
	if c := t.joins.calls[joinKey{'i', clip(m.ICID)}].call; c.joinable(m) {
		return c, evidenceICID
	}
	if c, header := t.joinHeader(m); c != nil {
		return c, evidenceHeader + header
	}
	t.joins.forget(at)
	if c := t.joins.byNumber(hop, m); c != nil {
		return c, evidenceNumberTime
	}
	if c := t.joins.byCaller(hop, m); c != nil {
		return c, evidenceCallerTime
	}
	return nil, ""
}

// joinHeader looks for a leg that m's headers name by its Call-ID, for one with
// the same value, and for one whose header named m's Call-ID.
func (t *Table) joinHeader(m *sipparse.Message) (*call, string) {
	for _, h := range m.LegIDs {
		value := clip(strings.TrimSpace(h.Value))
		if value == "" {
			continue
		}
		if s := t.sets[value]; s != nil && value != clip(m.CallID) && s.call.joinable(m) {
			return s.call, keep(h.Name)
		}
		if c := t.joins.calls[joinKey{'h', value}].call; c.joinable(m) {
			return c, keep(h.Name)
		}
	}
	if named := t.joins.calls[joinKey{'h', clip(m.CallID)}]; named.call.joinable(m) {
		return named.call, named.header
	}
	return nil, ""
}

// joinable reports whether a leg may still be added: the call lives, has room,
// and the INVITE is not what a REFER of the call asked for (its UUID comes along
// with the transferee, RFC 7989 10, but it is a call of its own).
func (c *call) joinable(m *sipparse.Message) bool {
	if c == nil || len(c.legs) >= maxLegs || len(c.sets) >= maxLegs {
		return false
	}
	if _, over := c.sets[0].over(); over {
		return false
	}
	return !c.refersTo(userOf(m.RequestURI)) && !c.refersTo(m.To.User)
}

// byNumber looks for a call of the same users that just began, is not answered
// yet, and whose INVITE went to the host that now sends m. With several such
// calls m continues the oldest that nobody continued yet: B2BUAs work in order.
func (j *joinIndex) byNumber(hop Hop, m *sipparse.Message) *call {
	var forked *call
	forks := 0
	for _, s := range j.numbers[numbersOf(m)] {
		c := s.call
		if !s.leadsTo(hop, m) {
			continue
		}
		if len(c.sets) == 1 {
			return c
		}
		if c != forked {
			forked = c
			forks++
		}
	}
	if forks == 1 {
		return forked // the B2BUA rings another phone
	}
	return nil
}

// byCaller looks for such a call of the same caller to whatever number. A PBX
// turns the number dialled into the name of a phone; it must be the only call
// that fits, and its caller must have a name.
func (j *joinIndex) byCaller(hop Hop, m *sipparse.Message) *call {
	k := numbersOf(m)
	switch k.from {
	case "anonymous", "unavailable", "unknown", "restricted":
		return nil
	}
	list := j.numbers[numberKey{from: k.from}]
	if len(list) > maxSameNumbers {
		return nil // a trunk that shows one number for all
	}
	var only *call
	for _, s := range list {
		if c := s.call; c != only && s.leadsTo(hop, m) {
			if only != nil {
				return nil
			}
			only = c
		}
	}
	return only
}

// numbersOf reads who calls whom; both must be there to be evidence.
func numbersOf(m *sipparse.Message) numberKey {
	k := numberKey{from: number(m.From.User), to: number(m.To.User)}
	if k.from == "" || k.to == "" {
		return numberKey{}
	}
	return k
}

// leadsTo reports whether m may be the next leg of the set's call: not answered
// yet, and its INVITE went to the host that m comes from. A border controller
// has another address on its other side; those that keep the From tag inside
// their own (SD4909701-00e9d478) tell it so.
func (s *dialogSet) leadsTo(hop Hop, m *sipparse.Message) bool {
	if s.call.answer != 0 || !s.call.joinable(m) {
		return false
	}
	for _, l := range s.legs {
		switch {
		case l.invited == 0 || l.dst.Addr() != hop.Src.Addr():
		case l.src.Addr() != l.dst.Addr() || l.dst == hop.Src:
			return true // on one host only the port tells who is who
		}
	}
	tag := clip(m.From.Tag) // the same tag is the caller's own: a new try
	return len(s.fromTag) >= minTag && len(tag) > len(s.fromTag) && holds(tag, s.fromTag)
}

// holds reports whether tag has other in it as a whole word: the twelfth tag of a
// sender that counts, ...Tag12, is the beginning of its 120th.
func holds(tag, other string) bool {
	for from := 0; ; from++ {
		i := strings.Index(tag[from:], other)
		if i < 0 {
			return false
		}
		from += i
		end := from + len(other)
		if (from == 0 || !isAlphanumeric(tag[from-1])) && (end == len(tag) || !isAlphanumeric(tag[end])) {
			return true
		}
	}
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// forget drops the candidates that are too old at packet time at.
func (j *joinIndex) forget(at int64) {
	for j.recent.len() > 0 && j.recent.front().at < at-joinWindow {
		k := j.recent.front().key
		j.forgetOldest(k)
		j.forgetOldest(numberKey{from: k.from})
		j.recent.pop()
	}
}

func (j *joinIndex) forgetOldest(k numberKey) {
	if list := j.numbers[k][1:]; len(list) > 0 {
		j.numbers[k] = list
		return
	}
	delete(j.numbers, k)
}

// remember makes the set's call findable by the identities of m.
func (j *joinIndex) remember(at int64, s *dialogSet, m *sipparse.Message) {
	c := s.call
	for _, uuid := range m.SessionID {
		if strings.Trim(uuid, "0") != "" { // 32 zeros are nobody's
			j.key(c, joinKey{'s', uuid}, "")
		}
	}
	j.key(c, joinKey{'i', m.ICID}, "")
	for _, h := range m.LegIDs {
		j.key(c, joinKey{'h', strings.TrimSpace(h.Value)}, h.Name)
	}
	k := numbersOf(m)
	if m.Method != "INVITE" || m.To.Tag != "" || k == (numberKey{}) || len(s.transactions) > 1 {
		return // once for every Call-ID
	}
	j.forget(at)
	if len(j.numbers[k]) >= maxSameNumbers {
		return
	}
	k.from, k.to = keep(k.from), keep(k.to)
	j.recent.push(candidate{at: at, key: k})
	for _, k := range [...]numberKey{k, {from: k.from}} {
		j.numbers[k] = append(j.numbers[k], s)
	}
}

// key notes one identity of a call; the first call that showed it keeps it.
func (j *joinIndex) key(c *call, k joinKey, header string) {
	k.value = clip(k.value)
	if k.value == "" || len(c.keys) >= maxJoinKeys || j.calls[k].call != nil {
		return
	}
	k.value = keep(k.value)
	j.calls[k] = identified{call: c, header: keep(header)}
	c.keys = append(c.keys, k)
}

// drop forgets a finished call.
func (j *joinIndex) drop(c *call) {
	for _, k := range c.keys {
		delete(j.calls, k)
	}
}
