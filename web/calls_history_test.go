package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/store"
)

// testRecords answers searches with a function.
type testRecords struct {
	find func(ctx context.Context, q *store.Query, take func(*store.Found) error) error
}

func (r testRecords) Find(ctx context.Context, q *store.Query, take func(*store.Found) error) error {
	if r.find == nil {
		return nil
	}
	return r.find(ctx, q, take)
}

func (r testRecords) Figures() RecordFigures {
	return RecordFigures{
		Stats:  store.Stats{Written: 100, Failed: 2, Refused: 1, Bytes: 5000, Free: 90000, Days: 3, Oldest: 20_000, Full: true},
		Queued: 7, Room: 10_000, Dropped: 4,
	}
}

// kept is a server whose probe has a store with n calls, one a minute, the
// newest at testNow. Every second one was busy and has no stream.
func kept(t *testing.T, n int) *Server {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(store.Config{Dir: dir, Days: 90, TotalBytes: 1 << 40}, testNow)
	if err != nil {
		t.Fatal(err)
	}
	var records []dialog.Record
	for i := range n {
		end := dialog.Time(testNow.Add(-time.Duration(n-1-i) * time.Minute).UnixNano())
		c := &dialog.CallRecord{
			Type: "call", ID: fmt.Sprintf("%016x", i), CallIDs: []string{fmt.Sprintf("call-%d@example.com", i)}, From: "<100>&", To: "200",
			Start: end - dialog.Time(30*second), End: end, Disposition: dialog.Answered, FinalStatus: new(200),
			Legs: []dialog.LegRecord{{Src: netip.MustParseAddrPort("10.0.0.9:5060"), Dst: netip.MustParseAddrPort("192.0.2.9:5060")}},
		}
		if i%2 == 1 {
			c.Disposition, c.FinalStatus = dialog.Busy, new(486)
		} else {
			c.Media = []*dialog.StreamRecord{{Type: "stream", ID: fmt.Sprintf("%016x", 1000+i), Call: &c.ID, Start: c.Start, End: end, LossRuns: make([]uint32, 10)}}
			c.Streams = []string{c.Media[0].ID}
		}
		records = append(records, c)
	}
	if err := errors.Join(st.Write(testNow, records), st.Close()); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, ServerConfig{})
	s.now = func() time.Time { return testNow }
	s.probe.Records = testRecords{func(ctx context.Context, q *store.Query, take func(*store.Found) error) error {
		r, err := store.OpenReader(dir)
		if err != nil {
			return err
		}
		defer r.Close()
		return r.Find(ctx, q, take)
	}}
	return s
}

// historyIDs lists a page's calls.
func historyIDs(t *testing.T, l *HistoryList) string {
	t.Helper()
	var ids []string
	for _, e := range l.Found {
		var c dialog.CallRecord
		if err := json.Unmarshal(e.Call, &c); err != nil {
			t.Fatal(err)
		}
		if len(e.Streams) != len(c.Streams) {
			t.Errorf("call %s has %d streams of %d", c.ID, len(e.Streams), len(c.Streams))
		}
		ids = append(ids, strings.TrimLeft(c.ID, "0"))
	}
	return strings.Join(ids, " ")
}

// TestHistory: calls that were kept are found page by page, the newest first.
func TestHistory(t *testing.T) {
	s := kept(t, 7) // 0 to 6
	for path, want := range map[string]string{
		"?":                           "6 5 4 3 2 1 ",
		"?limit=7":                    "6 5 4 3 2 1 ",
		"?disposition=busy":           "5 3 1",
		"?status=486&limit=1":         "5",
		"?since=2m30s":                "6 5 4", // began 150, 90 and 30 s ago
		"?call_id=call-3@":            "",
		"?number=%3C100%3E":           "6 5 4 3 2 1 ",
		"?address=10.0.0.9":           "6 5 4 3 2 1 ",
		"?address=10.1.0.0/16":        "",
		"?call_id=call-2@example.com": "2",
	} {
		l := read[HistoryList](t, get(s, "/api/v1/history/calls"+path), 200)
		if got := historyIDs(t, l); got != want || l.Warning != "" {
			t.Errorf("%s: found %q, want %q; %s", path, got, want, l.Warning)
		}
	}
	var pages []string
	for next := ""; ; {
		l := read[HistoryList](t, get(s, "/api/v1/history/calls?limit=3&before_cursor="+url.QueryEscape(next)), 200)
		pages = append(pages, historyIDs(t, l))
		if next = l.Next; next == "" {
			break
		}
	}
	if got := strings.Join(pages, "|"); got != "6 5 4|3 2 1|" {
		t.Errorf("pages %q", got)
	}
}

// TestHistoryCall: one call by its id or its Call-ID, with its records as they
// were written.
func TestHistoryCall(t *testing.T) {
	s := kept(t, 3)
	for _, id := range []string{"0000000000000002", "call-2@example.com"} {
		e := read[HistoryEntry](t, get(s, "/api/v1/history/calls/"+url.PathEscape(id)), 200)
		if len(e.Streams) != 1 || !strings.Contains(string(e.Call), `"id":"0000000000000002"`) {
			t.Errorf("%s: got %s with %d streams", id, e.Call, len(e.Streams))
		}
		if lines := e.Lines(); strings.Count(lines, "\n") != 2 || !strings.HasPrefix(lines, `{"type":"stream"`) {
			t.Errorf("lines %q", lines)
		}
		f := store.Found{Lines: e.Lines()}
		if r, err := f.Record(); err != nil || r.(*dialog.CallRecord).From != "<100>&" || len(r.(*dialog.CallRecord).Media) != 1 {
			t.Errorf("record %+v, %v", r, err)
		}
	}
	if body := read[ErrorBody](t, get(s, "/api/v1/history/calls/nobody"), 404); body.Hint == "" {
		t.Error("no hint")
	}
}

// TestHistoryQuery: every parameter reaches the store.
func TestHistoryQuery(t *testing.T) {
	s := newServer(t, ServerConfig{})
	s.now = func() time.Time { return testNow }
	var got store.Query
	s.probe.Records = testRecords{func(_ context.Context, q *store.Query, _ func(*store.Found) error) error { got = *q; return nil }}
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	cursor, err := store.ParseCursor("2026-01-05/17")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		query string
		want  store.Query
	}{
		{"number=*4711&peer=carrier&segment=trunk&tenant=acme", store.Query{Number: "*4711", Peer: "carrier", Segment: "trunk", Tenant: "acme", Limit: 101}},
		{"after=2026-01-05&before=2026-01-05T12:00:00Z", store.Query{After: day, Before: day.Add(12 * time.Hour), Limit: 101}},
		{"since=7d", store.Query{After: testNow.Add(-7 * 24 * time.Hour), Limit: 101}},
		{"mos_below=3.6&loss_above=0.01&finding=one_way_audio", store.Query{MOSBelow: 3.6, LossAbove: .01, Finding: "one_way_audio", Limit: 101}},
		{"address=192.0.2.7&unbound=true&limit=5", store.Query{Addresses: netip.MustParsePrefix("192.0.2.7/32"), Streams: true, Limit: 6}},
		{"address=2001:db8::/32&before_cursor=2026-01-05/17", store.Query{Addresses: netip.MustParsePrefix("2001:db8::/32"), From: cursor, Limit: 101}},
		{"status=503&disposition=failed&call_id=a@b", store.Query{Status: 503, Disposition: dialog.Failed, CallID: "a@b", Limit: 101}},
	} {
		read[HistoryList](t, get(s, "/api/v1/history/calls?"+tt.query), 200)
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: asked %+v, want %+v", tt.query, got, tt.want)
		}
	}
	for query, want := range map[string]string{
		"numer=1":                            `did you mean "number"?`,
		"limit=0":                            "from 1 to 1000",
		"limit=1001":                         "from 1 to 1000",
		"mos_below=9":                        "want 1 to 5",
		"mos_below=NaN":                      "want a number",
		"loss_above=2":                       "up to 1",
		"finding=one_way_adio":               `did you mean "one_way_audio"?`,
		"disposition=done":                   "there are answered",
		"status=99":                          "from 100 to 699",
		"since=-3m":                          "30m, 2h or 7d",
		"since=2h&after=2026-01-01":          "exclude each other",
		"after=yesterday":                    "want a time like",
		"address=10.0.0":                     "192.0.2.0/24",
		"unbound=maybe":                      "true or false",
		"before_cursor=17":                   "next of the page before",
		"number=%2A":                         "want digits",
		"after=2026-01-05&before=2026-01-04": "nothing can start",
	} {
		if body := read[ErrorBody](t, get(s, "/api/v1/history/calls?"+query), 400); !strings.Contains(body.Error, want) || body.Hint == "" {
			t.Errorf("%s: %q, want %q in it", query, body.Error, want)
		}
	}
}

// TestHistoryBounds: searches are few at a time and limited in time and size,
// and what they found until then is not lost.
func TestHistoryBounds(t *testing.T) {
	at := func(n int64) *store.Found {
		return &store.Found{Cursor: store.Cursor{Day: 20_000, N: n}, Lines: `{"type":"call"}` + "\n"}
	}
	s := newServer(t, ServerConfig{})
	s.searchTime = 20 * time.Millisecond
	path := "/api/v1/history/calls"
	search := func(find func(ctx context.Context, q *store.Query, take func(*store.Found) error) error) *httptest.ResponseRecorder {
		s.probe.Records = testRecords{find}
		return get(s, path)
	}
	slow := func(ctx context.Context, _ *store.Query, _ func(*store.Found) error) error {
		<-ctx.Done()
		return ctx.Err()
	}
	if body := read[ErrorBody](t, search(slow), 504); !strings.Contains(body.Hint, "narrow") {
		t.Errorf("slow: %+v", body)
	}
	l := read[HistoryList](t, search(func(ctx context.Context, q *store.Query, take func(*store.Found) error) error {
		return errors.Join(take(at(9)), slow(ctx, q, take))
	}), 200)
	if len(l.Found) != 1 || l.Next != at(9).Cursor.String() || l.Warning == "" {
		t.Errorf("slow with something: %+v", l)
	}
	l = read[HistoryList](t, search(func(_ context.Context, _ *store.Query, take func(*store.Found) error) error {
		big := at(0)
		big.Lines = `{"type":"call","reason":"` + strings.Repeat("x", historyBytes/2) + "\"}\n"
		for n := int64(5); ; n-- {
			big.Cursor.N = n
			if err := take(big); err != nil {
				return err
			}
		}
	}), 200)
	if len(l.Found) != 1 || l.Next != at(5).Cursor.String() || l.Warning != "" {
		t.Errorf("large: %d found, next %q, %q", len(l.Found), l.Next, l.Warning)
	}
	l = read[HistoryList](t, search(func(_ context.Context, _ *store.Query, take func(*store.Found) error) error {
		return errors.Join(take(at(3)), errors.New("cannot read the records of 2026-01-04"))
	}), 200)
	if len(l.Found) != 1 || l.Next != "" || !strings.Contains(l.Warning, "2026-01-04") {
		t.Errorf("a damaged day: %+v", l)
	}
	path = "/api/v1/history/calls/x"
	if body := read[ErrorBody](t, search(func(context.Context, *store.Query, func(*store.Found) error) error { return errors.New("damaged") }), 500); body.Error != "damaged" {
		t.Errorf("nothing but damage: %+v", body)
	}
	for range cap(s.searches) {
		s.searches <- struct{}{}
	}
	w := search(nil)
	if body := read[ErrorBody](t, w, 503); body.Hint == "" || w.Header().Get("Retry-After") == "" {
		t.Errorf("busy: %+v, headers %v", body, w.Header())
	}
	<-s.searches
	read[ErrorBody](t, search(nil), 404)
	s.probe.Records = nil
	if body := read[ErrorBody](t, get(s, path), 404); !strings.Contains(body.Hint, "store.dir") {
		t.Errorf("no store: %+v", body)
	}
}

// A client that has left ends its search, and leaves its place.
func TestHistoryAbandoned(t *testing.T) {
	s := newServer(t, ServerConfig{})
	begun := make(chan struct{})
	s.probe.Records = testRecords{func(ctx context.Context, _ *store.Query, _ func(*store.Found) error) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}}
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-begun; leave() }()
	_, err := s.search(ctx, &store.Query{Limit: 1})
	if !errors.Is(err, context.Canceled) || len(s.searches) != 0 {
		t.Errorf("got %v, %d places taken", err, len(s.searches))
	}
}
