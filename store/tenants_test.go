package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// tenantOf gives the test plan's segments to tenants.
func tenantOf(segment string) string {
	return map[string]string{"trunk-a": "acme", "access": "globex"}[segment]
}

// tenantScene keeps calls of the 20th: 0 of acme, 1 of globex, 2 of both, 3 of
// nobody, and a stream of acme, number 4.
func tenantScene(t *testing.T, dir string) {
	t.Helper()
	s, plan := openTest(t, dir), testPlan(t)
	s.cfg.Tenant = tenantOf
	end := noon.AddDate(0, 0, -2)
	var list []dialog.Record
	for i := range 4 {
		c := makeCall(i, end, plan)
		c.ID = fmt.Sprintf("%d%015d", i, 0)
		c.SegmentFromCaller, c.SegmentFromCallee = []topology.SegmentID{1, 2, 2, 0}[i], []topology.SegmentID{1, 0, 1, 0}[i]
		list = append(list, c)
	}
	loose := makeStream(makeCall(9, end, plan), 77, true)
	loose.ID, loose.Call, loose.Plan, loose.SegmentID = "4000000000000000", nil, plan, 1
	if err := s.Write(noon, append(list, loose)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A changed configuration holds from the next record on.
func TestSetTenants(t *testing.T) {
	dir := t.TempDir()
	s, plan := openTest(t, dir), testPlan(t)
	write := func(i int) {
		if err := s.Write(noon, []dialog.Record{makeCall(i, noon, plan)}); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	s.SetTenants(func(string) string { return "acme" }, map[string]TenantRetention{"acme": {Left: noon.AddDate(0, -2, 0)}})
	write(2)
	if got := found(t, dir, &Query{Tenant: "acme"}); len(got) != 1 || got[0] != makeCall(2, noon, nil).ID {
		t.Errorf("got %q", got)
	}
	s.SetTenants(nil, map[string]TenantRetention{"acme": {Left: noon.AddDate(0, -2, 0)}})
	if err := errors.Join(s.Sweep(noon), s.Close()); err != nil {
		t.Fatal(err)
	}
	if got := found(t, dir, &Query{}); len(got) != 1 || got[0] != makeCall(1, noon, nil).ID {
		t.Errorf("left are %q", got)
	}
}

// firsts are the first letters of ids.
func firsts(ids []string) (s string) {
	for _, id := range slices.Backward(ids) {
		s += id[:1]
	}
	return s
}

func TestFindTenant(t *testing.T) {
	dir := t.TempDir()
	tenantScene(t, dir)
	for tenant, want := range map[string]string{"": "01234", "acme": "024", "globex": "12", "initech": ""} {
		if got := firsts(found(t, dir, &Query{Tenant: tenant, Streams: true})); got != want {
			t.Errorf("%q: got %s, want %s", tenant, got, want)
		}
	}
}

// On the 22nd, what each tenant's time leaves of the 20th.
func TestThin(t *testing.T) {
	left := TenantRetention{Left: noon.AddDate(0, 0, -31)}
	for _, tt := range []struct {
		name    string
		days    int
		tenants map[string]TenantRetention
		hold    string
		want    string
		thinned uint64
	}{
		{"nothing is over", 90, map[string]TenantRetention{"acme": {Days: 2}}, "", "01234", 0},
		{"acme's is over", 90, map[string]TenantRetention{"acme": {Days: 1}}, "", "123", 2},
		{"both are over", 90, map[string]TenantRetention{"acme": {Days: 1}, "globex": {Days: 1}}, "", "3", 4},
		{"all but acme's", 1, map[string]TenantRetention{"acme": {Days: 90}}, "", "024", 2},
		{"globex left", 90, map[string]TenantRetention{"globex": left}, "", "0234", 1},
		{"globex left lately", 90, map[string]TenantRetention{"globex": {Left: noon.AddDate(0, 0, -30)}}, "", "01234", 0},
		{"acme on hold", 1, nil, "tenant acme", "024", 2},
		{"globex left, on hold", 90, map[string]TenantRetention{"globex": left}, "tenant globex", "01234", 0},
		{"the day on hold", 90, map[string]TenantRetention{"globex": left}, "2026-11-20", "01234", 0},
		{"everybody's is over", 1, map[string]TenantRetention{"acme": {Days: 1}}, "", "", 0}, // the file goes
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tenantScene(t, dir)
			if tt.hold != "" {
				writeFile(t, filepath.Join(dir, HoldFile), tt.hold)
			}
			s, err := Open(Config{Dir: dir, Days: tt.days, TotalBytes: 1 << 40, Tenants: tt.tenants, Tenant: tenantOf}, noon)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if err := s.Sweep(noon); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.Stats().Thinned; got != tt.thinned {
				t.Errorf("thinned %d, want %d", got, tt.thinned)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if got := firsts(found(t, dir, &Query{Streams: true})); got != tt.want {
				t.Errorf("left are %s, want %s", got, tt.want)
			}
			// The index has forgotten them too: what it finds is there.
			r, err := OpenReader(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := r.Check(t.Context(), func(c Checked) {
				if c.Err != nil {
					t.Error(c.Err)
				}
			}); err != nil {
				t.Error(err)
			}
			if tt.want != "" {
				checkIndex(t, r, DayOf(noon)-2)
			}
		})
	}
}

// checkIndex wants the index to have no word of a row that is gone.
func checkIndex(t *testing.T, r *Reader, d Day) {
	t.Helper()
	db, _, err := r.openDay(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var stale int
	// Every row has an address; the words of addresses begin with a4 or a6.
	err = db.QueryRowContext(t.Context(), `SELECT count(*) FROM words WHERE words MATCH 'a4* OR a6* OR n* OR t* OR s* OR i* OR m* OR l* OR d* OR r*' AND rowid NOT IN (SELECT n FROM records)`).Scan(&stale)
	if err != nil || stale != 0 {
		t.Errorf("the index has %d rows that are gone, %v", stale, err)
	}
}

// A large day is thinned a part at a time, while records are written; numbers
// of rows that are gone are not given again.
func TestThinInParts(t *testing.T) {
	dir, plan := t.TempDir(), testPlan(t)
	s := openTest(t, dir)
	defer s.Close()
	s.cfg.Tenant = tenantOf
	s.cfg.Tenants = map[string]TenantRetention{"globex": {Left: noon.AddDate(0, -2, 0)}}
	var list []dialog.Record
	const calls = 2*thinAtOnce + 500
	for i := range calls {
		c := makeCall(i, noon, plan)
		c.Media, c.Findings = nil, nil
		c.SegmentFromCaller, c.SegmentFromCallee = topology.SegmentID(1+i%2), 0
		list = append(list, c)
	}
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	for part := 1; part <= 3; part++ {
		if err := s.Sweep(noon); err != nil {
			t.Fatal(err)
		}
		if got, want := s.Stats().Thinned, uint64(min(part*thinAtOnce, calls)/2); got != want {
			t.Errorf("after part %d: %d thinned, want %d", part, got, want)
		}
	}
	if err := s.Sweep(noon); err != nil {
		t.Fatal(err)
	}
	if got := s.Stats().Thinned; got != calls/2 {
		t.Errorf("%d thinned, want %d", got, calls/2)
	}
	s.close(DayOf(noon)) // the last row is one of those that are gone
	late := makeCall(calls, noon.Add(time.Second), plan)
	if err := s.Write(noon, []dialog.Record{late}); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Find(t.Context(), &Query{Limit: 1}, func(f *Found) error {
		if f.Cursor.N != calls+1 {
			t.Errorf("the next row has number %d, want %d", f.Cursor.N, calls+1)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	checkIndex(t, r, DayOf(noon))
}
