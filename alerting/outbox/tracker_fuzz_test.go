package outbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTrackerText: whatever a case holds, what goes out is well-formed, no text
// of it becomes markup, and queries stay one text.
func FuzzTrackerText(f *testing.F) {
	for _, s := range []string{"", "a\nb", "{noformat}", "{noformat\n{noformat}", "'; DROP", `\'`, `"`, "\xff\x00", "https://x.example/", "{code}\n[~a]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := json.Marshal(adfDocument(fit(plain(text), jiraText), ""))
		if err != nil || !json.Valid(doc) || strings.Contains(string(doc), `"text":""`) || strings.Contains(string(doc), `"marks"`) {
			t.Fatalf("document of %q is %s (%v)", text, doc, err)
		}
		if wiki := wikiText(plain(text), ""); strings.Count(wiki, "{noformat") != 2 || !strings.HasSuffix(wiki, "\n{noformat}") {
			t.Fatalf("markup of %q is %q", text, wiki)
		}
		for name, q := range map[string]string{"'soql": soqlText(text), "'ticket": ticketText(text), `"`: jqlText(text)} {
			if inner := q[1 : len(q)-1]; unquoted(inner, name[0]) {
				t.Fatalf("text %q ends within its quotes: %s", text, q)
			}
		}
		if strings.Contains(strings.ReplaceAll(serviceNowValue(text), "^^", ""), "^") {
			t.Fatalf("value %q parts its query: %q", text, serviceNowValue(text))
		}
		if line := fit(oneLine(text), 160); !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("line of %q is %q", text, line)
		}
	})
}

// unquoted reports whether a quote in a text has no backslash of its own before it.
func unquoted(inner string, quote byte) bool {
	for i := 0; i < len(inner); i++ {
		switch inner[i] {
		case '\\':
			i++
			if i == len(inner) {
				return true // the closing quote is escaped
			}
		case quote:
			return true
		}
	}
	return false
}

// FuzzTrackerAnswer: whatever a server answers, a destination neither panics nor
// takes it for a ticket without an identifier.
func FuzzTrackerAnswer(f *testing.F) {
	for _, s := range []string{`{}`, `[]`, `null`, `{"result":null}`, `{"result":[{}]}`, `{"issues":[{}]}`, `{"tickets":[null]}`, `{"items":[{"id":1}]}`,
		`{"Id":null}`, `{"ticket":{"id":-1}}`, `{"id":"7","fields":{"status":null}}`, `{"transitions":[{}]}`, `<html>`, `{"result":{"sys_id":"1"}}`, "[{\"errorCode\":1}]"} {
		for _, status := range []int{200, 404} {
			f.Add(s, status)
		}
	}
	var body string
	var status int
	answers := roundTrip(func(q *http.Request) *http.Response {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: q}
	})
	var kinds []Destination
	for kind, lines := range map[string][]string{"servicenow": nil, "jira-cloud": {"project: V"}, "jira": {"project: V"}, "salesforce": nil, "zendesk": nil, "rt": {"key_field: K"}} {
		d, err := decodeTracker(func(_, _ string) (string, error) { return trackerSecret, nil },
			fmt.Sprintf("- name: desk\n  kind: %s\n  url: https://desk.example\n  ", kind)+strings.Join(append([]string{"token_env: T"}, lines...), "\n  "))
		if err != nil {
			f.Fatal(err)
		}
		trackerOf(d).client.http.Transport = answers
		kinds = append(kinds, d)
	}
	f.Fuzz(func(t *testing.T, answer string, code int) {
		if code < 200 || code > 599 {
			t.Skip("no final status")
		}
		body, status = answer, code
		for _, d := range kinds {
			anyAnswer(t, d, answer)
		}
	})
}

// anyAnswer asks a destination for everything; whatever it asks gets the same answer.
func anyAnswer(t *testing.T, d Destination, answer string) {
	ticket, c := trackerTicket("1"), trackerContent()
	if r, err := d.Create(t.Context(), ticket, c); err == nil && r.ID == "" {
		t.Fatalf("%T makes a ticket without an identifier of %q", d, answer)
	}
	if r, ok, err := d.Find(t.Context(), ticket); ok && err == nil && r.ID == "" {
		t.Fatalf("%T finds a ticket without an identifier in %q", d, answer)
	}
	ticket.Doubt = true
	for _, step := range []func() error{
		func() error { _, err := d.Update(t.Context(), ticket, c); return err },
		func() error { return d.Comment(t.Context(), ticket, c) },
		func() error { return d.Attach(t.Context(), ticket, trackerFile("a", "image/png", "x")) },
		func() error { _, err := d.Close(t.Context(), ticket, c); return err },
		func() error { _, err := d.Reopen(t.Context(), ticket, c); return err },
		func() error { _, err := d.Read(t.Context(), ticket); return err },
	} {
		if err := step(); err != nil && strings.Contains(err.Error(), trackerSecret) {
			t.Fatalf("%T tells the secret: %v", d, err)
		}
	}
}

// roundTrip is a transport that reaches nobody.
type roundTrip func(*http.Request) *http.Response

// RoundTrip answers.
func (a roundTrip) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.Body != nil {
		io.Copy(io.Discard, q.Body)
	}
	return a(q), nil
}

// trackerOf is what a destination speaks through.
func trackerOf(d Destination) *tracker {
	switch d := d.(type) {
	case *serviceNow:
		return &d.tracker
	case *jira:
		return &d.tracker
	case *salesforce:
		return &d.tracker
	case *zendesk:
		return &d.tracker
	case *requestTracker:
		return &d.tracker
	}
	panic("no tracker")
}
