package store

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"earshot/dialog"
)

// scene keeps four calls and a stream of no call, in this order of writing.
func scene(t testing.TB, dir string) {
	t.Helper()
	s, plan := openTest(t, dir), testPlan(t)
	a := makeCall(1, noon.Add(-4*time.Hour), plan)
	a.ID, a.From, a.To, a.CallIDs = "aaaa000000000001", "+493012345", "4711", []string{"first@pbx", "second@sbc"}
	b := makeCall(500, noon.Add(-3*time.Hour), plan) // lost 10 %, MOS 2.5
	b.ID, b.From, b.To = "bbbb000000000002", "Alice", "+493099994711"
	b.SegmentFromCaller, b.SegmentFromCallee = 2, 0
	c := makeCall(99, noon.Add(-2*time.Hour), nil) // busy, without a plan
	c.ID, c.From, c.To = "cccc000000000003", "471", `o'"%_^`
	c.Legs[0].Src = netip.MustParseAddrPort("[2001:db8::1]:5060")
	d := makeCall(2, noon.Add(-time.Hour), plan)
	d.ID, d.From, d.To = "dddd000000000004", "+12025550000", "Müller"
	d.Legs[0].Src, d.PeerFrom, d.PeerTo = carrier, 2, 1
	e := makeStream(d, 77, true)
	e.ID, e.Call, e.Src, e.Plan, e.SegmentID = "eeee000000000005", nil, netip.MustParseAddrPort("198.51.100.9:4000"), plan, 1
	if err := s.Write(noon, []dialog.Record{a, b, c, d, e}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	scene(t, dir)
	prefix := netip.MustParsePrefix
	for _, tt := range []struct {
		name string
		q    Query
		want string // the first letters of the ids, the newest first
	}{
		{"calls", Query{}, "dcba"},
		{"with streams", Query{Streams: true}, "edcba"},
		{"the newest", Query{Limit: 2}, "dc"},
		{"number inside", Query{Number: "4711"}, "ba"},
		{"number of three", Query{Number: "471"}, "cba"},
		{"number of two", Query{Number: "71"}, "cba"},
		{"number of one", Query{Number: "5"}, "da"},
		{"begin", Query{Number: "471*"}, "ca"},
		{"begin with plus", Query{Number: "+4930*"}, "ba"},
		{"short begin", Query{Number: "+*"}, "dba"},
		{"end", Query{Number: "*11"}, "ba"},
		{"end of a longer one", Query{Number: "*94711"}, "b"},
		{"letters of any case", Query{Number: "aLICE"}, "b"},
		{"letters with marks", Query{Number: "üll"}, "d"},
		{"signs", Query{Number: `'"%_`}, "c"},
		{"an anchor's sign is a sign", Query{Number: "^47"}, ""},
		{"no such", Query{Number: "90125"}, ""},
		{"address of signalling", Query{Addresses: prefix("203.0.113.7/32")}, "d"},
		{"address of media", Query{Addresses: prefix("198.51.100.9/32"), Streams: true}, "e"},
		{"IPv6", Query{Addresses: prefix("2001:db8::1/128")}, "c"},
		{"IPv6 network", Query{Addresses: prefix("2001:d00::/24")}, "c"},
		{"IPv4 in IPv6", Query{Addresses: prefix("::ffff:203.0.113.0/120")}, "d"},
		{"network", Query{Addresses: prefix("203.0.113.0/24")}, "d"},
		{"network between digits", Query{Addresses: prefix("203.0.113.6/31")}, "d"},
		{"the network beside", Query{Addresses: prefix("203.0.113.4/31")}, ""},
		{"network of many", Query{Addresses: prefix("203.0.96.0/19")}, "d"},
		{"IPv6 between digits", Query{Addresses: prefix("2001:da0::/27")}, "c"},
		{"IPv6 beside", Query{Addresses: prefix("2001:dc0::/27")}, ""},
		{"every IPv4", Query{Addresses: prefix("0.0.0.0/0")}, "dcba"},
		{"Call-ID", Query{CallID: "second@sbc"}, "a"},
		{"part of a Call-ID", Query{CallID: "second"}, ""},
		{"begin of an id", Query{CallID: "bbb"}, "b"},
		{"MOS", Query{MOSBelow: 3.6}, "b"},
		{"MOS, not at the bound", Query{MOSBelow: 2.5}, ""},
		{"loss", Query{LossAbove: 0.05}, "b"},
		{"any stream at all", Query{LossAbove: -1}, "dba"},
		{"finding", Query{Finding: "loss"}, "b"},
		{"other finding", Query{Finding: "burst_loss"}, ""},
		{"disposition", Query{Disposition: dialog.Busy}, "c"},
		{"status", Query{Status: 486}, "c"},
		{"segment", Query{Segment: "trunk-a"}, "da"},
		{"segment, streams too", Query{Segment: "trunk-a", Streams: true}, "eda"},
		{"segment of one direction", Query{Segment: "access"}, "b"},
		{"the rest", Query{Segment: "other"}, "b"},
		{"a segment that folds alike", Query{Segment: "trunk_a"}, ""},
		{"peer", Query{Peer: "carrier-a"}, "dba"},
		{"after", Query{After: noon.Add(-2*time.Hour - 3*time.Minute)}, "dc"},
		{"before", Query{Before: noon.Add(-2*time.Hour - 3*time.Minute)}, "ba"},
		{"all at once", Query{Number: "4711", MOSBelow: 3, Segment: "access", Finding: "loss", Addresses: prefix("192.0.2.0/24"), After: noon.Add(-24 * time.Hour), Limit: 5}, "b"},
		{"written before", Query{From: Cursor{DayOf(noon), 3}}, "ba"},
		{"written on days before", Query{From: Cursor{DayOf(noon) - 1, 3}}, ""},
	} {
		var got []byte
		for _, id := range found(t, dir, &tt.q) {
			got = append(got, id[0])
		}
		if string(got) != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestQueryCheck(t *testing.T) {
	for _, tt := range []struct {
		q    Query
		want bool
	}{
		{Query{}, true},
		{Query{Number: "*"}, false},
		{Query{Number: "*1*"}, false},
		{Query{Number: "1*2"}, false},
		{Query{Number: "**1"}, false},
		{Query{MOSBelow: 0.5}, false},
		{Query{MOSBelow: 5}, true},
		{Query{LossAbove: 1.5}, false},
		{Query{Finding: "lost"}, false},
		{Query{Disposition: "ringing"}, false},
		{Query{Status: 20}, false},
		{Query{After: noon, Before: noon}, false},
		{Query{Limit: -1}, false},
	} {
		if err := tt.q.Check(); (err == nil) != tt.want {
			t.Errorf("%+v: got %v", tt.q, err)
		}
	}
}

// Pages of two, each from where the last ended, hold each call once.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	var want []string
	for i := range 9 {
		c := makeCall(i, noon.AddDate(0, 0, -i/4), nil)
		want = append(want, c.ID)
		if err := s.Write(noon, []dialog.Record{c}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Days go back as i grows; within a day the last written is the newest.
	want = []string{want[3], want[2], want[1], want[0], want[7], want[6], want[5], want[4], want[8]}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := pages(t, r, Query{Limit: 2}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	slices.Reverse(want)
	if got := pages(t, r, Query{Limit: 2, Oldest: true}); !slices.Equal(got, want) {
		t.Errorf("the oldest first: got %q, want %q", got, want)
	}
}

// pages finds six pages one after the other.
func pages(t *testing.T, r *Reader, q Query) (got []string) {
	t.Helper()
	for range 6 {
		err := r.Find(t.Context(), &q, func(f *Found) error {
			rec, err := f.Record()
			if err == nil {
				got = append(got, rec.(*dialog.CallRecord).ID)
			}
			again, parseErr := ParseCursor(f.Cursor.String())
			if parseErr != nil || again != f.Cursor {
				t.Errorf("cursor %s: got %s, %v", f.Cursor, again, parseErr)
			}
			q.From = f.Cursor
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// A search ends when it is told to, by its context and by who takes.
func TestFindEnds(t *testing.T) {
	dir := t.TempDir()
	scene(t, dir)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err = r.Find(ctx, &Query{}, func(*Found) error { n++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || n == 0 {
		t.Errorf("cancelled: got %v after %d", err, n)
	}
	enough := errors.New("enough")
	if err := r.Find(t.Context(), &Query{}, func(*Found) error { return enough }); err != enough {
		t.Errorf("got %v, want what take returned", err)
	}
}

// A day that cannot be read hides no other, and is named.
func TestFindTellsOfDamage(t *testing.T) {
	dir := t.TempDir()
	scene(t, dir)
	writeFile(t, dayPath(dir, DayOf(noon)-1), "no database at all, and long enough to be looked at as one: "+string(make([]byte, 8192)))
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	err = r.Find(t.Context(), &Query{}, func(*Found) error { n++; return nil })
	if n != 4 || err == nil || !damaged(err) {
		t.Errorf("got %d calls and %v, want 4 and the damaged day", n, err)
	}
}

// Whatever is asked, the question is well formed.
func FuzzFind(f *testing.F) {
	dir := f.TempDir()
	scene(f, dir)
	r, err := OpenReader(dir)
	if err != nil {
		f.Fatal(err)
	}
	db, _, err := r.openDay(f.Context(), DayOf(noon))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("4711", "second@sbc", "trunk-a", uint8(24))
	f.Add(`"*`, `" OR word:x*`, "';--", uint8(0))
	f.Add("*\x00\xff", "NEAR(", "(", uint8(31))
	f.Fuzz(func(t *testing.T, number, callID, name string, bits uint8) {
		for _, q := range []Query{{Number: number}, {CallID: callID}, {Segment: name}, {Peer: name}, {Tenant: name},
			{Addresses: netip.PrefixFrom(carrier.Addr(), int(bits%33))}, {Number: number, Segment: name}} {
			if q.Check() != nil {
				continue
			}
			text, args := q.plan(DayOf(noon), dayFormat{version: 2, quality: true}).sql(q.Oldest, q.Limit)
			rows, err := db.QueryContext(t.Context(), text, args...)
			if err != nil {
				t.Fatalf("%+v: %v", q, err)
			}
			for rows.Next() {
				continue // the index is asked row by row
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil {
				t.Errorf("%+v: %v", q, err)
			}
		}
	})
}
