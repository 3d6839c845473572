package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// summed counts and sums up what it writes.
type summed struct {
	w      io.Writer
	hash   hash.Hash
	octets int64
}

// Write writes.
func (s *summed) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.hash.Write(p[:n]) // a hash takes everything
	s.octets += int64(n)
	return n, err
}

// sumOf reads a file to its end.
func sumOf(path string) (sum string, octets int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	octets, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), octets, err
}

// FileOf sums up a file of a folder.
func FileOf(dir, name string) (File, error) {
	sum, octets, err := sumOf(filepath.Join(dir, name))
	return File{Name: name, Bytes: octets, SHA256: sum}, err
}
