package outbox

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// The box leads a case through its life by mail: one thread, one mail for each
// thing that happens, and a lost answer makes the same mail again.
func TestMailLife(t *testing.T) {
	port, got := serveSMTP(t, smtpScript{"end": ""}, nil) // the first answer is lost
	set := plainMail(t, port, "")
	box := NewBox(Config{Destinations: []Terms{set.Terms}})
	now := time.Date(2026, 1, 6, 10, 3, 0, 0, time.UTC)
	file := evidenceFile("evidence-1.zip", "application/zip", []byte("zip"))
	perform := func() {
		for _, job := range box.Due(now) {
			box.Done(now, Perform(t.Context(), set.Destination, job, set.Content(job, nil), &file))
		}
		box.Take()
	}
	mails := func() []*mail.Message {
		t.Helper()
		for range 40 {
			perform()
			now = now.Add(30 * time.Second)
		}
		var list []*mail.Message
		for len(got) > 0 {
			m, err := mail.ReadMessage(strings.NewReader(<-got))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, m)
		}
		return list
	}
	c := *trialCases()[0].Case
	c.Attachments = nil
	change := func(do func(c *alerting.Case), u alerting.Update) {
		next := c
		do(&next)
		u.Seq, u.At = len(c.Updates)+1, now
		next.Updates = append(append([]alerting.Update{}, c.Updates...), u)
		c = next
		box.Cases(now, []*alerting.Case{&next})
	}
	first := c
	box.Cases(now, []*alerting.Case{&first})
	perform()
	lost, err := mail.ReadMessage(strings.NewReader(<-got))
	if err != nil {
		t.Fatal(err)
	}
	list := mails()
	if len(list) != 1 || list[0].Header.Get("Message-Id") != lost.Header.Get("Message-Id") || list[0].Header.Get("Subject") != lost.Header.Get("Subject") {
		t.Fatalf("after a lost answer: got %d mails, want the same one again", len(list))
	}
	root := lost.Header.Get("Message-Id")
	for _, tt := range []struct {
		name string
		do   func(c *alerting.Case)
		u    alerting.Update
		want string
	}{
		{"note", func(*alerting.Case) {}, alerting.Update{Author: "ada", Kind: alerting.UpdateAnswered, Text: "the carrier is told"}, "the carrier is told"},
		{"evidence", func(c *alerting.Case) {
			c.Attachments = []alerting.Attachment{{Name: file.Name, Bytes: file.Bytes, SHA256: file.SHA256, Sanitised: true}}
		}, alerting.Update{Author: "post", Kind: alerting.UpdateChanged}, "evidence-1.zip"},
		{"restored", func(c *alerting.Case) { c.SubStatus, c.Restored = alerting.SubRestored, now }, alerting.Update{Author: "earshot", Kind: alerting.UpdateRestored, Text: "19 good streams"}, "19 good streams"},
		{"closed", func(c *alerting.Case) {
			c.Status, c.SubStatus, c.Closed = alerting.StatusClosed, alerting.SubResolved, now
		}, alerting.Update{Author: "ada", Kind: alerting.UpdateClosed, Text: "cable replaced"}, "cable replaced"},
		{"reopened", func(c *alerting.Case) {
			c.Status, c.SubStatus, c.Closed = alerting.StatusOpen, alerting.SubInvestigation, time.Time{}
		}, alerting.Update{Author: "earshot", Kind: alerting.UpdateReopened, Text: "it is back"}, "it is back"},
	} {
		change(tt.do, tt.u)
		list := mails()
		if len(list) != 1 {
			t.Errorf("%s: got %d mails, want 1", tt.name, len(list))
			continue
		}
		var b bytes.Buffer
		b.ReadFrom(list[0].Body)
		if h := list[0].Header; h.Get("References") != root || h.Get("Message-Id") == root || h.Get("Subject") != "Re: "+lost.Header.Get("Subject") || !strings.Contains(b.String(), tt.want) {
			t.Errorf("%s: got %v, %s", tt.name, h, &b)
		}
	}
}
