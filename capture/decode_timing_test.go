package capture

import (
	"bytes"
	"encoding/binary"
	"testing"

	"earshot/capture/wire"
)

// decodeCases are the ways in which RTP comes most often.
func decodeCases() map[string]*Frame {
	rtp := testUDP(20000, 30000, testRTP(7))
	return map[string]*Frame{
		"IPv4":     testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, rtp))),
		"VLANIPv4": testFrame(LinkEthernet, testEthernet(wire.EtherVLAN, bytesOf(uint16(0xa064), uint16(wire.EtherIPv4), testIPv4(wire.ProtocolUDP, rtp)))),
		"IPv6":     testFrame(LinkEthernet, testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolUDP, rtp))),
		"VXLAN": testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(40000, wire.PortVXLAN,
			bytesOf(0x08, 0, uint16(0), uint32(42<<8), testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, rtp))))))),
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	for name, f := range decodeCases() {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		allocs := testing.AllocsPerRun(1000, func() {
			f.At += 20e6
			if !d.Decode(f, &dg) {
				t.Fatal("not decoded")
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations for each frame, want 0", name, allocs)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, f := range decodeCases() {
		b.Run(name, func(b *testing.B) {
			frames := numbered(f)
			d := NewDecoder(DecoderConfig{})
			var dg Datagram
			b.ReportAllocs()
			b.SetBytes(int64(len(f.Data)))
			for i := 0; b.Loop(); i++ {
				f := &frames[i%len(frames)]
				f.At = f.At + 20e6
				if !d.Decode(f, &dg) || dg.Length != 172 || dg.Copy {
					b.Fatalf("got %+v", dg)
				}
			}
		})
	}
}

// numbered returns 4096 frames with RTP sequence numbers of their own, one
// behind the other in memory as in a file.
func numbered(f *Frame) []Frame {
	const count, rtpOctets = 4096, 172
	size := len(f.Data)
	data := bytes.Repeat(f.Data, count)
	frames := make([]Frame, count)
	for i := range frames {
		frames[i] = *f
		frames[i].Data = data[i*size : (i+1)*size]
		binary.BigEndian.PutUint16(frames[i].Data[size-rtpOctets+2:], uint16(i))
	}
	return frames
}
