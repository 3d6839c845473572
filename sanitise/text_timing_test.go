package sanitise

import (
	"fmt"
	"testing"

	"earshot/sipparse"
)

// setup is an INVITE as a desk phone sends it through a proxy.
const setup = "INVITE sip:+4930123456@biloxi.example.com;user=phone SIP/2.0\r\n" +
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK%d.1;rport\r\nVia: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds%d;received=192.0.2.1\r\n" +
	"Max-Forwards: 69\r\nRecord-Route: <sip:192.0.2.10;lr;ftag=1928301774>\r\nFrom: \"Alice\" <sip:+4940%d@atlanta.example.com>;tag=19283%d\r\n" +
	"To: <sip:+4930123456@biloxi.example.com;user=phone>\r\nCall-ID: a84b4c76e%d@pc33.atlanta.example.com\r\nCSeq: 314159 INVITE\r\n" +
	"Contact: <sip:alice@192.0.2.101:5060;transport=udp>\r\nUser-Agent: snomD785/10.1.64\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, PRACK\r\n" +
	"Supported: replaces, timer, 100rel\r\nSession-Expires: 1800;refresher=uac\r\nP-Asserted-Identity: \"Alice\" <sip:+4940%d@atlanta.example.com>\r\n" +
	"Content-Type: application/sdp\r\nContent-Length: 238\r\n\r\n" +
	"v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8 18 101\r\n" +
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"

// BenchmarkSIP replaces INVITEs of 20,000 calls in turn, and one that comes again
// and again.
func BenchmarkSIP(b *testing.B) {
	for _, calls := range []int{1, 20000} {
		b.Run(fmt.Sprintf("of %d calls", calls), func(b *testing.B) {
			text, _ := testText(b)
			messages := make([][]byte, calls)
			for i := range messages {
				messages[i] = fmt.Appendf(nil, setup, i, 100000+i, 1000000+i, 10000+i, 66710+i, 1000000+i)
			}
			var result []byte
			b.SetBytes(int64(len(messages[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if result = text.SIP(result[:0], messages[i%calls]); !sipparse.Looks(result) {
					b.Fatal("no SIP any more")
				}
			}
		})
	}
}

// TestSIPAllocs: a message whose words are known costs no memory.
func TestSIPAllocs(t *testing.T) {
	text, _ := testText(t)
	message := fmt.Appendf(nil, setup, 1, 2, 3, 4, 5, 6)
	result := text.SIP(nil, message)
	if n := testing.AllocsPerRun(100, func() { result = text.SIP(result[:0], message) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
