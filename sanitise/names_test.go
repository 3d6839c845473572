package sanitise

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// TestPermutation: every word of up to three characters of an alphabet has a
// pseudonym that no other one has, of the same nature.
func TestPermutation(t *testing.T) {
	for _, c := range []struct {
		characters string
		longest    int
	}{{"0123456789", 4}, {"abcdefghijklmnopqrstuvwxyz", 3}, {"0123456789abcdefghijklmnopqrstuvwxyz", 3}, {"019azAZ", 4}} {
		_, names := testText(t)
		seen := map[string]string{}
		var try func(word string)
		try = func(word string) {
			if word != "" {
				p := string(names.word(nil, []byte(word)))
				if other, taken := seen[p]; taken {
					t.Fatalf("%q and %q both become %q", word, other, p)
				}
				seen[p] = word
				if natureOf([]byte(p)) != natureOf([]byte(word)) || len(p) != len(word) {
					t.Fatalf("%q becomes %q", word, p)
				}
			}
			if len(word) < c.longest {
				for _, r := range c.characters {
					try(word + string(r))
				}
			}
		}
		try("")
		t.Logf("%d words of %q", len(seen), c.characters)
	}
}

// TestNamesDiffer: what differs has pseudonyms that differ, of the same length;
// what is the same has the same, also after a million other words.
func TestNamesDiffer(t *testing.T) {
	_, names := testText(t)
	_, again := testText(t)
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SliceOfN(rapid.SampledFrom([]byte("0123456789abcdefghXYZABC")), 1, 80)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		p, q := names.word(nil, a), names.word(nil, b)
		sameHex := natureOf(a).alphabet == hexDigits && bytes.EqualFold(a, b)
		if bytes.Equal(p, q) != bytes.Equal(a, b) && !sameHex || len(p) != len(a) {
			t.Fatalf("%q becomes %q, %q becomes %q", a, p, b, q)
		}
		if r := again.word(nil, a); !bytes.Equal(p, r) {
			t.Fatalf("%q becomes %q and %q", a, p, r)
		}
	})
}

// TestKeysDiffer: another key gives other pseudonyms.
func TestKeysDiffer(t *testing.T) {
	_, names := testText(t)
	key := Key{1}
	other := NewNames(key, NewAddresses(key))
	for _, v := range []string{"4930987654321", "zbeeblebrox", "ab30317f1a784dc48ff824d0d3715d86", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"} {
		if a, b := names.opaque(nil, []byte(v)), other.opaque(nil, []byte(v)); bytes.Equal(a, b) || string(a) == v {
			t.Errorf("%q becomes %q and %q", v, a, b)
		}
	}
}

// TestKnownWords: the pseudonyms at hand are bounded, and forgetting changes none.
func TestKnownWords(t *testing.T) {
	_, names := testText(t)
	first := names.word(nil, []byte("zbeeblebrox"))
	for i := range 3 * maxKnown {
		names.word(nil, fmt.Appendf(nil, "user%d", i))
		if len(names.known) > maxKnown {
			t.Fatalf("%d words at hand", len(names.known))
		}
	}
	if again := names.word(nil, []byte("zbeeblebrox")); !bytes.Equal(first, again) {
		t.Fatalf("%q, later %q", first, again)
	}
}

// TestSpellings: what is one thing in several spellings stays one.
func TestSpellings(t *testing.T) {
	text, names := testText(t)
	user := func(v string) string { return string(names.user(nil, []byte(v))) }
	opaque := func(v string) string { return string(names.opaque(nil, []byte(v))) }
	host := func(v string) string { return string(names.host(nil, []byte(v))) }
	uri := func(v string) string { return string(text.uri(nil, []byte(v))) }
	digits := user("4930987654321")
	for _, c := range []struct{ name, got, want string }{
		{"+", user("+4930987654321"), "+" + digits},
		{"00", user("004930987654321"), "00" + digits},
		{"separators", user("+49 (30) 987-654-321"), "+" + digits[:2] + " (" + digits[2:4] + ") " + digits[4:7] + "-" + digits[7:10] + "-" + digits[10:]},
		{"escaped +", user("%2B4930987654321"), "%2B" + digits},
		{"in text", opaque("call 4930987654321 now")[5:18], digits},
		{"tel and sip", uri("tel:+4930987654321"), "tel:+" + digits},
		{"national", user("030987654321"), "0" + user("30987654321")},
		{"UUID", opaque("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), dashed(opaque("f81d4fae7dec11d0a76500a0c91e6bf6"))},
		{"capitals", opaque("F81D4FAE7DEC11D0"), string(bytes.ToUpper([]byte(opaque("f81d4fae7dec11d0"))))},
		{"host in capitals", host("GW.Example.COM"), host("gw.example.com")},
		{"MAC", opaque("00:1b:63:fe:ed:c0"), coloned(opaque("001b63feedc0"))},
		{"tag in a B2BUA's tag", opaque("SD4909701-00e9d478")[10:], opaque("00e9d478")},
		{"address", opaque("a@203.0.113.77")[2:], names.Address(netip.MustParseAddr("203.0.113.77")).String()},
		{"address in brackets", opaque("[2001:db8::1]"), "[" + names.Address(netip.MustParseAddr("2001:db8::1")).String() + "]"},
		{"address and port", opaque("203.0.113.77:5060"), names.Address(netip.MustParseAddr("203.0.113.77")).String() + ":5060"},
		{"nobody", user("anonymous") + "@" + host("anonymous.invalid"), "anonymous@anonymous.invalid"},
		{"nil UUID", opaque("00000000000000000000000000000000"), "00000000000000000000000000000000"},
		{"Call-ID everywhere", string(names.CallID(nil, []byte("a84b4c@10.0.0.1"))), opaque("a84b4c@10.0.0.1")},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
	a, b := host("a.example.com"), host("b.example.com")
	if a == b || a[1:] != b[1:] {
		t.Errorf("hosts of one domain: %q, %q", a, b)
	}
}

func dashed(h string) string {
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func coloned(h string) string {
	return h[:2] + ":" + h[2:4] + ":" + h[4:6] + ":" + h[6:8] + ":" + h[8:10] + ":" + h[10:]
}

// TestWhatStays: what diagnosis goes by is as it was.
func TestWhatStays(t *testing.T) {
	text, _ := testText(t)
	for _, line := range []string{
		"Max-Forwards: 70", "CSeq: 314159 INVITE", "RAck: 776656 1 INVITE", "RSeq: 988789", "Expires: 3600", "Min-SE: 90",
		"Session-Expires: 1800;refresher=uac", "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE, PRACK, REFER, NOTIFY, SUBSCRIBE, MESSAGE, INFO, PUBLISH",
		"Supported: replaces, timer, 100rel, path, outbound, gruu", "Require: 100rel, precondition", "Event: refer;id=93809824", "Event: vq-rtcpxr",
		"Subscription-State: terminated;reason=noresource", "Retry-After: 120;duration=30", "Privacy: id;user;critical",
		`Reason: Q.850;cause=16;text="Normal call clearing"`, `Reason: SIP;cause=200;text="Call completed elsewhere"`,
		"User-Agent: Asterisk PBX 16.2.1~dfsg-1", "User-Agent: FPBX-14.0.1(13.22.0)", "User-Agent: Cisco-SIPGateway/IOS-12.4", "User-Agent: snom320/8.7.3",
		"User-Agent: Polycom VVX410 5.9", "User-Agent: Linphone/3.6.1", "Server: kamailio (5.3.2 (x86_64/linux))",
		"User-Agent: Grandstream GXP2160", "User-Agent: Yealink SIP-T46G", "User-Agent: Zoiper rv2.10.3",
		"Date: Sat, 13 Nov 2010 23:29:00 GMT", "Content-Type: application/sdp", "Accept: application/sdp, application/isup;q=0.5", "MIME-Version: 1.0",
		"X-RTP-Stat: PS=207,OS=33120,PR=201,OR=32160,PL=6,JI=1.5,EN=PCMA,DE=PCMA", "X-RTP-Stat: CS=0;PS=1479;ES=1490;OS=236640;SP=0/0;SO=0;QS=-;PR=1480;PL=0,4;BL=0;LS=0;RB=0/0;SB=-/-;EN=PCMU;DE=PCMU;JI=2,1;DL=4,5,6",
		"RTP-RxStat: Dur=13,Pkt=647,Oct=103520,LatePkt=0,LostPkt=2,AvgJit=12", "P-Access-Network-Info: 3GPP-E-UTRAN-FDD",
		"Warning: 304 - \"Media type not available\"",
	} {
		if result := text.SIP(nil, messageWith(line)); !bytes.Contains(result, []byte("\r\n"+line+"\r\n")) {
			t.Errorf("%s: became\n%s", line, result)
		}
	}
	const media = "m=audio 49172 RTP/SAVP 0 8 18 111 101\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1; maxaveragebitrate=510000\r\n" +
		"a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=fmtp:101 0-15,66\r\na=ptime:20\r\na=maxptime:150\r\na=sendrecv\r\na=rtcp-mux\r\na=rtcp:49173\r\n" +
		"a=setup:actpass\r\na=rtcp-fb:* nack pli\r\na=T38FaxVersion:0\r\na=T38FaxRateManagement:transferredTCF\r\na=curr:qos local none\r\nb=AS:64\r\n" +
		"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=ssrc-group:FID 1 2\r\na=group:BUNDLE audio 0\r\na=mid:audio\r\na=silenceSupp:off - - - -\r\n" +
		"a=rtcp-xr:voip-metrics stat-summary=loss,dup,jitt\r\na=fmtp:97 mode-set=0,2,4,7;octet-align=1\r\na=fmtp:98 profile-level-id=42e01f;packetization-mode=1\r\n"
	message := "INVITE sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n" + media
	if result := text.SIP(nil, []byte(message)); !bytes.HasSuffix(result, []byte(media)) || !bytes.Contains(result, []byte("c=IN IP4 0.0.0.0\r\n")) {
		t.Errorf("became\n%s", result)
	}
}
