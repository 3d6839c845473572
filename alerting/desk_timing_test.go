package alerting

import (
	"fmt"
	"testing"
	"time"
)

// A second of a desk with 1,000 open cases and their faults, where nothing
// happens: what the recorder pays for it.
func BenchmarkDeskSecond(b *testing.B) {
	s := newDeskScene(b)
	for n := range 1000 {
		f := s.faulty(fmt.Sprint("f", n), "trunk-b", Medium, SignalLoss)
		f.Factors = []Factor{{FactorSource, fmt.Sprint("10.0.", n, ".0/24")}}
		f.Alerts[0].Fingerprint = Fingerprint(n)
	}
	s.see()
	list := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		list[i] = *f
	}
	if n := s.desk.Stats().Open; n != 1000 {
		b.Fatalf("%d cases are open", n)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.now = s.now.Add(time.Millisecond) // figures are not due
		s.desk.Faults(s.now, list)
		s.desk.Tick(s.now)
	}
}
