package pipeline

import (
	"sync"
	"testing"
)

// TestRingOrder sends a million numbers through rings of every small size: all
// arrive, in order, whoever is faster. The race detector watches.
func TestRingOrder(t *testing.T) {
	n := 200_000
	if testing.Short() {
		n = 20_000
	}
	for _, size := range []int{1, 2, 8} {
		consumer := newParker()
		r := newRing[int](size, newParker(), consumer)
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := range n {
				*r.claimWait(func() {}) = i
				r.publish()
			}
			r.close()
		})
		got := 0
		for {
			if v := r.peek(); v != nil {
				if *v != got {
					t.Fatalf("size %d: got %d, want %d", size, *v, got)
				}
				got++
				r.release()
				continue
			}
			if r.drained() {
				break
			}
			consumer.prepare()
			if r.peek() != nil || r.drained() {
				consumer.cancel()
				continue
			}
			consumer.park()
		}
		wg.Wait()
		if got != n {
			t.Errorf("size %d: got %d values, want %d", size, got, n)
		}
	}
}

func TestRingFullAndEmpty(t *testing.T) {
	r := newRing[int](2, newParker(), newParker())
	if r.peek() != nil {
		t.Fatal("peek of an empty ring gave a slot")
	}
	for i := range 2 {
		s := r.claim()
		if s == nil {
			t.Fatalf("claim %d of an empty ring of 2 gave nil", i)
		}
		*s = i
		r.publish()
	}
	if r.claim() != nil {
		t.Fatal("claim of a full ring gave a slot")
	}
	if got := *r.peek(); got != 0 {
		t.Fatalf("peek: got %d, want 0", got)
	}
	r.release()
	if r.claim() == nil {
		t.Fatal("claim after a release gave nil")
	}
	if r.drained() {
		t.Fatal("drained before close")
	}
	r.close()
	if r.drained() {
		t.Fatal("drained with one slot left")
	}
	r.release()
	if !r.drained() {
		t.Fatal("not drained after close and the last release")
	}
}

func TestRingSizeMustBePowerOfTwo(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("newRing(3) did not panic")
		}
	}()
	newRing[int](3, newParker(), newParker())
}

func BenchmarkRingBatches(b *testing.B) {
	consumer := newParker()
	r := newRing[packetBatch](8, newParker(), consumer)
	b.ReportAllocs()
	var wg sync.WaitGroup
	wg.Go(func() {
		for sent := 0; sent < b.N; sent += packetBatchLen {
			r.claimWait(func() {}).n = packetBatchLen
			r.publish()
		}
		r.close()
	})
	got := 0
	for !r.drained() {
		if s := r.peek(); s != nil {
			got += s.n
			r.release()
			continue
		}
		consumer.prepare()
		if r.peek() != nil || r.drained() {
			consumer.cancel()
			continue
		}
		consumer.park()
	}
	wg.Wait()
	if got < b.N {
		b.Fatalf("got %d records, want at least %d", got, b.N)
	}
}
