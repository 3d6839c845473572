package outbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// clientTo is a client that may speak to these servers.
func clientTo(t *testing.T, timeout time.Duration, servers ...string) *client {
	t.Helper()
	c := clientConfig{TLS: &tls.Config{MinVersion: tls.VersionTLS12}, Timeout: timeout, Version: "1.2.3"}
	for _, s := range servers {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		c.Hosts = append(c.Hosts, u.Hostname())
	}
	return newClient(c)
}

// answering is a server that always answers the same.
func answering(t *testing.T, status int, header map[string]string, body string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// wrecking is a server that reads the whole request and then does what it likes
// with the connection.
func wrecking(t *testing.T, wreck func(net.Conn)) (address string, requests *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	requests = new(atomic.Int32)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				q, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				io.Copy(io.Discard, q.Body)
				requests.Add(1)
				wreck(conn)
			}()
		}
	}()
	return "http://" + l.Addr().String(), requests
}

// TestStatus: what each status means, by RFC 9110 and the words of FailureKind.
func TestStatus(t *testing.T) {
	const date = "Sun, 22 Nov 2026 15:00:00 GMT"
	for _, c := range []struct {
		status   int
		header   map[string]string
		harmless bool
		want     FailureKind
		after    time.Duration
	}{
		{status: 400, want: Refused},
		{status: 401, want: Denied},
		{status: 403, want: Denied},
		{status: 404, want: Gone},
		{status: 407, want: Denied},
		{status: 408, want: Busy},
		{status: 409, want: Conflict},
		{status: 410, want: Gone},
		{status: 412, want: Conflict},
		{status: 413, want: Refused},
		{status: 422, want: Refused},
		{status: 425, want: Busy},
		{status: 429, want: Busy},
		{status: 429, header: map[string]string{"Retry-After": "17"}, want: Busy, after: 17 * time.Second},
		{status: 429, header: map[string]string{"Retry-After": "Sun, 22 Nov 2026 15:02:30 GMT", "Date": date}, want: Busy, after: 150 * time.Second},
		{status: 429, header: map[string]string{"Retry-After": "Sun, 22 Nov 2026 14:00:00 GMT", "Date": date}, want: Busy},
		{status: 429, header: map[string]string{"Retry-After": "Sun, 22 Nov 2099 15:00:00 GMT", "Date": date}, want: Busy, after: 24 * time.Hour},
		{status: 429, header: map[string]string{"Retry-After": "99999999"}, want: Busy, after: 24 * time.Hour},
		{status: 429, header: map[string]string{"Retry-After": "-1"}, want: Busy},
		{status: 429, header: map[string]string{"Retry-After": "soon"}, want: Busy},
		{status: 503, header: map[string]string{"Retry-After": "3"}, want: Busy, after: 3 * time.Second},
		{status: 503, want: Doubtful},
		{status: 500, want: Doubtful},
		{status: 502, want: Doubtful},
		{status: 504, want: Doubtful},
		{status: 500, harmless: true, want: Busy},
		{status: 303, want: Doubtful},
		{status: 302, want: Refused},
	} {
		s := answering(t, c.status, c.header, "")
		_, err := clientTo(t, 5*time.Second, s.URL).do(t.Context(), request{method: "POST", url: s.URL, body: 1, harmless: c.harmless})
		var f *Failure
		if !errors.As(err, &f) {
			t.Errorf("%d %v: got %v, want a failure", c.status, c.header, err)
			continue
		}
		if f.Kind != c.want || f.After != c.after || f.Code != c.status {
			t.Errorf("%d %v harmless %v: got %s after %s with code %d, want %s after %s", c.status, c.header, c.harmless, f.Kind, f.After, f.Code, c.want, c.after)
		}
	}
}

func TestAccept(t *testing.T) {
	s := answering(t, 200, nil, "{}")
	c := clientTo(t, 5*time.Second, s.URL)
	if _, err := c.do(t.Context(), request{method: "POST", url: s.URL}); err != nil {
		t.Errorf("200 is a success: got %v", err)
	}
	_, err := c.do(t.Context(), request{method: "POST", url: s.URL, accept: []int{201}})
	mustFail(t, err, Doubtful, "200")
}

// TestBrokenConnection: what is left in doubt, and what is not.
func TestBrokenConnection(t *testing.T) {
	half := func(text string) func(net.Conn) { return func(c net.Conn) { io.WriteString(c, text) } }
	for _, c := range []struct {
		name  string
		wreck func(net.Conn)
		word  string
	}{
		{"closed after the request", func(net.Conn) {}, "EOF"},
		{"reset after the request", func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }, ""},
		{"half a header", half("HTTP/1.1 200 OK\r\nContent-Le"), ""},
		{"half a body", half("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"id\":"), ""},
		{"no HTTP", half("220 mail.example ESMTP\r\n"), ""},
		{"a header without an end", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nX: ")
			for range 100 {
				if _, err := c.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
					return
				}
			}
		}, ""},
		{"silence", func(c net.Conn) { c.Read(make([]byte, 1)) }, "no answer in time"},
	} {
		for _, harmless := range []bool{false, true} {
			at, requests := wrecking(t, c.wreck)
			_, err := clientTo(t, 300*time.Millisecond, at).do(t.Context(), request{method: "POST", url: at + "/x?token=s3cret-of-the-desk", body: "b", harmless: harmless})
			want := Doubtful
			if harmless {
				want = Unreached
			}
			t.Run(fmt.Sprintf("%s, harmless %v", c.name, harmless), func(t *testing.T) {
				mustFail(t, err, want, "POST "+at+"/x: ", c.word)
				if n := requests.Load(); n != 1 {
					t.Errorf("the server saw %d requests, want 1", n)
				}
			})
		}
	}
}

// TestUnreached: before there is a connection nothing can have been done.
func TestUnreached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := "http://" + l.Addr().String()
	l.Close()
	_, err = clientTo(t, 5*time.Second, at).do(t.Context(), request{method: "POST", url: at, body: "b"})
	mustFail(t, err, Unreached, "refused")

	_, err = clientTo(t, 5*time.Second, "http://nobody.invalid").do(t.Context(), request{method: "POST", url: "http://nobody.invalid/", body: "b"})
	mustFail(t, err, Unreached, "nobody.invalid")

	c := clientTo(t, 5*time.Second, "http://a.example")
	_, err = c.do(t.Context(), request{method: "POST", url: "http://b.example/", body: "b"})
	mustFail(t, err, Refused, `"b.example"`)
	_, err = c.http.Get("http://b.example/")
	var stranger *strangerError
	if !errors.As(err, &stranger) {
		t.Errorf("dialled another host: got %v, want a refusal", err)
	}
	_, err = c.do(t.Context(), request{method: "POST", url: "http://a.example/", body: func() {}})
	mustFail(t, err, Refused)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	at, _ := wrecking(t, func(c net.Conn) { cancel(); c.Read(make([]byte, 1)) })
	_, err := clientTo(t, time.Minute, at).do(ctx, request{method: "POST", url: at, body: "b"})
	mustFail(t, err, Doubtful)
}

func TestLongAnswer(t *testing.T) {
	const megabytes = 10
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range megabytes {
			if _, err := w.Write(bytes.Repeat([]byte("a"), 1<<20)); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	a, err := clientTo(t, 10*time.Second, s.URL).do(t.Context(), request{method: "POST", url: s.URL})
	if err != nil || len(a.body) != 1<<20 {
		t.Fatalf("got %d octets, %v; want 1 MiB of them", len(a.body), err)
	}
}

// TestRedirects: only what reads is led on, and only within one server.
func TestRedirects(t *testing.T) {
	var stray atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stray.Add(1) }))
	defer other.Close()
	var seen []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		seen = append(seen, q.Method+" "+q.URL.Path)
		switch q.URL.Path {
		case "/there":
			io.WriteString(w, "here")
		case "/same":
			http.Redirect(w, q, "/there", http.StatusTemporaryRedirect)
		case "/round":
			http.Redirect(w, q, "/round", http.StatusFound)
		case "/other":
			http.Redirect(w, q, other.URL+"/x?secret=1", http.StatusPermanentRedirect)
		}
	}))
	defer s.Close()
	c := clientTo(t, 5*time.Second, s.URL, other.URL)
	for _, one := range []struct {
		method, path string
		want         FailureKind // "": it succeeds
		seen         int
	}{
		{"GET", "/same", "", 2},
		{"POST", "/same", Refused, 1},
		{"PUT", "/same", Refused, 1},
		{"GET", "/other", Refused, 1},
		{"POST", "/other", Refused, 1},
		{"GET", "/round", Refused, 1 + maxRedirects},
	} {
		seen = nil
		a, err := c.do(t.Context(), request{method: one.method, url: s.URL + one.path, body: "b"})
		switch {
		case one.want == "" && (err != nil || string(a.body) != "here"):
			t.Errorf("%s %s: got %v, want it to be led on", one.method, one.path, err)
		case one.want != "":
			mustFail(t, err, one.want, "redirect to")
			if strings.Contains(err.Error(), "secret=1") {
				t.Errorf("the query of a redirect is told: %v", err)
			}
		}
		if len(seen) != one.seen {
			t.Errorf("%s %s: the server saw %v, want %d requests", one.method, one.path, seen, one.seen)
		}
	}
	if n := stray.Load(); n != 0 {
		t.Errorf("another server got %d requests", n)
	}
}

// tlsServer is one whose complaints about handshakes nobody reads.
func tlsServer(t *testing.T, conf *tls.Config, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS, s.Config.ErrorLog = conf, log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestTLS(t *testing.T) {
	silent := func(http.ResponseWriter, *http.Request) {}
	s := tlsServer(t, nil, silent)
	post := func(c *client, at string) error {
		_, err := c.do(t.Context(), request{method: "POST", url: at, body: "b"})
		return err
	}
	mustFail(t, post(clientTo(t, 5*time.Second, s.URL), s.URL), Unreached, "tls_ca")

	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	trusting := func(hosts ...string) *client {
		return newClient(clientConfig{TLS: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, Timeout: 5 * time.Second, Hosts: hosts})
	}
	if err := post(trusting("127.0.0.1"), s.URL); err != nil {
		t.Errorf("with the authority: %v", err)
	}
	elsewhere := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	mustFail(t, post(trusting("localhost"), elsewhere), Unreached, "localhost") // the certificate is not for that name

	old := tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, silent)
	mustFail(t, post(trusting("127.0.0.1"), old.URL), Unreached)

	strict := tlsServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert}, silent)
	mustFail(t, post(trusting("127.0.0.1"), strict.URL), Denied, "tls_cert_file")
}

// TestProxy: the one of the configuration is taken, and none of the environment.
func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { asked = append(asked, q.URL.String()) }))
	defer proxy.Close()
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(clientConfig{Proxy: at, Timeout: 5 * time.Second, Hosts: []string{"desk.example"}})
	if _, err := c.do(t.Context(), request{method: "POST", url: "http://desk.example/in", body: "b"}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(asked, []string{"http://desk.example/in"}) {
		t.Errorf("the proxy was asked for %v", asked)
	}
	if clientTo(t, time.Second).http.Transport.(*http.Transport).Proxy != nil {
		t.Error("without a proxy in the configuration one is looked for")
	}
}

// TestSecretsStay: what a server repeats of our secrets is not told.
func TestSecretsStay(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		user, password, _ := q.BasicAuth()
		w.WriteHeader(400)
		fmt.Fprintf(w, "you said %s, %s, %s:%s, %s and %s", q.Header.Get("Authorization"), q.Header.Get("X-Api-Key"), user, password, q.URL.RawQuery, body)
	}))
	defer s.Close()
	c := clientTo(t, 5*time.Second, s.URL)
	_, err := c.do(t.Context(), request{method: "POST", url: s.URL + "/p?key=k%2Fey-in-query", body: map[string]string{"routing": `key-"in"-body`},
		header: http.Header{"Authorization": {basic("desk", "pass-word")}, "X-Api-Key": {"key-in-header"}}, secrets: []string{`key-"in"-body`, "k/ey-in-query"}})
	mustFail(t, err, Refused, "400", "you said", "desk:***", "key=***")
	for _, secret := range []string{"pass-word", "key-in-header", "in-query", `in\"-body`, basic("desk", "pass-word")} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is told: %v", secret, err)
		}
	}
}

// TestSaid: the server's own words are found where servers put them.
func TestSaid(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{"application/json", `{"message":"no such queue"}`, "no such queue"},
		{"application/json", `{"error":{"message":"User Not Authenticated","detail":"x"}}`, `{"detail":"x","message":"User Not Authenticated"}`},
		{"application/json", `{"errorMessages":[],"errors":{"project":"project is required"}}`, `{"project":"project is required"}`},
		{"application/json", `[{"errorCode":"INVALID_FIELD"}]`, `[{"errorCode":"INVALID_FIELD"}]`},
		{"application/json", `{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect"]}`, "Event object is invalid; Length of 'routing_key' is incorrect"},
		{"text/plain", "no_service\r\n\tat\x00 all", "no_service at all"},
		{"text/html", "<html><head><title>502 Bad\n Gateway</title></head><body>nginx</body>", "502 Bad Gateway"},
		{"text/html", "<html>", ""},
		{"", "", ""},
		{"text/plain", strings.Repeat("ä", 500), strings.Repeat("ä", 199) + "…"},
	} {
		got := said(&response{header: http.Header{"Content-Type": {c.kind}}, body: []byte(c.body)})
		if got != c.want {
			t.Errorf("%s %.60q: got %q, want %q", c.kind, c.body, got, c.want)
		}
	}
}

// TestDryRun: it shows exactly the lines that would be sent, but for secrets.
func TestDryRun(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sent := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		buffer := make([]byte, 64<<10)
		n, _ := io.ReadAtLeast(conn, buffer, 250)
		sent <- string(buffer[:n])
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}()
	at := "http://" + l.Addr().String()
	r := request{method: "POST", url: at + "/in?a=1", body: map[string]string{"key": "s3cret-of-the-desk", "text": "a < b"},
		header: http.Header{"Authorization": {"Bearer tok-en"}, "X-Earshot-Key": {"k"}}, secrets: []string{trackerSecret}}
	c := clientTo(t, 5*time.Second, at)
	if _, err := c.do(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	_, err = c.do(DryRun(t.Context(), &out), r)
	if !errors.Is(err, ErrDry) {
		t.Errorf("a dry run ends with %v, want ErrDry", err)
	}
	shown := strings.Split(strings.TrimSpace(out.String()), "\n")
	wire := strings.Split(strings.NewReplacer("\r\n", "\n", "Bearer tok-en", "***", trackerSecret, "***").Replace(<-sent), "\n")
	if shown[0] != "POST /in?a=1 HTTP/1.1" || shown[len(shown)-1] != `{"key":"***","text":"a < b"}` {
		t.Errorf("first and last line: %q, %q", shown[0], shown[len(shown)-1])
	}
	slices.Sort(shown)
	slices.Sort(wire)
	if !slices.Equal(shown, wire) {
		t.Errorf("a dry run shows\n%s\nthe wire has\n%s", strings.Join(shown, "\n"), strings.Join(wire, "\n"))
	}
	r.pretend = `{"id":7}`
	if a, err := c.do(DryRun(t.Context(), io.Discard), r); err != nil || string(a.body) != `{"id":7}` {
		t.Errorf("a dry run that pretends: %v, %v", a, err)
	}
}

// TestFileBody: a file is streamed with its length and kind.
func TestFileBody(t *testing.T) {
	var got []byte
	var kind string
	var length int64
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		got, _ = io.ReadAll(q.Body)
		kind, length = q.Header.Get("Content-Type"), q.ContentLength
	}))
	defer s.Close()
	data := bytes.Repeat([]byte("pcapng"), 1<<18)
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f := &File{Name: "packets.pcapng", Bytes: int64(len(data)), SHA256: "5ec", Open: func() (io.ReadCloser, error) { return os.Open(name) }}
	c := clientTo(t, 5*time.Second, s.URL)
	if _, err := c.do(t.Context(), request{method: "POST", url: s.URL, file: f, kind: "application/x-pcapng"}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, data) || kind != "application/x-pcapng" || length != int64(len(data)) {
		t.Errorf("got %d octets of %q with length %d, want the file", len(got), kind, length)
	}
	var out strings.Builder
	c.do(DryRun(t.Context(), &out), request{method: "POST", url: s.URL, file: f, kind: "application/x-pcapng"})
	if want := "(1572864 octets of packets.pcapng, SHA-256 5ec)"; !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "Content-Length: 1572864\n") {
		t.Errorf("a dry run shows %q, want %q in it", out.String(), want)
	}
	os.Remove(name)
	_, err := c.do(t.Context(), request{method: "POST", url: s.URL, file: f})
	mustFail(t, err, Unreached, "packets.pcapng")
}

// TestClientFromSettings: what the settings of a destination say of TLS is used.
func TestClientFromSettings(t *testing.T) {
	s := tlsServer(t, nil, func(http.ResponseWriter, *http.Request) {})
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, lines := range [][]string{nil, {"tls_ca: " + ca}} {
		d := newTracker(t, "webhook", s.URL, append([]string{"secret_env: S"}, lines...)...)
		_, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
		if (err == nil) != (lines != nil) {
			t.Errorf("with %v: %v", lines, err)
		}
	}
}

func TestUserAgent(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		fmt.Fprint(w, q.UserAgent(), " ", q.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	}))
	defer s.Close()
	c := clientTo(t, 5*time.Second, s.URL)
	for range 2 {
		a, err := c.do(t.Context(), request{method: "GET", url: s.URL})
		if err != nil || string(a.body) != "earshot/1.2.3 " {
			t.Fatalf("the server saw %q, %v; want our name and no cookie", a.body, err)
		}
	}
}

// FuzzFailure: whatever a server answers, its failure is one short line without
// our secret, and it never keeps us away for longer than a day.
func FuzzFailure(f *testing.F) {
	f.Add(429, "17", "Sun, 22 Nov 2026 15:00:00 GMT", "application/json", []byte(`{"message":"no"}`))
	f.Add(302, "", "", "http://x/?s3cret-of-the-desk", []byte("s3cret-of-the-desk"))
	f.Fuzz(func(t *testing.T, status int, after, date, kind string, body []byte) {
		u, _ := url.Parse("https://h.example/p")
		r := &request{method: "POST", secrets: []string{trackerSecret}}
		a := &response{status: status, body: body, header: http.Header{"Retry-After": {after}, "Date": {date}, "Content-Type": {kind}, "Location": {kind}}}
		got := r.failure(&http.Request{Method: "POST", URL: u}, a)
		if strings.Contains(got.Text, trackerSecret) {
			t.Errorf("the secret is told: %q", got.Text)
		}
		if strings.ContainsFunc(got.Text, unicode.IsControl) || !utf8.ValidString(got.Text) {
			t.Errorf("not one line of text: %q", got.Text)
		}
		if got.After < 0 || got.After > 24*time.Hour {
			t.Errorf("after %s", got.After)
		}
		if got.Kind == "" || got.Kind == Unreached {
			t.Errorf("status %d is %q", status, got.Kind)
		}
	})
}
