package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
)

// usersText has somebody of every level.
const usersText = `
looker:s3:cret
[basic]
wall:whoever-walks-by
[read-write]
alice:correct horse
[admin]
carol:battery staple
`

const tokensText = token + `
[basic]
prometheus 1111111111111111
[read-write]
crm of the partner 2222222222222222
`

func basicAuth(user, password string) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth(user, password)
	return r.Header.Get("Authorization")
}

func levelServer(t testing.TB) *Server {
	t.Helper()
	s := newServer(t, ServerConfig{UsersFile: secretFile(t, usersText), TokensFile: secretFile(t, tokensText)})
	s.now = func() time.Time { return testNow }
	return s
}

// TestLevels: each level may do what the table of docs/api.md says, and no more.
func TestLevels(t *testing.T) {
	s := levelServer(t)
	who := []struct {
		name, header string
		level        level
	}{
		{"basic", basicAuth("wall", "whoever-walks-by"), basic},
		{"a token for figures", "Bearer 1111111111111111", basic},
		{"a line of before", basicAuth("looker", "s3:cret"), readOnly},
		{"a token of before", "Bearer " + token, readOnly},
		{"read-write", basicAuth("alice", "correct horse"), readWrite},
		{"a token that writes", "Bearer 2222222222222222", readWrite},
		{"admin", basicAuth("carol", "battery staple"), admin},
	}
	what := []struct {
		method, path, body string
		least              level
		status             int // for those who may
	}{
		{"GET", "/metrics", "", basic, 200},
		{"GET", "/", "", basic, 200},
		{"GET", "/api/v1/summary", "", basic, 200},
		{"GET", "/api/v1/segments", "", basic, 200},
		{"GET", "/api/v1/alerts", "", basic, 200},
		{"GET", "/api/v1/alerts?format=earshot", "", readOnly, 200},
		{"GET", "/api/v1/rules", "", basic, 200},
		{"GET", "/api/v1/calls", "", readOnly, 200},
		{"GET", "/api/v1/streams", "", readOnly, 200},
		{"GET", "/api/v1/calls/c1/packets", "", readWrite, 200},
		{"GET", "/api/v1/cases", "", readOnly, 200},
		{"GET", "/api/v1/cases/999", "", readOnly, 404},
		{"GET", "/api/v1/cases/999/audit", "", readOnly, 404},
		{"GET", "/api/v1/changes", "", readOnly, 200},
		{"GET", "/api/v1/outbox", "", readOnly, 200},
		{"GET", "/api/v1/outbox/2", "", readOnly, 200},
		{"POST", "/api/v1/outbox/1/retry", "{}", readWrite, 200},
		{"GET", "/api/v1/audit", "", admin, 200},
		{"POST", "/api/v1/cases", `{"subject": "x"}`, readWrite, 201},
		{"POST", "/api/v1/cases/999/close", `{"text": "x"}`, readWrite, 404},
		{"POST", "/api/v1/changes", `{"text": "x"}`, readWrite, 201},
		{"POST", "/api/v1/cases/999/update", `{"legal_hold": true}`, admin, 404},
	}
	for _, p := range who {
		for _, q := range what {
			want := q.status
			if p.level < q.least {
				want = http.StatusForbidden
			}
			if w := post(s, q.method, q.path, q.body, "Authorization", p.header); w.Code != want {
				t.Errorf("%s, %s %s: status %d, want %d: %s", p.name, q.method, q.path, w.Code, want, w.Body)
			}
		}
	}
	summary := get(s, "/api/v1/summary", "Authorization", basicAuth("wall", "whoever-walks-by")).Body.String()
	if !strings.Contains(summary, `"worst":[]`) {
		t.Error("basic sees who spoke in the summary")
	}
}

// TestEveryPathHasALevel: nothing is open to whoever comes, and only those who
// may write write.
func TestEveryPathHasALevel(t *testing.T) {
	for _, r := range newServer(t, ServerConfig{}).table() {
		if r.get != nil && r.read < basic || r.post != nil && r.write < readWrite || r.get == nil && r.post == nil {
			t.Errorf("%s is read by %s and written by %s", r.path, r.read, r.write)
		}
	}
}

// post sends a body as a client on this machine does.
func post(s *Server, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:10060"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// TestStrangers: without authentication this machine works with cases; from
// elsewhere, past "insecure", one looks.
func TestStrangers(t *testing.T) {
	for _, tt := range []struct {
		name, remote string
		insecure     bool
		status       int
	}{
		{"loopback", "127.0.0.1:5555", false, 201},
		{"insecure, from here", "[::1]:5555", true, 201},
		{"insecure, from elsewhere", "192.0.2.7:5555", true, 403},
	} {
		s := newServer(t, ServerConfig{Insecure: tt.insecure})
		r := httptest.NewRequest("POST", "http://127.0.0.1:10060/api/v1/cases", strings.NewReader(`{"subject": "x", "author": "me"}`))
		r.Header.Set("Content-Type", "application/json")
		r.RemoteAddr = tt.remote
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.name, w.Code, tt.status, w.Body)
		}
	}
}

// TestLocks: spec: five failed sign-ins lock the account for 15 minutes, and
// the counter falls back after 15 minutes.
func TestLocks(t *testing.T) {
	s := levelServer(t)
	now := testNow
	s.now = func() time.Time { return now }
	try := func(user, password string) int {
		return get(s, "/metrics", "Authorization", basicAuth(user, password)).Code
	}
	fail := func(user string, n int) {
		t.Helper()
		for range n {
			if got := try(user, "wrong"); got != 401 {
				t.Fatalf("a wrong password: status %d, want 401", got)
			}
		}
	}
	fail("alice", 4)
	if got := try("alice", "correct horse"); got != 200 {
		t.Errorf("after four failures: status %d, want 200", got)
	}
	fail("alice", 4) // the success has made good the first four
	now = now.Add(15 * time.Minute)
	fail("alice", 4) // and so has the time
	fail("alice", 1)
	w := get(s, "/metrics", "Authorization", basicAuth("alice", "correct horse"))
	if w.Code != 429 || w.Header().Get("Retry-After") != "900" || !strings.Contains(w.Body.String(), now.Add(15*time.Minute).UTC().Format(time.RFC3339)) {
		t.Errorf("locked: status %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if got := try("carol", "battery staple"); got != 200 {
		t.Errorf("another account: status %d, want 200", got)
	}
	if got := get(s, "/metrics", "Authorization", "Bearer 2222222222222222").Code; got != 200 {
		t.Errorf("a token: status %d, want 200", got)
	}
	now = now.Add(15*time.Minute - time.Second)
	if got := try("alice", "correct horse"); got != 429 {
		t.Errorf("a second before the end: status %d, want 429", got)
	}
	now = now.Add(time.Second)
	if got := try("alice", "correct horse"); got != 200 {
		t.Errorf("after 15 minutes: status %d, want 200", got)
	}
	// A lock does not tell whether there is such a user.
	fail("nobody", 5)
	if got := try("nobody", "wrong"); got != 429 {
		t.Errorf("an unknown user: status %d, want 429", got)
	}
	expect(t, s.metrics, map[string]float64{"earshot_web_locked_accounts_total": 2})
}

// TestLocksBounded: names that nobody has cannot fill the memory, nor push out
// the failures of those who are known.
func TestLocksBounded(t *testing.T) {
	var l locks
	now := testNow
	for range mostFailures - 1 {
		l.failed("alice", true, now)
	}
	for i := range 2 * mostLocks {
		now = now.Add(time.Millisecond)
		l.failed(fmt.Sprint("nobody-", i), false, now)
	}
	if len(l.accounts) > mostLocks {
		t.Errorf("%d names are remembered, want at most %d", len(l.accounts), mostLocks)
	}
	if !l.failed("alice", true, now) {
		t.Error("the fifth failure of a known user does not lock her account")
	}
}

// TestSecretFiles: what can be wrong with them is said.
func TestSecretFiles(t *testing.T) {
	for _, tt := range []struct {
		name, users, tokens string
		want                string // of the error; "" none
	}{
		{"old files", "noc:short\n", token + "\n", ""},
		{"a user of an old file named as the monitor", "earshot:short\n", "", ""},
		{"a section", "[read-write]\nalice:long enough\n", "", ""},
		{"an unknown section", "[readwrite]\nalice:long enough\n", "", `did you mean "read-write"`},
		{"nobody in the section", "[admin]\n", "", "it holds none"},
		{"a short password", "[basic]\nalice:1234567\n", "", "7 characters, want 8"},
		{"two levels", "[basic]\nalice:long enough\n[admin]\nalice:long enough 2\n", "", `"alice" is there as basic and as admin`},
		{"two passwords", "[basic]\nalice:long enough\nalice:long enough 2\n", "", ""},
		{"the monitor's name", "[basic]\nEarshot:long enough\n", "", "by which the monitor signs"},
		{"a name that cannot be printed", "[basic]\na\x07:long enough\n", "", "cannot be printed"},
		{"a token without a name", "", "[read-write]\n3333333333333333\n", "has no name"},
		{"a token without a name that reads", "", "[read-only]\n3333333333333333\n", ""},
		{"a short token with a name", "", "[read-write]\ncrm 33333\n", "5 characters, want 16"},
		{"a user like a section", "[basic:x]\n", "", ""},
	} {
		cfg := ServerConfig{}
		if tt.users != "" {
			cfg.UsersFile = secretFile(t, tt.users)
		}
		if tt.tokens != "" {
			cfg.TokensFile = secretFile(t, tt.tokens)
		}
		err := cfg.Check("127.0.0.1:10060")
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if err != nil && (strings.Contains(err.Error(), "long enough") || strings.Contains(err.Error(), "33333333")) {
			t.Errorf("%s: a secret is in the error %q", tt.name, err)
		}
	}
}

// TestGrantsTakeHold: a level that is taken away is gone with the reload.
func TestGrantsTakeHold(t *testing.T) {
	path := secretFile(t, "[read-write]\nalice:correct horse\n")
	s := newServer(t, ServerConfig{UsersFile: path})
	open := func() int {
		return post(s, "POST", "/api/v1/cases", `{"subject": "x"}`, "Authorization", basicAuth("alice", "correct horse")).Code
	}
	if got := open(); got != 201 {
		t.Fatalf("status %d, want 201", got)
	}
	if err := os.WriteFile(path, []byte("[read-only]\nalice:correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	if got := open(); got != 403 {
		t.Errorf("after the reload: status %d, want 403", got)
	}
}

// TestForeignPages: what a browser would send for another site changes nothing.
func TestForeignPages(t *testing.T) {
	s := newServer(t, ServerConfig{})
	const body = `{"subject": "x", "author": "me"}`
	for _, tt := range []struct {
		name    string
		headers []string
		status  int
	}{
		{"a program", nil, 201},
		{"a page of the probe", []string{"Origin", "http://127.0.0.1:10060", "Sec-Fetch-Site", "same-origin"}, 201},
		{"another origin", []string{"Origin", "http://evil.example"}, 403},
		{"a sandboxed page", []string{"Origin", "null"}, 403},
		{"another port", []string{"Origin", "http://127.0.0.1:8080"}, 403},
		{"cross-site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"same-site", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:8080"}, 403},
		{"a form", []string{"Content-Type", "text/plain"}, 415},
		{"a form of the web", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"no type", []string{"Content-Type", ""}, 415},
		{"a rebound name", []string{"Origin", "http://evil.example:10060"}, 403},
	} {
		if w := post(s, "POST", "/api/v1/cases", body, tt.headers...); w.Code != tt.status {
			t.Errorf("%s: status %d, want %d: %s", tt.name, w.Code, tt.status, w.Body)
		}
	}
}
