package sanitise

import (
	"bytes"
	"strings"
	"testing"
)

// report is RTCP as heplify sends it, with an SDES that names somebody.
const report = `{"sender_information":{"ntp_timestamp_sec":3301336733,"ntp_timestamp_usec":3489660928,"octets":102400,"rtp_timestamp":1281600,"packets":640},` +
	`"ssrc":1537130671,"type":202,"report_count":1,"report_blocks":[{"source_ssrc":3520316425,"fraction_lost":12,"packets_lost":-3,` +
	`"highest_seq_no":26734,"lsr":2477770801,"ia_jitter":24,"dlsr":"1234"},{"source_ssrc":7,"packets_lost":5}],"sdes_ssrc":1537130671,` +
	`"sdes_information":[{"type":1,"text":"zbeeble@heartofgold.magrathea.org"},{"type":4,"text":"4930987654321"}],"zaphod":{"id":"8675309"},"name":"8675309"}`

// TestRTCPJSON: figures stay, texts do not, and neither do members that are not
// known.
func TestRTCPJSON(t *testing.T) {
	text, _ := testText(t)
	result := text.RTCPJSON(nil, []byte(report))
	for _, c := range canaries {
		if f := found(result, c); f != "" {
			t.Errorf("%s in %s", f, result)
		}
	}
	figures := report[:strings.Index(report, `,"sdes_information"`)]
	if !bytes.HasPrefix(result, []byte(figures)) || len(result) != len(report) {
		t.Errorf("got  %s\nwant %s", result, figures)
	}
	if !bytes.Contains(result, []byte(`{"type":4,"text":"`)) {
		t.Errorf("the second item is not read as one: %s", result)
	}
	if !bytes.Contains(result, text.SDES(nil, []byte("zbeeble@heartofgold.magrathea.org"))) {
		t.Errorf("the CNAME has another pseudonym than in RTCP: %s", result)
	}
}

// TestSDES: the length stays, and a CNAME has the pseudonym that it has in an SDP.
func TestSDES(t *testing.T) {
	text, _ := testText(t)
	for _, cname := range []string{"zbeeble@203.0.113.77", "s3cretVogonKey", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "Zaphod J\xc3\xbcrgen", ""} {
		result := text.SDES(nil, []byte(cname))
		if len(result) != len(cname) {
			t.Errorf("%q becomes %q", cname, result)
		}
		line := string(text.sdpLine(nil, []byte("a=ssrc:1 cname:"+cname)))
		if line != "a=ssrc:1 cname:"+string(result) {
			t.Errorf("%q: SDES %q, SDP %q", cname, result, line)
		}
	}
}

const upgrade = "GET /zbeeble?token=s3cretVogonKey HTTP/1.1\r\nHost: heartofgold.magrathea.org\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
	"Sec-WebSocket-Key: s3cretVogonKey==\r\nOrigin: https://magrathea.org\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\nX-Zaphod: Beeblebrox\r\n\r\n"

// TestHTTPUpgrade: what makes it one stays, at the same length.
func TestHTTPUpgrade(t *testing.T) {
	text, _ := testText(t)
	answer := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3cretVogonKey=\r\nSec-WebSocket-Protocol: sip\r\nServer: Zaphod\r\n\r\n"
	for _, head := range []string{upgrade, answer} {
		result := string(text.HTTPUpgrade(nil, []byte(head)))
		for _, c := range canaries {
			if f := found([]byte(result), c); f != "" {
				t.Errorf("%s in %s", f, result)
			}
		}
		if len(result) != len(head) || !strings.Contains(result, "\r\nUpgrade: websocket\r\n") || !strings.Contains(result, "\r\nSec-WebSocket-Protocol: sip\r\n") {
			t.Errorf("got %s", result)
		}
	}
	if result := string(text.HTTPUpgrade(nil, []byte(upgrade))); !strings.HasPrefix(result, "GET /xxxx") || !strings.Contains(result, " HTTP/1.1\r\n") {
		t.Errorf("got %s", result)
	}
}

// TestISUP holds an IAM against Q.763 octet by octet: indicators stay, numbers
// get the pseudonyms that they have in SIP, two digits to an octet.
func TestISUP(t *testing.T) {
	text, names := testText(t)
	called := names.number(nil, []byte("0987654321"))
	calling := names.number(nil, []byte("4930987654321"))
	nibbles := func(digits []byte) string {
		var b []byte
		for i, c := range digits {
			if i%2 == 0 {
				b = append(b, c-'0')
				continue
			}
			b[i/2] |= (c - '0') << 4
		}
		return string(b)
	}
	want := "\x01\x00\x60\x01\x0a\x00\x02\x0a" +
		"\x08\x83\x90" + nibbles(called) + "\x0f" +
		"\x0a\x09\x83\x13" + nibbles(calling) +
		"\x03\x07" + strings.Repeat("\xa1", 7) +
		"\x1d\x03" + strings.Repeat("\x00", 3) +
		"\x20\x0b" + strings.Repeat("\x00", 11) + "\x00"
	if got := text.isup(nil, []byte(iam)); string(got) != want {
		t.Errorf("got  % x\nwant % x", got, want)
	}
	const release = "\x0c\x02\x00\x02\x80\x90" // REL: cause 16, normal clearing (Q.763 3.12)
	if got := text.isup(nil, []byte(release)); string(got) != release {
		t.Errorf("got % x, want % x", got, release)
	}
}

// TestQSIG: protocol, call reference's length and message stay (Q.931 4.2-4.4);
// SETUP with a display of "Zaphod".
func TestQSIG(t *testing.T) {
	text, _ := testText(t)
	f := facts{contentType: []byte("application/QSIG"), length: -1}
	const want = "\x08\x02\x00\x00\x05" + "\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1"
	if got := text.body(nil, []byte("\x08\x02\x12\x34\x05\x28\x06Zaphod"), &f, 0); string(got) != want {
		t.Errorf("got % x, want % x", got, want)
	}
	for n := range 6 {
		if got := qsig(nil, []byte("\x08\x0fZaphod")[:n]); string(got) != strings.Repeat("\x00", n) {
			t.Errorf("of %d octets: % x", n, got)
		}
	}
}

// TestHeaderNames: those of legs may be kept; a name that is not known becomes
// none that is.
func TestHeaderNames(t *testing.T) {
	text, names := testText(t)
	message := []byte("INVITE sip:a@b SIP/2.0\r\nX-Zaphod-Leg: 8675309@heartofgold\r\nX-Call-ID: 8675309@heartofgold\r\nCall-ID: 1\r\n\r\n")
	want := names.CallID(nil, []byte("8675309@heartofgold"))
	if result := text.SIP(nil, message); bytes.Contains(result, []byte("X-Zaphod-Leg")) || !bytes.Contains(result, append([]byte("\r\nX-Call-ID: "), want...)) {
		t.Errorf("got %s", result)
	}
	text.KeepHeaders("x-zaphod-leg")
	if result := text.SIP(nil, message); !bytes.Contains(result, append([]byte("\r\nX-Zaphod-Leg: "), want...)) {
		t.Errorf("got %s", result)
	}
}

// TestBlanked: where a pseudonym serves nobody there is none.
func TestBlanked(t *testing.T) {
	text, _ := testText(t)
	body := func(contentType, body string, encoded bool) string {
		return string(text.body(nil, []byte(body), &facts{contentType: []byte(contentType), encoded: encoded, length: -1}, 0))
	}
	for _, c := range []struct{ name, got, want string }{
		{"note", body("application/pidf+xml", "<presence><note>At the Ritz</note></presence>", false), "<presence><note>xx xxx xxxx</note></presence>"},
		{"unknown element", body("application/xml", "<presence><pos>52.5</pos></presence>", false), "<presence><xxx>00.0</xxx></presence>"},
		{"encoded", body("application/sdp", "v=0\r\nm=audio 4000 RTP/AVP 0\r\n", true), "xxx\r\n" + strings.Repeat("x", len("m=audio 4000 RTP/AVP 0")) + "\r\n"},
		{"text", body("text/plain", "Call me,\r\nZaphod", false), "xxxxxxxx\r\nxxxxxx"},
		{"nested too deep", string(text.uri(nil, []byte("sip:a@b?Via=1&Refer-To=<sip:a@b?Refer-To=<sip:a@b?Refer-To=Zaphod"))),
			string(text.uri(nil, []byte("sip:a@b?Via=1&Refer-To=<sip:a@b?Refer-To=<sip:a@b?Refer-To=Arthur")))},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, c.got, c.want)
		}
	}
}

// TestNoStrangersTurnKnown: of all short names of parameters, headers and
// attributes none becomes one that means something else.
func TestNoStrangersTurnKnown(t *testing.T) {
	text, names := testText(t)
	met := 0
	for i := range 26 * 26 * 26 {
		name := []byte{'a' + byte(i/676), 'a' + byte(i/26%26), 'a' + byte(i%26)}
		pseudonym := string(names.opaque(nil, name))
		if _, known := params[string(name)]; !known && pseudonym == "tag" {
			met++
			if got, _ := text.paramName(nil, name); string(got) != "xxx" {
				t.Errorf("parameter %q became %q", name, got)
			}
		}
		if _, known := headers[string(name)]; !known && !isHeaderWord(name) && pseudonym == "via" {
			met++
			if got, _ := text.headerName(nil, name); string(got) != "xxx" {
				t.Errorf("header %q became %q", name, got)
			}
		}
		if _, known := attributes[string(name)]; !known && pseudonym == "mid" {
			met++
			if got := text.attributeName(nil, name); string(got) != "xxx" {
				t.Errorf("attribute %q became %q", name, got)
			}
		}
	}
	if met != 3 {
		t.Errorf("met %d names, want 3: nothing was tested", met)
	}
}

// TestJunk: what keep-alives leave before a message stays.
func TestJunk(t *testing.T) {
	text, names := testText(t)
	for _, junk := range []string{"\r\n\r\n", "\x00\x00", "\xef\xbb\xbf", " \t"} {
		message := append([]byte(junk), messageWith("Subject: Zaphod")...)
		result := text.SIP(nil, message)
		if err := sameStructure(names, message, result); err != nil || !bytes.HasPrefix(result, []byte(junk)) {
			t.Errorf("%q: %v: %q", junk, err, result)
		}
	}
}
