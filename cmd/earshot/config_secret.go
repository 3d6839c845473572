package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
)

// secrets reads a list of secrets: the lines of a file (# begins a comment), or the
// words of an environment variable. None is ever part of an error.
func secrets(file, env string) ([]string, error) {
	switch {
	case file != "":
		text, err := readPrivate(file)
		if err != nil {
			return nil, err
		}
		var list []string
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				list = append(list, line)
			}
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("there is no key in %q", file)
		}
		return list, nil
	case env != "":
		list := strings.FieldsFunc(os.Getenv(env), func(r rune) bool { return r == ',' || r == ' ' })
		if len(list) == 0 {
			return nil, fmt.Errorf("there is no key in the environment variable %s", env)
		}
		return list, nil
	}
	return nil, nil
}

// readPrivate reads a file that not everybody may read.
func readPrivate(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read keys: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("cannot use the keys in %q: everybody may read it; run \"chmod o-rwx %s\"", file, file)
	}
	text, err := io.ReadAll(io.LimitReader(f, mebibyte))
	if err != nil {
		return nil, fmt.Errorf("cannot read keys: %w", err)
	}
	return text, nil
}

// secret reads one secret.
func secret(file, env string) (string, error) {
	list, err := secrets(file, env)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// certificate is a TLS certificate that a reload reads again.
type certificate struct {
	cert, key string // files
	current   atomic.Pointer[tls.Certificate]
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("cannot use the certificate %q with the key %q: %w", c.cert, c.key, err)
	}
	c.current.Store(&pair)
	return nil
}

// hepServerTLS is for the HEP listener; nil without one.
func (c *config) hepServerTLS() (*tls.Config, *certificate, error) {
	h := &c.HEP
	if h.TLS.text == "" {
		return nil, nil, nil
	}
	cert := &certificate{cert: c.path(h.TLSCert.text), key: c.path(h.TLSKey.text)}
	if err := cert.load(); err != nil {
		return nil, nil, err
	}
	t := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert.current.Load(), nil },
	}
	if h.TLSClientCA.text != "" {
		pool, err := authorities(c.path(h.TLSClientCA.text))
		if err != nil {
			return nil, nil, err
		}
		t.ClientCAs, t.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	return t, cert, nil
}

// senderTLS is for a receiver of HEP; nil where it takes no TLS.
func (c *config) senderTLS(o *hepOutConfig) (*tls.Config, error) {
	if o.network() != "tls" {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.TLSServerName.text}
	if o.TLSCA.text != "" {
		pool, err := authorities(c.path(o.TLSCA.text))
		if err != nil {
			return nil, err
		}
		t.RootCAs = pool
	}
	if o.TLSCert.text != "" {
		own := certificate{cert: c.path(o.TLSCert.text), key: c.path(o.TLSKey.text)}
		if err := own.load(); err != nil {
			return nil, err
		}
		t.Certificates = []tls.Certificate{*own.current.Load()}
	}
	return t, nil
}

var errNoCertificate = errors.New("there is no certificate in it")

// authorities reads a bundle of CA certificates.
func authorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err == nil {
		pool := x509.NewCertPool()
		if pool.AppendCertsFromPEM(text) {
			return pool, nil
		}
		err = errNoCertificate
	}
	return nil, fmt.Errorf("cannot use the certificate authorities %q: %w", file, err)
}
