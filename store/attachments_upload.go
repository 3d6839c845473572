package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"earshot/alerting"
)

// Upload is a file that comes in parts. What was received stays, so that one
// that was interrupted goes on where it stopped.
type Upload struct {
	Case int
	alerting.Attachment
}

// OffsetError says that a part does not begin where the one before ended.
type OffsetError struct{ Have, Got int64 }

// Error says where to go on.
func (e *OffsetError) Error() string {
	return fmt.Sprintf("store: %d octets of the file are here, and this part begins at %d: go on from %d", e.Have, e.Got, e.Have)
}

// ErrUploadBusy says that another request is sending the same file.
var ErrUploadBusy = errors.New("store: the same file is being received already")

// path is where the parts of an upload are put together.
func (a *Attachments) partPath(u *Upload) (string, error) {
	if _, err := attachmentFile(&u.Attachment); err != nil {
		return "", err
	}
	dir, err := a.folder(u.Case)
	return filepath.Join(dir, partPrefix+u.SHA256), err
}

// Receive takes a part of an upload that begins at an offset, and returns how
// much of the file is here, after an error too.
func (a *Attachments) Receive(u *Upload, offset int64, r io.Reader) (have int64, err error) {
	path, err := a.partPath(u)
	if err != nil {
		return 0, err
	}
	if !a.begin(path) {
		return 0, ErrUploadBusy
	}
	defer a.end(path)
	info, err := os.Stat(path)
	if err == nil {
		have = info.Size()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if offset != have {
		return have, &OffsetError{have, offset}
	}
	if a.room(u.Case) < u.Bytes-have {
		return have, a.refuse(u.Case, u.Bytes-have)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return have, err
	}
	n, err := io.Copy(f, io.LimitReader(r, u.Bytes-have))
	a.account(u.Case, n)
	return have + n, errors.Join(err, f.Sync(), f.Close())
}

// begin claims an upload, so that no two requests write to it.
func (a *Attachments) begin(path string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.busy[path] {
		return false
	}
	a.busy[path] = true
	return true
}

func (a *Attachments) end(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.busy, path)
}

// Complete hands over an upload of which everything has been received, after
// its sum was found right, and deletes it when use returns without an error. One
// whose sum is wrong is deleted at once: ErrSum.
func (a *Attachments) Complete(u *Upload, use func(path string) error) error {
	path, err := a.partPath(u)
	if err != nil {
		return err
	}
	if !a.begin(path) {
		return ErrUploadBusy
	}
	defer a.end(path)
	sum, octets, err := sumOf(path)
	if err != nil {
		return err
	}
	if octets != u.Bytes || sum != u.SHA256 {
		return errors.Join(ErrSum, a.drop(u.Case, path))
	}
	if err := use(path); err != nil {
		return err
	}
	return a.drop(u.Case, path)
}

// Cancel forgets an upload.
func (a *Attachments) Cancel(u *Upload) error {
	path, err := a.partPath(u)
	if err == nil {
		err = a.drop(u.Case, path)
	}
	return err
}

// drop deletes a file of a case.
func (a *Attachments) drop(number int, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err == nil {
		a.account(number, -info.Size())
	}
	return err
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
