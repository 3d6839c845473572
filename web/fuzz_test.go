package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequest: whatever a client sends, the answer is one of those that are
// documented; lists hold no more than was asked for, and errors say what to do.
func FuzzRequest(f *testing.F) {
	f.Add("/api/v1/calls", "sort=mos&limit=2", "", "")
	f.Add("/api/v1/streams", "segment=trunk&offset=1", "gzip", "")
	f.Add("/metrics", "", "gzip;q=0.5, br", "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.3")
	f.Add("/api/v1/calls/a%2Fb%40c/packets", "", "", "*/*;q=x")
	f.Add("/api/v1/history/calls", "number=%2A4711&since=2h&mos_below=3.6&address=192.0.2.0/24&before_cursor=2026-01-05/17", "", "")
	f.Add("/api/v1/history/calls/a%40b", "", "", "")
	f.Add("//..//", "limit=1&limit=2", ";;;", ";q=")
	f.Add("/api/v1/cases", "status=open&severity=1,high&since=2026-01-05&before=7", "", "")
	f.Add("/api/v1/rules", "type=alert&rule_name[]=x&rule_name[]=y", "", "")
	f.Add("/api/v1/cases/1/close", "", "", "")
	s := newServer(f, ServerConfig{})
	f.Fuzz(func(t *testing.T, path, query, encoding, accept string) {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil)
		r.URL = &url.URL{Scheme: "http", Host: "127.0.0.1", Path: path, RawQuery: query}
		r.Header.Set("Accept-Encoding", encoding)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		switch w.Code {
		case 200, 301, 307, 503: // the mux redirects to clean paths; the scene's clock has stopped
		case 400, 403, 404, 405: // 403, 405: what only an administrator reads, and what is only written
			var body ErrorBody
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || body.Error == "" || body.Hint == "" {
				t.Errorf("%s?%s: %d %q", path, query, w.Code, w.Body)
			}
		default:
			t.Errorf("%s?%s: status %d", path, query, w.Code)
		}
		if path != "/api/v1/calls" || w.Code != 200 || w.Header().Get("Content-Encoding") != "" {
			return
		}
		var list CallList
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Calls) > list.Total || len(list.Calls) > maxLimit {
			t.Errorf("%s?%s: %d of %d calls, %v", path, query, len(list.Calls), list.Total, err)
		}
	})
}

// FuzzLabels: whatever a label value holds, Prometheus' parser gives it back.
func FuzzLabels(f *testing.F) {
	for _, v := range []string{"plain", `a"b\c`, "two\nlines", "\xff\xfe", "", `le="+Inf"} 1`} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		p := page{}
		p.family("x", gauge, "Help.")
		p.count(labels("a", v, "b", "end"), 1)
		p.family("y", gauge, "Help.")
		p.count("", 2)
		text := string(p.b)
		if strings.Count(text, "\n") != 6 {
			t.Fatalf("%q breaks the line: %q", v, text)
		}
		if got := samples(t, text); len(got) != 2 || got["y"] != 2 {
			t.Errorf("%q: %v", v, got)
		}
	})
}

// FuzzSecrets: whatever files of secrets hold, they are refused, or everybody in
// them has a level, and those who may change cases a name to sign with.
func FuzzSecrets(f *testing.F) {
	f.Add(usersText, tokensText)
	f.Add("[admin]\na:b:c d e f g\n", "x y z 0123456789abcdef\n")
	f.Add("#[admin]\n[basic]", "[read-write]\n\t0123456789abcdef\n")
	f.Fuzz(func(t *testing.T, users, tokens string) {
		g, err := newGuard(&ServerConfig{UsersFile: secretFile(t, users), TokensFile: secretFile(t, tokens)})
		if err != nil {
			return
		}
		for _, a := range append(g.users, g.tokens...) {
			if a.level < basic || a.level >= levels || a.level >= readWrite && (a.name == "" || checkName("the name", a.name) != nil) {
				t.Errorf("%q and %q let in %+v", users, tokens, a)
			}
		}
	})
}
