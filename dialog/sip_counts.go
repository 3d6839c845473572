package dialog

import (
	"cmp"
	"slices"

	"earshot/sipparse"
	"earshot/topology"
)

// CodeOther stands in SIPCount.Code for a status that no RFC registered.
const CodeOther = 999

// maxSIPCounts bounds the kinds of messages that are told apart. One peer on
// one transport has a few dozens; a scanner that sends every status to every
// method over every transport has 14,000.
const maxSIPCounts = 20_000

// SIPCount is how many SIP messages of one kind went one way. Every message
// counts once at each end: for its receiver's peer as ToPeer, for its sender's
// as FromPeer.
type SIPCount struct {
	Peer      topology.PeerID
	Direction topology.Direction
	Method    string // of a request, or of the request that a response answers; "OTHER" for uncommon ones
	Code      int    // status of a response, CodeOther for one that no RFC registered; 0 for requests
	Transport string // "udp", "tcp", "tls", "ws", "wss"; "other" where none of them was said
	Count     uint64
}

// transports are the values of SIPCount.Transport.
var transports = [...]string{"udp", "tcp", "tls", "ws", "wss", "other"}

// registeredStatuses are IANA's SIP response codes.
var registeredStatuses = [...]uint16{
	100, 180, 181, 182, 183, 199,
	200, 202, 204,
	300, 301, 302, 305, 380,
	400, 401, 402, 403, 404, 405, 406, 407, 408, 410, 412, 413, 414, 415, 416, 417,
	420, 421, 422, 423, 424, 425, 428, 429, 430, 433, 436, 437, 438, 439, 440, 469, 470,
	480, 481, 482, 483, 484, 485, 486, 487, 488, 489, 491, 493, 494,
	500, 501, 502, 503, 504, 505, 513, 555, 580,
	600, 603, 604, 606, 607, 608,
}

// sipKey is one kind of message, packed: peer, direction, method, status, transport.
type sipKey uint64

func newSIPKey(peer topology.PeerID, d topology.Direction, method, code, transport int) sipKey {
	return sipKey(peer)<<32 | sipKey(d)<<24 | sipKey(method)<<16 | sipKey(code)<<4 | sipKey(transport)
}

func (k sipKey) count(n uint64) SIPCount {
	return SIPCount{
		Peer: topology.PeerID(k >> 32), Direction: topology.Direction(k >> 24 & 0xff),
		Method: methodNames[k>>16&0xff], Code: int(k >> 4 & 0xfff), Transport: transports[k&0xf],
		Count: n,
	}
}

// sipCounts counts messages by kind.
type sipCounts struct {
	place      map[sipKey]uint32 // in list
	list       []SIPCount        // in the order of their first message
	sorted     []uint32          // places, in the order of the kinds
	registered [700]bool
	folded     uint64
}

func newSIPCounts() sipCounts {
	n := sipCounts{place: make(map[sipKey]uint32)}
	for _, status := range registeredStatuses {
		n.registered[status] = true
	}
	return n
}

// message counts a message between two peers.
func (n *sipCounts) message(hop *Hop, plan *topology.Plan, m *sipparse.Message) {
	method, code := methodIndex(methodOf(m)), 0
	if !m.IsRequest() {
		code = CodeOther
		if s := m.StatusCode; s >= 0 && s < len(n.registered) && n.registered[s] {
			code = s
		}
	}
	transport := transportIndex(hop.Transport)
	n.add(newSIPKey(plan.Peer(hop.Dst.Addr()), topology.ToPeer, method, code, transport), 1)
	n.add(newSIPKey(plan.Peer(hop.Src.Addr()), topology.FromPeer, method, code, transport), 1)
}

// add counts messages of a kind. Where there is no room for another kind, it
// counts them as other messages of other peers, of which there are few kinds.
func (n *sipCounts) add(k sipKey, messages uint64) {
	i, known := n.place[k]
	if known {
		n.list[i].Count += messages
		return
	}
	if other := k.folded(); len(n.list) >= maxSIPCounts && k != other {
		n.folded += messages
		n.add(other, messages)
		return
	}
	n.place[k] = uint32(len(n.list))
	n.sorted = n.sorted[:0]
	n.list = append(n.list, k.count(messages))
}

// folded is the kind that stands for k where the table is full.
func (k sipKey) folded() sipKey {
	code := 0
	if k>>4&0xfff != 0 {
		code = CodeOther
	}
	return newSIPKey(topology.Other, topology.Direction(k>>24&0xff), len(methodNames)-1, code, int(k&0xf))
}

// appendTo appends the counts, sorted by their kinds.
func (n *sipCounts) appendTo(dst []SIPCount) []SIPCount {
	if len(n.sorted) != len(n.list) {
		for i := range n.list {
			n.sorted = append(n.sorted, uint32(i))
		}
		slices.SortFunc(n.sorted, func(a, b uint32) int { return n.list[a].compare(&n.list[b]) })
	}
	dst = slices.Grow(dst, len(n.list))
	for _, i := range n.sorted {
		dst = append(dst, n.list[i])
	}
	return dst
}

func (c *SIPCount) compare(o *SIPCount) int {
	return cmp.Or(
		cmp.Compare(c.Peer, o.Peer),
		cmp.Compare(c.Direction, o.Direction),
		cmp.Compare(c.Method, o.Method),
		cmp.Compare(c.Code, o.Code),
		cmp.Compare(c.Transport, o.Transport),
	)
}

// renumber follows the peers' names from one plan to the next, so that no
// count goes back. What was counted for a peer that is gone goes to Other.
func (n *sipCounts) renumber(from, to *topology.Plan) {
	number := make(map[string]topology.PeerID)
	for id, name := range to.Peers() {
		number[name] = topology.PeerID(id)
	}
	old, names := n.list, from.Peers()
	clear(n.place)
	n.list, n.sorted = nil, nil
	for i := range old {
		c := &old[i]
		peer := number[names[c.Peer]]
		n.add(newSIPKey(peer, c.Direction, methodIndex(c.Method), c.Code, transportIndex(c.Transport)), c.Count)
	}
}

func transportIndex(transport string) int {
	for i, name := range transports[:len(transports)-1] {
		if name == transport {
			return i
		}
	}
	return len(transports) - 1
}

// SIPCounts appends the counts of messages so far to dst, sorted, and returns
// it. Peers are numbered by the plan that holds now.
func (t *Table) SIPCounts(dst []SIPCount) []SIPCount { return t.sipCounts.appendTo(dst) }
