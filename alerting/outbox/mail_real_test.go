package outbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"earshot/alerting"
)

// exim is a mail server of Debian's, on ports and in a folder of its own.
type exim struct {
	dir           string
	startTLS, tls int // ports
}

// eximConfig signs in the user "earshot", refuses some recipients and delivers
// what it takes into one folder.
const eximConfig = `primary_hostname = mail.test
spool_directory = DIR/spool
log_file_path = DIR/spool/%slog
pid_file_path = DIR/spool/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = STARTTLS : TLS
tls_on_connect_ports = TLS
tls_advertise_hosts = *
tls_certificate = DIR/cert.pem
tls_privatekey = DIR/key.pem
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
message_size_limit = 300K
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
keep_environment =

begin acl
rcpt:
  deny  !authenticated = *
        message = sign in first
  deny  local_parts = gone
        message = there is nobody of that name
  defer local_parts = later
        message = come again
  accept

begin routers
all:
  driver = accept
  transport = box

begin transports
box:
  driver = appendfile
  directory = DIR/box
  maildir_format
  batch_max = 100
  user = USER

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and{{eq{$auth2}{earshot}}{eq{$auth3}{PASSWORD}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{earshot}}{eq{$auth2}{PASSWORD}}}}
  server_set_id = $auth1
`

const eximPassword = "correct-horse"

// startExim starts a mail server with a certificate for localhost.
func startExim(t *testing.T) *exim {
	t.Helper()
	path, err := exec.LookPath("exim4")
	if err != nil {
		t.Skip("needs Debian's exim4-daemon-light")
	}
	if os.Geteuid() != 0 {
		t.Skip("exim keeps its own configuration to root")
	}
	who, err := user.Lookup("Debian-exim")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil { // the server is another user
			t.Fatal(err)
		}
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	for _, name := range []string{"spool", "box"} {
		if err := errors.Join(os.Mkdir(filepath.Join(dir, name), 0o755), os.Chown(filepath.Join(dir, name), uid, gid)); err != nil {
			t.Fatal(err)
		}
	}
	writeCertificate(t, dir, "localhost")
	if err := os.Chown(filepath.Join(dir, "key.pem"), uid, gid); err != nil {
		t.Fatal(err)
	}
	s := &exim{dir: dir, startTLS: freePort(t), tls: freePort(t)}
	config := strings.NewReplacer("DIR", dir, "STARTTLS", strconv.Itoa(s.startTLS), "TLS", strconv.Itoa(s.tls), "USER", who.Username, "PASSWORD", eximPassword).Replace(eximConfig)
	config = strings.ReplaceAll(config, "tls_on_connect_ports = "+strconv.Itoa(s.startTLS), "tls_on_connect_ports = "+strconv.Itoa(s.tls))
	if err := os.WriteFile(filepath.Join(dir, "exim.conf"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-C", filepath.Join(dir, "exim.conf"), "-bdf")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	for range 100 {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.tls)); err == nil {
			c.Close()
			return s
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("exim does not listen: %s", &out)
	return nil
}

// writeCertificate writes cert.pem and key.pem for a host.
func writeCertificate(t *testing.T, dir, host string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600))
	if err != nil {
		t.Fatal(err)
	}
}

// received waits until so many mails were delivered, and returns the newest that
// was not taken before.
func (s *exim) received(t *testing.T, n int) *mail.Message {
	t.Helper()
	var names []string
	for range 200 {
		names, _ = filepath.Glob(filepath.Join(s.dir, "box", "new", "*"))
		if len(names) >= n {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(names) != n {
		log, _ := os.ReadFile(filepath.Join(s.dir, "spool", "mainlog"))
		t.Fatalf("got %d mails, want %d; the server says:\n%s", len(names), n, log)
	}
	slices.SortFunc(names, func(a, b string) int { return modified(t, a).Compare(modified(t, b)) })
	text, err := os.ReadFile(names[n-1])
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func modified(t *testing.T, name string) time.Time {
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

// mailPart is one leaf of a mail.
type mailPart struct {
	kind, name, id, disposition string
	body                        []byte
}

// leaves takes a mail apart.
func leaves(t *testing.T, header func(string) string, body io.Reader) []mailPart {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		text, err := io.ReadAll(body)
		if err == nil && strings.EqualFold(header("Content-Transfer-Encoding"), "base64") {
			text, err = base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(string(text)))
		}
		if err != nil {
			t.Fatal(err)
		}
		disposition, more, _ := mime.ParseMediaType(header("Content-Disposition"))
		return []mailPart{{kind, more["filename"], strings.Trim(header("Content-Id"), "<>"), disposition, text}}
	}
	var list []mailPart
	parts := multipart.NewReader(body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, leaves(t, p.Header.Get, p)...)
	}
}

// mailSetting makes a destination for the server.
func (s *exim) mailSetting(t *testing.T, more string) *Setting {
	t.Helper()
	set, err := settingsOf(t, &House{
		Path:   func(name string) string { return filepath.Join(s.dir, name) },
		Secret: func(string, string) (string, error) { return eximPassword, nil },
		Public: "https://probe.example",
	}, fmt.Sprintf("- {name: post, kind: mail, server: localhost, from: Earshot <earshot@probe.example>, to: [NOC <noc@example.com>], user: earshot, password_file: x, %s}", more))
	if err != nil {
		t.Fatal(err)
	}
	return set[0]
}

// file is evidence with this content.
func evidenceFile(name, kind string, content []byte) File {
	sum := sha256.Sum256(content)
	return File{Name: name, Type: kind, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// mailTicket is the ticket of a case.
func mailTicket(memo string) *Ticket {
	return &Ticket{ID: 1, Destination: "post", Case: 17, Key: "0123456789abcdef0123456789abcdef", Remote: Remote{Memo: memo}}
}

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
