package capture

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"earshot/capture/wire"
)

func TestCopyRules(t *testing.T) {
	const ms = int64(time.Millisecond)
	// change makes the second sighting out of the first.
	tests := []struct {
		name   string
		id     uint16
		gap    int64
		change func(f *Frame)
		want   bool
	}{
		{"same identification, 5 ms later", 7, 5 * ms, nil, true},
		{"same identification, later than that", 7, 5*ms + 1000, nil, false},
		{"the clock of the other interface is behind", 7, -2 * ms, nil, true},
		{"no identification, 0.999 ms", 0, 999_000, nil, true},
		{"no identification, 1 ms: the network did it", 0, ms, nil, false},
		{"no identification, other direction, 3 ms", 0, 3 * ms, func(f *Frame) { f.Outgoing = true }, true},
		{"no identification, other point, 3 ms", 0, 3 * ms, func(f *Frame) { f.Point = 1 }, true},
		{"no identification, a router between, 3 ms", 0, 3 * ms, func(f *Frame) { f.Data[14+8]--; f.Data[5]++ }, true},
		{"no identification, other TTL only, 3 ms", 0, 3 * ms, func(f *Frame) { f.Data[14+8]-- }, true},
		{"no identification, other point, 6 ms", 0, 6 * ms, func(f *Frame) { f.Point = 1 }, false},
		{"other identification", 7, 0, func(f *Frame) { f.Data[14+5]++ }, false},
		{"other source", 7, 0, func(f *Frame) { f.Data[14+15]++ }, false},
		{"other port", 7, 0, func(f *Frame) { f.Data[14+20+1]++ }, false},
		{"other checksum", 7, 0, func(f *Frame) { f.Data[14+20+6]++ }, false},
		{"other sequence number", 0, 0, func(f *Frame) { f.Data[14+28+3]++ }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(5004, 5006, testRTP(1)))))
			f.Data[14+4], f.Data[14+5] = byte(tt.id>>8), byte(tt.id)
			d := NewDecoder(DecoderConfig{})
			var dg Datagram
			if !d.Decode(f, &dg) || dg.Copy {
				t.Fatalf("first: %+v", dg)
			}
			f.At += tt.gap
			if tt.change != nil {
				tt.change(f)
			}
			if !d.Decode(f, &dg) {
				t.Fatal("second: not decoded")
			}
			if dg.Copy != tt.want || d.Counters().Copies == 1 != tt.want {
				t.Errorf("got copy %v, want %v", dg.Copy, tt.want)
			}
		})
	}
}

// Two registrations may differ in a swap of octets that the checksum cannot
// see, and in nothing of their first 16 octets.
func TestSimilarRequestsAreNoCopies(t *testing.T) {
	d := NewDecoder(DecoderConfig{})
	for _, user := range []string{"1234", "3412"} {
		payload := []byte("REGISTER sip:example.net SIP/2.0\r\nTo: <sip:" + user + "@example.net>\r\n\r\n")
		f := testFrame(LinkEthernet, testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolUDP, testUDP(5060, 5060, payload))))
		var dg Datagram
		if !d.Decode(f, &dg) || dg.Copy {
			t.Errorf("%s: got %+v", user, dg)
		}
	}
}

// A triple of copies has one original.
func TestSecondCopy(t *testing.T) {
	d := NewDecoder(DecoderConfig{})
	f := testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(5004, 5006, testRTP(1)))))
	var dg Datagram
	for range 3 {
		f.At += 50_000
		d.Decode(f, &dg)
	}
	if got := d.Counters().Copies; got != 2 {
		t.Errorf("got %d copies, want 2", got)
	}
}

// Bare acknowledgements are repeated on purpose (RFC 5681 3.2).
func TestRepeatedAcknowledgementsAreNoCopies(t *testing.T) {
	d := NewDecoder(DecoderConfig{})
	f := testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolTCP, testTCP(5060, 5060, 1, 0x10, nil))))
	var dg Datagram
	for range 3 {
		d.Decode(f, &dg)
	}
	if got := d.Counters().Copies; got != 0 {
		t.Errorf("got %d copies, want 0", got)
	}
}

// TestCopiesInCaptures holds the rules against what is known of real captures
// and of the RTP vectors: a handset's trace that holds one direction twice (969
// pairs, counted with tshark), and ten duplicates made by the network 1 ms later.
func TestCopiesInCaptures(t *testing.T) {
	for path, want := range map[string]uint64{
		"../../shared/captures/files/rtpdump__sample1_ipv4_amr-nb.pcap": 969,
		"../../shared/vectors/rtp/dup_every_50.pcap":                    0,
		"../../shared/vectors/rtp/clean_20ms.pcap":                      0,
	} {
		if _, err := os.Stat(path); err != nil {
			t.Skip("the folder of real captures is not here")
		}
		all, _ := readAll(t, path)
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		for i := range all {
			d.Decode(&all[i], &dg)
		}
		if got := d.Counters().Copies; got != want {
			t.Errorf("%s: got %d copies, want %d", filepath.Base(path), got, want)
		}
	}
}

// A million packets of 1,000 calls, none of them alike, must give no copy, and
// each must be found again right away.
func TestFingerprintsDiffer(t *testing.T) {
	f := testFrame(LinkIPv4, testIPv4(wire.ProtocolUDP, testUDP(0, 5004, testRTP(1))))
	copy(f.Data[4:6], "\x00\x00")   // no identification
	copy(f.Data[26:28], "\x00\x00") // no checksum
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	const packets = 1_000_000
	for i := range packets {
		f.Data[20], f.Data[21] = byte(i%1000>>8), byte(i%1000) // source port
		f.Data[30], f.Data[31] = byte(i/1000>>8), byte(i/1000) // sequence number
		if d.Decode(f, &dg); dg.Copy {
			t.Fatalf("packet %d is a copy", i)
		}
		if i%1000 == 0 {
			if d.Decode(f, &dg); !dg.Copy {
				t.Fatalf("packet %d was not found again", i)
			}
		}
	}
}
