package sanitise

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// ErrKey is returned for a key that is not 32 octets in hexadecimal digits.
var ErrKey = errors.New("sanitise: a key is 64 hexadecimal digits, 32 octets; \"openssl rand -hex 32\" makes one")

// Key is the secret that every pseudonym follows from. Who has it can find out
// what stands behind a pseudonym by trying; who has not, cannot.
type Key [32]byte

// ParseKey reads a key as it stands in a file: one line of hexadecimal digits.
// The text is no part of an error.
func ParseKey(text []byte) (Key, error) {
	var k Key
	text = bytes.TrimSpace(text)
	if len(text) != hex.EncodedLen(len(k)) {
		return k, ErrKey
	}
	if _, err := hex.Decode(k[:], text); err != nil {
		return Key{}, ErrKey
	}
	if k == (Key{}) {
		return k, ErrKey
	}
	return k, nil
}

// Fingerprint tells keys apart without telling anything of them: two captures
// with the same fingerprint have the same pseudonyms.
func (k Key) Fingerprint() string {
	sum := k.derive("fingerprint")
	return hex.EncodeToString(sum[:8])
}

// derive returns the key for one purpose (the expansion step of RFC 5869).
func (k Key) derive(purpose string) [32]byte {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte("earshot sanitise " + purpose))
	mac.Write([]byte{1})
	return [32]byte(mac.Sum(nil))
}
