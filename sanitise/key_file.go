package sanitise

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
)

// NewKeyFile makes a key and keeps it in a file that only its owner may read. A
// file that is there already stays as it is, and is an error.
func NewKeyFile(name string) error {
	var k Key
	_, _ = rand.Read(k[:]) // never fails (crypto/rand)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("cannot make a key: %q is there already, and pseudonyms that follow from it may be in use", name)
	}
	if err != nil {
		return fmt.Errorf("cannot make a key: %w", err)
	}
	_, err = f.WriteString(hex.EncodeToString(k[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("cannot make a key: %w", errors.Join(err, os.Remove(name)))
	}
	return nil
}
