package outbox

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"strings"
	"time"
)

// clientConfig is what a client goes by.
type clientConfig struct {
	TLS     *tls.Config
	Proxy   *url.URL // nil: none
	Timeout time.Duration
	Hosts   []string // that it may speak to, in lower case, without ports
	Version string   // of this program
}

// The bounds of how long a request may take.
const (
	minTimeout    = time.Second
	maxTimeout    = 5 * time.Minute
	presetTimeout = 30 * time.Second
)

// client makes the HTTP client of the destination: it reads tls_ca,
// tls_cert_file, tls_key_file, proxy and timeout, and speaks to the hosts of
// these addresses only.
func (d *draft) client(to ...*url.URL) *client {
	c := clientConfig{TLS: d.tls(), Proxy: d.url("proxy", ""), Timeout: d.timeout(), Version: d.house.Version}
	for _, u := range to {
		if u != nil {
			c.Hosts = append(c.Hosts, strings.ToLower(u.Hostname()))
		}
	}
	if len(d.wrong) > 0 {
		return nil
	}
	return newClient(c)
}

// timeout reads how long a request may take.
func (d *draft) timeout() time.Duration {
	return d.span("timeout", minTimeout, maxTimeout, presetTimeout)
}

// tls reads whom to trust and who we are.
func (d *draft) tls() *tls.Config {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := d.text("tls_ca", ""); file != "" {
		t.RootCAs = d.authorities(file)
	}
	cert, key := d.text("tls_cert_file", ""), d.text("tls_key_file", "")
	switch {
	case cert == "" && key == "":
	case cert == "" || key == "":
		d.fault("tls_cert_file", "a certificate needs its key, and a key its certificate: want tls_cert_file and tls_key_file")
	default:
		pair, err := tls.LoadX509KeyPair(d.house.path(cert), d.house.path(key))
		if err != nil {
			d.fault("tls_cert_file", "cannot use the certificate with its key: %v", err)
			break
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t
}

// authorities reads a bundle of CA certificates.
func (d *draft) authorities(file string) *x509.CertPool {
	text, err := os.ReadFile(d.house.path(file))
	if err != nil {
		d.fault("tls_ca", "cannot read the certificate authorities: %v", err)
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		d.fault("tls_ca", "there is no certificate in %q", file)
		return nil
	}
	return pool
}
