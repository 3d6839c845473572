package capture

import (
	"bytes"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"testing"
)

// recordedHEP returns the lines of a file of recorded packets, in columns.
func recordedHEP(t *testing.T, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/hep/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.Fields(line))
		}
	}
	return lines
}

// seconds reads a time in seconds since the epoch, to the microsecond.
func seconds(t *testing.T, s string) int64 {
	t.Helper()
	us, err := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return us * 1000
}

// kamailio's three versions of an ACK from sipp, which had the ports that are
// wanted here on its command line.
func TestHEPFromKamailio(t *testing.T) {
	want := map[string]struct {
		src, dst string
		protocol uint8
		timed    bool
	}{
		"1": {"127.0.0.1:26071", "127.0.0.1:25070", 17, false},
		"2": {"127.0.0.1:26081", "127.0.0.1:25080", 17, true},
		"3": {"127.0.0.1:26091", "127.0.0.1:25090", 6, true},
	}
	lines := recordedHEP(t, "kamailio.txt")
	if len(lines) != len(want) {
		t.Fatalf("got %d packets", len(lines))
	}
	for _, column := range lines {
		want, arrival := want[column[0]], seconds(t, column[1])
		d := NewDecoder(DecoderConfig{HEP: HEPDecoding{Nodes: map[uint32]uint16{2001: 9}}})
		var dg Datagram
		if !d.Decode(hepFrame(arrival, unhex(t, column[2])), &dg) {
			t.Errorf("version %s: passed %v", column[0], d.Counters().Passed)
			continue
		}
		if dg.Source() != netip.MustParseAddrPort(want.src) || dg.Destination() != netip.MustParseAddrPort(want.dst) || dg.Protocol != want.protocol {
			t.Errorf("version %s: got %+v", column[0], dg)
		}
		if dg.At > arrival || dg.At < arrival-5e6 || want.timed != (dg.At != arrival) || want.timed != (dg.Point == 9) {
			t.Errorf("version %s: got time %d at point %d, it arrived %d", column[0], dg.At, dg.Point, arrival)
		}
		if !bytes.HasPrefix(dg.Payload, []byte("ACK sip:service@"+want.dst+" SIP/2.0\r\n")) || !bytes.HasSuffix(dg.Payload, []byte("Content-Length: 0\r\n\r\n")) {
			t.Errorf("version %s: got %q", column[0], dg.Payload)
		}
	}
}

// What rtpengine's JSON becomes is the RTCP that rtpengine was sent, but for XR
// and BYE, of which it tells nothing.
func TestHEPFromRTPEngine(t *testing.T) {
	lines := recordedHEP(t, "rtpengine.txt")
	if len(lines) != 4 {
		t.Fatalf("got %d packets", len(lines))
	}
	d := NewDecoder(DecoderConfig{})
	for _, column := range lines {
		sent, arrival := unhex(t, column[2]), seconds(t, column[1])
		var dg Datagram
		if !d.Decode(hepFrame(arrival, unhex(t, column[3])), &dg) {
			t.Errorf("%s: passed %v", column[0], d.Counters().Passed)
			continue
		}
		told := sent
		for at := 0; at < len(sent); at += 4 * (be16(sent[at+2:]) + 1) {
			if kind := sent[at+1]; kind == 203 || kind == 207 {
				told = sent[:at]
				break
			}
		}
		if !bytes.Equal(dg.Payload, told) {
			t.Errorf("%s: got\n% x, want\n% x", column[0], dg.Payload, told)
		}
		if string(dg.Correlation) != "abc-1@example.org" || dg.Protocol != 17 || dg.At > arrival || dg.At < arrival-5e6 {
			t.Errorf("%s: got %+v", column[0], dg)
		}
	}
	if c := d.Counters(); c.HEP.RTCPJSON != 4 || c.HEP.RTCP != 4 {
		t.Errorf("counted %+v", c.HEP)
	}
}
