package outbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestSignature is worked by hand with openssl:
//
//	printf '1767689400.k-created.{"a":1}' | openssl dgst -sha256 -hmac first
//	printf '1767689400.k-created.{"a":1}' | openssl dgst -sha256 -hmac second
func TestSignature(t *testing.T) {
	s := newSigner([]string{"first", "second"}, time.Date(2026, 1, 6, 8, 50, 0, 0, time.UTC), "k-created")
	s.Write([]byte(`{"a"`))
	s.Write([]byte(`:1}`))
	h := http.Header{}
	s.sign(h)
	want := "v1=e6f5c90246b90078987c8a9c6d81beb1ead3f399a1ca563777e1aab57d32423f,v1=1fe1e2a5f0b3536511d41bc37d2b9979bfec0e806b4ca8c7824aa9fad09ed579"
	if got := h.Get("X-Earshot-Signature"); got != want {
		t.Errorf("signature is %q, want %q", got, want)
	}
	if h.Get("X-Earshot-Timestamp") != "1767689400" || h.Get("X-Earshot-Delivery") != "k-created" {
		t.Errorf("headers are %v", h)
	}
}

// signed are the headers of a delivery.
func signed(secrets []string, at time.Time, delivery, body string) http.Header {
	s := newSigner(secrets, at, delivery)
	s.Write([]byte(body))
	h := http.Header{}
	s.sign(h)
	return h
}

// verify checks a delivery.
func verify(secrets []string, h http.Header, body string, now time.Time) error {
	v, err := NewVerifier(secrets, h)
	if err != nil {
		return err
	}
	v.Write([]byte(body))
	return v.Check(now)
}

func TestVerifier(t *testing.T) {
	at := time.Date(2026, 1, 6, 8, 50, 0, 0, time.UTC)
	genuine := signed([]string{"new", "old"}, at, "k-created", "body")
	changed := func(name, value string) http.Header {
		h := genuine.Clone()
		h.Set(name, value)
		return h
	}
	for _, c := range []struct {
		name    string
		secrets []string
		header  http.Header
		body    string
		now     time.Time
		want    error
	}{
		{"genuine", []string{"new"}, genuine, "body", at, nil},
		{"the old secret", []string{"old"}, genuine, "body", at, nil},
		{"one of ours fits", []string{"other", "old"}, genuine, "body", at, nil},
		{"a slow clock", []string{"new"}, genuine, "body", at.Add(-5 * time.Minute), nil},
		{"old", []string{"new"}, genuine, "body", at.Add(5*time.Minute + time.Second), ErrStale},
		{"from the future", []string{"new"}, genuine, "body", at.Add(-5*time.Minute - time.Second), ErrStale},
		{"another secret", []string{"other"}, genuine, "body", at, ErrForged},
		{"another body", []string{"new"}, genuine, "bodY", at, ErrForged},
		{"another delivery", []string{"new"}, changed(HeaderDelivery, "k-closed"), "body", at, ErrForged},
		{"another time", []string{"new"}, changed(HeaderTimestamp, "1767689401"), "body", at, ErrForged},
		{"no signature", []string{"new"}, changed(HeaderSignature, ""), "body", at, ErrUnsigned},
		{"another scheme", []string{"new"}, changed(HeaderSignature, strings.ReplaceAll(genuine.Get(HeaderSignature), "v1=", "v2=")), "body", at, ErrUnsigned},
		{"no time", []string{"new"}, changed(HeaderTimestamp, "yesterday"), "body", at, ErrUnsigned},
		{"a long delivery", []string{"new"}, changed(HeaderDelivery, strings.Repeat("k", 201)), "body", at, ErrUnsigned},
		{"too many signatures", []string{"new"}, changed(HeaderSignature, strings.Repeat("v1=00,", 100)+genuine.Get(HeaderSignature)), "body", at, ErrForged},
		{"no secret", nil, genuine, "body", at, ErrForged},
		{"the empty MAC", nil, changed(HeaderSignature, "v1="), "body", at, ErrForged},
		{"nothing", []string{"new"}, http.Header{}, "body", at, ErrUnsigned},
	} {
		if err := verify(c.secrets, c.header, c.body, c.now); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// TestVerifierElsewhere runs the programs of the documentation: what we sign is
// genuine for them too.
func TestVerifierElsewhere(t *testing.T) {
	compiled := filepath.Join(t.TempDir(), "try")
	if out, err := exec.Command("go", "build", "-o", compiled, "testdata/webhook/verify.go", "testdata/webhook/try.go").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, out)
	}
	for name, program := range map[string][]string{"python": {"python3", "-B", "testdata/webhook/try.py"}, "go": {compiled}} {
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Skip(program[0] + " is not installed")
			}
			now := time.Now()
			for _, c := range []struct {
				name   string
				header http.Header
				secret string
				body   string
				want   string
			}{
				{"genuine", signed([]string{"new"}, now, "k-created", `{"text":"Störung"}`), "new", `{"text":"Störung"}`, "genuine"},
				{"two secrets", signed([]string{"new", "old"}, now, "k-created", "body"), "old", "body", "genuine"},
				{"another body", signed([]string{"new"}, now, "k-created", "body"), "new", "bodY", "refused"},
				{"another secret", signed([]string{"new"}, now, "k-created", "body"), "other", "body", "refused"},
				{"old", signed([]string{"new"}, now.Add(-6*time.Minute), "k-created", "body"), "new", "body", "refused"},
			} {
				input, err := json.Marshal(map[string]any{"secret": c.secret, "body": c.body, "headers": map[string]string{
					HeaderTimestamp: c.header.Get(HeaderTimestamp), HeaderDelivery: c.header.Get(HeaderDelivery), HeaderSignature: c.header.Get(HeaderSignature)}})
				if err != nil {
					t.Fatal(err)
				}
				run := exec.Command(program[0], program[1:]...)
				run.Stdin = strings.NewReader(string(input))
				out, err := run.CombinedOutput()
				if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
					t.Errorf("%s: %s says %q (%v), want %q", c.name, name, got, err, c.want)
				}
			}
		})
	}
}

// TestSignatureProperty: a delivery is genuine as it was signed, and as nothing else.
func TestSignatureProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringN(1, 40, -1).Draw(t, "secret")
		delivery := rapid.StringMatching(`[0-9a-f]{32}-[a-z]+(-[0-9]+)?`).Draw(t, "delivery")
		body := rapid.String().Draw(t, "body")
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0)
		h := signed([]string{secret}, at, delivery, body)
		if err := verify([]string{secret}, h, body, at); err != nil {
			t.Fatalf("what we signed is refused: %v", err)
		}
		// No boundary between time, delivery and body can be moved.
		moved := h.Clone()
		moved.Set(HeaderDelivery, delivery[:len(delivery)-1])
		if verify([]string{secret}, moved, delivery[len(delivery)-1:]+body, at) == nil {
			t.Fatal("the last letter of the delivery may be taken for the body's first")
		}
	})
}

// FuzzVerifier: nobody who does not know the secret gets past it.
func FuzzVerifier(f *testing.F) {
	f.Add("1767689400", "k-created", "v1=00ff", "body")
	f.Add("-1", "", ",,v1=", "")
	f.Fuzz(func(t *testing.T, timestamp, delivery, signature, body string) {
		h := http.Header{HeaderTimestamp: {timestamp}, HeaderDelivery: {delivery}, HeaderSignature: {signature}}
		seconds, _ := strconv.ParseInt(timestamp, 10, 64)
		if verify([]string{"a secret that nobody guesses"}, h, body, time.Unix(seconds, 0)) == nil {
			t.Errorf("%q is genuine", h)
		}
	})
}
