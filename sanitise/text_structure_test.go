package sanitise

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"earshot/sipparse"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// testText is a Text with a key of its own, and its names.
func testText(tb testing.TB) (*Text, *Names) {
	tb.Helper()
	key, err := ParseKey([]byte("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
	if err != nil {
		tb.Fatal(err)
	}
	names := NewNames(key, NewAddresses(key))
	return NewText(names), names
}

var legHeaders = sipparse.Config{LegHeaders: []string{"X-Call-ID", "X-Leg"}}

// sameStructure holds what a parser makes of a message against what it makes of
// the replaced one: equal where nothing may change, and the pseudonym of what
// was there where legs, dialogs and media are told by it.
func sameStructure(n *Names, was, is []byte) error {
	before, errBefore := sipparse.NewParser(legHeaders).Parse(was)
	after, errAfter := sipparse.NewParser(legHeaders).Parse(is)
	if errBefore != errAfter || before == nil != (after == nil) {
		return fmt.Errorf("parsed with %v, was %v", errAfter, errBefore)
	}
	if before == nil {
		return nil
	}
	plain := isPlain(was)
	if diff := cmp.Diff(translated(n, before, plain), translated(nil, after, plain), cmpopts.EquateEmpty(),
		cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		return fmt.Errorf("- was, + is:\n%s", diff)
	}
	return nil
}

// isPlain reports whether a message's headers are ASCII: what is not is replaced
// otherwise than word by word.
func isPlain(message []byte) bool {
	for _, c := range message {
		if c >= 0x80 || c < ' ' && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// translated is what of a message must be the same afterwards; with names, what
// gets a pseudonym as it should be.
func translated(n *Names, m *sipparse.Message, plain bool) map[string]any {
	id := func(s string) string {
		switch {
		case !plain && s != "":
			return "given"
		case n == nil:
			return s
		}
		return string(n.opaque(nil, []byte(s)))
	}
	method := func(s string) string {
		if isProtocolWord([]byte(s)) {
			return s
		}
		return id(s)
	}
	present := func(s string) bool { return s != "" }
	var legs []string
	for _, h := range m.LegIDs {
		legs = append(legs, id(h.Value))
	}
	f := map[string]any{
		"status": m.StatusCode, "cseq": m.CSeq, "cseq method": method(m.CSeqMethod), "vias": m.Vias, "record-routed": m.RecordRouted,
		"expires": m.Expires, "damage": m.Damage, "truncated": m.Damage & sipparse.DamageTruncated,
		"method": method(m.Method), "call-id": id(m.CallID), "from tag": id(m.From.Tag), "to tag": id(m.To.Tag),
		"branch": id(strings.TrimPrefix(m.Branch, "z9hG4bK")), "cookie": strings.HasPrefix(m.Branch, "z9hG4bK"), "sent by": present(m.SentBy),
		"session": [2]string{id(m.SessionID[0]), id(m.SessionID[1])}, "icid": id(m.ICID), "legs": legs,
		"rack": m.RAck, "rseq": m.RSeq, "refer-to": present(m.ReferTo), "replaces": id(before(m.Replaces, ";")),
		"reason header": present(m.ReasonHeader), "event": before(m.Event, ";"), "agent": present(m.UserAgent),
		"stat": present(m.RTPStat), "contact": present(m.Contact), "from": present(m.From.URI), "to": present(m.To.URI),
		"users": [2]bool{present(m.From.User), present(m.To.User)}, "hosts": [2]bool{present(m.From.Host), present(m.To.Host)},
		"body": len(m.Body) > 0, "sdp": m.SDP != nil, "uri": present(m.RequestURI), "phrase": present(m.Reason),
	}
	if m.SDP != nil {
		f["media"], f["bundle"], f["cut"], f["dropped"] = translatedMedia(n, id, m.SDP), len(m.SDP.Bundle), m.SDP.Cut, m.SDP.Dropped
	}
	return f
}

func before(s, separator string) string {
	head, _, _ := strings.Cut(s, separator)
	return strings.TrimSpace(head)
}

func translatedMedia(n *Names, id func(string) string, d *sipparse.SDP) []sipparse.Media {
	address := func(a netip.AddrPort) netip.AddrPort {
		if n == nil || !a.Addr().IsValid() {
			return a
		}
		return netip.AddrPortFrom(n.Address(a.Addr()), a.Port())
	}
	var list []sipparse.Media
	for _, m := range d.Media {
		m.Addr, m.RTCP, m.MID = address(m.Addr), address(m.RTCP), ""
		m.Candidates = append([]netip.AddrPort(nil), m.Candidates...)
		for i, c := range m.Candidates {
			m.Candidates[i] = address(c)
		}
		m.Formats = append([]sipparse.Format(nil), m.Formats...)
		for i := range m.Formats {
			if m.Formats[i].FMTP != "" {
				m.Formats[i].FMTP = "given"
			}
			if !isProtocolWord([]byte(m.Formats[i].Encoding)) {
				m.Formats[i].Encoding = id(m.Formats[i].Encoding)
			}
		}
		if !isProtocolWord([]byte(m.Kind)) {
			m.Kind = id(m.Kind)
		}
		if m.Host != "" {
			m.Host = "named"
		}
		list = append(list, m)
	}
	return list
}
