package pipeline

import "testing"

// BenchmarkKeep keeps the headers of G.711 packets in a ring of 64 MiB, more
// than any cache holds.
func BenchmarkKeep(b *testing.B) {
	f, dg, kept := rtpFrame(b)
	k := newKeeper(64<<20, KeepHeaders, nil)
	for k.next <= uint64(len(k.ring)) {
		k.take(&f, &dg, keepRTP, kept)
	}
	b.ReportAllocs()
	b.SetBytes(58)
	for b.Loop() {
		k.take(&f, &dg, keepRTP, kept)
	}
	if octets, _ := k.usage(); octets < 63<<20 {
		b.Fatalf("holds %d octets, want all of the ring", octets)
	}
}
