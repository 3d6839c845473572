package dialog

import (
	"encoding/hex"
	"hash/fnv"
	"net/netip"
	"strconv"
	"strings"

	"earshot/sipparse"
)

// maxString bounds every string kept from a packet, octets. Real Call-IDs,
// tags and branches stay below 128; longer ones are compared by their start.
const maxString = 256

// clip returns the part of s that counts.
func clip(s string) string { return s[:min(len(s), maxString)] }

// keep copies the part of s that counts, so that a few octets held for hours
// do not hold the whole message they were cut from.
func keep(s string) string { return strings.Clone(clip(s)) }

// share returns the one of have that s equals, else a copy of s.
func share(s string, have ...string) string {
	s = clip(s)
	for _, h := range have {
		if h == s {
			return h
		}
	}
	return strings.Clone(s)
}

// contentID derives an identifier from content alone, so that every run over
// the same packets gives the same one: 64 bits of FNV-1a in hex.
func contentID(at int64, parts ...string) string {
	h := fnv.New64a()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0}) // keeps ("ab","c") and ("a","bc") apart
	}
	h.Write([]byte(strconv.FormatInt(at, 10)))
	return hex.EncodeToString(h.Sum(nil))
}

// name is what people call a party: its user part, else its URI.
func name(p *sipparse.Party) string {
	if p.User != "" {
		return keep(p.User)
	}
	return keep(p.URI)
}

// number is a user part as two legs of a call have it in common: without the
// plus of the international form, which one trunk writes and the next drops.
func number(user string) string { return strings.TrimPrefix(clip(user), "+") }

// samePeers reports whether two hops join the same hosts in either direction
// and share a port: what is left of a pair when one side opens a new TCP
// connection, or sends to a Contact with another port.
func samePeers(a, b, src, dst netip.AddrPort) bool {
	if a.Addr() == src.Addr() && b.Addr() == dst.Addr() {
		return a.Port() == src.Port() || b.Port() == dst.Port()
	}
	if a.Addr() == dst.Addr() && b.Addr() == src.Addr() {
		return a.Port() == dst.Port() || b.Port() == src.Port()
	}
	return false
}

// addDistinct appends a copy of v unless it is empty, there already or one too many.
func addDistinct(list []string, v string, most int) []string {
	if v == "" || len(list) >= most {
		return list
	}
	v = clip(v)
	for _, have := range list {
		if have == v {
			return list
		}
	}
	return append(list, strings.Clone(v))
}

// userOf returns the user part of a URI, "" where it has none.
func userOf(uri string) string {
	uri = strings.TrimPrefix(strings.TrimSpace(uri), "<")
	_, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return ""
	}
	if strings.HasPrefix(strings.ToLower(uri), "tel:") {
		return clip(strings.TrimRight(before(rest, ";"), ">"))
	}
	user, _, ok := strings.Cut(rest, "@")
	if !ok {
		return ""
	}
	return clip(before(before(user, ";"), ":"))
}

// before returns s up to the first sep.
func before(s, sep string) string {
	head, _, _ := strings.Cut(s, sep)
	return head
}
