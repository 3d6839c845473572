package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/store"
	"earshot/web"
)

// A running probe finds what its store holds, in the same words, over several pages.
func TestCallsFindAtAProbe(t *testing.T) {
	config, _ := keepDemo(t)
	m, err := web.NewMetrics(web.MetricsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.NewServer(web.ServerConfig{}, web.Probe{Records: keptCalls{dir: filepath.Join(filepath.Dir(config), "kept")}}, m)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		s.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	for _, flags := range [][]string{
		{"--json", "--limit", "0"}, {"--json", "--limit", "3"}, {"--csv"}, {"--color", "never", "--mos-below", "3.6"},
		{"--json", "--loss-above", "1%", "--unbound"}, {"--json", "--ip", "198.18.0.0/16", "--before", "2026-01-05T08:00:10Z"}, {"--finding", "one_way_audio"},
	} {
		find := func(where ...string) string {
			status, out, errs := earshot(t, append(append([]string{"calls", "find"}, where...), flags...)...)
			if status != exitOK {
				t.Fatalf("%q: got %d: %s", flags, status, errs)
			}
			return out
		}
		if at, in := find("--url", server.URL), find("--config", config); at != in || len(in) < 30 {
			t.Errorf("%q: the probe finds\n%.300s\nin the store there is\n%.300s", flags, at, in)
		}
	}
	if asked != 7 {
		t.Errorf("asked %d times, want once for each", asked)
	}
	for _, tt := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--url", server.URL, "--config", config}, "exclude each other"},
		{[]string{"--config", config, "--token-file", config}, "go with --url"},
		{[]string{"--url", "nowhere"}, "want one like"},
		{[]string{"--url", server.URL + "/elsewhere"}, "there is nothing here"},
	} {
		if status, _, errs := earshot(t, append([]string{"calls", "find"}, tt.flags...)...); status == exitOK || !strings.Contains(errs, tt.want) {
			t.Errorf("%q: got %d %q, want %q", tt.flags, status, errs, tt.want)
		}
	}
}

// What is asked on the command line is what the API's parameters say.
func TestHistoryParameters(t *testing.T) {
	q := store.Query{
		Number: "+49*", Addresses: netip.MustParsePrefix("192.0.2.0/24"), CallID: "a@b", After: time.Unix(1767600000, 5), Before: time.Unix(1767610000, 0),
		MOSBelow: 3.6, LossAbove: .01, Finding: "loss", Disposition: dialog.Busy, Status: 486, Segment: "s", Peer: "p", Tenant: "t", Streams: true,
	}
	want := url.Values{
		"number": {"+49*"}, "address": {"192.0.2.0/24"}, "call_id": {"a@b"}, "after": {"2026-01-05T08:00:00.000000005Z"}, "before": {"2026-01-05T10:46:40Z"},
		"mos_below": {"3.6"}, "loss_above": {"0.01"}, "finding": {"loss"}, "disposition": {"busy"}, "status": {"486"},
		"segment": {"s"}, "peer": {"p"}, "tenant": {"t"}, "unbound": {"true"},
	}
	if got := historyParameters(&q); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := historyParameters(&store.Query{}); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
