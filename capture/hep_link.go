package capture

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// hepSendBuffer is what the system may hold of a connection, and what is lost
// with it.
const hepSendBuffer = 512 << 10

// hepLink is a connection, or a UDP socket, that is written to without waiting.
type hepLink struct {
	conn    net.Conn // TCP or UDP
	raw     syscall.RawConn
	tls     *tls.Conn // over cipher; nil without
	cipher  *hepCipher
	pending []byte // of the unit at hand, still to be written
	started bool   // the unit at hand is in pending
	written int    // octets of it that were
	junk    [512]byte

	// For raw, made once.
	n        int
	err      error
	writeOut func(fd uintptr) bool
	readIn   func(fd uintptr) bool
}

func newHEPLink(conn net.Conn, secure *tls.Conn, cipher *hepCipher) (*hepLink, error) {
	sys, ok := conn.(syscall.Conn)
	if !ok {
		return nil, errors.New("the connection is no socket")
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return nil, err
	}
	l := &hepLink{conn: conn, raw: raw, tls: secure, cipher: cipher}
	l.writeOut = func(fd uintptr) bool {
		l.n, l.err = retried(func() (int, error) { return unix.Write(int(fd), l.pending[l.written:]) })
		return true
	}
	l.readIn = func(fd uintptr) bool {
		l.n, l.err = retried(func() (int, error) { return unix.Read(int(fd), l.junk[:]) })
		return true
	}
	return l, nil
}

// retried repeats a system call that a signal interrupted.
func retried(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}

// alive tells whether the receiver has closed. What it sends, such as TLS
// session tickets, is not for us.
func (l *hepLink) alive() error {
	if _, ok := l.conn.(*net.UDPConn); ok {
		return nil
	}
	for {
		if err := l.raw.Read(l.readIn); err != nil {
			return err
		}
		switch {
		case l.err == unix.EAGAIN:
			return nil
		case l.err != nil:
			return l.err
		case l.n == 0:
			return io.EOF
		}
	}
}

// write goes on with the unit; done says that all of it was taken. It is called
// with the same unit until then.
func (l *hepLink) write(unit []byte) (done bool, err error) {
	if !l.started {
		l.started, l.written, l.pending = true, 0, unit
		if l.tls != nil {
			l.cipher.held = l.cipher.held[:0]
			if _, err := l.tls.Write(unit); err != nil {
				return false, err
			}
			l.pending = l.cipher.held
		}
	}
	for l.written < len(l.pending) {
		if err := l.raw.Write(l.writeOut); err != nil {
			return false, err
		}
		if l.err == unix.EAGAIN || l.err == unix.ENOBUFS {
			return false, nil
		}
		if l.err != nil {
			return false, l.err
		}
		l.written += l.n
	}
	l.started = false
	return true, nil
}

// gone returns how many octets of the unit the system took as whole packets. Of
// a TLS record that was not written to its end, the receiver can read nothing.
func (l *hepLink) gone(unit []byte) int {
	if !l.started || l.tls != nil {
		return 0
	}
	n := 0
	for n < len(unit) && n+be16(unit[n+4:]) <= l.written {
		n += be16(unit[n+4:])
	}
	return n
}

// close says goodbye where the protocol has a word for it.
func (l *hepLink) close() error {
	if l.tls != nil && !l.started {
		l.cipher.held = l.cipher.held[:0]
		if l.tls.CloseWrite() == nil {
			l.pending, l.written = l.cipher.held, 0
			_ = l.raw.Write(l.writeOut) // it may be too late for it
		}
	}
	return l.conn.Close()
}

// hepCipher is what TLS writes to: the connection while the two agree on keys,
// then memory, because TLS does not survive a write that has to wait.
type hepCipher struct {
	net.Conn
	hold bool
	held []byte
}

// Write is net.Conn's.
func (c *hepCipher) Write(b []byte) (int, error) {
	if !c.hold {
		return c.Conn.Write(b)
	}
	c.held = append(c.held, b...)
	return len(b), nil
}

// connectHEP connects to a receiver.
func connectHEP(ctx context.Context, cfg HEPSenderConfig) (*hepLink, error) {
	network := "tcp"
	if cfg.Network == "udp" {
		network = "udp"
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, cfg.Address)
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(hepSendBuffer) // the system's choice is good enough
	}
	if cfg.Network != "tls" {
		return newHEPLink(conn, nil, nil)
	}
	cipher := &hepCipher{Conn: conn}
	secure := tls.Client(cipher, clientTLS(cfg))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot agree on TLS: %w", err), conn.Close())
	}
	cipher.hold = true
	return newHEPLink(conn, secure, cipher)
}

// clientTLS returns the configuration for a sender: TLS 1.2 at least, the name
// of the address unless another is given, records of full size.
func clientTLS(cfg HEPSenderConfig) *tls.Config {
	c := cfg.TLSConfig.Clone()
	if c == nil {
		c = new(tls.Config)
	}
	c.MinVersion = max(c.MinVersion, tls.VersionTLS12)
	c.DynamicRecordSizingDisabled = true
	if c.ServerName == "" {
		c.ServerName, _, _ = net.SplitHostPort(cfg.Address)
	}
	return c
}
