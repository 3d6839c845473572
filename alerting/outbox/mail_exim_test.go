package outbox

import (
	"bufio"
	"bytes"
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
	"sync"
	"syscall"
	"testing"
	"time"
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
daemon_smtp_ports = PORT1 : PORT2
tls_on_connect_ports = PORT2
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
	for range 3 { // somebody may take a free port first
		s := &exim{dir: dir, startTLS: freePort(t), tls: freePort(t)}
		if err = s.start(t, path, who.Username); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// start starts the server and waits until it greets.
func (s *exim) start(t *testing.T, path, username string) error {
	config := strings.NewReplacer("DIR", s.dir, "PORT1", strconv.Itoa(s.startTLS), "PORT2", strconv.Itoa(s.tls), "USER", username, "PASSWORD", eximPassword).Replace(eximConfig)
	if err := os.WriteFile(filepath.Join(s.dir, "exim.conf"), []byte(config), 0o644); err != nil {
		return err
	}
	cmd := exec.Command(path, "-C", filepath.Join(s.dir, "exim.conf"), "-bdf")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := sync.OnceFunc(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	t.Cleanup(stop)
	for range 200 {
		if greets(s.startTLS) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return fmt.Errorf("exim does not greet: %s", &out)
}

// greets reports whether our server answers on a port.
func greets(port int) bool {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 10*time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	line, err := bufio.NewReader(c).ReadString('\n')
	return err == nil && strings.HasPrefix(line, "220 mail.test ")
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
