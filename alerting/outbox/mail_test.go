package outbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// smtpScript answers each line that begins with a key by its text; "" closes the
// connection, "never" says nothing. What is not listed goes well.
type smtpScript map[string]string

// serveSMTP takes one connection after the other, the first by the first script
// and so on, the last for all others. It returns the port and what arrives.
func serveSMTP(t *testing.T, scripts ...smtpScript) (port int, bodies <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got := make(chan string, 10)
	go func() {
		for i := 0; ; i++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			scripts[min(i, len(scripts)-1)].serve(c, got)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, got
}

func (s smtpScript) serve(c net.Conn, got chan<- string) {
	defer c.Close()
	lines := bufio.NewReader(c)
	say := func(step, preset string) bool {
		text, listed := s[step]
		switch {
		case !listed:
			text = preset
		case text == "":
			return false
		case text == "never":
			lines.ReadString('\n') // until the client gives up
			return false
		case text == "endless":
			for {
				if _, err := c.Write([]byte("250-" + strings.Repeat("x", 4000) + "\r\n")); err != nil {
					return false
				}
			}
		}
		_, err := c.Write([]byte(text + "\r\n"))
		return err == nil
	}
	if !say("greeting", "220 test ESMTP") {
		return
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		verb, _, _ = strings.Cut(verb, ":")
		if words := strings.Fields(line); verb == "AUTH" && len(words) > 1 && s.has("AUTH "+words[1]) {
			verb = "AUTH " + words[1]
		}
		preset := "250 ok"
		if verb == "DATA" {
			preset = "354 go on"
		}
		if !say(verb, preset) || verb == "QUIT" {
			return
		}
		if verb != "DATA" || strings.HasPrefix(s["DATA"], "4") {
			continue
		}
		if s["body"] == "" && s.has("body") {
			return
		}
		var body strings.Builder
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if line == ".\r\n" {
				break
			}
			body.WriteString(strings.TrimPrefix(line, "."))
		}
		got <- body.String()
		if !say("end", "250 taken") {
			return
		}
	}
}

func (s smtpScript) has(key string) bool { _, found := s[key]; return found }

// plainMail is a destination that needs neither TLS nor a password.
func plainMail(t testing.TB, port int, more string) *Setting {
	t.Helper()
	set, err := settingsOf(t, testHouse(), fmt.Sprintf("- {name: post, kind: mail, server: 127.0.0.1, port: %d, security: none, from: earshot@probe.example, to: [noc@example.com]%s}", port, more))
	if err != nil {
		t.Fatal(err)
	}
	return set[0]
}

// Each way in which a conversation can end says what became of the mail: until
// the last dot nothing was taken, from there on only the server's answer tells.
func TestMailFailures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script smtpScript
		want   FailureKind
		code   int
	}{
		{"no service", smtpScript{"greeting": "554 no"}, Refused, 554},
		{"busy", smtpScript{"greeting": "421 come back"}, Busy, 421},
		{"gone at once", smtpScript{"greeting": ""}, Unreached, 0},
		{"EHLO", smtpScript{"EHLO": "421 shutting down", "HELO": "421 shutting down"}, Busy, 421},
		{"sender", smtpScript{"MAIL": "550 not you"}, Refused, 550},
		{"sign in first", smtpScript{"MAIL": "530 5.7.0 authentication required"}, Denied, 530},
		{"no space", smtpScript{"MAIL": "452 no space"}, Busy, 452},
		{"recipient", smtpScript{"RCPT": "550 no such user"}, Refused, 550},
		{"greylisted", smtpScript{"RCPT": "450 later"}, Busy, 450},
		{"breaks before DATA", smtpScript{"DATA": ""}, Unreached, 0},
		{"DATA later", smtpScript{"DATA": "451 later"}, Busy, 451},
		{"spam", smtpScript{"end": "554 looks like spam"}, Refused, 554},
		{"end of DATA later", smtpScript{"end": "451 later"}, Busy, 451},
		{"breaks after the dot", smtpScript{"end": ""}, Doubtful, 0},
		{"says nothing after the dot", smtpScript{"end": "never"}, Doubtful, 0},
		{"says nothing at all", smtpScript{"greeting": "never"}, Unreached, 0},
		{"talks after the dot and does not stop", smtpScript{"end": "endless"}, Doubtful, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			port, _ := serveSMTP(t, tt.script)
			set := plainMail(t, port, ", timeout: 1s")
			_, err := set.Destination.Create(t.Context(), mailTicket(""), set.Content(&Job{Case: trialCases()[0].Case}, nil))
			f := (*Failure)(nil)
			if !errors.As(err, &f) || f.Kind != tt.want || f.Code != tt.code {
				t.Errorf("got %v (%+v), want %s and %d", err, f, tt.want, tt.code)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("%q has more than one line", err)
			}
		})
	}
}

// A server that does not stop talking is left.
func TestMailEndlessReply(t *testing.T) {
	port, _ := serveSMTP(t, smtpScript{"MAIL": "endless"})
	set := plainMail(t, port, "")
	_, err := set.Destination.Create(t.Context(), mailTicket(""), set.Content(&Job{Case: trialCases()[0].Case}, nil))
	wantFailure(t, err, Unreached, "the server says more than 1 MiB")
}

// A server that offers no STARTTLS gets no mail and no password.
func TestMailNeedsTLS(t *testing.T) {
	port, got := serveSMTP(t, nil)
	set, err := settingsOf(t, testHouse(), fmt.Sprintf("- {name: post, kind: mail, server: 127.0.0.1, port: %d, from: earshot@probe.example, to: [noc@example.com], user: u, password_env: P}", port))
	if err != nil {
		t.Fatal(err)
	}
	_, err = set[0].Destination.Create(t.Context(), mailTicket(""), set[0].Content(&Job{Case: trialCases()[0].Case}, nil))
	wantFailure(t, err, Denied, "STARTTLS")
	if len(got) != 0 {
		t.Error("a mail went out")
	}
}

// Of the ways to sign in that both sides know the strongest is taken, or the one
// that the configuration names, and no other.
func TestMailSignsIn(t *testing.T) {
	for _, tt := range []struct {
		offered, settings string
		taken             string
	}{
		{"LOGIN PLAIN SCRAM-SHA-256", "", "SCRAM-SHA-256"},
		{"LOGIN PLAIN CRAM-MD5", "", "PLAIN"},
		{"LOGIN", "", "LOGIN"},
		{"LOGIN PLAIN SCRAM-SHA-256", ", auth: login", "LOGIN"},
		{"CRAM-MD5", "", ""},
		{"SCRAM-SHA-1 PLAIN-CLIENTTOKEN", "", ""},
		{"PLAIN", ", auth: scram-sha-256", ""},
	} {
		script := smtpScript{"EHLO": "250-test\r\n250 AUTH " + tt.offered, "AUTH": "235 welcome"}
		if tt.taken != "" {
			script["AUTH "+tt.taken] = "535 5.7.8 not you"
		}
		port, got := serveSMTP(t, script)
		set := plainMail(t, port, ", user: earshot, password_file: x"+tt.settings)
		_, err := set.Destination.Create(t.Context(), mailTicket(""), set.Content(&Job{Case: trialCases()[0].Case}, nil))
		want := "535"
		if tt.taken == "" {
			want = "auth: "
		}
		wantFailure(t, err, Denied, want)
		if len(got) != 0 {
			t.Errorf("%s%s: a mail went out", tt.offered, tt.settings)
		}
	}
}

// What a server says after the mail was taken does not matter any more.
func TestMailQuit(t *testing.T) {
	port, got := serveSMTP(t, smtpScript{"QUIT": ""})
	set := plainMail(t, port, "")
	remote, err := set.Destination.Create(t.Context(), mailTicket(""), set.Content(&Job{Case: trialCases()[0].Case}, nil))
	if err != nil || remote.ID == "" || len(got) != 1 {
		t.Errorf("got %+v, %v, %d mails", remote, err, len(got))
	}
}

// A case that goes on by itself makes no second mail; a summary tells when it
// has more cases, and when all are closed.
func TestMailSteps(t *testing.T) {
	port, got := serveSMTP(t, nil)
	set := plainMail(t, port, "")
	one := set.Content(&Job{Case: trialCases()[0].Case}, nil)
	ticket := mailTicket(`{"subject":"s","to":["noc@example.com"]}`)
	for name, do := range map[string]func(context.Context, *Ticket, *Content) (Remote, error){
		"update": set.Destination.Update, "close": set.Destination.Close, "reopen": set.Destination.Reopen,
	} {
		if remote, err := do(t.Context(), ticket, one); err != nil || remote != ticket.Remote || len(got) != 0 {
			t.Errorf("%s: got %+v, %v, %d mails; want nothing sent", name, remote, err, len(got))
		}
	}
	several := set.Content(&Job{Cases: trialCases()[2].Cases}, nil)
	remote, err := set.Destination.Update(t.Context(), mailTicket(`{"subject":"s","to":["noc@example.com"],"cases":1}`), several)
	if err != nil || len(got) != 1 || !strings.Contains(remote.Memo, `"cases":2`) {
		t.Fatalf("got %+v, %v, %d mails", remote, err, len(got))
	}
	m, err := mail.ReadMessage(strings.NewReader(<-got))
	if err != nil || m.Header.Get("Subject") != "Re: s" || m.Header.Get("Message-Id") != "<0123456789abcdef0123456789abcdef.cases.2@probe.example>" {
		t.Errorf("got %v, %v", m, err)
	}
	if again, err := set.Destination.Update(t.Context(), &Ticket{Key: "k", Remote: remote}, several); err != nil || again != remote || len(got) != 0 {
		t.Errorf("the same again: got %v, %v, %d mails", again, err, len(got))
	}
	if _, err := set.Destination.Close(t.Context(), &Ticket{Key: "k", Cases: []int{17, 18}, Remote: remote}, several); err != nil || len(got) != 1 {
		t.Errorf("close: got %v, %d mails", err, len(got))
	}
}

// Evidence that is not what it was said to be does not go out.
func TestMailAttachment(t *testing.T) {
	port, got := serveSMTP(t, nil)
	set := plainMail(t, port, ", attach_max_mb: 1")
	ticket := mailTicket(`{"subject":"s","to":["noc@example.com"]}`)
	changed := evidenceFile("packets.pcapng", "application/octet-stream", []byte("some octets"))
	changed.SHA256 = strings.Repeat("0", 64)
	wantFailure(t, set.Destination.Attach(t.Context(), ticket, &changed), Refused, "SHA-256")
	large := evidenceFile("packets.pcapng", "application/octet-stream", make([]byte, 1<<20+1))
	wantFailure(t, set.Destination.Attach(t.Context(), ticket, &large), Refused, "attach_max_mb")
	if len(got) != 0 {
		t.Error("it went out all the same")
	}
}

// A dry run shows the mail and sends nothing.
func TestMailDryRun(t *testing.T) {
	set := plainMail(t, 1, "")
	var b bytes.Buffer
	_, err := set.Destination.Create(DryRun(t.Context(), &b), mailTicket(""), set.Content(&Job{Case: trialCases()[0].Case}, nil))
	if !errors.Is(err, ErrDry) || !strings.Contains(b.String(), "Subject: [Earshot] #17 High") || !strings.Contains(b.String(), "to <noc@example.com>") {
		t.Errorf("got %v, %q", err, &b)
	}
}

// No text becomes a header of its own, whatever it holds, and every header can
// be read back.
func FuzzMailHeaders(f *testing.F) {
	f.Add("Loss\r\nBcc: victim@example.com", "a.b", "text\r\n.\r\nMAIL FROM:<x>")
	f.Add("\u202etxt.exe =?utf-8?q?x?=", "Übung", "\x00")
	f.Add(strings.Repeat("ü", 300), "", "")
	m := &mailer{domain: "probe.example", from: &mail.Address{Address: "earshot@probe.example"}}
	f.Fuzz(func(t *testing.T, subject, id, text string) {
		th := thread{Subject: subject, To: []string{"noc@example.com"}}
		l := m.letter(&Ticket{Key: id, Case: 1}, &Content{Case: &alerting.Case{}, At: time.Unix(1e9, 0)}, "note", &th)
		l.text, l.html = text, pageOf(paragraphs(text))
		raw, err := l.write()
		if err != nil {
			t.Fatal(err)
		}
		msg, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v in %q", err, raw)
		}
		known := map[string]bool{}
		for _, name := range []string{"Subject", "From", "To", "Message-Id", "Date", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Earshot-Case", "Mime-Version", "Content-Type"} {
			known[name] = true
		}
		for name, values := range msg.Header {
			if !known[name] || len(values) != 1 {
				t.Errorf("header %s: %q", name, values)
			}
		}
		if _, err := msg.Header.AddressList("To"); err != nil {
			t.Error(err)
		}
		if got := msg.Header.Get("Message-Id"); strings.Count(got, "@") != 1 || strings.ContainsAny(got[1:len(got)-1], "<> \t") {
			t.Errorf("Message-ID %q", got)
		}
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 998 { // RFC 5322 2.1.1
				t.Errorf("a line of %d octets", len(line))
			}
		}
	})
}
