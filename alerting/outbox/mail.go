package outbox

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// mailer tells of cases by mail: one thread for each case, begun by a mail that
// says all of it; what happens then comes as replies. Nobody can ask a mail
// server whether a mail arrived. One whose answer was lost is sent again with
// the same Message-ID, by which mail systems know the second copy (RFC 5322
// 3.6.4); where one does not, it stands beside the first in the same thread.
type mailer struct {
	server   string // "host:port"
	host     string
	security string
	tls      *tls.Config
	timeout  time.Duration
	hello    string
	user     string
	password string
	auth     string

	from    *mail.Address
	replyTo *mail.Address
	to      []*mail.Address
	owners  map[string][]*mail.Address
	tenants map[string][]*mail.Address
	domain  string // of Message-IDs
	largest int64  // of a file that is attached, in octets
}

// How a connection is secured.
const (
	securityStartTLS = "starttls"
	securityTLS      = "tls"
	securityNone     = "none"
)

// How a client signs in.
const (
	authAuto  = "auto"
	authPlain = "plain"
	authLogin = "login"
	authSCRAM = "scram-sha-256"
)

// mailPorts are the ports where none is named (RFC 8314 3.3, RFC 6409 3.1).
var mailPorts = map[string]int{securityStartTLS: 587, securityTLS: 465, securityNone: 25}

// newMail reads the settings of one.
func newMail(d *draft) Destination {
	m := &mailer{
		host: d.host("server"), security: d.choice("security", securityStartTLS, securityTLS, securityNone),
		timeout: d.timeout(), user: d.text("user", ""), auth: d.choice("auth", authAuto, authPlain, authLogin, authSCRAM),
		from: d.mailbox("from"), to: d.mailboxes("to", d.list("to")), owners: d.mailTable("owners"), tenants: d.mailTable("tenants"),
		largest: int64(d.number("attach_max_mb", 0, 50, 10)) << 20,
	}
	m.tls = d.tls()
	m.tls.ServerName = m.host
	m.server = net.JoinHostPort(m.host, strconv.Itoa(d.number("port", 1, 65535, max(1, mailPorts[m.security]))))
	if d.has("reply_to") {
		m.replyTo = d.mailbox("reply_to")
	}
	m.password = d.secret("password", m.user == "")
	if m.from != nil {
		m.domain = m.from.Address[strings.LastIndexByte(m.from.Address, '@')+1:]
	}
	m.hello = d.text("hello", m.domain)
	switch {
	case m.user == "" && m.password != "":
		d.fault("user", "it is missing, and the password needs it")
	case m.user != "" && m.security == securityNone && !loopback(m.host):
		d.fault("security", "a password does not go over a connection that anybody can read: want starttls or tls")
	}
	if len(m.to)+len(m.owners)+len(m.tenants) == 0 {
		d.fault("to", "there is nobody to write to: want to, owners or tenants")
	}
	if strings.ContainsAny(m.hello, " <>") {
		d.fault("hello", "it is %q, want the name of this host", m.hello)
	}
	return m
}

// loopback reports whether a host is this one.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// mailbox reads an address that has to be there.
func (d *draft) mailbox(key string) *mail.Address {
	if v := d.text(key, must); v != "" {
		if list := d.mailboxes(key, []string{v}); len(list) > 0 {
			return list[0]
		}
	}
	return nil
}

// mailboxes checks addresses.
func (d *draft) mailboxes(key string, texts []string) []*mail.Address {
	var list []*mail.Address
	for _, text := range texts {
		a, err := mail.ParseAddress(text)
		switch {
		case err != nil:
			d.fault(key, "%q is no mail address, as noc@example.com or NOC <noc@example.com>", text)
		case strings.ContainsFunc(a.Address, func(r rune) bool { return r <= ' ' || r > '~' }):
			d.fault(key, "%q has other than ASCII characters in its address: write its domain in Punycode", text)
		default:
			list = append(list, a)
		}
	}
	return list
}

// mailTable reads addresses by name.
func (d *draft) mailTable(key string) map[string][]*mail.Address {
	table := map[string][]*mail.Address{}
	for name, texts := range d.lists(key) {
		if list := d.mailboxes(key, texts); len(list) > 0 {
			table[name] = list
		}
	}
	return table
}

// Abilities says that a mail cannot be looked for, and that sending it twice is
// bearable.
func (m *mailer) Abilities() Abilities {
	return Abilities{Idempotent: true, Comment: true, Attach: true, Close: true, Reopen: true}
}

// thread is what later mails of a thread need from the first: it is kept as the
// memo of the ticket.
type thread struct {
	Subject string   `json:"subject"`
	To      []string `json:"to"`
	Cases   int      `json:"cases,omitempty"` // that a summary told last
}

// Find is not something that a mail server answers.
func (m *mailer) Find(context.Context, *Ticket) (Remote, bool, error) {
	return Remote{}, false, errUnable
}

// Read is not either.
func (m *mailer) Read(context.Context, *Ticket) (Human, error) { return Untouched, errUnable }

// Create begins the thread.
func (m *mailer) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	th := thread{Subject: c.Subject, To: m.recipients(c, nil), Cases: len(c.Cases)}
	l := m.letter(t, c, "create", &th)
	l.text, l.html = c.Text, c.HTML
	if f := c.chart(); f != nil && f.Bytes <= m.largest {
		l.chart = f
	}
	return m.sent(ctx, l, &th)
}

// Update tells how many cases a summary has; what becomes of a case comes by
// comments.
func (m *mailer) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	th := memoOf(t, c)
	if len(c.Cases) == th.Cases { // none, of a case
		return t.Remote, nil
	}
	th.To, th.Cases = m.recipients(c, th.To), len(c.Cases)
	l := m.letter(t, c, "cases."+strconv.Itoa(len(c.Cases)), &th)
	l.text, l.html = c.Text, c.HTML
	return m.sent(ctx, l, &th)
}

// Comment is a reply.
func (m *mailer) Comment(ctx context.Context, t *Ticket, c *Content) error {
	th := memoOf(t, c)
	th.To = m.recipients(c, th.To)
	last := 0
	for _, n := range c.Notes {
		last = max(last, n.Seq)
	}
	l := m.letter(t, c, "note."+strconv.Itoa(last), &th)
	l.reply(c)
	_, err := m.sent(ctx, l, &th)
	return err
}

// Attach sends a file as a reply.
func (m *mailer) Attach(ctx context.Context, t *Ticket, f *File) error {
	if f.Bytes > m.largest {
		return &Failure{Kind: Refused, Text: fmt.Sprintf("%s has %d octets, and attach_max_mb is %d: the file stays at the probe", f.Name, f.Bytes, m.largest>>20)}
	}
	th := memoOf(t, &Content{})
	l := m.letter(t, &Content{}, "file."+f.SHA256[:min(len(f.SHA256), 16)], &th)
	l.attach(f)
	_, err := m.sent(ctx, l, &th)
	return err
}

// Close ends the thread of a summary. That a case was closed has been told by
// its last comment.
func (m *mailer) Close(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	if c.Case != nil {
		return t.Remote, nil
	}
	th := memoOf(t, c)
	l := m.letter(t, c, "close."+strconv.Itoa(len(t.Cases)), &th)
	l.text = "All cases that this thread sums up are closed.\n"
	return m.sent(ctx, l, &th)
}

// Reopen needs no mail of its own: the comment on reopening follows.
func (m *mailer) Reopen(_ context.Context, t *Ticket, _ *Content) (Remote, error) {
	return t.Remote, nil
}

// memoOf is what the first mail of a thread left.
func memoOf(t *Ticket, c *Content) thread {
	var th thread
	if err := json.Unmarshal([]byte(t.Remote.Memo), &th); err != nil || th.Subject == "" {
		th.Subject = c.Subject // a ticket that somebody took over from elsewhere
	}
	return th
}

// recipients are all whom a case concerns, those of before first.
func (m *mailer) recipients(c *Content, before []string) []string {
	list := slices.Clone(before)
	add := func(more []*mail.Address) {
		for _, a := range more {
			if text := a.String(); !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	add(m.to)
	for _, one := range append([]*alerting.Case{c.Case}, c.Cases...) {
		if one != nil {
			add(m.owners[one.Owner])
			add(m.tenants[one.Tenant])
		}
	}
	return list
}

// Mailer is a destination by which other letters can be sent too.
type Mailer interface {
	Mail(ctx context.Context, l *Letter) error
}

// Letter is a mail of its own, as a report.
type Letter struct {
	Tenant  string // its addresses get it, beside those who get everything
	Subject string
	Text    string
	HTML    string // "" none
	Files   []File
	ID      string // the same for the same letter: one that is sent twice is known by it
	At      time.Time
}

// Mail sends a letter. A file that is too large is not sent, and the text says so.
func (m *mailer) Mail(ctx context.Context, l *Letter) error {
	out := &letter{
		id: messageWord(l.ID) + "@" + m.domain, from: m.from, replyTo: m.replyTo, subject: subjectLine(l.Subject),
		to: m.recipients(&Content{Case: &alerting.Case{Tenant: l.Tenant}}, nil), at: l.At, text: l.Text, html: l.HTML,
	}
	for i := range l.Files {
		if f := &l.Files[i]; f.Bytes <= m.largest {
			out.files = append(out.files, f)
		} else {
			out.text += fmt.Sprintf("\n%s is too large for a mail (%d octets) and stays at the probe.\n", f.Name, f.Bytes)
		}
	}
	_, err := m.sent(ctx, out, &thread{To: out.to})
	return err
}
