package outbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

const slackPath, teamsPath = "/services/T000/B000/XXXX", "/workflows/1/triggers/manual/paths/invoke?sig=s1g"

// hostile is a text full of what some chat acts upon.
const hostile = "<!channel> <@U123> @here @all & <https://evil.example|bank> [bank](https://evil.example) ![](https://evil.example/p.png) www.evil.example " +
	"[a][b]\n[b]: https://evil.example\n*bold* _it_ `code` <at>everyone</at>"

// newRoom is a chat of a kind with the server that stands for it.
func newRoom(t *testing.T, kind string, answer http.HandlerFunc, lines ...string) (*described, Destination) {
	t.Helper()
	s := newDescribed(t, kind+"/openapi.yaml", answer)
	path := map[string]string{"slack": slackPath, "teams": teamsPath}[kind]
	return s, settled(t, map[string]string{"U": s.URL + path}, append([]string{"kind: " + kind, "url_env: U"}, lines...)...)
}

// TestChatLife: each thing that happens is one message.
func TestChatLife(t *testing.T) {
	for _, kind := range []string{"slack", "teams"} {
		s, d := newRoom(t, kind, nil)
		c, ticket := trackerContent(), trackerTicket("")
		c.Text, c.Note, c.Case.Closure = "WHOLE", "NEWS", "OVER"
		said := func(err error, words ...string) {
			t.Helper()
			bodies := s.take()
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if words == nil && len(bodies) == 0 {
				return
			}
			if len(bodies) != 1 || words == nil {
				t.Fatalf("%s: %d messages: %s", kind, len(bodies), bodies)
			}
			for _, w := range append(words, "#17", "trunk-b", "carrier", c.Link) {
				if !strings.Contains(bodies[0], w) {
					t.Errorf("%s: message has no %q: %s", kind, w, bodies[0])
				}
			}
		}
		_, err := d.Create(t.Context(), ticket, c)
		said(err, "WHOLE")
		_, err = d.Update(t.Context(), ticket, c)
		said(err)
		said(d.Comment(t.Context(), ticket, c), "NEWS")
		_, err = d.Close(t.Context(), ticket, c)
		said(err, "Closed: ", "OVER")
		_, err = d.Reopen(t.Context(), ticket, c)
		said(err, "Open again: ", "WHOLE")
	}
}

// TestChatSummary: a storm's summary is told again when it has twice the cases,
// and not with each of them.
func TestChatSummary(t *testing.T) {
	s, d := newRoom(t, "slack", nil)
	ticket, c := trackerTicket(""), trackerContent()
	c.Case, c.Cases = nil, []*alerting.Case{{Number: 1, Severity: alerting.Critical, Subject: "a"}, {Number: 2, Severity: alerting.Low, Subject: "b"}}
	ticket.Case, ticket.Cases = 0, []int{1, 2, 3}
	remote, err := d.Create(t.Context(), ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	messages := 0
	for n := 4; n <= 50; n++ {
		ticket.Remote, ticket.Cases = remote, append(ticket.Cases, n)
		if remote, err = d.Update(t.Context(), ticket, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, body := range s.take() {
		messages++
		if !strings.Contains(body, `"#1"`) || !strings.Contains(body, "critical, a") {
			t.Errorf("a message without its cases: %s", body)
		}
	}
	if messages != 1+4 { // of 3, 6, 12, 24 and 48 cases
		t.Errorf("%d messages, want 5", messages)
	}
}

// TestSlackInert: nothing in a text means anything to Slack, Mattermost or
// Rocket.Chat, and all of it is still to be read.
func TestSlackInert(t *testing.T) {
	s, d := newRoom(t, "slack", nil, "channel: voice")
	c := trackerContent()
	c.Subject, c.Text, c.Case.Owner = hostile, hostile, hostile
	if _, err := d.Create(t.Context(), trackerTicket(""), c); err != nil {
		t.Fatal(err)
	}
	var m struct {
		Channel     string
		Attachments []struct {
			Title, Text, Color string
			Fields             []struct{ Title, Value string }
		}
	}
	if err := json.Unmarshal([]byte(s.take()[0]), &m); err != nil {
		t.Fatal(err)
	}
	a := m.Attachments[0]
	if m.Channel != "voice" || a.Color != "#e65100" {
		t.Errorf("channel %q, color %s", m.Channel, a.Color)
	}
	texts := []string{a.Title, a.Text}
	for _, f := range a.Fields {
		texts = append(texts, f.Title, f.Value)
	}
	for _, text := range texts {
		for _, live := range []string{"<", ">", "@here", "@all", "@U", "](", "![", "://", "www.", "]:", "]["} {
			if strings.Contains(text, live) {
				t.Errorf("%q is live in %q", live, text)
			}
		}
	}
	if got := read4(a.Text); got != hostile {
		t.Errorf("people read\n%s\nwant\n%s", got, hostile)
	}
}

// read4 is what people see of a text for Slack.
func read4(text string) string {
	return strings.NewReplacer("\u200b", "", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

// FuzzSlackText: whatever the text, nothing of it is live, and it reads the same.
func FuzzSlackText(f *testing.F) {
	f.Add(hostile, "https://probe.example/cases/17")
	f.Add("@@here<<!channel>>", "")
	f.Fuzz(func(t *testing.T, text, own string) {
		if strings.Contains(text, "\u200b") || strings.Contains(text, "&") {
			return
		}
		got := slackText(text, "")
		if strings.ContainsAny(got, "<>") || strings.Contains(got, "@h") || strings.Contains(got, "](") || strings.Contains(got, "://") {
			t.Errorf("live: %q", got)
		}
		if read4(got) != text {
			t.Errorf("%q reads as %q", text, read4(got))
		}
		if own == "https://probe.example/1" && strings.Contains(text, own) && !strings.Contains(slackText(text, own), own) {
			t.Errorf("our own link is broken in %q", slackText(text, own))
		}
	})
}

func TestOwnLinkStays(t *testing.T) {
	const own = "https://probe.example/cases/17"
	text := "see " + own + " or https://evil.example"
	if got := slackText(text, own); !strings.Contains(got, own) || strings.Contains(got, "https://evil") {
		t.Errorf("slack: %q", got)
	}
	if got := teamsText("a_b "+own+"_x\nc_d", own); !strings.Contains(got, own+"_x") || !strings.Contains(got, `c\_d`) {
		t.Errorf("teams: %q", got)
	}
}

// TestTeamsBounds: a card of any case has at most what Teams takes, and says
// what it is about.
func TestTeamsBounds(t *testing.T) {
	s, d := newRoom(t, "teams", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(202) })
	c := trackerContent()
	c.Text = strings.Repeat("\"€\"\n", 20_000)
	if _, err := d.Create(t.Context(), trackerTicket(""), c); err != nil {
		t.Fatal(err)
	}
	c.Text, c.Subject = hostile, hostile
	if _, err := d.Create(t.Context(), trackerTicket(""), c); err != nil {
		t.Fatal(err)
	}
	storm := trackerContent()
	storm.Case, storm.Text = nil, strings.Repeat("😀", 20_000)
	for i := range 50 {
		storm.Cases = append(storm.Cases, &alerting.Case{Number: i + 1, Severity: alerting.High, Subject: strings.Repeat("😀", 1000)})
	}
	if _, err := d.Create(t.Context(), trackerTicket(""), storm); err != nil {
		t.Fatal(err)
	}
	bodies := s.take()
	for _, i := range []int{0, 2} {
		if len(bodies[i]) > 20<<10 || !strings.Contains(bodies[i], "Packet loss") || i == 2 && !strings.Contains(bodies[i], `"#1"`) {
			t.Errorf("card %d has %d octets: %.300s", i, len(bodies[i]), bodies[i])
		}
	}
	for _, live := range []string{"](", "![", "<at>", "<!", "://evil"} {
		if strings.Contains(bodies[1], live) {
			t.Errorf("%q is live in %s", live, bodies[1])
		}
	}
}

func TestChatRefused(t *testing.T) {
	for _, c := range []struct {
		kind   string
		status int
		header map[string]string
		body   string
		want   FailureKind
		word   string
	}{
		{"slack", 404, nil, "no_service", Denied, "no_service"},
		{"slack", 410, nil, "channel_is_archived", Denied, "channel_is_archived"},
		{"slack", 403, nil, "action_prohibited", Denied, "action_prohibited"},
		{"slack", 400, nil, "invalid_payload", Refused, "invalid_payload"},
		{"slack", 429, map[string]string{"Retry-After": "30"}, "", Busy, ""},
		{"teams", 413, nil, "", Refused, "413"},
		{"teams", 200, nil, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x", Busy, "429"},
		{"teams", 200, nil, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413", Refused, "413"},
	} {
		s := answering(t, c.status, c.header, c.body)
		address := s.URL + "/services/SECRETPART/x?sig=OTHERSECRET"
		d := settled(t, map[string]string{"U": address}, "kind: "+c.kind, "url_env: U")
		_, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
		mustFail(t, err, c.want, c.word)
		for _, secret := range []string{"SECRETPART", "OTHERSECRET"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s is told: %v", secret, err)
			}
		}
		var out strings.Builder
		d.Create(DryRun(t.Context(), &out), trackerTicket(""), trackerContent())
		if strings.Contains(out.String(), "SECRET") || !strings.Contains(out.String(), "POST *** HTTP/1.1") {
			t.Errorf("a dry run shows %s", out.String())
		}
	}
}

func TestChatSettings(t *testing.T) {
	_, err := decodeTracker(nil, "- {name: d, kind: slack, url: 'https://hooks.example/SECRETPART'}")
	if err == nil || !strings.Contains(err.Error(), "url_file") || strings.Contains(err.Error(), "SECRETPART") {
		t.Errorf("an address in the configuration: got %v", err)
	}
}

// TestFacts: what a message says beside its text.
func TestFacts(t *testing.T) {
	c := trackerContent()
	c.Case.Status, c.Case.SubStatus, c.Case.Impact = alerting.StatusOpen, alerting.SubNew, alerting.Impact{Calls: 20, CallsTotal: 31}
	c.Case.FirstSeen = time.Date(2026, 1, 6, 8, 50, 0, 0, time.UTC)
	var got []string
	for _, f := range facts(c) {
		got = append(got, f.name+"="+f.value)
	}
	want := "case=#17 severity=high tenant=acme segment=trunk-b owner=carrier status=open new signals=loss impact=20 of 31 calls since=2026-01-06 08:50 UTC"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}
