package rtpstats

import "testing"

// timingPacket is a G.711 packet of 20 ms.
func timingPacket() []byte {
	b := make([]byte, 172)
	copy(b, []byte{0x80, 0x00, 0x12, 0x34, 0x00, 0x00, 0x0f, 0xa0, 0xde, 0xad, 0xbe, 0xef})
	return b
}

func TestReadHeaderDoesNotAllocate(t *testing.T) {
	b := timingPacket()
	var h Header
	if n := testing.AllocsPerRun(100, func() { h.Read(b, len(b)); ReadHeader(b, len(b)) }); n != 0 {
		t.Errorf("reading a header allocates %v times, want 0", n)
	}
}

func BenchmarkHeaderRead(b *testing.B) {
	packet := timingPacket()
	b.ReportAllocs()
	b.SetBytes(int64(len(packet)))
	var h Header
	for b.Loop() {
		if !h.Read(packet, len(packet)) || h.SSRC != 0xdeadbeef || h.PayloadLen != 160 {
			b.Fatal("wrong header")
		}
	}
}

func BenchmarkReadHeader(b *testing.B) {
	packet := timingPacket()
	b.ReportAllocs()
	b.SetBytes(int64(len(packet)))
	for b.Loop() {
		if h, ok := ReadHeader(packet, len(packet)); !ok || h.SSRC != 0xdeadbeef || h.PayloadLen != 160 {
			b.Fatal("wrong header")
		}
	}
}
