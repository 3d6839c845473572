package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// receivedFile is a file of evidence that arrived.
type receivedFile struct {
	name  string
	bytes int64
	sum   string   // SHA-256
	temp  *os.File // where it is until it is believed; nil: it is not kept
}

// discard removes what was not kept.
func (f *receivedFile) discard() {
	if f.temp != nil {
		f.temp.Close()
		os.Remove(f.temp.Name())
	}
}

// readFile receives a file. It never is in memory as a whole.
func (r *receiver) readFile(q *http.Request, v *outbox.Verifier) (*received, error) {
	delivery, name, key := q.Header.Get(outbox.HeaderDelivery), q.Header.Get(outbox.HeaderFile), q.Header.Get(outbox.HeaderKey)
	f := &receivedFile{name: name}
	if !alerting.SafeName(key) || !alerting.SafeName(name) || !strings.HasPrefix(delivery, key+"-attached-") || !strings.HasSuffix(delivery, "-"+name) {
		return nil, &refusal{http.StatusBadRequest, "the delivery is not of the key and the file that the headers name"}
	}
	e := &received{Event: "attached", Delivery: delivery, Key: key, file: f}
	sum := sha256.New()
	to := []io.Writer{v, sum}
	if r.out != "" {
		temp, err := os.CreateTemp(r.out, ".receiving-*")
		if err != nil {
			return e, fmt.Errorf("cannot keep the file: %w", err)
		}
		f.temp = temp
		to = append(to, temp)
	}
	n, err := io.Copy(io.MultiWriter(to...), io.LimitReader(q.Body, maxReceivedFile+1))
	f.bytes, f.sum = n, hex.EncodeToString(sum.Sum(nil))
	switch {
	case err != nil:
		return e, &refusal{http.StatusBadRequest, "the file breaks off: " + err.Error()}
	case n > maxReceivedFile:
		return e, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the file has more than %d octets", maxReceivedFile)}
	}
	if err := v.Check(r.now()); err != nil {
		return e, &refusal{http.StatusUnauthorized, err.Error()}
	}
	if f.sum != q.Header.Get(outbox.HeaderSHA256) {
		return e, &refusal{http.StatusBadRequest, "the SHA-256 of the file is not the one in " + outbox.HeaderSHA256}
	}
	return e, nil
}

// keep puts a delivery into the folder of its ticket. What is there already was
// received by an earlier run.
func (r *receiver) keep(e *received, body []byte) (repeated bool, err error) {
	if r.out == "" {
		return false, nil
	}
	name := filepath.Join(r.out, e.Key, strings.TrimPrefix(e.Delivery, e.Key+"-")+".json")
	if e.file != nil {
		name = filepath.Join(r.out, e.Key, "files", e.file.name)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return false, fmt.Errorf("cannot keep the delivery: %w", err)
	}
	if e.file != nil {
		if err := e.file.temp.Close(); err != nil {
			return false, fmt.Errorf("cannot keep the file: %w", err)
		}
		return keptBefore(name, e.file), os.Rename(e.file.temp.Name(), name)
	}
	if _, err := os.Stat(name); err == nil {
		return true, nil
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		return false, err
	}
	pretty.WriteByte('\n')
	return false, keepWhole(name, pretty.Bytes())
}

// keptBefore reports whether a file with this content is there already.
func keptBefore(name string, f *receivedFile) bool {
	there, err := os.Open(name)
	if err != nil {
		return false
	}
	defer there.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, there); err != nil {
		return false
	}
	return hex.EncodeToString(sum.Sum(nil)) == f.sum
}

// keepWhole writes a file so that it is there as a whole, or not at all.
func keepWhole(name string, data []byte) error {
	temp := name + ".new"
	if err := os.WriteFile(temp, data, 0o640); err != nil {
		return fmt.Errorf("cannot write %q: %w", name, err)
	}
	return os.Rename(temp, name)
}
