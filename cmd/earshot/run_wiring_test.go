package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

// selfSigned writes a certificate for 127.0.0.1 and its key.
func selfSigned(t *testing.T, cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "earshot test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})))
}

// A probe on the edge takes HEP and sends it on, over TLS and with a key, to a
// second one: both have the same call.
func TestRunSendsHEPOn(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	selfSigned(t, in("hep.crt"), in("hep.key"))
	write(t, in("key"), "sesame\n")
	edgeHEP, secure := freePort(t), freePort(t)

	write(t, in("centre.yaml"), fmt.Sprintf(`
hep: {tls: %q, tls_cert: hep.crt, tls_key: hep.key, keys_file: key, nodes: {77: edge-1}}
web: {listen: none}
records: {file: centre.jsonl}
`, secure))
	write(t, in("edge.yaml"), fmt.Sprintf(`
hep: {tcp: %q}
hep_out:
  - {address: %q, network: tls, tls_ca: hep.crt, node: 77, name: edge-1, key_file: key, compress: true}
web: {listen: none}
records: {file: edge.jsonl}
`, edgeHEP, secure))
	centre := start(t, "run", "--config", in("centre.yaml"))
	centre.hears("READY=1")
	edge := start(t, "run", "--config", in("edge.yaml"))
	edge.hears("READY=1")
	edge.logs("sending HEP")
	centre.logs("HEP sender connected")

	// What was connected goes on; who connects from now on gets the new certificate.
	selfSigned(t, in("hep.crt"), in("hep.key"))
	centre.signal(syscall.SIGHUP)
	centre.logs("configuration reloaded")

	sendCall(t, edgeHEP, "passed-on")
	recorded := func(file string) func() bool {
		return func() bool {
			text, err := os.ReadFile(in(file))
			return err == nil && strings.Contains(string(text), `"call_ids":["passed-on"]`)
		}
	}
	edge.until("the call at the edge", recorded("edge.jsonl"))
	centre.until("the call at the centre", recorded("centre.jsonl"))
	for _, probe := range []*child{edge, centre} {
		probe.signal(syscall.SIGTERM)
		if status := probe.end(); status != exitOK {
			t.Errorf("got status %d; log:\n%s", status, probe.log())
		}
		if strings.Contains(probe.log(), "sesame") {
			t.Error("the key is in the log")
		}
	}
}

// Metrics are pushed with their labels and the token, and the page wants a login.
func TestRunPushesAndAsksForALogin(t *testing.T) {
	var pushed atomic.Pointer[string]
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if z, zipped := gzip.NewReader(bytes.NewReader(body)); err == nil && zipped == nil {
			body, err = io.ReadAll(z)
		}
		if err != nil {
			t.Error(err)
		}
		text := r.Header.Get("Authorization") + "\n" + r.URL.RawQuery + "\n" + string(body)
		pushed.Store(&text)
	}))
	defer receiver.Close()
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	page := freePort(t)
	write(t, in("push"), "push-secret-0123456789\n")
	write(t, in("tokens"), "first-secret-0123456789\n")
	write(t, in("earshot.yaml"), fmt.Sprintf(`
hep: {udp: "127.0.0.1:0"}
web: {listen: %q, tokens_file: tokens}
metrics: {push: {url: %q, interval_s: 1, labels: {site: north}, token_file: push}}
`, page, receiver.URL+"/api/v1/import/prometheus"))
	probe := start(t, "run", "--config", in("earshot.yaml"))
	probe.hears("READY=1")
	probe.until("a push", func() bool { return pushed.Load() != nil })
	for _, want := range []string{"Bearer push-secret-0123456789\n", "site", "north", "earshot_build_info"} {
		if !strings.Contains(*pushed.Load(), want) {
			t.Errorf("want %q in what was pushed: %.300s", want, *pushed.Load())
		}
	}
	if status, _ := fetch(t, "http://"+page+"/metrics"); status != http.StatusUnauthorized {
		t.Errorf("without a token: got %d", status)
	}
	if status, _ := fetch(t, "http://"+page+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: got %d", status)
	}
	login := func(secret string) int {
		write(t, in("mine"), secret+"\n")
		status, _, _ := earshot(t, "top", "--once", "--url", "http://"+page, "--token-file", in("mine"))
		return status
	}
	if login("first-secret-0123456789") != exitOK || login("other") != exitFailure {
		t.Error("the token is refused, or any is taken")
	}
	write(t, in("tokens"), "second-secret-0123456789\n")
	probe.signal(syscall.SIGHUP)
	probe.logs("configuration reloaded")
	if login("second-secret-0123456789") != exitOK || login("first-secret-0123456789") != exitFailure {
		t.Error("after a reload the new token is refused, or the old one is taken")
	}
	probe.signal(syscall.SIGTERM)
	if status := probe.end(); status != exitOK || strings.Contains(probe.log(), "secret") {
		t.Errorf("got status %d, or a secret in the log:\n%s", status, probe.log())
	}
}

// A pipeline that ends by itself, or a server that does, ends the program with
// an error, and never hangs.
func TestRunEndsByItself(t *testing.T) {
	lost := errors.New("lost the socket")
	for _, tt := range []struct {
		name          string
		ended, failed error
		want          string
	}{
		{"pipeline", lost, nil, "capturing has ended: lost the socket"},
		{"pipeline without a word", nil, nil, "no source is left"},
		{"server", nil, lost, "lost the socket"},
	} {
		ended, failed := make(chan error, 1), make(chan error, 1)
		if tt.failed != nil {
			failed <- tt.failed
		} else {
			ended <- tt.ended
		}
		p := &probe{}
		err := p.attend(t.Context(), ended, failed)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
