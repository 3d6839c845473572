package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// caseServer is a server without authentication, and its desk.
func caseServer(t testing.TB) (*Server, *testDesk) {
	t.Helper()
	s, desk := newServer(t, ServerConfig{}), newTestDesk()
	s.probe.Desk = desk
	s.now = func() time.Time { return testNow }
	return s, desk
}

// read decodes an answer of a wanted status.
func read[T any](t testing.TB, w *httptest.ResponseRecorder, status int) *T {
	t.Helper()
	body := new(T)
	if err := json.Unmarshal(w.Body.Bytes(), body); err != nil || w.Code != status {
		t.Fatalf("status %d, want %d: %s (%v)", w.Code, status, w.Body, err)
	}
	return body
}

// TestCaseLife: a case is opened, worked on, closed and reopened over the API.
func TestCaseLife(t *testing.T) {
	s, _ := caseServer(t)
	w := post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "Crackling", "text": "since noon", "severity": "high", "external_reference": "INC-1"}`)
	c := read[CaseBody](t, w, 201)
	if c.Number != 1 || c.Subject != "Crackling" || c.Severity != alerting.High || c.Reference != "INC-1" || c.Description != "since noon" {
		t.Errorf("opened: %+v", c.Case)
	}
	if w.Header().Get("Location") != "/api/v1/cases/1" || w.Header().Get("ETag") != fmt.Sprintf(`"1.%d"`, c.Version) || c.Version < 1 {
		t.Errorf("headers %v, version %d", w.Header(), c.Version)
	}
	if text := w.Body.String(); strings.Contains(text, "null") || strings.Contains(text, "0001-01-01") {
		t.Errorf("a list or a time that there is none of: %s", text)
	}
	if len(c.Clocks) != 3 || c.Clocks[0].Goal != "response" || c.Clocks[0].Target != "6 bh" { // plan care, high
		t.Errorf("clocks %+v", c.Clocks)
	}
	for _, step := range []struct {
		action, body string
		check        func(c *alerting.Case) bool
	}{
		{"update", `{"author": "Ann", "text": "looking", "sub_status": "investigation"}`, func(c *alerting.Case) bool { return c.SubStatus == alerting.SubInvestigation }},
		{"update", `{"author": "Ann", "severity": 1, "security": true}`, func(c *alerting.Case) bool { return c.Severity == alerting.Critical && c.Security }},
		{"assign", `{"author": "Ann", "assignee": "Bob"}`, func(c *alerting.Case) bool { return c.Assignee == "Bob" }},
		{"close", `{"author": "Bob", "text": "cable replaced"}`, func(c *alerting.Case) bool {
			return c.Status == alerting.StatusClosed && c.SubStatus == alerting.SubResolved && c.Closure == "cable replaced"
		}},
		{"reopen", `{"author": "Ann", "text": "again since 3"}`, func(c *alerting.Case) bool { return c.Status == alerting.StatusOpen }},
	} {
		c = read[CaseBody](t, post(s, "POST", "/api/v1/cases/1/"+step.action, step.body), 200)
		if !step.check(c.Case) {
			t.Errorf("%s %s: %+v", step.action, step.body, c.Case)
		}
	}
	authors := map[string]bool{}
	for _, u := range c.Updates {
		authors[u.Author] = true
	}
	if !authors["Ann"] || !authors["Bob"] || len(authors) != 2 {
		t.Errorf("authors %v", authors)
	}
	log := read[AuditList](t, get(s, "/api/v1/cases/1/audit?limit=2"), 200)
	if len(log.Entries) != 2 || log.Next == 0 || log.Entries[0].What != "case.reopen" || log.Entries[0].Who != "Ann" {
		t.Errorf("audit %+v", log)
	}
	rest := read[AuditList](t, get(s, fmt.Sprintf("/api/v1/cases/1/audit?before=%d", log.Next)), 200)
	if rest.Next != 0 || len(rest.Entries) < 4 || rest.Entries[len(rest.Entries)-1].What != "case.open" {
		t.Errorf("the rest of the audit log: %+v", rest)
	}
}

// TestCaseList: filters narrow the list, and pages join without a gap.
func TestCaseList(t *testing.T) {
	s, _ := caseServer(t)
	for i := range 7 {
		body := fmt.Sprintf(`{"author": "Ann", "subject": "case %d", "severity": %d}`, i+1, i%2+3)
		read[CaseBody](t, post(s, "POST", "/api/v1/cases", body), 201)
	}
	read[CaseBody](t, post(s, "POST", "/api/v1/cases/3/close", `{"author": "Ann", "text": "done"}`), 200)
	for query, want := range map[string][]int{
		"":                              {7, 6, 5, 4, 3, 2, 1},
		"?severity=medium":              {7, 5, 3, 1},
		"?severity=3,low&status=open":   {7, 6, 5, 4, 2, 1},
		"?status=closed":                {3},
		"?text=CASE+5":                  {5},
		"?since=2026-01-05":             {7, 6, 5, 4, 3, 2, 1},
		"?until=2026-01-05T00:00:00Z":   {},
		"?limit=3":                      {7, 6, 5},
		"?limit=3&before=5":             {4, 3, 2},
		"?closed_since=2026-01-05":      {3},
		"?sub_status=resolved":          {3},
		"?owner=nobody&severity=medium": {},
	} {
		list := read[CaseList](t, get(s, "/api/v1/cases"+query), 200)
		got := []int{}
		for _, c := range list.Cases {
			got = append(got, c.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
		if next := query == "?limit=3" || query == "?limit=3&before=5"; (list.Next != 0) != next || next && list.Next != want[2] {
			t.Errorf("%s: next is %d", query, list.Next)
		}
	}
	for query, want := range map[string]string{
		"?state=open":                `there are status`,
		"?severty=high":              `did you mean \"severity\"`,
		"?status=opne":               `did you mean \"open\"`,
		"?severity=hi":               "is no severity",
		"?since=yesterday":           "want a time like",
		"?limit=0":                   "1 to 1000",
		"?before=x":                  "whole number",
		"?status=open&status=closed": "there 2 times",
	} {
		if w := get(s, "/api/v1/cases"+query); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %q", query, w.Code, w.Body, want)
		}
	}
}

// TestBodies: what cannot be understood is refused as a whole, and the answer
// says what would be right.
func TestBodies(t *testing.T) {
	s, desk := caseServer(t)
	read[CaseBody](t, post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "x"}`), 201)
	before := desk.done
	long := strings.Repeat("x", maxLine+1)
	for _, tt := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"", ``, 400, "ends too early"},
		{"", `{`, 400, "ends too early"},
		{"", `[]`, 400, "no JSON object"},
		{"", `null`, 400, "no JSON object"},
		{"", `{"subject": }`, 400, "no JSON"},
		{"", `{"subject": "x", "author": "Ann"} {}`, 400, "something follows"},
		{"", `{"subject": "x", "subject": "y", "author": "Ann"}`, 400, "there twice"},
		{"", `{"subjct": "x", "author": "Ann"}`, 400, `did you mean \"subject\"`},
		{"", `{"Subject": "x", "author": "Ann"}`, 400, `did you mean \"subject\"`},
		{"", `{"subject": 7, "author": "Ann"}`, 400, "subject: got 7, want a text"},
		{"", `{"subject": null, "author": "Ann"}`, 400, "want a text"},
		{"", `{"author": "Ann"}`, 400, `no \"subject\"`},
		{"", `{"subject": "x"}`, 400, `no \"author\"`},
		{"", `{"subject": "x", "author": "earshot"}`, 400, "monitor signs"},
		{"", `{"subject": "x", "author": "Ann", "severity": "hihg"}`, 400, `did you mean \"high\"`},
		{"", `{"subject": "x", "author": "Ann", "severity": 5}`, 400, "is no severity"},
		{"", `{"subject": "x", "author": "Ann", "severity": [1]}`, 400, "is no severity"},
		{"", `{"subject": "` + long + `", "author": "Ann"}`, 400, "301 characters"},
		{"", `{"subject": "a\nb", "author": "Ann"}`, 400, "control character"},
		{"", `{"subject": "x", "text": "a\u0000b", "author": "Ann"}`, 400, "control character"},
		{"", `{"subject": "` + strings.Repeat("x", maxBody) + `", "author": "Ann"}`, 413, "65536 octets"},
		{"", `{"subject": "x", "author": "Ann"}` + strings.Repeat(" ", maxBody), 413, "65536 octets"},
		{"/1/update", `{}`, 400, "nothing to update"},
		{"/1/update", `{"author": "Ann", "version": 1}`, 400, "nothing to update"},
		{"/1/update", `{"author": "Ann", "text": "x", "version": 0}`, 400, "whole number from 1"},
		{"/1/update", `{"author": "Ann", "customer": "yes"}`, 400, "want true or false"},
		{"/1/update", `{"author": "Ann", "legal_hold": true}`, 403, "takes admin"},
		{"", `{"subject": "x", "author": "Ann", "refers_to": 99}`, 404, "no case 99"},
		{"", `{"subject": "x", "author": "Ann", "version": 1}`, 400, "there is no key"},
		{"/1/update", `{"author": "Ann", "type": "suport"}`, 400, `did you mean \"support\"`},
		{"/1/update", `{"author": "Ann", "security": "true"}`, 400, "want true or false"},
		{"/1/close", `{"author": "Ann"}`, 400, `no \"text\"`},
		{"/1/close", `{"author": "Ann", "text": "x", "severity": "low"}`, 400, "there are text, sub_status"},
		{"/1/clse", `{"author": "Ann"}`, 404, `did you mean \"close\"`},
		{"/x/close", `{"author": "Ann"}`, 404, "no number"},
		{"/0/close", `{"author": "Ann"}`, 404, "no number"},
		{"/99/close", `{"author": "Ann", "text": "x"}`, 404, "no case 99"},
	} {
		w := post(s, "POST", "/api/v1/cases"+tt.path, tt.body)
		body := read[ErrorBody](t, w, tt.status)
		if !strings.Contains(w.Body.String(), tt.want) || body.Hint == "" {
			t.Errorf("%s %.80s: %s, want %q and a hint", tt.path, tt.body, w.Body, tt.want)
		}
	}
	if desk.done != before {
		t.Errorf("%d commands were obeyed", desk.done-before)
	}
}

// TestVersions: a change that stands on what somebody has changed in between is
// refused; figures and other cases make no other version.
func TestVersions(t *testing.T) {
	s, _ := caseServer(t)
	w := post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "x"}`)
	tag := w.Header().Get("ETag")
	version := read[CaseBody](t, w, 201).Version
	if w := post(s, "POST", "/api/v1/cases/1/assign", `{"author": "Ann", "assignee": "Ann"}`, "If-Match", tag); w.Code != 200 || w.Header().Get("ETag") == tag {
		t.Fatalf("status %d, ETag %s after %s: %s", w.Code, w.Header().Get("ETag"), tag, w.Body)
	}
	if w := post(s, "POST", "/api/v1/cases/1/assign", `{"author": "Bob", "assignee": "Bob"}`, "If-Match", tag); w.Code != 412 {
		t.Errorf("with an old ETag: status %d, want 412: %s", w.Code, w.Body)
	}
	if w := post(s, "POST", "/api/v1/cases/1/assign", fmt.Sprintf(`{"author": "Bob", "assignee": "Bob", "version": %d}`, version)); w.Code != 409 {
		t.Errorf("with an old version: status %d, want 409: %s", w.Code, w.Body)
	}
	if w := post(s, "POST", "/api/v1/cases/1/assign", `{"author": "Bob", "assignee": "Bob"}`, "If-Match", "*"); w.Code != 200 {
		t.Errorf("with *: status %d, want 200: %s", w.Code, w.Body)
	}
	for _, bad := range []string{"17", `"2.1"`, `"1.x"`, `W/"1.1"`, `"1.1", "1.2"`, `"1.-1"`} {
		if w := post(s, "POST", "/api/v1/cases/1/assign", `{"author": "Bob", "assignee": "Bob"}`, "If-Match", bad); w.Code != 400 {
			t.Errorf("If-Match %s: status %d, want 400", bad, w.Code)
		}
	}
	if got := get(s, "/api/v1/cases/1").Header().Get("ETag"); got == "" || got == tag {
		t.Errorf("ETag %q", got)
	}
}

// TestSigned: who has signed in is the author, and may speak for others.
func TestSigned(t *testing.T) {
	s := levelServer(t)
	desk := newTestDesk()
	s.probe.Desk = desk
	for _, tt := range []struct{ header, body, want string }{
		{basicAuth("alice", "correct horse"), `{"subject": "x"}`, "alice"},
		{basicAuth("alice", "correct horse"), `{"subject": "x", "author": "alice"}`, "alice"},
		{"Bearer 2222222222222222", `{"subject": "x", "author": "Ms Miller"}`, "crm of the partner for Ms Miller"},
	} {
		c := read[CaseBody](t, post(s, "POST", "/api/v1/cases", tt.body, "Authorization", tt.header), 201)
		if got := c.Updates[0].Author; got != tt.want {
			t.Errorf("%s: signed %q, want %q", tt.body, got, tt.want)
		}
	}
	if got := desk.audit[len(desk.audit)-1].Who; got != "crm of the partner" {
		t.Errorf("the audit log says %q", got)
	}
}

// TestChanges: a change is recorded with its author, and found again.
func TestChanges(t *testing.T) {
	s, _ := caseServer(t)
	n := read[alerting.NetworkChange](t, post(s, "POST", "/api/v1/changes", `{"author": "Ann", "text": "SBC 2 upgraded", "segment": "trunk", "at": "2026-01-05T11:00:00Z"}`), 201)
	if n.ID == 0 || n.Author != "Ann" || !n.At.Equal(time.Date(2026, 1, 5, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("recorded %+v", n)
	}
	n = read[alerting.NetworkChange](t, post(s, "POST", "/api/v1/changes", `{"author": "Ann", "text": "new firmware"}`), 201)
	if !n.At.Equal(testNow) {
		t.Errorf("without a time it is made at %v, want %v", n.At, testNow)
	}
	for query, want := range map[string]int{"": 2, "?segment=trunk": 2, "?segment=vlan7": 1, "?limit=1": 1} {
		list := read[ChangeList](t, get(s, "/api/v1/changes"+query), 200)
		if len(list.Changes) != want || (list.Next != 0) != (query == "?limit=1") {
			t.Errorf("%s: %d changes, next %d; want %d", query, len(list.Changes), list.Next, want)
		}
	}
	if w := post(s, "POST", "/api/v1/changes", `{"author": "Ann", "text": "x", "at": "noon"}`); w.Code != 400 || !strings.Contains(w.Body.String(), "want a time like") {
		t.Errorf("a bad time: %d %s", w.Code, w.Body)
	}
}

// TestNoDesk: a probe without cases says so.
func TestNoDesk(t *testing.T) {
	s, _ := caseServer(t)
	s.probe.Desk = nil
	for _, w := range []*httptest.ResponseRecorder{
		get(s, "/api/v1/cases"), get(s, "/api/v1/cases/1"), get(s, "/api/v1/changes"),
		post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "x"}`),
	} {
		if body := read[ErrorBody](t, w, 404); !strings.Contains(body.Hint, "store.dir") {
			t.Errorf("got %+v", body)
		}
	}
}

// TestDeskFails: what could not be kept was not done, and its key may come again.
func TestDeskFails(t *testing.T) {
	s, desk := caseServer(t)
	desk.fails = errors.New("the disk is full")
	const body = `{"author": "Ann", "subject": "x"}`
	if w := post(s, "POST", "/api/v1/cases", body, "Idempotency-Key", "k1"); w.Code != 503 || !strings.Contains(w.Body.String(), "disk is full") {
		t.Errorf("got %d %s, want 503", w.Code, w.Body)
	}
	desk.fails = nil
	if w := post(s, "POST", "/api/v1/cases", body, "Idempotency-Key", "k1"); w.Code != 201 || w.Header().Get("Idempotency-Replayed") != "" {
		t.Errorf("got %d %s, want 201", w.Code, w.Body)
	}
}

// FuzzBody: whatever a body holds, the command is done or refused with a hint,
// and what is done has a subject and an author.
func FuzzBody(f *testing.F) {
	f.Add("", `{"author": "Ann", "subject": "x", "severity": 2, "security": true}`)
	f.Add("/1/update", `{"author": "Ann", "text": "a\nb", "customer": true}`)
	f.Add("/1/close", `{"author": "Ann", "text": "x", "sub_status": "cancelled", "version": 3}`)
	f.Add("", `{"subject": {"a": [1, null, "\ud800"]}}`)
	f.Add("", strings.Repeat("[", 20000))
	s, desk := caseServer(f)
	f.Fuzz(func(t *testing.T, path, body string) {
		if !strings.HasPrefix(path, "/1/") {
			path = ""
		}
		r := httptest.NewRequest("POST", "http://127.0.0.1/api/v1/cases", nil)
		r.URL.Path += path
		r.Body = io.NopCloser(strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		desk.desk = alerting.NewDesk(alerting.DeskConfig{})
		if _, err := desk.desk.Do(testNow, alerting.Command{Kind: alerting.CommandOpen, Author: "Ann", Subject: "first"}); err != nil {
			t.Fatal(err)
		}
		s.Handler().ServeHTTP(w, r)
		switch w.Code {
		case 200, 201:
			var c CaseBody
			if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || c.Case == nil || len(c.Updates) == 0 || c.Updates[len(c.Updates)-1].Author == "" {
				t.Errorf("%s %q: %s", path, body, w.Body)
			}
		case 307, 400, 403, 404, 405, 409, 413: // the mux redirects to clean paths
			var e ErrorBody
			if err := json.Unmarshal(w.Body.Bytes(), &e); w.Code != 307 && (err != nil || e.Error == "" || e.Hint == "") {
				t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
			}
		default:
			t.Errorf("%s %q: status %d: %s", path, body, w.Code, w.Body)
		}
	})
}
