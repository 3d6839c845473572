package web

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/pipeline"
)

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newServer(t testing.TB, cfg ServerConfig) *Server {
	t.Helper()
	cfg.Log = quiet()
	s, err := NewServer(cfg, sceneProbe(), populated(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// get asks the server as a client on this machine does.
func get(s *Server, path string, headers ...string) *httptest.ResponseRecorder {
	return ask(s, http.MethodGet, "http://127.0.0.1:10060"+path, headers...)
}

func ask(s *Server, method, url string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func secretFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const token = "0123456789abcdef0123"

func TestAuthentication(t *testing.T) {
	s := newServer(t, ServerConfig{UsersFile: secretFile(t, "# who may look\nnoc:s3:cret\n"), TokensFile: secretFile(t, token+"\n")})
	basic := func(user, password string) string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth(user, password)
		return r.Header.Get("Authorization")
	}
	tests := []struct {
		name, header string
		status       int
	}{
		{"nobody", "", 401},
		{"the user", basic("noc", "s3:cret"), 200},
		{"a wrong password", basic("noc", "s3:cre"), 401},
		{"a wrong user", basic("nok", "s3:cret"), 401},
		{"user and password cut elsewhere", basic("noc:s3", "cret"), 200}, // the same octets on the wire
		{"the token", "Bearer " + token, 200},
		{"the token in small letters", "bearer " + token, 200},
		{"a wrong token", "Bearer " + token + "x", 401},
		{"the token as a password", basic("noc", token), 401},
		{"another scheme", "Digest " + token, 401},
		{"half a header", "Bearer", 401},
	}
	for _, tt := range tests {
		w := get(s, "/metrics", "Authorization", tt.header)
		if w.Code != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.status)
		}
		if tt.status != 401 {
			continue
		}
		if got := w.Header().Values("WWW-Authenticate"); len(got) != 2 {
			t.Errorf("%s: challenges %q, want basic and bearer", tt.name, got)
		}
		if strings.Contains(w.Body.String(), "earshot_") {
			t.Errorf("%s sees metrics", tt.name)
		}
	}
	if w := get(s, "/healthz"); w.Code != 200 {
		t.Errorf("/healthz without password: status %d", w.Code)
	}
	if w := get(s, "/readyz"); w.Code != 401 {
		t.Errorf("/readyz without password: status %d, want 401", w.Code)
	}
	expect(t, s.metrics, map[string]float64{"earshot_web_unauthorized_requests_total": 8})
}

// TestReloadSecrets: new secrets hold at once, broken files change nothing.
func TestReloadSecrets(t *testing.T) {
	path := secretFile(t, token)
	s := newServer(t, ServerConfig{TokensFile: path})
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("short")
	if err := s.Reload(); err == nil {
		t.Error("a token of 5 characters was taken")
	}
	if w := get(s, "/metrics", "Authorization", "Bearer "+token); w.Code != 200 {
		t.Errorf("after a failed reload: status %d", w.Code)
	}
	write("another-token-0123456789")
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if w := get(s, "/metrics", "Authorization", "Bearer "+token); w.Code != 401 {
		t.Errorf("the old token: status %d, want 401", w.Code)
	}
}

func TestCheck(t *testing.T) {
	open := secretFile(t, token)
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, addr string
		cfg        ServerConfig
		want       string // of the error; "" none
	}{
		{"loopback", "127.0.0.1:10060", ServerConfig{}, ""},
		{"IPv6 loopback", "[::1]:10060", ServerConfig{}, ""},
		{"localhost", "localhost:10060", ServerConfig{}, ""},
		{"everywhere", ":10060", ServerConfig{}, "can be reached from other machines"},
		{"all of IPv4", "0.0.0.0:10060", ServerConfig{}, "web.insecure"},
		{"a LAN address", "10.0.0.1:10060", ServerConfig{}, "web.users_file"},
		{"with a token", ":10060", ServerConfig{Token: token}, ""},
		{"on one's own responsibility", ":10060", ServerConfig{Insecure: true}, ""},
		{"no such file", "127.0.0.1:10060", ServerConfig{TokensFile: "/nonexistent"}, "cannot read tokens"},
		{"a file for everybody", "127.0.0.1:10060", ServerConfig{TokensFile: open}, "chmod o-rwx"},
		{"an empty file", "127.0.0.1:10060", ServerConfig{TokensFile: secretFile(t, "# none\n")}, "it holds none"},
		{"no user", "127.0.0.1:10060", ServerConfig{UsersFile: secretFile(t, "nobody\n")}, `"user:password"`},
		{"no certificate", "127.0.0.1:10060", ServerConfig{CertFile: "/nonexistent", KeyFile: "/nonexistent"}, "cannot load certificate"},
	}
	for _, tt := range tests {
		err := tt.cfg.Check(tt.addr)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// TestServeRefusesOpen: what Check says holds for the listener too.
func TestServeRefusesOpen(t *testing.T) {
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if err := newServer(t, ServerConfig{}).Serve(t.Context(), ln); !errors.Is(err, ErrOpen) {
		t.Errorf("got %v, want ErrOpen", err)
	}
}

// TestRebinding: without authentication a page that reached us by a name of its
// own reads nothing.
func TestRebinding(t *testing.T) {
	s := newServer(t, ServerConfig{})
	for url, want := range map[string]int{
		"http://127.0.0.1:10060/api/v1/calls":    200,
		"http://[::1]:10060/api/v1/calls":        200,
		"http://localhost/api/v1/calls":          200,
		"http://evil.example:10060/api/v1/calls": 403,
	} {
		if w := ask(s, "GET", url); w.Code != want {
			t.Errorf("%s: status %d, want %d", url, w.Code, want)
		}
	}
	if w := ask(newServer(t, ServerConfig{Token: token}), "GET", "http://probe.example/metrics", "Authorization", "Bearer "+token); w.Code != 200 {
		t.Errorf("with a token, by name: status %d", w.Code)
	}
}

func TestErrors(t *testing.T) {
	s := newServer(t, ServerConfig{})
	tests := []struct {
		method, path string
		status       int
	}{
		{"GET", "/nothing", 404},
		{"GET", "/api/v1/nothing", 404},
		{"POST", "/api/v1/calls", 405},
		{"DELETE", "/", 405},
		{"POST", "/healthz", 405},
		{"DELETE", "/api/v1/cases", 405},
		{"PUT", "/api/v1/cases/1", 405},
		{"GET", "/api/v1/cases/1/close", 405},
		{"OPTIONS", "/api/v1/cases", 405},
		{"GET", "/api/v1/calls?limit=1001", 400},
		{"GET", "/api/v1/calls?limit=x", 400},
		{"GET", "/api/v1/calls?offset=-1", 400},
		{"GET", "/api/v1/calls?sort=name", 400},
		{"GET", "/api/v1/calls?color=red", 400},
		{"GET", "/api/v1/calls?limit=1&limit=2", 400},
		{"GET", "/api/v1/streams?state=answered", 400},
		{"GET", "/api/v1/calls/unknown/packets", 404},
	}
	for _, tt := range tests {
		w := ask(s, tt.method, "http://127.0.0.1"+tt.path)
		var body ErrorBody
		if err := json.Unmarshal(w.Body.Bytes(), &body); w.Code != tt.status || err != nil || body.Error == "" || body.Hint == "" {
			t.Errorf("%s %s: status %d, body %q; want %d with an error and a hint", tt.method, tt.path, w.Code, w.Body, tt.status)
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s %s: X-Content-Type-Options %q", tt.method, tt.path, got)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s allows other origins", tt.method, tt.path)
		}
	}
}

func TestMetricsOverHTTP(t *testing.T) {
	s := newServer(t, ServerConfig{})
	// What Prometheus 2.42 and 3 send with and without exemplars.
	tests := []struct{ accept, want string }{
		{"", "text/plain; version=0.0.4"},
		{"*/*", "text/plain; version=0.0.4"},
		{"text/plain;version=0.0.4;q=1,*/*;q=0.1", "text/plain; version=0.0.4"},
		{"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "application/openmetrics-text; version=1.0.0"},
		{"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "application/openmetrics-text; version=1.0.0"},
		{"application/openmetrics-text;version=0.0.1", "text/plain; version=0.0.4"},
		{"application/openmetrics-text;q=0", "text/plain; version=0.0.4"},
	}
	for _, tt := range tests {
		if got := get(s, "/metrics", "Accept", tt.accept).Header().Get("Content-Type"); !strings.HasPrefix(got, tt.want) {
			t.Errorf("Accept %q: got %q, want %q", tt.accept, got, tt.want)
		}
	}
	w := get(s, "/metrics", "Accept-Encoding", "br, gzip;q=0.8")
	if w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("headers %v, want gzip", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if got := samples(t, string(text))["earshot_capture_packets_total"]; got != 1500 {
		t.Errorf("compressed: %v packets, want 1500", got)
	}
	if got := get(s, "/metrics", "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding"); got != "" {
		t.Errorf("a client that refuses gzip gets %q", got)
	}
}

func TestReady(t *testing.T) {
	down := errors.New("eth0 is down")
	tests := []struct {
		name string
		at   int64
		err  error
		want string // of the reason; "" ready
	}{
		{"nothing came yet", 0, nil, ""},
		{"in time", time.Now().Add(-2 * time.Second).UnixNano(), nil, ""},
		{"behind", time.Now().Add(-time.Hour).UnixNano(), nil, "behind the clock"},
		{"no capture", time.Now().UnixNano(), down, down.Error()},
	}
	for _, tt := range tests {
		p := Probe{Ready: func() error { return tt.err }, Snapshot: func() *pipeline.Snapshot { return &pipeline.Snapshot{At: tt.at} }}
		s, err := NewServer(ServerConfig{Log: quiet()}, p, newMetrics(t, MetricsConfig{}))
		if err != nil {
			t.Fatal(err)
		}
		status := 200
		if tt.want != "" {
			status = 503
		}
		if w := get(s, "/readyz"); w.Code != status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %d %q, want %d %q", tt.name, w.Code, w.Body, status, tt.want)
		}
	}
}
