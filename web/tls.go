package web

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// keyPair is a certificate that is read again when its files change, so that
// whatever renews it need not know of us.
type keyPair struct {
	certFile, keyFile string

	mu       sync.Mutex // new connections and reloads
	cert     *tls.Certificate
	modified [2]time.Time // of the files, when cert was read
}

// loadKeyPair reads a certificate with its key; nil where none is named.
func loadKeyPair(certFile, keyFile string) (*keyPair, error) {
	if certFile == "" && keyFile == "" {
		return nil, nil
	}
	k := &keyPair{certFile: certFile, keyFile: keyFile}
	return k, k.load()
}

// load reads the files; on an error the old certificate holds.
func (k *keyPair) load() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.read(k.times())
}

func (k *keyPair) read(modified [2]time.Time) error {
	cert, err := tls.LoadX509KeyPair(k.certFile, k.keyFile)
	if err != nil {
		return fmt.Errorf("cannot load certificate %q with key %q: %w", k.certFile, k.keyFile, err)
	}
	k.cert, k.modified = &cert, modified
	return nil
}

// times returns when the files were last modified.
func (k *keyPair) times() (modified [2]time.Time) {
	for i, path := range [...]string{k.certFile, k.keyFile} {
		if info, err := os.Stat(path); err == nil {
			modified[i] = info.ModTime()
		}
	}
	return modified
}

// get returns the certificate for a new connection. Files that are half
// written, or that do not fit each other yet, leave the old one in force.
func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := k.times(); now != k.modified {
		_ = k.read(now) // the next connection tries again
	}
	return k.cert, nil
}

// TLS returns the server's TLS configuration; nil without certificate.
func (s *Server) TLS() *tls.Config {
	if s.cert == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: s.cert.get,
	}
}
