package deploy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// In earshot.yaml a key that is commented out has its "#" right before it, or
// before its indentation; a "#" and one space begin words for people.
var (
	commentedKey  = regexp.MustCompile(`(?m)^#([a-z])`)
	commentedItem = regexp.MustCompile(`(?m)^#(  +[-a-z0-9])`)
)

// testExamples: what earshot.yaml has commented out is right too, all at once.
func testExamples(t *testing.T, binary string) {
	dir := t.TempDir()
	text := commentedItem.ReplaceAllString(commentedKey.ReplaceAllString(read(t, "earshot.yaml"), "$1"), "$1")
	text = strings.NewReplacer("/var/lib/earshot", dir, "name: any", "name: eth0").Replace(text) // any excludes others
	for _, name := range []string{"captures", "secrets"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	secret := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, "secrets", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"hep-keys", "homer-key", "tokens", "push-token"} {
		secret(name, strings.Repeat("0123456789abcdef", 2)+"\n")
	}
	certificate, key := selfSigned(t)
	secret("earshot.crt", certificate)
	secret("earshot.key", key)
	got := run(t, binary, "check", write(t, dir, "earshot.yaml", text))
	for _, want := range []string{"dc1-span", "kamailio-1", "homer.example.net", "trunk-carrier-a", "voice-vlan"} {
		if !strings.Contains(got, want) {
			t.Errorf("earshot check does not name %s; is it still an example?\n%s", want, got)
		}
	}
}

// selfSigned makes a certificate and its key, as PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", pkcs8)
}
