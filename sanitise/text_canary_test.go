package sanitise

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
)

// canaries are what must not be found afterwards, wherever it was planted.
var canaries = []string{
	"4930987654321", "0987654321", "Zaphod", "Beeblebrox", "zbeeble", "heartofgold", "magrathea", "203.0.113.77", "2001:db8:42:99::77",
	"001b63feedc0", "00:1b:63:fe:ed:c0", "00-1b-63-fe-ed-c0", "30-987", "49 30 987", "s3cretVogonKey", "poetryofvogons", "7F00CAFE4711", "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAw",
	"52.516275", "8675309", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae7dec11d0a76500a0c91e6bf6",
}

// found returns the canary that is in b, in one of the ways in which text is
// encoded, or "".
func found(b []byte, canary string) string {
	haystack := bytes.ToLower(b)
	for how, form := range encodings(canary) {
		if bytes.Contains(haystack, bytes.ToLower(form)) {
			return fmt.Sprintf("%q, %s", canary, how)
		}
	}
	return ""
}

// encodings are the ways in which a text may stand in a message. Of base64 the
// case is not looked at, which finds more, not less.
func encodings(s string) map[string][]byte {
	forms := map[string][]byte{"plain": []byte(s), "hex": []byte(hex.EncodeToString([]byte(s))), "URL": []byte(url.QueryEscape(s))}
	var escaped strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&escaped, "%%%02x", s[i])
	}
	forms["URL of every octet"] = []byte(escaped.String())
	for shift := range 3 { // base64 looks otherwise at each of three places
		const digits = 4
		text := base64.StdEncoding.EncodeToString([]byte("\x00\x00"[:min(shift, 2)] + s))
		from := (8*shift + 5) / 6
		to := (8 * (shift + len(s))) / 6
		if to-from > digits {
			forms[fmt.Sprintf("base64 at %d", shift)] = []byte(text[from:to])
		}
	}
	var little, big []byte
	for _, c := range utf16.Encode([]rune(s)) {
		little, big = append(little, byte(c), byte(c>>8)), append(big, byte(c>>8), byte(c))
	}
	forms["UTF-16LE"], forms["UTF-16BE"] = little, big
	if packed := packedDigits(s); packed != nil {
		forms["packed digits"] = packed
	}
	return forms
}

// packedDigits is a number as ISUP has it, two digits to an octet; nil for what
// is no number.
func packedDigits(s string) []byte {
	if digitsLen([]byte(s)) != len(s) {
		return nil
	}
	var b []byte
	for i := 0; i+1 < len(s); i += 2 {
		b = append(b, s[i]-'0'|(s[i+1]-'0')<<4)
	}
	return b
}

// planted are header lines, one place each.
var planted = []string{
	`From: "Zaphod Beeblebrox" <sip:zbeeble@heartofgold.magrathea.org:5070;user=phone>;tag=s3cretVogonKey`,
	`f: Zaphod <sip:+4930987654321@203.0.113.77>;tag=1`,
	`To: sip:0987654321;phone-context=+4930987654321@[2001:db8:42:99::77]`,
	`To: <tel:+49-30-987-654321;isub=8675309;phone-context=magrathea.org>`,
	`To: <tel:%2B4930987654321>`,
	`To: <sip:%7a%62%65%65%62%6c%65@magrathea.org>`,
	`Contact: <sip:zbeeble:s3cretVogonKey@203.0.113.77;ob>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";expires=60`,
	`m: "Zaphod" <sip:zbeeble@203.0.113.77>, <sip:Beeblebrox@heartofgold>;q=0.5;x-zaphod=Beeblebrox`,
	`Contact: <sip:8675309@magrathea.org;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>`,
	`Contact: <sip:8675309@magrathea.org?Subject=poetryofvogons&X-Zaphod=Beeblebrox&Body=poetryofvogons>`,
	`P-Asserted-Identity: "Zaphod" <sip:+4930987654321@magrathea.org>, <tel:+4930987654321>`,
	`P-Preferred-Identity: "Zaphod" <sip:zbeeble@magrathea.org>`,
	`Remote-Party-ID: "Zaphod" <sip:+4930987654321@magrathea.org>;party=calling;id-type=zbeeble;screen=yes`,
	`Diversion: "Zaphod" <sip:0987654321@heartofgold.magrathea.org>;reason=no-answer;counter=1;diversion-zaphod=8675309`,
	`History-Info: <sip:zbeeble@magrathea.org?Reason=SIP%3Bcause%3D486%3Btext%3D%22Zaphod%20Beeblebrox%22>;index=1`,
	`Refer-To: <sip:zbeeble@magrathea.org?Replaces=8675309%40203.0.113.77%3Bto-tag%3DZaphod%3Bfrom-tag%3DBeeblebrox>`,
	`r: <sip:a@b?Refer-To=%3Csip:zbeeble%40magrathea.org%3FRefer-To%3D%253Csip:Zaphod%2540magrathea.org%253FSubject%253Dpoetryofvogons%253E%3E>`,
	`Referred-By: <sip:zbeeble@magrathea.org>;cid="Zaphod@heartofgold"`,
	`Replaces: 8675309@203.0.113.77;to-tag=Zaphod;from-tag=Beeblebrox`,
	`Join: 8675309@heartofgold;to-tag=Zaphod;from-tag=Beeblebrox`,
	`Target-Dialog: 8675309@heartofgold;local-tag=Zaphod;remote-tag=Beeblebrox`,
	`In-Reply-To: 8675309@heartofgold, zbeeble@magrathea.org`,
	`User-to-User: 7F00CAFE4711;encoding=hex;purpose=isdn-uui`,
	`User-to-User: 34393330393837363534333231;encoding=hex`,
	`Subject: poetryofvogons for Zaphod`,
	`s: Zaphod, call 0987654321`,
	`Organization: Beeblebrox of magrathea`,
	`Authorization: Digest username="zbeeble", realm="magrathea.org", nonce="s3cretVogonKey", uri="sip:magrathea.org", response="7F00CAFE4711", opaque="s3cretVogonKey", cnonce="Zaphod"`,
	`Proxy-Authorization: Basic emJlZWJsZTpzM2NyZXRWb2dvbktleQ==`,
	`Authorization: Bearer s3cretVogonKey`,
	`WWW-Authenticate: Digest realm="heartofgold", nonce="s3cretVogonKey", opaque="s3cretVogonKey", domain="sip:magrathea.org"`,
	`Proxy-Authenticate: Digest realm="Beeblebrox", nonce="s3cretVogonKey"`,
	`Authentication-Info: nextnonce="s3cretVogonKey", rspauth="7F00CAFE4711"`,
	`Identity: s3cretVogonKey;info=<https://heartofgold.magrathea.org/zbeeble.cer>;alg=ES256;ppt=shaken`,
	`y: eyJhbGciOiJFUzI1NiJ9.czNjcmV0Vm9nb25LZXk.4930987654321`,
	`Identity-Info: <https://heartofgold.magrathea.org/zbeeble.cer>;alg=rsa-sha1`,
	`Call-Info: <http://heartofgold.magrathea.org/zaphod.jpg>;purpose=icon, <sip:zbeeble@magrathea.org>`,
	`Alert-Info: <http://203.0.113.77/zbeeble.wav>;info=Beeblebrox`,
	`Error-Info: <sip:zbeeble@heartofgold>`,
	`Route: <sip:heartofgold.magrathea.org;lr>, <sip:203.0.113.77;lr;ftag=s3cretVogonKey>`,
	`Record-Route: <sip:[2001:db8:42:99::77]:5061;lr;zaphod=Beeblebrox>`,
	`Path: <sip:zbeeble@heartofgold;lr>`,
	`Service-Route: <sip:orig@heartofgold.magrathea.org;lr>`,
	`Via: SIP/2.0/UDP heartofgold.magrathea.org:5060;branch=z9hG4bKs3cretVogonKey;received=203.0.113.77;rport=5060;i=Zaphod`,
	`v: SIP / 2.0 / TCP [2001:db8:42:99::77]:5060;branch=z9hG4bK8675309;maddr=203.0.113.77;alias`,
	`Call-ID: 8675309@203.0.113.77`,
	`i: zbeeble-001b63feedc0@heartofgold`,
	`Session-ID: f81d4fae7dec11d0a76500a0c91e6bf6;remote=f81d4fae7dec11d0a76500a0c91e6bf6`,
	`P-Charging-Vector: icid-value="8675309-zbeeble";icid-generated-at=203.0.113.77;orig-ioi=magrathea.org;term-ioi=heartofgold`,
	`P-Charging-Function-Addresses: ccf=203.0.113.77; ecf="heartofgold.magrathea.org"`,
	`P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=8675309;zaphod="Beeblebrox"`,
	`P-Visited-Network-ID: "Beeblebrox of magrathea", heartofgold`,
	`P-Called-Party-ID: <sip:zbeeble@magrathea.org>`,
	`P-Associated-URI: <sip:zbeeble@magrathea.org>, <tel:+4930987654321>`,
	`User-Agent: Yealink SIP-T46G 28.83.0.120 001b63feedc0`,
	`User-Agent: Bria 5 (Zaphod's PC; zbeeble@heartofgold; 0987654321; 203.0.113.77)`,
	`Server: Asterisk PBX 16.2.1 magrathea 49-30-987654321 serial 8675309`,
	`Warning: 399 heartofgold.magrathea.org "Zaphod Beeblebrox (0987654321) is not here"`,
	`Reason: Q.850;cause=17;text="Zaphod at 49 30 987 654 321 is busy"`,
	`Reason: SIP;cause=486;text="Busy Here";zaphod=Beeblebrox`,
	`Geolocation: <cid:zbeeble@heartofgold>;inserted-by="heartofgold", <https://magrathea.org/8675309>`,
	`Accept-Contact: *;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";zaphod="<Beeblebrox>"`,
	`Event: dialog;call-id="8675309@heartofgold";from-tag=Zaphod;to-tag=Beeblebrox`,
	`Subscription-State: active;expires=60;zbeeble=heartofgold`,
	`Allow: INVITE, ZAPHOD`,
	`Supported: timer, zbeeble`,
	`Content-Type: application/zbeeble;zaphod=Beeblebrox`,
	`Content-Disposition: session;handling=optional;filename="Zaphod.txt"`,
	`Content-ID: <zbeeble@heartofgold>`,
	`Date: Sat, 13 Nov 2010 23:29:00 Beeblebrox`,
	`Timestamp: 8675309.Zaphod`,
	`Retry-After: 120 (Zaphod calls 0987654321)`,
	`Max-Forwards: Zaphod`,
	`Session-Expires: 1800;refresher=Zaphod`,
	`X-Customer: Zaphod Beeblebrox, +49 (30) 987654321, 203.0.113.77`,
	`X-Zaphod-Beeblebrox: 1`,
	`X-MAC: 00:1b:63:fe:ed:c0`,
	`X-MAC2: 00-1b-63-fe-ed-c0`,
	`X-Position: 52.516275,13.377704`,
	`X-Base64: WmFwaG9kIEJlZWJsZWJyb3g=`,
	`X-UTF16: ` + "Z\x00a\x00p\x00h\x00o\x00d\x00",
	`X-Binary: ` + "\x94\x03\x89\x67\x45\x23",
	`X-Folded: Zaphod` + "\r\n  Beeblebrox\r\n\t0987654321",
	`X-RTP-Stat: PS=207,OS=33120,PR=201,JI=0,EN=Beeblebrox,IP=203.0.113.77:7078,203.0.113.77:7080,ID=Zaphod`,
	`P-RTP-Stat: PS=207;OS=33120;SN=Zaphod;IP=203.0.113.77`,
	`Zaphod Beeblebrox 0987654321`,
	`: 0987654321`,
	`P-Asserted-Identity: "Zaphod \"two heads\" Beeblebrox" <sip:zbeeble@magrathea.org>`,
	`P-Asserted-Identity: "Zaphod <sip:zbeeble@magrathea.org>`,
	`P-Asserted-Identity: <sip:zbeeble@magrathea.org`,
	`P-Asserted-Identity: <zaphod:Beeblebrox@heartofgold>`,
	`P-Asserted-Identity: <mailto:zbeeble@magrathea.org?Subject=poetryofvogons>`,
	`P-Asserted-Identity: <data:text/plain,Zaphod%20Beeblebrox>`,
	`P-Asserted-Identity: <urn:nena:zbeeble:magrathea>`,
	`Call-Info: <https://zbeeble:s3cretVogonKey@magrathea.org:8443/Zaphod?n=0987654321#Beeblebrox>`,
	`CSeq: 1 ZAPHOD`,
	`SIP-ETag: zbeeble8675309`,
	`Security-Client: ipsec-3gpp;alg=hmac-md5-96;spi-c=8675309;port-c=5062;zaphod=Beeblebrox`,
	`Feature-Caps: *;+g.3gpp.srvcc;zaphod="0987654321"`,
}

// messageWith is a message with one more header line.
func messageWith(line string) []byte {
	return []byte("INVITE sip:a@b.invalid SIP/2.0\r\nVia: SIP/2.0/UDP b.invalid;branch=z9hG4bK1\r\n" + line +
		"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n")
}

// check fails the test where a canary that was planted is found, or where a
// parser reads the result otherwise.
func check(t *testing.T, text *Text, names *Names, what string, message []byte) {
	t.Helper()
	result := text.SIP(nil, message)
	if err := sameStructure(names, message, result); err != nil {
		t.Errorf("%s: %v\nwas %q\n is %q", what, err, message, result)
	}
	there := 0
	for _, c := range canaries {
		if f := found(result, c); f != "" {
			t.Errorf("%s: %s is still there:\n%q", what, f, result)
		}
		if found(message, c) != "" {
			there++
		}
	}
	if there == 0 {
		t.Errorf("%s: no canary was planted", what)
	}
}

// TestCanariesInHeaders plants numbers, names, addresses and keys in every header
// that can hold them, and in some that should not.
func TestCanariesInHeaders(t *testing.T) {
	text, names := testText(t)
	for _, line := range planted {
		check(t, text, names, line, messageWith(line))
		check(t, text, names, line, bytes.ReplaceAll(messageWith(line), []byte("\r\n"), []byte("\n")))
		whole := messageWith(line)
		cut := bytes.LastIndex(whole, []byte("\r\nFrom:"))
		check(t, text, names, "cut: "+line, whole[:cut])
	}
}

// TestCanariesInStartLine plants them there.
func TestCanariesInStartLine(t *testing.T) {
	text, names := testText(t)
	const rest = "\r\nVia: SIP/2.0/UDP b.invalid;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n"
	for _, line := range []string{
		"INVITE sip:+4930987654321@magrathea.org;user=phone SIP/2.0",
		"INVITE tel:+49-30-987654321 SIP/2.0",
		"INVITE <sip:zbeeble@heartofgold;zaphod=beeblebrox> SIP/2.0",
		"INVITE sip:zbeeble@magrathea.org; lr Zaphod SIP/2.0",
		"INVITE sip:zbeeble@magrathea.org",
		"ZAPHOD sip:zbeeble@magrathea.org SIP/2.0",
		"INVITE zaphod:beeblebrox SIP/2.0",
		"SIP/2.0 404 Zaphod Beeblebrox not found at 0987654321",
		"SIP/2.0 486 Busy (203.0.113.77)",
		"SIP/2.0 8675309 OK",
	} {
		check(t, text, names, line, []byte(line+rest))
	}
}
