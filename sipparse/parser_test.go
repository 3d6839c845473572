package sipparse

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"
)

// ignore keeps a comparison to what a case is about.
var ignoreBody = cmp.FilterPath(func(p cmp.Path) bool {
	switch p.String() {
	case "Body", "SDP", "Size":
		return true
	}
	return false
}, cmp.Ignore())

func parse(t *testing.T, text string) *Message {
	t.Helper()
	m, err := NewParser(Config{LegHeaders: []string{"X-Call-ID"}}).Parse([]byte(text))
	if err != nil {
		t.Fatalf("%.40q: %v", text, err)
	}
	return m
}

func TestParseRequest(t *testing.T) {
	got := parse(t, invite)
	want := &Message{
		Method: "INVITE", RequestURI: "sip:bob@biloxi.example.com",
		CallID: "a84b4c76e66710@pc33.atlanta.example.com", CSeq: 314159, CSeqMethod: "INVITE",
		Branch: "z9hG4bK776asdhds", SentBy: "pc33.atlanta.example.com:5060", Vias: 1,
		From: Party{
			Display: "Alice", URI: "sip:alice@atlanta.example.com", User: "alice",
			Host: "atlanta.example.com", Tag: "1928301774",
		},
		To:          Party{Display: "Bob", URI: "sip:bob@biloxi.example.com", User: "bob", Host: "biloxi.example.com"},
		Contact:     "sip:alice@pc33.atlanta.example.com;transport=udp",
		SessionID:   [2]string{"ab30317f1a784dc48ff824d0d3715d86", ""},
		UserAgent:   "Example/1.0",
		Expires:     -1,
		ContentType: "application/sdp",
	}
	if diff := cmp.Diff(want, got, ignoreBody); diff != "" {
		t.Error(diff)
	}
	if string(got.Body) != offer || got.Size != len(invite) {
		t.Errorf("body of %d octets in %d, want %d in %d", len(got.Body), got.Size, len(offer), len(invite))
	}
	if got.SDP == nil || got.SDP.Media[0].Addr != netip.MustParseAddrPort("192.0.2.101:49172") {
		t.Errorf("session description %+v", got.SDP)
	}
}

func TestParseResponse(t *testing.T) {
	got := parse(t, ringing)
	want := &Message{
		StatusCode: 180, Reason: "Ringing",
		CallID: "a84b4c76e66710@pc33.atlanta.example.com", CSeq: 314159, CSeqMethod: "INVITE",
		Branch: "z9hG4bK776asdhds", SentBy: "pc33.atlanta.example.com:5060", Vias: 1,
		From: Party{
			Display: "Alice", URI: "sip:alice@atlanta.example.com", User: "alice",
			Host: "atlanta.example.com", Tag: "1928301774",
		},
		To: Party{
			Display: "Bob", URI: "sip:bob@biloxi.example.com", User: "bob",
			Host: "biloxi.example.com", Tag: "a6c85cf",
		},
		Contact:      "sip:bob@192.0.2.4",
		RecordRouted: true,
		UserAgent:    "Example/2.0",
		Expires:      -1,
	}
	if diff := cmp.Diff(want, got, ignoreBody); diff != "" {
		t.Error(diff)
	}
}

// with puts headers into an otherwise sound OPTIONS.
func with(headers string) string {
	return crlf("OPTIONS sip:b@example.com SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\n" +
		"From: <sip:a@example.com>;tag=1\nTo: <sip:b@example.com>\nCall-ID: 1\nCSeq: 1 OPTIONS\n" + headers + "\n")
}

// TestHeaders checks one field of a message for one header.
func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		name, headers string
		field         func(*Message) any
		want          any
	}{
		{"Session-ID", "Session-ID: AB30317F1A784DC48FF824D0D3715D86;remote=47755a9de7794ba387653f2099600ef2\n",
			func(m *Message) any { return m.SessionID },
			[2]string{"ab30317f1a784dc48ff824d0d3715d86", "47755a9de7794ba387653f2099600ef2"}},
		{"Session-ID of RFC 7329", "Session-ID: f81d4fae7dec11d0a76500a0c91e6bf6\n",
			func(m *Message) any { return m.SessionID }, [2]string{"f81d4fae7dec11d0a76500a0c91e6bf6", ""}},
		{"P-Charging-Vector", "P-Charging-Vector: icid-value=1234bc9876e;icid-generated-at=192.0.6.8;orig-ioi=home1.net\n",
			func(m *Message) any { return m.ICID }, "1234bc9876e"},
		{"P-Charging-Vector quoted, not first", "P-Charging-Vector: orig-ioi=\"a;b\" ; ICID-Value = \"x;y z\"\n",
			func(m *Message) any { return m.ICID }, "x;y z"},
		{"leg header", "x-call-id: abc@def\n",
			func(m *Message) any { return m.LegIDs }, []Header{{"X-Call-ID", "abc@def"}}},
		{"Refer-To with Replaces", "r: <sip:dave@denver.example.org?Replaces=12345%40192.168.118.3%3Bto-tag%3D12345%3Bfrom-tag%3D5FFE-3994>\n",
			func(m *Message) any { return []string{m.ReferTo, m.Replaces} },
			[]string{"sip:dave@denver.example.org", "12345@192.168.118.3;to-tag=12345;from-tag=5FFE-3994"}},
		{"Replaces", "Replaces: 425928@bobster.example.org;to-tag=7743;from-tag=6472\n",
			func(m *Message) any { return m.Replaces }, "425928@bobster.example.org;to-tag=7743;from-tag=6472"},
		{"Reason", "Reason: Q.850;cause=16;text=\"Terminated\"\n",
			func(m *Message) any { return m.ReasonHeader }, `Q.850;cause=16;text="Terminated"`},
		{"RAck and RSeq", "RAck: 776656 1 INVITE\nRSeq: 988789\n",
			func(m *Message) any { return []string{m.RAck, m.RSeq} }, []string{"776656 1 INVITE", "988789"}},
		{"Event", "o: refer;id=93809824\n", func(m *Message) any { return m.Event }, "refer;id=93809824"},
		{"Retry-After", "Retry-After: 18000;duration=3600\n", func(m *Message) any { return m.RetryAfter }, "18000;duration=3600"},
		{"RTP statistics", "P-RTP-Stat: PS=2,OS=320,PR=4\n", func(m *Message) any { return m.RTPStat }, "PS=2,OS=320,PR=4"},
		{"Expires", "Expires: 3600\n", func(m *Message) any { return m.Expires }, 3600},
		{"Expires past 32 bits", "Expires: 10000000000000000000000\n", func(m *Message) any { return m.Expires }, maxExpires},
		{"Contact's expires", "Contact: <sip:a@192.0.2.1>;q=0.7;expires=0\n", func(m *Message) any { return m.Expires }, 0},
		{"Contact star", "m: *\n", func(m *Message) any { return m.Contact }, "*"},
		{"Contact list", "Contact: \"Mr. Watson, Sr.\" <sip:watson@example.com>;q=0.7, <mailto:watson@example.com>\n",
			func(m *Message) any { return m.Contact }, "sip:watson@example.com"},
		{"Contact IPv6", "Contact: <sip:a@[2001:db8::1]:5070;transport=tcp>\n",
			func(m *Message) any { return m.Contact }, "sip:a@[2001:db8::1]:5070;transport=tcp"},
		{"Via list", "Via: SIP/2.0/UDP a.example.com, SIP/2.0/TCP b.example.com;x=\"1,2\"\n",
			func(m *Message) any { return m.Vias }, 3},
		{"Content-Type", "c: Application/SDP ;charset=x\n", func(m *Message) any { return m.ContentType }, "application/sdp"},
		{"User-Agent in Latin-1", "User-Agent: T\xe9l\xe9\n", func(m *Message) any { return m.UserAgent }, "Télé"},
	} {
		m := parse(t, with(c.headers))
		if diff := cmp.Diff(c.want, c.field(m)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if m.Damage != 0 {
			t.Errorf("%s: damage %b", c.name, m.Damage)
		}
	}
}

func TestParty(t *testing.T) {
	for _, c := range []struct {
		name, from string
		want       Party
		damaged    bool
	}{
		{"addr-spec", "sip:caller@example.net;tag=8814",
			Party{URI: "sip:caller@example.net", User: "caller", Host: "example.net", Tag: "8814"}, false},
		{"blanks and capitals", `Bob  < sip:bob@example.com >  ;  TAG  =  77`,
			Party{Display: "Bob", URI: "sip:bob@example.com", User: "bob", Host: "example.com", Tag: "77"}, true},
		{"escapes in the name", `"A \"B\" \\ <x>" <sip:a@example.com>;tag=1`,
			Party{Display: `A "B" \ <x>`, URI: "sip:a@example.com", User: "a", Host: "example.com", Tag: "1"}, false},
		{"tel", "<tel:+1-201-555-0123;phone-context=example.com>;tag=2",
			Party{URI: "tel:+1-201-555-0123;phone-context=example.com", User: "+1-201-555-0123", Tag: "2"}, false},
		{"user parameters and port", "<sip:+4930123;npdi@gw.example.com:5070;user=phone>;tag=3",
			Party{URI: "sip:+4930123;npdi@gw.example.com:5070;user=phone", User: "+4930123", Host: "gw.example.com", Tag: "3"}, false},
		{"IPv6", "<sip:a@[2001:db8::9:1]>;tag=4",
			Party{URI: "sip:a@[2001:db8::9:1]", User: "a", Host: "[2001:db8::9:1]", Tag: "4"}, false},
		{"UTF-8", "\"Jürgen\" <sip:j@example.com>;tag=5",
			Party{Display: "Jürgen", URI: "sip:j@example.com", User: "j", Host: "example.com", Tag: "5"}, false},
		{"Latin-1", "\"J\xfcrgen\" <sip:j@example.com>;tag=6",
			Party{Display: "Jürgen", URI: "sip:j@example.com", User: "j", Host: "example.com", Tag: "6"}, false},
		{"tag among others", "<sip:a@example.com>;x=\"tag=9;\";tag=7;y",
			Party{URI: "sip:a@example.com", User: "a", Host: "example.com", Tag: "7"}, false},
		{"tag with equals signs", "<sip:a@example.com>;tag=a=b=",
			Party{URI: "sip:a@example.com", User: "a", Host: "example.com", Tag: "a=b="}, false},
		{"no closing bracket", "Bob <sip:bob@example.com;tag=8",
			Party{Display: "Bob", URI: "sip:bob@example.com", User: "bob", Host: "example.com", Tag: "8"}, true},
		{"open quote (RFC 4475 3.1.2.6)", "\"Mr. J. User <sip:j.user@example.com>;tag=9",
			Party{Display: "\"Mr. J. User", URI: "sip:j.user@example.com", User: "j.user", Host: "example.com", Tag: "9"}, true},
		{"no scheme", "alan@example.com;tag=10",
			Party{URI: "alan@example.com", Tag: "10"}, true},
		{"anonymous", "\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=11",
			Party{Display: "Anonymous", URI: "sip:anonymous@anonymous.invalid", User: "anonymous", Host: "anonymous.invalid", Tag: "11"}, false},
	} {
		m, err := NewParser(Config{}).Parse([]byte(strings.Replace(invite, `"Alice" <sip:alice@atlanta.example.com>;tag=1928301774`, c.from, 1)))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, m.From); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if got := m.Damage&DamageHeader != 0; got != c.damaged {
			t.Errorf("%s: damage %b", c.name, m.Damage)
		}
		if m.CallID == "" || m.To.User != "bob" || m.SDP == nil {
			t.Errorf("%s: the rest of the message is lost", c.name)
		}
	}
}

func TestVia(t *testing.T) {
	for _, c := range []struct{ via, sentBy, branch string }{
		{"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "192.0.2.1", "z9hG4bK1"},
		{"SIP/2.0/UDP Host.Example.COM:5070;rport;branch=z9hG4bK2;received=192.0.2.9", "host.example.com:5070", "z9hG4bK2"},
		{"SIP/2.0/TCP [2001:DB8::9:1]:5060;received=2001:db8::9:255;branch=z9hG4bK3", "[2001:db8::9:1]:5060", "z9hG4bK3"},
		{"SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK4", "[2001:db8::1]", "z9hG4bK4"},
		{"SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1", "first.example.com:4000", "z9hG4bKa7c6a8dlze.1"},
		{"SIP  / 2.0  / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8  , SIP/2.0/UDP x", "spindle.example.com", "z9hG4bK9ikj8"},
		{"SIP/2.0/UDP a.example.com, SIP/2.0/UDP b.example.com;branch=z9hG4bKb", "a.example.com", ""},
		{"SIP/2.0/UDP 192.0.2.1;Branch=z9hG4bK5", "192.0.2.1", "z9hG4bK5"},
		{"SIP/2.0/UDP 192.0.2.1:x5060;branch=z9hG4bK6", "192.0.2.1:x5060", "z9hG4bK6"},
		{"UDP 192.0.2.1;branch=z9hG4bK7", "", "z9hG4bK7"},
	} {
		m := parse(t, strings.Replace(with(""), "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx", c.via, 1))
		if m.SentBy != c.sentBy || m.Branch != c.branch {
			t.Errorf("%q: got %q %q, want %q %q", c.via, m.SentBy, m.Branch, c.sentBy, c.branch)
		}
	}
}

// TestDamage mends what can be mended and says so.
func TestDamage(t *testing.T) {
	withoutLength := strings.Replace(invite, "Content-Length: 275\r\n", "", 1)
	for _, c := range []struct {
		name, text string
		want       Damage
	}{
		{"none", invite, 0},
		{"no Content-Length", withoutLength, 0},
		{"bare LF", strings.ReplaceAll(withoutLength, "\r\n", "\n"), DamageBareLF},
		{"blanks in the start line", strings.Replace(invite, " SIP/2.0\r\n", "  SIP/2.0 \r\n", 1), DamageStartLine},
		{"no version", strings.Replace(invite, " SIP/2.0\r\n", "\r\n", 1), DamageStartLine},
		{"octets before", "\x00\x00" + invite, DamageJunk},
		{"keep-alive before", "\r\n\r\n" + invite, 0},
		{"letters before", "DB" + invite, DamageJunk},
		{"header without colon", strings.Replace(invite, "Max-Forwards: 70", "Max-Forwards 70", 1), DamageHeader},
		{"unreadable CSeq number", strings.Replace(invite, "314159 INVITE", "4294967296 INVITE", 1), DamageHeader},
		{"negative Content-Length", strings.Replace(invite, "Content-Length: 275", "Content-Length: -999", 1), DamageHeader},
		{"body cut off", invite[:len(invite)-40], DamageTruncated},
		{"no blank line before the body", strings.Replace(invite, "\r\n\r\n", "\r\n", 1), DamageTruncated},
		{"no From", strings.Replace(invite, "\r\nFrom:", "\r\nX-From:", 1), DamageMissing},
	} {
		m, err := NewParser(Config{}).Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if m.Damage != c.want {
			t.Errorf("%s: damage %b, want %b", c.name, m.Damage, c.want)
		}
		if m.Method != "INVITE" || m.CSeqMethod != "INVITE" || m.SDP == nil || m.To.User != "bob" {
			t.Errorf("%s: got %+v", c.name, m)
		}
	}
	if m := parse(t, crlf("SIP/2.0 180\nCall-ID: 1\n")); m.StatusCode != 180 || m.Damage != DamageStartLine|DamageTruncated|DamageMissing {
		t.Errorf("no reason phrase, no end of headers: %d, damage %b", m.StatusCode, m.Damage)
	}
}

// What a snap length leaves of the last line is no line: half a number is
// another number.
func TestCutSDP(t *testing.T) {
	const body = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 4000 RTP/AVP 18 101\na=rtpmap:18 G729/8000\na=rtpmap:101 telephone-event/8000\n"
	whole := crlf("INVITE sip:b@example.com SIP/2.0\nCall-ID: 1\nCSeq: 1 INVITE\nContent-Type: application/sdp\nContent-Length: " +
		fmt.Sprint(len(crlf(body))) + "\n\n" + body)
	for _, c := range []struct {
		end     string // the capture kept what comes before it
		cut     bool
		formats string
	}{
		{"", false, "18 G729 8000, 101 telephone-event 8000"},
		{"00\r\na=rtpmap:101", true, "18 G729 8000, 101  0"}, // G729 is known by its number
		{"-event", true, "18 G729 8000, 101  0"},
		{"01\r\na=rtpmap:18", true, ""}, // 18 and 1 would be other formats
	} {
		text := whole
		if c.end != "" {
			text = whole[:strings.Index(whole, c.end)]
		}
		m := parse(t, text)
		var formats []string
		for _, media := range m.SDP.Media {
			for _, f := range media.Formats {
				formats = append(formats, fmt.Sprintf("%d %s %d", f.PayloadType, f.Encoding, f.ClockRate))
			}
		}
		if got := strings.Join(formats, ", "); got != c.formats || m.SDP.Cut != c.cut {
			t.Errorf("before %q: formats %q, cut %v; want %q, %v", c.end, got, m.SDP.Cut, c.formats, c.cut)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		text    string
		want    error
		message bool
	}{
		{"GET / HTTP/1.1\r\n\r\n", ErrNotSIP, false},
		{"", ErrNotSIP, false},
		{"SIP/2.0 4294967301 better not break the receiver\r\nCall-ID: 1\r\n\r\n", ErrStatus, true},
		{"BYE sip:a SIP/2.0\r\nCSeq: 5 BYE\r\n\r\n", ErrNoCallID, true},
	} {
		m, err := NewParser(Config{}).Parse([]byte(c.text))
		if !errors.Is(err, c.want) || (m != nil) != c.message {
			t.Errorf("%q: got %v, %v", c.text, m, err)
		}
	}
}

// TestCopies: the input may be overwritten once Parse is back.
func TestCopies(t *testing.T) {
	p := NewParser(Config{})
	b := []byte(invite)
	m, _ := p.Parse(b)
	want := fmt.Sprint(m.CallID, m.From, m.Branch, m.SDP)
	clear(b)
	if _, err := p.Parse([]byte(ringing)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(m.CallID, m.From, m.Branch, m.SDP); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestBounds: nothing a message says is kept without limit.
func TestBounds(t *testing.T) {
	long := strings.Repeat("x", 60_000)
	m := parse(t, strings.Replace(with("User-Agent: "+long+"\n"), "Call-ID: 1", "Call-ID: "+long, 1))
	if len(m.CallID) != maxValue || m.Damage&DamageHeader == 0 {
		t.Errorf("Call-ID of %d octets, damage %b", len(m.CallID), m.Damage)
	}
	m = parse(t, with(strings.Repeat("X-Call-ID: 1\n", 5000)))
	if len(m.LegIDs) > maxValues {
		t.Errorf("%d leg headers", len(m.LegIDs))
	}
}

// TestMultipart finds the description among the parts.
func TestMultipart(t *testing.T) {
	isup := "--b1\nContent-Type: application/isup\n\n\x01\x02\x00\n"
	sdp := "--b1\nContent-Disposition: session\nContent-Type: application/sdp\n\n" + strings.ReplaceAll(offer, "\r\n", "\n")
	nested := "--b1\nContent-Type: multipart/alternative; boundary=\"b 2\"\n\n--b 2\nContent-Type: text/plain\n\nno\n--b 2\nContent-Type: application/sdp\n\n"
	for _, c := range []struct {
		name, body string
		want       bool
	}{
		{"second part", isup + sdp + "--b1--\n", true},
		{"preamble", "This is multipart.\n" + sdp + "--b1--\n", true},
		{"last delimiter missing", isup + sdp, true},
		{"none", isup + "--b1--\n", false},
		{"nested", nested + strings.ReplaceAll(offer, "\r\n", "\n") + "--b 2--\n--b1--\n", true},
	} {
		text := with("Content-Type: multipart/mixed;boundary=b1\n") + crlf(c.body)
		m := parse(t, text)
		if (m.SDP != nil) != c.want {
			t.Errorf("%s: session description %v", c.name, m.SDP)
		}
		if m.SDP != nil && len(m.SDP.Media) != 1 {
			t.Errorf("%s: %d m-lines", c.name, len(m.SDP.Media))
		}
		if got := FindSDP([]byte(text)); (got != nil) != c.want || c.want && !bytes.HasPrefix(got, []byte("v=0")) {
			t.Errorf("%s: FindSDP %q", c.name, got)
		}
	}
}

// TestAnnounce: the short cut says what the parser says.
func TestAnnounce(t *testing.T) {
	for _, text := range []string{
		invite, ringing, with(""), "\r\n" + invite,
		strings.Replace(invite, "Call-ID:", "i :", 1),
		strings.Replace(invite, "Call-ID: a84b", "CALL-ID:\r\n a84b\r\n\tcc", 1),
		strings.Replace(invite, "\r\n\r\n", "\r\n", 1),
		strings.Replace(invite, "Content-Type: application/sdp\r\n", "", 1),
		strings.Replace(invite, "Content-Length: 275", "l: 100", 1),
	} {
		m := parse(t, text)
		owner, sdp := Announce([]byte(text))
		if owner != HashCallID(m.CallID) {
			t.Errorf("%.60q: owner %x, want %x", text, owner, HashCallID(m.CallID))
		}
		if diff := cmp.Diff(m.SDP, sdp, netipComparer); diff != "" {
			t.Errorf("%.60q: %s", text, diff)
		}
	}
	if owner, sdp := Announce([]byte("GET / HTTP/1.1\r\n\r\n")); owner != 0 || sdp != nil {
		t.Errorf("HTTP: %x %v", owner, sdp)
	}
	// FNV-1a of "a" (draft-eastlake-fnv, appendix C).
	if got := HashCallID("a"); got != 0xaf63dc4c8601ec8c {
		t.Errorf("HashCallID(a) = %x", got)
	}
}

var netipComparer = cmp.Options{
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
}

// TestAgreesWithSipgo: on a sound message sipgo's own parser says the same.
func TestAgreesWithSipgo(t *testing.T) {
	for _, text := range []string{invite, ringing, with("m: <sip:x@192.0.2.7>\n")} {
		m := parse(t, text)
		msg, err := sip.ParseMessage([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		h := msg.(interface {
			CallID() *sip.CallIDHeader
			CSeq() *sip.CSeqHeader
			From() *sip.FromHeader
			To() *sip.ToHeader
			Via() *sip.ViaHeader
			Contact() *sip.ContactHeader
		})
		tag, _ := h.From().Params.Get("tag")
		branch, _ := h.Via().Params.Get("branch")
		got := []any{m.CallID, m.CSeq, m.CSeqMethod, m.From.User, m.From.Host, m.From.Tag, m.From.Display, m.To.URI, m.Branch, m.Contact}
		want := []any{h.CallID().Value(), h.CSeq().SeqNo, string(h.CSeq().MethodName), h.From().Address.User, h.From().Address.Host,
			tag, h.From().DisplayName, h.To().Address.String(), branch, h.Contact().Address.String()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%.40q: %s", text, diff)
		}
	}
}
