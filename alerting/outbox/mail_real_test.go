package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// A real server takes the mails of a case over STARTTLS: they are one thread,
// their parts are what they should be, and a mail that is sent again can be
// known by its Message-ID.
func TestMailThread(t *testing.T) {
	s := startExim(t)
	set := s.mailSetting(t, fmt.Sprintf("port: %d, tls_ca: cert.pem, owners: {carrier-b: [voice@carrier-b.example]}", s.startTLS))
	chart := evidenceFile("chart-1.png", "image/png", []byte("\x89PNG\r\n\x1a\n and so on"))
	job := &Job{Case: trialCases()[0].Case, At: time.Date(2026, 1, 6, 10, 3, 0, 0, time.UTC)}
	job.Case.Questions[0].Text += "\nUmlauts: äöü; a long line: " + strings.Repeat("loss ", 300) + "\n.\n.. dots\nFrom here on"
	content := set.Content(job, []File{chart})
	remote, err := set.Destination.Create(t.Context(), mailTicket(""), content)
	if err != nil {
		t.Fatal(err)
	}
	first := s.received(t, 1)
	for name, want := range map[string]string{
		"Subject": "[Earshot] #17 High: Packet loss with G729 in segment trunk-b", "From": `"Earshot" <earshot@probe.example>`,
		"Message-Id": "<0123456789abcdef0123456789abcdef.create@probe.example>", "Date": "Tue, 06 Jan 2026 10:03:00 +0000",
		"Auto-Submitted": "auto-generated", "X-Earshot-Case": "17", "X-Earshot-Severity": "high", "In-Reply-To": "", "References": "",
	} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	to, err := first.Header.AddressList("To")
	if err != nil || len(to) != 2 || to[0].Address != "noc@example.com" || to[1].Address != "voice@carrier-b.example" {
		t.Errorf("to: got %v, %v", to, err)
	}
	parts := leaves(t, first.Header.Get, first.Body)
	if len(parts) != 3 {
		t.Fatalf("got %d parts, want text, HTML and the chart", len(parts))
	}
	unix := func(b []byte) string { return strings.ReplaceAll(string(b), "\r\n", "\n") }
	if parts[0].kind != "text/plain" || unix(parts[0].body) != content.Text || !strings.Contains(content.Text, "Umlauts: äöü") {
		t.Errorf("text: got %s %q, want %q", parts[0].kind, parts[0].body, content.Text)
	}
	if parts[1].kind != "text/html" || unix(parts[1].body) != content.HTML || !strings.Contains(content.HTML, `src="cid:chart"`) {
		t.Errorf("HTML: got %s %q", parts[1].kind, parts[1].body)
	}
	if p := parts[2]; p.kind != "image/png" || p.id != "chart" || p.disposition != "inline" || string(p.body) != "\x89PNG\r\n\x1a\n and so on" {
		t.Errorf("chart: got %+v", p)
	}

	// What happens then is a reply; sending it twice gives the same Message-ID.
	job.Notes = []alerting.Update{{Seq: 7, At: job.At, Author: "earshot", Kind: alerting.UpdateRestored, Text: "Restored. Ask +49 30 1234567."}}
	for i := range 2 {
		if err := set.Destination.Comment(t.Context(), mailTicket(remote.Memo), set.Content(job, nil)); err != nil {
			t.Fatal(err)
		}
		reply := s.received(t, 2+i)
		for name, want := range map[string]string{
			"Subject":    "Re: [Earshot] #17 High: Packet loss with G729 in segment trunk-b",
			"Message-Id": "<0123456789abcdef0123456789abcdef.note.7@probe.example>",
			"References": "<0123456789abcdef0123456789abcdef.create@probe.example>", "In-Reply-To": "<0123456789abcdef0123456789abcdef.create@probe.example>",
		} {
			if got := reply.Header.Get(name); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
		}
		parts = leaves(t, reply.Header.Get, reply.Body)
		if len(parts) != 2 || !strings.Contains(string(parts[0].body), "Restored. Ask …67.") || !strings.Contains(string(parts[1].body), "Restored. Ask …67.") {
			t.Errorf("reply: got %q", parts)
		}
	}

	packets := bytes.Repeat([]byte{0, 0x0d, 0x0a, 0xff, '.'}, 20_000)
	zip := evidenceFile("evidence-1.zip", "application/zip", packets)
	if err := set.Destination.Attach(t.Context(), mailTicket(remote.Memo), &zip); err != nil {
		t.Fatal(err)
	}
	m := s.received(t, 4)
	parts = leaves(t, m.Header.Get, m.Body)
	if p := parts[len(parts)-1]; p.kind != "application/zip" || p.name != "evidence-1.zip" || p.disposition != "attachment" || !bytes.Equal(p.body, packets) {
		t.Errorf("attachment: got %s %q %s, %d octets", p.kind, p.name, p.disposition, len(p.body))
	}
	// The server says how much it takes (SIZE): more is refused before it is sent.
	large := evidenceFile("evidence-2.zip", "application/zip", make([]byte, 400_000))
	wantFailure(t, set.Destination.Attach(t.Context(), mailTicket(remote.Memo), &large), Refused, "takes")
}

// TLS from the first octet, and signing in by LOGIN.
func TestMailTLS(t *testing.T) {
	s := startExim(t)
	set := s.mailSetting(t, fmt.Sprintf("security: tls, port: %d, tls_ca: cert.pem, auth: login", s.tls))
	letter := &Letter{Subject: "Report\r\nBcc: x@example.com", Text: "text", ID: "monthly acme 2026-10", Files: []File{evidenceFile("report.html", "text/html", []byte("<p>x</p>"))}}
	if err := set.Destination.(Mailer).Mail(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	m := s.received(t, 1)
	if got := m.Header.Get("Subject"); got != "Report Bcc: x@example.com" || m.Header.Get("Bcc") != "" {
		t.Errorf("subject: got %q", got)
	}
	parts := leaves(t, m.Header.Get, m.Body)
	if len(parts) != 2 || strings.TrimSpace(string(parts[0].body)) != "text" || string(parts[1].body) != "<p>x</p>" {
		t.Errorf("got %+v", parts)
	}
}

// What keeps a mail from going out is told by what it means.
func TestMailRefused(t *testing.T) {
	s := startExim(t)
	other := t.TempDir()
	writeCertificate(t, other, "localhost")
	good := fmt.Sprintf("port: %d, tls_ca: cert.pem", s.startTLS)
	job := &Job{Case: trialCases()[1].Case, At: time.Now()}
	for _, tt := range []struct {
		name, settings string
		password       string
		want           FailureKind
		text           string
	}{
		{"no authority knows the certificate", fmt.Sprintf("port: %d", s.startTLS), eximPassword, Unreached, "certificate"},
		{"another authority", fmt.Sprintf("security: tls, port: %d, tls_ca: %s/cert.pem", s.tls, other), eximPassword, Unreached, "certificate"},
		{"another host", good + ", server: 127.0.0.1", eximPassword, Unreached, "certificate"},
		{"wrong password", good, "battery-staple", Denied, "password"},
		{"no password", good + ", user: null", eximPassword, Refused, "sign in first"},
		{"a way that is not offered", good + ", auth: scram-sha-256", eximPassword, Denied, "auth: scram-sha-256"},
		{"nobody of that name", good + ", to: [gone@example.com]", eximPassword, Refused, "nobody of that name"},
		{"greylisted", good + ", to: [noc@example.com, later@example.com]", eximPassword, Busy, "come again"},
		{"nobody listens", "port: 1", eximPassword, Unreached, "refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := map[string]string{"server": "localhost", "from": "earshot@probe.example", "to": "[noc@example.com]", "user": "earshot", "password_file": "x", "name": "post", "kind": "mail"}
			for pair := range strings.SplitSeq(tt.settings, ", ") {
				if key, value, found := strings.Cut(pair, ": "); found {
					settings[key] = value
				} else {
					settings["to"] += ", " + pair
				}
			}
			if settings["user"] == "null" {
				delete(settings, "user")
				delete(settings, "password_file")
			}
			text := "- {"
			for key, value := range settings {
				text += key + ": " + value + ", "
			}
			set, err := settingsOf(t, &House{Path: func(name string) string {
				if filepath.IsAbs(name) {
					return name
				}
				return filepath.Join(s.dir, name)
			}, Secret: func(string, string) (string, error) { return tt.password, nil }}, text+"}")
			if err != nil {
				t.Fatal(err)
			}
			_, err = set[0].Destination.Create(t.Context(), mailTicket(""), set[0].Content(job, nil))
			wantFailure(t, err, tt.want, tt.text)
			if strings.Contains(err.Error(), tt.password) {
				t.Errorf("the error holds the password: %v", err)
			}
		})
	}
	if names, _ := filepath.Glob(filepath.Join(s.dir, "box", "new", "*")); len(names) != 0 {
		t.Errorf("%d mails were delivered all the same", len(names))
	}
	// One address that the server refuses keeps nobody else from the mail.
	set := s.mailSetting(t, good+", tenants: {acme: gone@example.com}")
	job.Case.Tenant = "acme"
	remote, err := set.Destination.Create(context.Background(), mailTicket(""), set.Content(job, nil))
	if err != nil || !strings.Contains(remote.Name, "1 of 2") {
		t.Errorf("got %q, %v; want it sent to 1 of 2", remote.Name, err)
	}
	s.received(t, 1)
}

// wantFailure checks what a failure means and says.
func wantFailure(t *testing.T, err error, kind FailureKind, text string) {
	t.Helper()
	f := (*Failure)(nil)
	if !errors.As(err, &f) || f.Kind != kind || !strings.Contains(f.Text, text) {
		t.Errorf("got %v (%+v), want %s with %q", err, f, kind, text)
	}
}
