package outbox

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"
)

// sent sends a letter, and returns the thread as it is kept.
func (m *mailer) sent(ctx context.Context, l *letter, th *thread) (Remote, error) {
	if len(l.to) == 0 {
		return Remote{}, &Failure{Kind: Refused, Text: "nobody gets this: there is no address for its owner or tenant, and no to"}
	}
	message, err := l.write()
	if err != nil {
		return Remote{}, &Failure{Kind: Refused, Text: err.Error()}
	}
	refused, err := m.send(ctx, l.to, message)
	if err != nil {
		return Remote{}, err
	}
	memo, err := json.Marshal(th)
	if err != nil {
		return Remote{}, err
	}
	name := fmt.Sprintf("mail to %d addresses", len(l.to))
	if refused > 0 {
		name = fmt.Sprintf("mail to %d of %d addresses, since the server refuses the others", len(l.to)-refused, len(l.to))
	}
	return Remote{ID: l.first, Name: name, Memo: string(memo)}, nil
}

// send brings a message to the mail server, once. It returns how many of the
// addresses the server refuses for good.
func (m *mailer) send(ctx context.Context, to []string, message []byte) (refused int, err error) {
	if w := dryWriter(ctx); w != nil {
		if _, err := fmt.Fprintf(w, "mail server %s (%s), from %s to %s\n\n%s\n", m.server, m.security, m.from.Address, strings.Join(to, ", "),
			strings.ReplaceAll(string(message), "\r\n", "\n")); err != nil {
			return 0, err
		}
		return 0, ErrDry
	}
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.server)
	if err != nil {
		return 0, m.unreached("cannot connect", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })() // whatever hangs ends with the context
	s, err := m.session(ctx, conn)
	if err != nil {
		return 0, err
	}
	refused, err = m.envelope(s, to)
	if err != nil {
		return 0, err
	}
	if ok, size := s.Extension("SIZE"); ok {
		if most, err := strconv.Atoi(size); err == nil && most > 0 && len(message) > most {
			return 0, m.failed("", &textproto.Error{Code: 552, Msg: fmt.Sprintf("the mail has %d octets, and the server takes %d", len(message), most)})
		}
	}
	if err := m.data(s, message); err != nil {
		return 0, err
	}
	s.Quit() // it has the mail, whatever it says now
	return refused, nil
}

// session greets the server, secures the connection and signs in.
func (m *mailer) session(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	conn = &shortConn{conn, maxReplies}
	if m.security == securityTLS {
		secure := tls.Client(conn, m.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, m.unreached("cannot secure the connection", err)
		}
		conn = secure
	}
	s, err := smtp.NewClient(conn, m.host)
	if err != nil {
		return nil, m.failed("greeting", err)
	}
	s.SkipSMTPUTF8(true) // no address of ours needs it
	if err := s.Hello(m.hello); err != nil {
		return nil, m.failed("EHLO", err)
	}
	if m.security == securityStartTLS {
		if ok, _ := s.Extension("STARTTLS"); !ok {
			return nil, &Failure{Kind: Denied, Text: m.text("STARTTLS", "the server does not offer it: say security: tls, or none for a server that needs no password")}
		}
		if err := s.StartTLS(m.tls); err != nil {
			if reply := (*textproto.Error)(nil); errors.As(err, &reply) {
				return nil, m.failed("STARTTLS", err)
			}
			return nil, m.unreached("cannot secure the connection", err)
		}
	}
	if m.user == "" {
		return s, nil
	}
	return s, m.signIn(s)
}

// signIn takes the strongest way that both sides know, or the one of the
// configuration.
func (m *mailer) signIn(s *smtp.Client) error {
	_, offered := s.Extension("AUTH")
	ways := strings.Fields(strings.ToLower(offered))
	way := m.auth
	for _, known := range []string{authLogin, authPlain, authSCRAM} {
		if m.auth == authAuto && slices.Contains(ways, known) {
			way = known
		}
	}
	if !slices.Contains(ways, way) {
		return &Failure{Kind: Denied, Text: m.text("AUTH", fmt.Sprintf("the server offers %q, and none of it is known here or wanted by auth: %s", offered, m.auth))}
	}
	auths := map[string]smtp.Auth{
		authPlain: smtp.PlainAuth("", m.user, m.password, m.host, loopback(m.host)),
		authLogin: smtp.LoginAuth(m.user, m.password, m.host, loopback(m.host)),
		authSCRAM: smtp.ScramSHA256Auth(m.user, m.password),
	}
	if err := s.Auth(auths[way]); err != nil {
		if reply := (*textproto.Error)(nil); errors.As(err, &reply) && reply.Code >= 500 {
			return &Failure{Kind: Denied, Code: reply.Code, Text: m.text("AUTH", fmt.Sprintf("the server does not take this user with this password (%d)", reply.Code))}
		}
		return m.failed("AUTH", err)
	}
	return nil
}

// envelope names the sender and the recipients. Those that the server refuses
// for good do not keep the mail from the others; one that it refuses for now
// does, and nobody gets it before the next attempt.
func (m *mailer) envelope(s *smtp.Client, to []string) (refused int, err error) {
	if err := s.Mail("<" + m.from.Address + ">"); err != nil {
		return 0, m.failed("MAIL FROM", err)
	}
	var last error
	for _, text := range to {
		a, err := mail.ParseAddress(text)
		if err == nil {
			err = s.Rcpt("<" + a.Address + ">")
		}
		reply := (*textproto.Error)(nil)
		switch {
		case err == nil:
		case errors.As(err, &reply) && reply.Code >= 500:
			refused++
			last = err
		default:
			return 0, m.failed("RCPT TO", err)
		}
	}
	if refused == len(to) {
		return 0, m.failed("RCPT TO", last)
	}
	return refused, nil
}

// data sends the message. Until its last dot nothing was accepted; from there on
// only the server's answer tells.
func (m *mailer) data(s *smtp.Client, message []byte) error {
	w, err := s.Data()
	if err != nil {
		return m.failed("DATA", err)
	}
	if _, err := w.Write(message); err != nil {
		return m.failed("DATA", err)
	}
	if err := w.Close(); err != nil {
		if reply := (*textproto.Error)(nil); errors.As(err, &reply) {
			return m.failed("end of DATA", err)
		}
		return &Failure{Kind: Doubtful, Text: m.text("end of DATA", "the connection broke before the server said whether it has the mail")}
	}
	return nil
}

// failed says what a reply of the server, or a broken connection before the end
// of a message, means.
func (m *mailer) failed(step string, err error) error {
	reply := (*textproto.Error)(nil)
	if !errors.As(err, &reply) {
		return m.unreached(step, err)
	}
	f := &Failure{Kind: Refused, Code: reply.Code, Text: m.text(step, fmt.Sprintf("%d %s", reply.Code, fit(oneLine(reply.Msg), 200)))}
	switch {
	case reply.Code >= 400 && reply.Code < 500:
		f.Kind = Busy
	case slices.Contains([]int{530, 534, 535, 538}, reply.Code): // RFC 4954 6
		f.Kind = Denied
	case reply.Code < 400:
		f.Kind = Unreached // no answer to what was asked
	}
	return f
}

// unreached is a failure before the server could have taken anything.
func (m *mailer) unreached(step string, err error) error {
	return &Failure{Kind: Unreached, Text: m.text(step, fit(oneLine(err.Error()), 200))}
}

func (m *mailer) text(step, what string) string {
	if step != "" {
		what = step + ": " + what
	}
	return "mail server " + m.server + ": " + what
}

// maxReplies bounds, in octets, what a server may say in one connection.
const maxReplies = 1 << 20

// errTalks ends a connection whose other side does not stop.
var errTalks = errors.New("the server says more than 1 MiB")

// shortConn is a connection that ends after so many octets were read.
type shortConn struct {
	net.Conn
	left int
}

// Read reads what may still be read.
func (c *shortConn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTalks
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}
