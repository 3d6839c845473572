package sipparse

import "testing"

func TestLooks(t *testing.T) {
	for _, c := range []struct {
		name    string
		payload string
		want    bool
	}{
		{"request", invite, true},
		{"response", ringing, true},
		{"unknown method", "FOO sip:a@example.com SIP/2.0\r\nCall-ID: 1\r\n\r\n", true},
		{"odd method of RFC 4475 3.1.1.2", "!interesting-Method0123456789_*+`.%indeed'~ sip:a SIP/2.0\r\n\r\n", true},
		{"keep-alives before it", "\r\n\r\nBYE sip:a SIP/2.0\r\n\r\n", true},
		{"zeros before it", "\x00\x00\x00\x00BYE sip:a SIP/2.0\r\n\r\n", true},
		{"byte order mark", "\xef\xbb\xbfBYE sip:a SIP/2.0\r\n\r\n", true},
		{"letters before it", "DBREGISTER sip:1.1.1.1:5060 SIP/2.0\r\n\r\n", true},
		{"bare LF", "BYE sip:a SIP/2.0\nCall-ID: 1\n\n", true},
		{"trailing blanks", "OPTIONS sip:a SIP/2.0  \r\n\r\n", true},
		{"many blanks", "INVITE  sip:a   SIP/2.0\r\n\r\n", true},
		{"other version", "OPTIONS sip:a SIP/7.0\r\n\r\n", true},
		{"no reason", "SIP/2.0 180\r\n\r\n", true},
		{"status out of range", "SIP/2.0 4294967301 x\r\n\r\n", true},
		{"lower case version", "sip/2.0 200 OK\r\n\r\n", true},
		{"cut in the Request-URI", "INVITE sip:a-very-long-name-that-the-snap-length-c", true},
		{"no version", "INVITE sip:alan@example.com\r\nCall-ID: 1\r\n\r\n", true},

		{"empty", "", false},
		{"keep-alive alone", "\r\n\r\n", false},
		{"zeros alone", "\x00\x00\x00\x00", false},
		{"HTTP request", "GET /star-123456/index.m3u8 HTTP/1.1\r\nHost: example.com\r\n\r\n", false},
		{"HTTP response", "HTTP/1.1 200 OK\r\n\r\n", false},
		{"SSDP", "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n", false},
		{"RTSP", "OPTIONS rtsp://example.com/media RTSP/1.0\r\nCSeq: 1\r\n\r\n", false},
		{"RTSP response", "RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", false},
		{"text", "the quick brown fox jumps over the lazy dog and SIP/2.0 as well\r\n", false},
		{"header alone", "Via: SIP/2.0/UDP 192.0.2.1\r\n", false},
		{"Via without its name", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n", false},
		{"no status", "SIP/2.0 OK and more\r\n", false},
		{"RTP", "\x80\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef\xff\xff\xff", false},
		{"STUN", "\x00\x01\x00\x00\x21\x12\xa4\x42abcdefghijkl", false},
		{"DTLS", "\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00", false},
		{"DNS", "\x1a\x2b\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www", false},
	} {
		if got := Looks([]byte(c.payload)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}
