package sanitise

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseKey(t *testing.T) {
	const good = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	k, err := ParseKey([]byte("  " + good + "\n"))
	if err != nil || k != testKey(0) {
		t.Fatalf("got %x, %v", k, err)
	}
	for _, bad := range []string{"", good[:62], good + "00", strings.Repeat("x", 64), strings.Repeat("0", 64)} {
		if _, err := ParseKey([]byte(bad)); err == nil || len(bad) > 8 && strings.Contains(err.Error(), bad[:8]) {
			t.Errorf("%q: got %v, want an error that does not tell it", bad, err)
		}
	}
	if one, other := k.Fingerprint(), testKey(1).Fingerprint(); one == other || strings.Contains(good, one) {
		t.Errorf("got fingerprints %s and %s", one, other)
	}
}

func TestNewKeyFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "key")
	if err := NewKeyFile(name); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file for its owner alone", info.Mode(), err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseKey(text); err != nil {
		t.Errorf("what was made is no key: %v", err)
	}
	if err := NewKeyFile(name); err == nil {
		t.Error("a key was replaced")
	}
	if again, _ := os.ReadFile(name); string(again) != string(text) {
		t.Error("the key has changed")
	}
}
