package sanitise

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"earshot/sipparse"
)

// carried is a body of a type.
type carried struct{ headers, body string }

func sdpBody(lines string) carried {
	return carried{"Content-Type: application/sdp", "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" +
		strings.ReplaceAll(lines, "\n", "\r\n") + "\r\n"}
}

// bodies have canaries planted, one place each.
var bodies = []carried{
	{"Content-Type: application/sdp", "v=0\r\no=zbeeble 8675309 8675309 IN IP4 203.0.113.77\r\ns=Zaphod calls\r\nc=IN IP6 2001:db8:42:99::77\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"},
	{"", "v=0\r\no=- 1 1 IN IP4 heartofgold.magrathea.org\r\ns=-\r\nc=IN IP4 heartofgold.magrathea.org\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"},
	sdpBody("i=poetryofvogons by Zaphod\nu=http://magrathea.org/zbeeble\ne=zbeeble@magrathea.org (Zaphod)\np=+49 30 987 654321\nk=clear:s3cretVogonKey\nm=audio 4000 RTP/AVP 0"),
	sdpBody("m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAw|2^20|1:4;inline:s3cretVogonKey|2^20|1:4 WSH=64"),
	sdpBody("a=fingerprint:sha-256 7F:00:CA:FE:47:11\na=fingerprint:SHA-1 7F00CAFE4711\nm=audio 4000 RTP/SAVP 0"),
	sdpBody("m=audio 4000 RTP/AVP 0\na=ice-ufrag:Zaphod\na=ice-pwd:s3cretVogonKey8675309\na=ice-options:trickle zaphod"),
	sdpBody("m=audio 4000 RTP/AVP 0\na=candidate:8675309 1 UDP 2130706431 203.0.113.77 4000 typ srflx raddr 203.0.113.77 rport 4000 generation 0 ufrag Zaphod zaphod Beeblebrox\na=candidate:1 1 udp 1 f81d4fae-7dec-11d0-a765-00a0c91e6bf6.local 4000 typ host"),
	sdpBody("m=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP4 203.0.113.77\na=remote-candidates:1 203.0.113.77 4000"),
	sdpBody("m=audio 4000 RTP/AVP 0\na=ssrc:1234 cname:zbeeble@heartofgold\na=ssrc:1234 msid:Zaphod Beeblebrox\na=ssrc:1234 mslabel:Zaphod\na=msid:Zaphod Beeblebrox\na=ssrc:1234 zaphod:beeblebrox"),
	sdpBody("m=audio 4000 RTP/AVP 0\na=zaphod:beeblebrox 0987654321\na=zaphod\na=mid:Zaphod\na=label:8675309\na=group:BUNDLE Zaphod\na=tool:Zaphod 1.0\na=x-ip:203.0.113.77"),
	sdpBody("m=audio 4000 RTP/AVP 0 96\na=rtpmap:96 Zaphod/8000\na=fmtp:96 zaphod=beeblebrox;mode=Zaphod\na=fmtp:0 0987654321987\na=ptime:Zaphod\na=extmap:1 urn:zaphod:beeblebrox magrathea\na=extmap:2 http://magrathea.org/zbeeble"),
	sdpBody("m=zaphod 4000 RTP/AVP zbeeble\nm=message 4000 TCP/MSRP *\na=path:msrp://zbeeble.magrathea.org:4000/s3cretVogonKey;tcp\na=setup:zaphod\na=key-mgmt:mikey s3cretVogonKey\na=zrtp-hash:1.10 7F00CAFE4711"),
	sdpBody("0987654321 no line of an SDP\nZ=Zaphod\nb=Zaphod:64\nr=Beeblebrox\nm=audio 4000 RTP/AVP 0"),
	{"Content-Type: text/plain", "Zaphod, the poetryofvogons is at 0987654321\r\nBeeblebrox"},
	{"Content-Type: message/cpim", "From: Zaphod <im:zbeeble@magrathea.org>\r\n\r\nContent-Type: text/plain\r\n\r\npoetryofvogons"},
	{"Content-Type: text/html;charset=utf-8", "<b>Zaphod</b> poetryofvogons"},
	{"Content-Type: application/dtmf-relay", "Signal=8675309\r\nDuration=160\r\nZaphod=Beeblebrox\r\n"},
	{"Content-Type: application/dtmf", "8675309"},
	{"Content-Type: application/simple-message-summary", "Messages-Waiting: yes\r\nMessage-Account: sip:zbeeble@magrathea.org\r\nVoice-Message: 2/8 (0/2)\r\nFrom: Zaphod\r\n"},
	{"Content-Type: message/sipfrag;version=2.0", "SIP/2.0 486 Zaphod is busy\r\nTo: <sip:zbeeble@magrathea.org>\r\nZ: 0987654321\r\n"},
	{"Content-Type: message/sip", "MESSAGE sip:zbeeble@magrathea.org SIP/2.0\r\nCall-ID: 8675309@heartofgold\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\npoetryofvogons"},
	{"Content-Type: multipart/mixed;boundary=Zaphod42", "Zaphod's preamble\r\n--Zaphod42\r\nContent-Type: application/sdp\r\n\r\nv=0\r\no=zbeeble 1 1 IN IP4 203.0.113.77\r\ns=Zaphod\r\nc=IN IP4 203.0.113.77\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n\r\n--Zaphod42 Beeblebrox\r\nContent-Type: text/plain\r\nContent-Description: Zaphod\r\n\r\npoetryofvogons\r\n--Zaphod42--\r\nZaphod's epilogue"},
	{`Content-Type: multipart/mixed;boundary="Zaphod-42"`, "--Zaphod-42\r\nContent-Type: application/ISUP;version=itu-t92+\r\nContent-Disposition: signal;handling=optional\r\n\r\n" + iam + "\r\n--Zaphod-42\r\nContent-Type: application/sdp\r\n\r\nv=0\r\ns=-\r\nm=audio 4000 RTP/AVP 0\r\n"},
	{"Content-Type: application/isup;version=itu-t92+", iam},
	{"Content-Type: application/isup", "\xee\x01" + iam},
	{"Content-Type: application/QSIG", "\x05\x04\x03zbeeble\x94\x03\x89\x67\x45\x23\x31"},
	{"Content-Type: application/octet-stream", "\x00\x01zbeeble 4930987654321"},
	{"Content-Type: application/json", `{"name":"Zaphod","number":"4930987654321"}`},
	{"Content-Type: application/sdp\r\nContent-Encoding: gzip", "\x1f\x8b\x08zbeeble v=0"},
	{"Content-Type: application/dialog-info+xml", `<?xml version="1.0"?><!-- Zaphod --><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="3" state="full" entity="sip:zbeeble@magrathea.org"><dialog id="8675309" call-id="8675309@203.0.113.77" local-tag='Zaphod' remote-tag="Beeblebrox" direction="initiator"><state code="200" event="Zaphod">confirmed</state><remote><identity display="Zaphod Beeblebrox">tel:+4930987654321</identity><target uri="sip:0987654321@magrathea.org"/></remote><Zaphod beeblebrox="heartofgold">Zaphod<![CDATA[0987654321]]></Zaphod></dialog></dialog-info>`},
	{"Content-Type: application/reginfo+xml", `<reginfo version="1" state="full"><registration aor="sip:zbeeble@magrathea.org" id="Zaphod" state="active"><contact id="8675309" state="active" event="registered" expires="8675309x"><uri>sip:zbeeble@203.0.113.77</uri><unknown-param name="+sip.instance">&quot;&lt;urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6&gt;&quot;</unknown-param></contact></registration></reginfo>`},
	{"Content-Type: application/pidf+xml", `<presence entity="pres:zbeeble@magrathea.org"><tuple id="Zaphod"><status><basic>open</basic><gml:pos>52.516275 13.377704</gml:pos><civicAddress><A6>Magrathea Road</A6></civicAddress></status><note xml:lang="en">poetryofvogons</note></tuple></presence>`},
	{"Content-Type: application/rs-metadata+xml", `<recording xmlns='urn:ietf:params:xml:ns:recording:1'><session session_id="Zaphod=="><sipSessionID>f81d4fae7dec11d0a76500a0c91e6bf6;remote=f81d4fae7dec11d0a76500a0c91e6bf6</sipSessionID></session><participant participant_id="8675309"><nameID aor="sip:zbeeble@magrathea.org"><name xml:lang="it">Zaphod Beeblebrox</name></nameID></participant></recording>`},
	{"Content-Type: application/kpml-response+xml", `<kpml-response version="1.0" code="200" text="OK" digits="8675309" tag="Zaphod"/>`},
	{"Content-Type: application/resource-lists+xml", `<resource-lists><list name="Zaphod"><entry uri="sip:zbeeble@magrathea.org"><display-name>Zaphod`},
	{"Content-Type: application/vq-rtcpxr", "VQSessionReport: CallTerm\r\nCallID: 8675309@203.0.113.77\r\nLocalID: \"Zaphod\" <sip:zbeeble@magrathea.org>\r\nRemoteID: <tel:+4930987654321>\r\nOrigID: <sip:zbeeble@magrathea.org>\r\nLocalAddr: IP=203.0.113.77 PORT=5000 SSRC=1a3b5c7d\r\nLocalMAC: 00:1b:63:fe:ed:c0\r\nLocalGroup: Zaphod\r\nRemoteAddr: IP=2001:db8:42:99::77 PORT=5002 SSRC=0x2468abcd\r\nTimestamps: START=2004-10-10T18:23:43Z STOP=2004-10-10T18:26:02Z\r\nX-Zaphod: beeblebrox\r\nPacketLoss: NLR=5.0 JDR=2.0\r\n"},
}

// iam is an Initial Address Message (Q.763 Table 32): called number 0987654321F,
// calling number 4930987654321, then access transport and user-to-user.
const iam = "\x01\x00\x60\x01\x0a\x00" + // IAM, connection, forward call (2), category, medium
	"\x02\x0a" + // pointers: the called number follows, the optional part behind it
	"\x08\x83\x90\x90\x78\x56\x34\x12\x0f" + // called: odd, numbering plan, 0987654321 and ST
	"\x0a\x09\x83\x13\x94\x03\x89\x67\x45\x23\x01" + // calling: odd, 4930987654321
	"\x03\x07zbeeble" + // access transport
	"\x1d\x03\x90\x90\xa3" + // user service information
	"\x20\x0b\x04Zaphod8675" + // user-to-user
	"\x00"

// TestCanariesInBodies plants them in every kind of body, whole and cut.
func TestCanariesInBodies(t *testing.T) {
	text, names := testText(t)
	for _, c := range bodies {
		head := "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP b;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
		if c.headers != "" {
			head += c.headers + "\r\n"
		}
		whole := head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(c.body)) + c.body
		what := fmt.Sprintf("%s: %.60q", c.headers, c.body)
		check(t, text, names, what, []byte(whole))
		check(t, text, names, "without a length: "+what, []byte(head+"\r\n"+c.body))
		check(t, text, names, "with more behind: "+what, []byte(whole+"Zaphod 4930987654321"))
		for cut := len(whole) - 1; cut > len(whole)-len(c.body); cut -= 7 {
			result := text.SIP(nil, []byte(whole[:cut]))
			for _, canary := range canaries {
				if f := found(result, canary); f != "" {
					t.Fatalf("cut at %d: %s: %s is still there:\n%q", cut, what, f, result)
				}
			}
			if err := sameStructure(names, []byte(whole[:cut]), result); err != nil && !strings.Contains(c.headers, "sdp") {
				t.Errorf("cut at %d: %s: %v", cut, what, err)
			}
		}
	}
}

// TestContentLength: it says how long the body is now; what was missing or too
// much before is so still.
func TestContentLength(t *testing.T) {
	text, _ := testText(t)
	const body = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
	for _, off := range []int{0, 7, -7, 1000} {
		message := fmt.Sprintf("INVITE sip:a@b SIP/2.0\r\nl: %d\r\nCall-ID: 1\r\nContent-Length: %d\r\nContent-Type: application/sdp\r\n\r\n%s", len(body)+off, len(body)+off, body)
		result := text.SIP(nil, []byte(message))
		_, after, _ := bytes.Cut(result, []byte("\r\n\r\n"))
		lacks := len(after) + off
		want := fmt.Sprintf("\r\nl: %d\r\n", lacks)
		if !bytes.Contains(result, []byte(want)) || !bytes.Contains(result, []byte(fmt.Sprintf("\r\nContent-Length: %d\r\n", lacks))) {
			t.Errorf("%d off: want %q twice in\n%s", off, want, result)
		}
		if len(after) == len(body) && off >= 0 {
			t.Errorf("the body did not change its length: nothing was tested")
		}
	}
}

// TestNoSIP: what is none leaves as many octets that say nothing.
func TestNoSIP(t *testing.T) {
	text, _ := testText(t)
	for _, message := range []string{"", "\r\n\r\n", "Zaphod", "GET / HTTP/1.1\r\nHost: magrathea.org\r\n\r\n", "\x00\x01zbeeble", strings.Repeat("INVITE ", 9)} {
		result := text.SIP([]byte("before"), []byte(message))
		if len(result) != len("before")+len(message) || sipparse.Looks(result[len("before"):]) {
			t.Errorf("%q became %q", message, result)
		}
		for _, c := range canaries {
			if f := found(result, c); f != "" {
				t.Errorf("%q: %s", message, f)
			}
		}
	}
}
