package pipeline

import "testing"

// TestStranger: the first octet alone makes text into media protocols (RFC 7983
// tells only those apart that share a port with RTP).
func TestStranger(t *testing.T) {
	tests := []struct {
		name    string
		payload string
		want    passed
	}{
		// RFC 8489 5: Binding request, no attributes, the magic cookie.
		{"STUN", "\x00\x01\x00\x00\x21\x12\xa4\x42" + "transaction!", passedSTUN},
		// RFC 6189 5: version 0, sequence 1, the magic cookie, an SSRC, a message.
		{"ZRTP", "\x10\x00\x00\x01ZRTP\x12\x34\x56\x78" + "PZ\x00\x03Hello   ", passedZRTP},
		{"0x10 without ZRTP's cookie", "\x10\x00\x00\x01\x00\x00\x00\x00", passedOther},
		// RFC 6347 4.1: handshake, DTLS 1.0, epoch 0, sequence number 0, 1 octet.
		{"DTLS", "\x16\xfe\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x0e", passedDTLS},
		{"MEGACO", "!/1 [192.0.2.1]:2944 T=1{}", passedOther},
		{"syslog", "<34>1 2003-10-11T22:14:15.003Z host su - - -", passedOther},
		// RFC 8656 12.4: channel 0x4001, 4 octets.
		{"TURN channel data", "\x40\x01\x00\x04data", passedTURN},
		{"SSDP", "M-SEARCH * HTTP/1.1\r\n\r\n", passedOther},
		{"one octet", "\x16", passedOther},
	}
	for _, tt := range tests {
		if got := stranger([]byte(tt.payload)); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
	}
}
