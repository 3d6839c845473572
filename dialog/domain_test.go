package dialog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/sipparse"
)

func TestHostOf(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:alice@Example.COM":                     "example.com",
		"sip:alice@example.com:5060;transport=udp":  "example.com",
		"sips:example.com":                          "example.com",
		"sip:+4930;phone-context=x@pbx.example?a=b": "pbx.example",
		"SIP:a:b@192.0.2.1;lr":                      "192.0.2.1",
		"sip:a@[2001:DB8::1]:5060":                  "2001:db8::1",
		"<sip:a@example.com>":                       "example.com",
		"sip:a@[2001:db8::1":                        "2001:db8::1",
		"sip:a[b]":                                  "a",
		"tel:+4930123":                              "",
		"":                                          "",
		"example.com":                               "",
		"sip:":                                      "",
		"sip:a@":                                    "",
	} {
		if got := hostOf(uri); got != want {
			t.Errorf("%q: got %q, want %q", uri, got, want)
		}
	}
}

// FuzzHostOf: a host is a part of the URI, in lower case, and holds nothing
// that separates the parts.
func FuzzHostOf(f *testing.F) {
	f.Add("sip:alice@Example.COM:5060;transport=udp?x=y")
	f.Add("<sips:a@[2001:DB8::1]:5061>")
	f.Add("sip:a@[::1")
	f.Fuzz(func(t *testing.T, uri string) {
		host := hostOf(uri)
		if host != strings.ToLower(host) || !strings.Contains(strings.ToLower(uri), host) {
			t.Errorf("%q: got %q", uri, host)
		}
		if v6 := strings.Contains(uri, "["); !v6 && strings.ContainsAny(host, ":;?>/ \t") || strings.Contains(host, "]") && v6 {
			t.Errorf("%q: got %q", uri, host)
		}
	})
}

// TestDomains: a call is called what its INVITEs say, on all of its legs.
func TestDomains(t *testing.T) {
	table := NewTable(Config{})
	invite := func(ruri, branch string) *sipparse.Message {
		return &sipparse.Message{Method: "INVITE", CSeqMethod: "INVITE", CSeq: 1, CallID: "c", Branch: "z9hG4bK" + branch, RequestURI: ruri,
			From: sipparse.Party{URI: "sip:alice@Site.example", Tag: "a"}, To: sipparse.Party{URI: "sip:bob@gold.example.com"}}
	}
	table.SIP(epoch, hopOf("192.0.2.65:5060", "192.0.2.66:5060", "udp"), invite("sip:bob@192.0.2.66", "1"))
	table.SIP(epoch+1, hopOf("192.0.2.66:5060", "192.0.2.67:5060", "udp"), invite("sip:bob@192.0.2.67;lr", "2"))
	want := []string{"192.0.2.66", "site.example", "gold.example.com", "192.0.2.67"}
	if got := table.sets["c"].call.domains; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for i := range 20 {
		table.SIP(epoch+2, hopOf("192.0.2.66:5060", "192.0.2.68:5060", "udp"), invite(fmt.Sprintf("sip:h%d.example", i), fmt.Sprint("x", i)))
	}
	if got := len(table.sets["c"].call.domains); got != maxDomains {
		t.Errorf("got %d domains, want at most %d", got, maxDomains)
	}
}
