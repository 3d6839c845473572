package sipparse

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func addrPort(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestParseSDP(t *testing.T) {
	got, err := ParseSDP([]byte(offer))
	if err != nil {
		t.Fatal(err)
	}
	want := &SDP{
		OriginUser: "alice", SessionID: "2890844526", SessionVersion: "2890844526", OriginAddr: "192.0.2.101",
		Media: []Media{{
			Kind: "audio", Addr: addrPort("192.0.2.101:49172"), RTCP: addrPort("192.0.2.101:49173"),
			Protocol: "RTP/AVP",
			Formats: []Format{
				{PayloadType: 0, Encoding: "PCMU", ClockRate: 8000, Channels: 1},
				{PayloadType: 8, Encoding: "PCMA", ClockRate: 8000, Channels: 1},
				{PayloadType: 18, Encoding: "G729", ClockRate: 8000, Channels: 1, FMTP: "annexb=no"},
				{PayloadType: 101, Encoding: "telephone-event", ClockRate: 8000, Channels: 1, FMTP: "0-16"},
			},
		}},
	}
	if diff := cmp.Diff(want, got, netipComparer); diff != "" {
		t.Error(diff)
	}
}

// TestParseSDPWebRTC reads a browser's offer: BUNDLE, ICE, DTLS-SRTP, a second
// m-line that lives on the first one's transport.
func TestParseSDPWebRTC(t *testing.T) {
	got, err := ParseSDP([]byte(crlf(`v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=fingerprint:sha-256 19:E2:1C:3B:4B:9F:81:E6:B8:5C:F4:A5:A8:D8:73:04
m=audio 54609 UDP/TLS/RTP/SAVPF 111 0
c=IN IP6 2001:db8::7
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2122260223 192.0.2.5 54609 typ host generation 0
a=candidate:2 2 udp 2122260222 192.0.2.5 54610 typ host
a=candidate:3 1 tcp 1518280447 192.0.2.5 9 typ host tcptype active
a=candidate:4 1 UDP 1686052607 2001:db8::7 54609 typ srflx raddr 192.0.2.5 rport 54609
a=candidate:5 1 udp 2122194687 0c1f2b3a-5d1f-4a4e-9a57-3bd0f5a2d9c1.local 50000 typ host
a=mid:0
a=sendonly
a=rtcp-mux
a=rtpmap:111 OPUS/48000/2
a=fmtp:111 minptime=10;useinbandfec=1
a=maxptime:60
a=ptime:20
a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6
a=ssrc:3570614608 msid:x y
a=ssrc:99 cname:z
m=video 0 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=mid:1
a=bundle-only
a=rtcp-mux
a=inactive
a=rtpmap:96 VP8/90000
`)))
	if err != nil {
		t.Fatal(err)
	}
	want := &SDP{
		OriginUser: "-", SessionID: "4611731400430051336", SessionVersion: "2", OriginAddr: "127.0.0.1",
		Bundle: [][]string{{"0", "1"}},
		Media: []Media{
			{
				Kind: "audio", Addr: addrPort("[2001:db8::7]:54609"), RTCP: addrPort("0.0.0.0:9"), RTCPMux: true,
				Protocol: "UDP/TLS/RTP/SAVPF", Secure: true, Direction: SendOnly,
				Formats: []Format{
					{PayloadType: 111, Encoding: "opus", ClockRate: 48000, Channels: 2, FMTP: "minptime=10;useinbandfec=1"},
					{PayloadType: 0, Encoding: "PCMU", ClockRate: 8000, Channels: 1},
				},
				PTimeMS: 20, MaxPTimeMS: 60, MID: "0", SSRCs: []uint32{3570614608, 99},
				Candidates: []netip.AddrPort{addrPort("192.0.2.5:54609"), addrPort("[2001:db8::7]:54609")},
			},
			{
				Kind: "video", Addr: addrPort("0.0.0.0:0"), RTCPMux: true, Protocol: "UDP/TLS/RTP/SAVPF", Secure: true,
				Direction: Inactive, MID: "1", BundleOnly: true,
				Formats: []Format{{PayloadType: 96, Encoding: "VP8", ClockRate: 90000}},
			},
		},
	}
	if diff := cmp.Diff(want, got, netipComparer); diff != "" {
		t.Error(diff)
	}
}

// TestParseSDPMedia checks the first m-line of a description.
func TestParseSDPMedia(t *testing.T) {
	pcmu := []Format{{PayloadType: 0, Encoding: "PCMU", ClockRate: 8000, Channels: 1}}
	for _, c := range []struct {
		name, text string
		want       Media
	}{
		{"no s=, t=, v=; bare LF; trailing blanks", "c=IN IP4 192.0.2.1  \nm=audio 4000 RTP/AVP 0  \n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"unknown lines", "v=0\nX=1\nc=IN IP4 192.0.2.1\nfoo\n=\nm=audio 4000 RTP/AVP 0\ny=2\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"media c= over session c=", "c=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.2\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.2:4000"), RTCP: addrPort("192.0.2.2:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"multicast with TTL, several ports", "c=IN IP4 224.2.36.42/127/3\nm=audio 4000/2 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("224.2.36.42:4000"), RTCP: addrPort("224.2.36.42:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"IPv6 with zone", "c=IN IP6 fe80::1%eth0\nm=audio 4000 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("[fe80::1]:4000"), RTCP: addrPort("[fe80::1]:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"IPv4 in IPv6", "c=IN IP6 ::ffff:192.0.2.1\nm=audio 4000 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"name", "c=IN IP4 media.example.com\nm=audio 4000 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: netip.AddrPortFrom(netip.Addr{}, 4000), Host: "media.example.com",
				RTCP: netip.AddrPortFrom(netip.Addr{}, 4001), Protocol: "RTP/AVP", Formats: pcmu}},
		{"rejected", "c=IN IP4 192.0.2.1\nm=audio 0 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:0"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"old hold", "c=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("0.0.0.0:4000"), RTCP: addrPort("0.0.0.0:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"port 65535 has no next", "c=IN IP4 192.0.2.1\nm=audio 65535 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:65535"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"a=rtcp with a port", "c=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\na=rtcp:53020\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:53020"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"a=rtcp with an address, before c=", "m=audio 4000 RTP/AVP 0\na=rtcp:53020 IN IP6 2001:db8::1\nc=IN IP4 192.0.2.1\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("[2001:db8::1]:53020"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"rtcp-mux", "c=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\na=rtcp-mux\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4000"), RTCPMux: true, Protocol: "RTP/AVP", Formats: pcmu}},
		{"session level direction and ptime", "c=IN IP4 192.0.2.1\na=recvonly\na=ptime:30\nm=audio 4000 RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: pcmu, Direction: RecvOnly, PTimeMS: 30}},
		{"media direction wins", "c=IN IP4 192.0.2.1\na=inactive\nm=audio 4000 RTP/AVP 0\na=sendrecv\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: pcmu}},
		{"crypto", "c=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: pcmu, Secure: true}},
		{"fax", "c=IN IP4 192.0.2.1\nm=image 4000 udptl t38\na=T38FaxVersion:0\n",
			Media{Kind: "image", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "udptl"}},
		{"rtpmap of another meaning, case, blanks", "c=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0 97\na=rtpmap:97   ilbc/8000\na=rtpmap: 0 X-Own/16000/2\na=rtpmap:98 none/1\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:4000"), RTCP: addrPort("192.0.2.1:4001"), Protocol: "RTP/AVP", Formats: []Format{
				{PayloadType: 0, Encoding: "X-Own", ClockRate: 16000, Channels: 2},
				{PayloadType: 97, Encoding: "iLBC", ClockRate: 8000, Channels: 1}}}},
		{"unreadable port", "c=IN IP4 192.0.2.1\nm=audio x RTP/AVP 0\n",
			Media{Kind: "audio", Addr: addrPort("192.0.2.1:0"), Protocol: "RTP/AVP", Formats: pcmu}},
	} {
		got, err := ParseSDP([]byte(c.text))
		if err != nil || len(got.Media) != 1 {
			t.Errorf("%s: %v, %v", c.name, got, err)
			continue
		}
		if diff := cmp.Diff(c.want, got.Media[0], netipComparer); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestParseSDPOrigin(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"o=a 1 2 IN IP4 192.0.2.1", "a|1|2|192.0.2.1"},
		{"o=a 1 2 IP4 192.0.2.1", "a|1|2|192.0.2.1"}, // five fields: a phone's mistake
		{"o=user name 1 2 IN IP4 192.0.2.1", "user|name|1|192.0.2.1"},
		{"o=-", "-|||-"},
	} {
		d, err := ParseSDP([]byte("v=0\n" + c.line + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join([]string{d.OriginUser, d.SessionID, d.SessionVersion, d.OriginAddr}, "|"); got != c.want {
			t.Errorf("%s: got %s, want %s", c.line, got, c.want)
		}
	}
}

func TestParseSDPBounds(t *testing.T) {
	var b strings.Builder
	b.WriteString("v=0\nc=IN IP4 192.0.2.1\n")
	for i := range 40 {
		fmt.Fprintf(&b, "m=audio %d RTP/AVP %s\n", 4000+2*i, strings.Repeat("0 ", 70))
	}
	d, err := ParseSDP([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	// 8 m-lines, and 6 formats of each of the 32 others.
	if len(d.Media) != maxMedia || len(d.Media[0].Formats) != maxFormats || d.Dropped != 8+6*32 {
		t.Errorf("%d m-lines, %d formats, %d dropped", len(d.Media), len(d.Media[0].Formats), d.Dropped)
	}
	if last := d.Media[31].RTCP; last != addrPort("192.0.2.1:4063") {
		t.Errorf("last RTCP %v", last)
	}
}

func TestNotSDP(t *testing.T) {
	for _, text := range []string{"", "hello", "c=IN IP4 192.0.2.1\n", "\x00\x01\x02", "<xml/>"} {
		if d, err := ParseSDP([]byte(text)); !errors.Is(err, ErrNotSDP) || d != nil {
			t.Errorf("%q: got %v, %v", text, d, err)
		}
	}
}
