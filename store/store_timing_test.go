package store

import (
	"flag"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"earshot/dialog"
)

var stored = flag.Int("store.calls", 20000, "how many calls the timing tests store")

// cpu is what this process has used of processors.
func cpu(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill stores n calls of the twelve hours before noon and tells how fast.
func fill(t testing.TB, dir string, n int) {
	s, plan := openTest(t, dir), testPlan(t)
	s.cfg.Tenant = tenantOf
	began, used := time.Now(), cpu(t)
	var making time.Duration
	var batch []dialog.Record
	for i := range n {
		m := time.Now()
		batch = append(batch, makeCall(i, noon.Add(time.Duration(i-n)*(11*time.Hour/time.Duration(n))), plan))
		making += time.Since(m)
		if len(batch) == 2000 || i == n-1 {
			if err := s.Write(noon, batch); err != nil {
				t.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	took, used := time.Since(began)-making, cpu(t)-used-making
	st := s.Stats()
	if st.Written != uint64(n) || st.Failed+st.Refused != 0 {
		t.Fatalf("got %+v, want %d written", st, n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	days, err := listDays(dir) // without a log, since it is closed
	if err != nil || len(days) != 1 {
		t.Fatalf("got %d days, %v", len(days), err)
	}
	t.Logf("%d calls: %.0f a second, %.0f a second of processor, %d octets each", n,
		float64(n)/took.Seconds(), float64(n)/used.Seconds(), days[0].bytes/int64(n))
}

// TestFindFigures is the table of docs/store.md: run it with -v -args -store.calls 1000000.
func TestFindFigures(t *testing.T) {
	dir, n := t.TempDir(), *stored
	fill(t, dir, n)
	last := makeCall(n/2, noon, nil)
	for _, tt := range []struct {
		name string
		q    Query
		want int // at least
	}{
		{"the newest 100", Query{Limit: 100}, 100},
		{"part of a number", Query{Number: last.From[4:], Limit: 100}, 1},
		{"four digits of a number", Query{Number: last.From[6:10], Limit: 100}, 1},
		{"begin of a number", Query{Number: last.From[:9] + "*", Limit: 100}, 1},
		{"two digits", Query{Number: "*" + last.From[len(last.From)-2:], Limit: 100}, 1},
		{"no such number", Query{Number: "98765432109"}, 0},
		{"an address", Query{Addresses: netip.PrefixFrom(last.Legs[0].Src.Addr(), 32), Limit: 100}, 1},
		{"a network", Query{Addresses: netip.MustParsePrefix("10.20.7.0/27"), Limit: 100}, 1},
		{"MOS below 3.6", Query{MOSBelow: 3.6, Limit: 100}, 1},
		{"MOS below 2, none", Query{MOSBelow: 2}, 0},
		{"loss above 5 %", Query{LossAbove: 0.05, Limit: 100}, 1},
		{"a finding", Query{Finding: "loss", Limit: 100}, 1},
		{"a disposition", Query{Disposition: dialog.Busy, Limit: 100}, 100},
		{"a disposition, none", Query{Disposition: dialog.Redirected}, 0},
		{"a tenant", Query{Tenant: "acme", Limit: 100}, 100},
		{"another tenant", Query{Tenant: "initech"}, 0},
		{"a segment", Query{Segment: "trunk-a", Limit: 100}, 100},
		{"a segment and MOS below 2, none", Query{Segment: "trunk-a", MOSBelow: 2}, 0},
		{"a Call-ID", Query{CallID: last.CallIDs[0]}, 1},
		{"two minutes, none started", Query{After: noon.Add(-2 * time.Minute)}, 0},
		{"ten minutes", Query{After: noon.Add(-6 * time.Hour), Before: noon.Add(-350 * time.Minute), Limit: 100}, 100},
		{"ten minutes, MOS above 4 counts too", Query{After: noon.Add(-6 * time.Hour), Before: noon.Add(-350 * time.Minute), MOSBelow: 4.3}, 0},
		{"ten minutes, MOS below 3.6", Query{After: noon.Add(-6 * time.Hour), Before: noon.Add(-350 * time.Minute), MOSBelow: 3.6}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began, used := time.Now(), cpu(t)
			got := found(t, dir, &tt.q)
			took, used := time.Since(began), cpu(t)-used
			if len(got) < tt.want {
				t.Errorf("found %d, want at least %d", len(got), tt.want)
			}
			t.Logf("%d found in %.1f ms, %.1f ms of processor", len(got), float64(took.Microseconds())/1000, float64(used.Microseconds())/1000)
		})
	}
}
