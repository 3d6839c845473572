package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"earshot/dialog"
	"earshot/report"
	"earshot/web"
)

func ref(v float64) *float64 { return &v }

// picture is what a probe would answer.
func picture() *web.Summary {
	call := dialog.StreamView{
		Call: "00112233445566ff", Codec: "PCMA", MOS: 2.1, MOSMin: 1.9, LossRatio: 0.125, JitterMS: 12.34,
		Src: netip.MustParseAddrPort("192.0.2.1:4000"), Dst: netip.MustParseAddrPort("203.0.113.7:5004"), Suspect: true,
	}
	evil := call
	evil.Codec, evil.MOS, evil.Suspect = "X\x1b[2J\nY", 0, false
	return &web.Summary{
		Version: "1.2", At: 1_700_000_000_000_000_000, LagSeconds: 0.4, Ready: true, ActiveCalls: 42, ActiveStreams: 84,
		Rates:     web.Rates{Packets: 12_345, SIPMessages: 17.25, Calls: 0.5},
		Drops:     web.Drops{Kernel: 5},
		DropRates: web.Drops{Kernel: 2},
		Responses: map[string]float64{"2xx": 3, "5xx": 1.5},
		Segments: []web.SegmentFigures{
			{Segment: "carrier-a", Direction: "to_peer", Last: web.Figures{Intervals: 12, MOS: ref(4.41), MOSMin: ref(3.2), LossRatio: ref(0.02), JitterMS: ref(3.3)}, Minute: web.Figures{MOS: ref(4.2)}},
			{Segment: "silent", Direction: "to_peer"},
		},
		Worst: []web.Stream{{StreamView: call, Segment: "carrier-a"}, {StreamView: evil, Segment: "other"}},
	}
}

// fakeProbe answers the API with s.
func fakeProbe(t *testing.T, s *web.Summary) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/summary", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer sesame" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(s)
	})
	mux.HandleFunc("/api/v1/streams", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("sort") != "loss" {
			t.Errorf("got sort=%q", r.FormValue("sort"))
		}
		_ = json.NewEncoder(w).Encode(web.StreamList{Streams: s.Worst[:1]})
	})
	mux.HandleFunc("/api/v1/calls/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/calls/a/b@x/packets" {
			_, _ = w.Write([]byte("packets"))
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(web.ErrorBody{Error: "no such call", Hint: "it may have left the ring"})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// tokenFile writes a token file.
func tokenFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTopOnce(t *testing.T) {
	probe := fakeProbe(t, picture())
	sesame := tokenFile(t, "sesame")
	status, out, errs := earshot(t, "top", "--once", "--url", probe.URL, "--token-file", sesame)
	if status != exitOK {
		t.Fatal(errs)
	}
	for _, want := range []string{
		"earshot 1.2", "ready", "calls 42", "streams 84", "packets/s 12.3k", "SIP/s 17.2", "lag 0.4 s",
		"kernel 2.0", "since the start 5.0", "suspect", "5xx 1.5",
		// (4.41 - 1) / 3.5 of 20 cells are 19.49: 19.
		"carrier-a  to_peer    4.41  ███████████████████·  !3.20   4.20  2.00%        3.3         12        0",
		"!2.10  !1.90  12.50%       12.3  PCMA", "192.0.2.1:4000", "203.0.113.7:5004", "00112233445566ff", "X?[2J?Y",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "silent") {
		t.Error("a segment without media is shown")
	}
	if strings.Contains(out, "\x1b") {
		t.Error("an escape sequence where there is no terminal")
	}
	if status, out, errs = earshot(t, "top", "--once", "--sort", "loss", "--url", probe.URL, "--token-file", sesame); status != exitOK || strings.Contains(out, "X?") {
		t.Errorf("sorted by loss: got status %d, %s%s", status, out, errs)
	}
}

// On any width no line is wider than the terminal; what matters most stays.
func TestTopFits(t *testing.T) {
	s := picture()
	for width := 20; width <= 140; width += 5 {
		for _, color := range []bool{false, true} {
			screen := topScreen{style: report.Style{Width: width, Color: color}, height: 14, sort: "mos", url: "http://127.0.0.1:10060"}
			lines := screen.frame(s, s.Worst)
			if len(lines) > 14 {
				t.Errorf("width %d: got %d lines", width, len(lines))
			}
			for _, line := range lines {
				if w := uniseg.StringWidth(uncoloured(line)); w > width {
					t.Errorf("width %d: got %d columns in %q", width, w, line)
				}
			}
			if all := strings.Join(lines, "\n"); !strings.Contains(all, "carrier-a") || !strings.Contains(all, "4.41") {
				t.Errorf("width %d: lost the segment or its score:\n%s", width, all)
			}
		}
	}
}

// uncoloured takes the colours away.
func uncoloured(s string) string {
	for _, c := range []string{sgrStrong, sgrFaint, sgrGood, sgrFair, sgrBad, sgrHeading, sgrEnd} {
		s = strings.ReplaceAll(s, c, "")
	}
	return s
}

func TestTopKeys(t *testing.T) {
	screen := topScreen{sort: "mos"}
	for _, k := range []byte("sp") {
		if !screen.key(k) {
			t.Errorf("%c ends it", k)
		}
	}
	if screen.sort != "loss" || !screen.paused {
		t.Errorf("got %+v", screen)
	}
	if screen.key('s'); screen.sort != "mos" {
		t.Errorf("s does not go around: %s", screen.sort)
	}
	for _, k := range []byte{'q', ctrlC} {
		if screen.key(k) {
			t.Errorf("%d does not end it", k)
		}
	}
}

// What is wrong is said with what to do.
func TestClientErrors(t *testing.T) {
	probe := fakeProbe(t, picture())
	closed := httptest.NewServer(nil)
	closed.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer other.Close()
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"top", "--once", "--url", closed.URL}, exitFailure, `is "earshot run" running`},
		{[]string{"top", "--once", "--url", probe.URL}, exitFailure, "wants a login: --token-file or --user-file"},
		{[]string{"top", "--once", "--url", other.URL}, exitFailure, "is it earshot that listens there?"},
		{[]string{"top", "--once", "--url", "localhost:10060"}, exitUsage, "want one like http://127.0.0.1:10060"},
		{[]string{"top", "--token-file", "/nowhere"}, exitUsage, "--token-file: cannot read keys: open /nowhere"},
		{[]string{"top", "--user-file", tokenFile(t, "nobody")}, exitUsage, "want a line user:password"},
		{[]string{"top", "--sort", "size"}, exitUsage, "want mos or loss"},
		{[]string{"top", "--interval", "0"}, exitUsage, "0.2 to 3600"},
		{[]string{"top", "eth0"}, exitUsage, "takes no arguments"},
		{[]string{"packets"}, exitUsage, "wants one call"},
		{[]string{"packets", "x", "--url", probe.URL, "-o", filepath.Join(t.TempDir(), "x")}, exitFailure, "no such call; it may have left the ring"},
		{[]string{"packets", "a/b@x", "--url", probe.URL, "-o", "/nowhere/x"}, exitFailure, "/nowhere/x"},
	} {
		status, _, errs := earshot(t, tt.args...)
		if status != tt.status || !strings.Contains(errs, tt.want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", tt.args, status, errs, tt.status, tt.want)
		}
	}
}

// A Call-ID may hold anything: it reaches the probe whole, and the file's name is tame.
func TestPackets(t *testing.T) {
	probe := fakeProbe(t, picture())
	t.Chdir(t.TempDir())
	status, _, errs := earshot(t, "packets", "a/b@x", "--url", probe.URL)
	if status != exitOK || !strings.Contains(errs, "7 octets written to a_b_x.pcapng") {
		t.Errorf("got status %d, %q", status, errs)
	}
	if got, err := os.ReadFile("a_b_x.pcapng"); string(got) != "packets" {
		t.Errorf("got %q, %v", got, err)
	}
	if status, out, errs := earshot(t, "packets", "a/b@x", "-o", "-", "--url", probe.URL); status != exitOK || out != "packets" {
		t.Errorf("got status %d, %q, %s", status, out, errs)
	}
	if _, _, errs := earshot(t, "packets", "gone", "--url", probe.URL); !strings.Contains(errs, "no such call") {
		t.Errorf("got %q", errs)
	}
	if _, err := os.Stat("gone.pcapng"); err == nil {
		t.Error("a file is left where there were no packets")
	}
}

// Help, completion and the manual know every command.
func TestHelpKnowsEveryCommand(t *testing.T) {
	var want []string
	for _, name := range commandNames() {
		if name != "help" {
			want = append(want, name)
		}
	}
	if !slices.Equal(helpTopics, want) {
		t.Errorf("help completes %q, want %q", helpTopics, want)
	}
}
