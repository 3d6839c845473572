package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"earshot/sanitise"
)

// storeKeyFile is the name of the key in the folder of a store.
const storeKeyFile = "evidence.key"

// evidenceKey reads the key that pseudonyms of this installation follow from:
// the one that the configuration names, else that of the store, which is made
// with its first use. Without either it is another one every time.
func (c *config) evidenceKey() (sanitise.Key, error) {
	if name := c.Evidence.KeyFile.text; name != "" {
		return readKey(c.path(name))
	}
	if dir := c.store().Dir; dir != "" {
		return storeKey(dir)
	}
	text, err := newKey()
	if err != nil {
		return sanitise.Key{}, err
	}
	return sanitise.ParseKey(text)
}

// readKey reads a key from a file that not everybody may read.
func readKey(path string) (sanitise.Key, error) {
	text, err := readPrivate(path)
	if err != nil {
		return sanitise.Key{}, err
	}
	key, err := sanitise.ParseKey(text)
	if err != nil {
		return sanitise.Key{}, fmt.Errorf("cannot use the key in %q: %w", path, err)
	}
	return key, nil
}

// storeKey reads the key of a store, and makes it where there is none.
func storeKey(dir string) (sanitise.Key, error) {
	path := filepath.Join(dir, storeKeyFile)
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return sanitise.Key{}, fmt.Errorf("cannot make the key for evidence: %w", err)
		}
	}
	return readKey(path)
}

// makeKey makes a key file, whole or not at all; one that is there stays.
func makeKey(path string) error {
	text, err := newKey()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-") // of mode 600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}

// newKey is the text of a new key.
func newKey() ([]byte, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	return []byte(hex.EncodeToString(key[:]) + "\n"), nil
}
