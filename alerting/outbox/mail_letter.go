package outbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"earshot/alerting"
)

// letter is one mail before it is written.
type letter struct {
	id      string // Message-ID without its brackets
	first   string // of the thread; "" or id: this is the first
	from    *mail.Address
	replyTo *mail.Address
	to      []string
	subject string
	at      time.Time // zero: its Date is when it is written
	number  int       // of the case; 0 none
	rank    alerting.Severity
	text    string
	html    string // "" none
	chart   *File  // shown in the HTML
	files   []*File
}

// letter begins one of a ticket's thread. Step tells its mails apart: a mail
// that is sent again has the same, and so the same Message-ID.
func (m *mailer) letter(t *Ticket, c *Content, step string, th *thread) *letter {
	l := &letter{
		id: messageWord(t.Key+"."+step) + "@" + m.domain, first: messageWord(t.Key+".create") + "@" + m.domain,
		from: m.from, replyTo: m.replyTo, to: th.To, subject: th.Subject, at: c.At, number: t.Case,
	}
	if c.Case != nil {
		l.rank = c.Case.Severity
	}
	if l.id != l.first {
		l.subject = "Re: " + th.Subject
	}
	return l
}

// messageWord makes a word of a Message-ID (RFC 5322 3.2.3); what is not made of
// its characters is hashed.
func messageWord(text string) string {
	ok := text != "" && len(text) <= 120 && !strings.HasPrefix(text, ".") && !strings.HasSuffix(text, ".") && !strings.Contains(text, "..")
	for _, r := range text {
		ok = ok && ('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-' || r == '_')
	}
	if ok {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// reply writes what happened since the last mail, and how the case stands.
func (l *letter) reply(c *Content) {
	stands := ""
	if c.Case != nil {
		v := viewCase(c.Case)
		stands = fmt.Sprintf("Case %d is %s, severity %s.", v.Number, v.State, v.Severity)
	}
	l.text = c.Note + "\n\n" + stands + "\n"
	page := paragraphs(c.Note) + paragraphs(stands)
	if c.Link != "" {
		l.text += c.Link + "\n"
		page += `<p><a href="` + html.EscapeString(c.Link) + `">The case at the probe</a></p>`
	}
	l.html = pageOf(page)
}

// attach writes a mail that brings a file.
func (l *letter) attach(f *File) {
	l.text = fmt.Sprintf("Evidence: %s, %d octets, SHA-256 %s\n", f.Name, f.Bytes, f.SHA256)
	if f.Type == "image/png" {
		l.chart = f
		l.html = pageOf(paragraphs(l.text) + `<p><img src="cid:` + chartID + `" alt="Share of the affected over time" style="max-width:100%;height:auto"></p>`)
		return
	}
	l.files = []*File{f}
}

// paragraphs writes lines as HTML.
func paragraphs(text string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		b.WriteString(`<p style="margin:0 0 10px;overflow-wrap:anywhere">` + strings.ReplaceAll(html.EscapeString(part), "\n", "<br>\n") + "</p>\n")
	}
	return b.String()
}

// pageOf makes a page of HTML.
func pageOf(body string) string {
	return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"></head>
<body style="margin:0;padding:16px;color:#1c1e21;background:#ffffff;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
` + body + "</body></html>\n"
}

// chartID names the chart within a mail, as the HTML does.
const chartID = "chart"

// write makes the mail as it goes over the wire.
func (l *letter) write() ([]byte, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(l.from)
	if l.replyTo != nil {
		msg.ReplyToMailAddress(l.replyTo)
	}
	if err := msg.To(l.to...); err != nil {
		return nil, fmt.Errorf("cannot write a mail to these addresses: %w", err)
	}
	msg.Subject(subjectLine(l.subject))
	msg.SetMessageIDWithValue(l.id)
	if !l.at.IsZero() {
		msg.SetDateWithValue(l.at)
	}
	l.head(msg)
	msg.SetBodyString(gomail.TypeTextPlain, plain(l.text))
	if l.html != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, l.html)
	}
	if l.chart != nil {
		if err := l.file(l.chart, func(r io.Reader) error {
			return msg.EmbedReader(l.chart.Name, r, gomail.WithFileContentID(chartID), gomail.WithFileContentType(gomail.ContentType(l.chart.Type)))
		}); err != nil {
			return nil, err
		}
	}
	for _, f := range l.files {
		if err := l.file(f, func(r io.Reader) error {
			return msg.AttachReader(f.Name, r, gomail.WithFileContentType(gomail.ContentType(f.Type)))
		}); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("cannot write a mail: %w", err)
	}
	return b.Bytes(), nil
}

// head adds what threads mails and keeps machines from answering (RFC 3834 5).
func (l *letter) head(msg *gomail.Msg) {
	if l.first != "" && l.first != l.id {
		msg.SetGenHeader(gomail.HeaderInReplyTo, "<"+l.first+">")
		msg.SetGenHeader(gomail.HeaderReferences, "<"+l.first+">")
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	if l.number > 0 {
		msg.SetGenHeader("X-Earshot-Case", strconv.Itoa(l.number))
	}
	if l.rank.Valid() {
		msg.SetGenHeader("X-Earshot-Severity", l.rank.String())
	}
}

// file reads a file into a mail. One that is not what it was said to be is not
// sent.
func (l *letter) file(f *File, add func(io.Reader) error) error {
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("cannot attach %q: %w", f.Name, err)
	}
	defer r.Close()
	sum := sha256.New()
	if err := add(io.TeeReader(io.LimitReader(r, f.Bytes+1), sum)); err != nil {
		return fmt.Errorf("cannot attach %q: %w", f.Name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("cannot attach %q: its SHA-256 is %s, want %s", f.Name, got, f.SHA256)
	}
	return nil
}
