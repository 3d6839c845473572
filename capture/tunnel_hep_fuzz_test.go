package capture

import (
	"bytes"
	"testing"

	"earshot/capture/wire"
)

// FuzzHEP: whatever a HEP packet holds, it is counted once, what comes of it
// agrees with itself, and it takes no more memory than the largest payload.
func FuzzHEP(f *testing.F) {
	f.Add(0, unhex(f, hepVector))
	f.Add(40, unhex(f, hepVector)[:80])
	f.Add(0, hep3(hepSIP4(), testChunk(0x10, gzipped("INVITE sip:b SIP/2.0\r\n\r\n")), testChunk(0x11, "id\x00"), testChunk(0x12, uint16(5)), testChunk(0x18, 1)))
	f.Add(0, hep3(hepSIP4(), testChunk(0x10, zlibbed("INVITE sip:b SIP/2.0\r\n\r\n"))))
	f.Add(0, hep3(hepSIP4(), testChunk(0x0b, 4), testChunk(0x0f, testRTP(1))))
	f.Add(0, hep3(hepSIP4(), testChunk(0x0b, 5), testChunk(0x0f, rtcpJSONCases[0].json)))
	f.Add(0, bytesOf(1, 16, 2, 17, uint32(0), uint32(1), uint32(2), "BYE"))
	f.Add(0, bytesOf(2, 28, 2, 17, uint32(0), uint32(1), uint32(2), uint32(3), uint32(4), uint32(5), "BYE"))
	f.Add(0, bytesOf(2, 52, 10, 17, uint32(0), make([]byte, 44), "BYE"))
	f.Fuzz(func(t *testing.T, cutOff int, packet []byte) {
		if len(packet) > maxDatagram {
			return
		}
		fr := hepFrame(1700000000e9, packet)
		cut := max(0, cutOff%70_000)
		fr.OrigLen += cut
		fr.Data[2], fr.Data[3], fr.Data[24], fr.Data[25] = 0, 0, 0, 0 // lengths of IP and UDP: as long as the frame was
		d := NewDecoder(DecoderConfig{FragmentSets: 1})
		var dg Datagram
		ok := d.Decode(fr, &dg)
		c := d.Counters()
		passed := uint64(0)
		for _, n := range c.Passed {
			passed += n
		}
		if c.UDP+c.TCP+passed != 1 || ok != (passed == 0) {
			t.Fatalf("decoded %v, counted %+v", ok, c)
		}
		if cap(d.hep.inflater.out) > maxInflated+1 || cap(d.hep.compound) > 1<<13 {
			t.Fatalf("%d and %d octets are held", cap(d.hep.inflater.out), cap(d.hep.compound))
		}
		if !ok {
			return
		}
		if !dg.Message {
			if !bytes.Equal(dg.Payload, packet) {
				t.Error("what is no HEP was changed")
			}
			return
		}
		if c.HEP.SIP+c.HEP.RTP+c.HEP.RTCP != 1 || len(dg.Payload) > dg.Length || dg.Truncated != (len(dg.Payload) < dg.Length) || dg.Truncated && cut == 0 {
			t.Errorf("got %+v, counted %+v", dg, c.HEP)
		}
		if at := dg.At - fr.At; at > hepClock || at < -hepClock {
			t.Errorf("time is %d ns off", at)
		}
		if dg.WireLen < ethernetMin+ethernetFCS || dg.Protocol != wire.ProtocolUDP && dg.Protocol != wire.ProtocolTCP {
			t.Errorf("got %+v", dg)
		}
	})
}

// FuzzRTCPJSON: what is read can be written, as RTCP whose lengths chain to its
// end and that reads back the same.
func FuzzRTCPJSON(f *testing.F) {
	for _, tt := range rtcpJSONCases {
		f.Add([]byte(tt.json))
	}
	f.Add([]byte(`{"a":[[[{"b":"\"}"}]]],"type":200,"sender_information":{"packets":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r rtcpReport
		if !r.readJSON(text) {
			return
		}
		compound := r.appendCompound(nil)
		for at := 0; at < len(compound); {
			n := 4 * (be16(compound[at+2:]) + 1)
			if at+n > len(compound) || compound[at]>>6 != 2 {
				t.Fatalf("lengths do not chain: % x", compound)
			}
			at += n
		}
		if len(compound) == 0 {
			return
		}
		again, ok := appendRTCPJSON(nil, compound)
		if !ok {
			t.Fatalf("no report in % x", compound)
		}
		var second rtcpReport
		if !second.readJSON(again) {
			t.Fatalf("cannot read %s", again)
		}
		plain := !bytes.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' || c == '\\' }) // JSON has all of its texts
		if got := second.appendCompound(nil); plain && !r.xr.given && !bytes.Equal(got, compound) {
			t.Errorf("got % x, want % x", got, compound)
		}
	})
}

// FuzzHEPFramer: however a stream comes in pieces, the same packets come out,
// all of them whole, and the buffer keeps its bound.
func FuzzHEPFramer(f *testing.F) {
	f.Add(uint8(7), cat([]byte("HELLO"), unhex(f, hepVector), unhex(f, hepVector)))
	f.Add(uint8(1), []byte("HEP3\x00\x05HEP3\x00\x06EEP1\x00\x07xHHEEP"))
	f.Add(uint8(200), bytes.Repeat([]byte("HEP"), 100))
	f.Fuzz(func(t *testing.T, piece uint8, stream []byte) {
		whole := frameHEP(t, stream, len(stream)+1)
		pieces := frameHEP(t, stream, int(piece)+1)
		if !bytes.Equal(whole, pieces) {
			t.Errorf("got % x at once, % x in pieces", whole, pieces)
		}
	})
}

// frameHEP returns all packets of a stream that comes in pieces of n octets.
func frameHEP(t *testing.T, stream []byte, n int) []byte {
	var framer hepFramer
	var out []byte
	for len(stream) > 0 {
		k := copy(framer.room(), stream[:min(n, len(stream))])
		if k == 0 || len(framer.buf) > hepBufferMax {
			t.Fatalf("room for %d octets in a buffer of %d", k, len(framer.buf))
		}
		stream = stream[k:]
		framer.took(k)
		for run := framer.whole(); run != nil; run = framer.whole() {
			if wholeHEP(run) != len(run) || len(run) == 0 {
				t.Fatalf("not whole: % x", run)
			}
			out = append(out, run...)
		}
	}
	return out
}
