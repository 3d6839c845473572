package store

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"earshot/alerting"
)

// AttachmentsFolder is the name of the folder, in that of the store, that holds
// what is attached to cases: a folder for each, whose files are called by their
// SHA-256 and their name.
const AttachmentsFolder = "attachments"

// The reasons why a file is not kept or not found.
var (
	ErrNoRoom       = errors.New("store: there is no room for it among the attachments")
	ErrNoAttachment = errors.New("store: this file is not among the attachments")
	ErrSum          = errors.New("store: the file is not the one that was announced: its SHA-256 differs")
	ErrFileName     = errors.New("store: this is no name for a file")
)

// AttachmentLimits bounds what attachments take, in octets.
type AttachmentLimits struct {
	Case int64 // of one case; 0: 1 GiB
	All  int64 // 0: 10 GiB
}

// Attachments keeps the files that belong to cases. Which case has which file,
// the case itself says: a file that none has is swept away. Any goroutine may
// use it.
type Attachments struct {
	store  string // the store's folder
	dir    string
	limits AttachmentLimits

	mu    sync.Mutex
	used  map[int]int64   // octets by case; 0 all
	busy  map[string]bool // uploads that a request is adding to
	stats AttachmentStats
}

// AttachmentStats says what attachments take and what became of those that came.
type AttachmentStats struct {
	Bytes   int64  // now
	Kept    uint64 // files, since the beginning
	Refused uint64 // for want of room
}

// OpenAttachments opens the folder of attachments in that of a store, and makes
// it where it is not there.
func OpenAttachments(dir string, limits AttachmentLimits) (*Attachments, error) {
	if limits.Case <= 0 {
		limits.Case = 1 << 30
	}
	if limits.All <= 0 {
		limits.All = 10 << 30
	}
	a := &Attachments{store: dir, dir: filepath.Join(dir, AttachmentsFolder), limits: limits, used: map[int]int64{}, busy: map[string]bool{}}
	if err := os.MkdirAll(a.dir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot keep attachments: %w", err)
	}
	if err := os.RemoveAll(a.spool()); err != nil { // of a probe that was killed
		return nil, fmt.Errorf("cannot clear what was being made: %w", err)
	}
	err := eachAttachment(a.dir, func(number int, path string, info fs.FileInfo) error {
		if strings.HasPrefix(info.Name(), newPrefix) { // nobody goes on with it
			return os.Remove(path)
		}
		a.account(number, info.Size())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot look through the attachments: %w", err)
	}
	return a, nil
}

// spool is where files are made.
func (a *Attachments) spool() string { return filepath.Join(a.dir, ".making") }

// Spool makes a folder for files on their way, for its owner alone. Whoever asks
// for it removes it; what a probe that was killed has left, the next one removes.
func (a *Attachments) Spool() (string, error) {
	if err := os.MkdirAll(a.spool(), 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(a.spool(), "")
}

// Files that are not whole yet: a name of theirs begins like no other.
const (
	newPrefix  = ".new-"
	partPrefix = ".part-"
)

// eachAttachment visits the files of all cases in a folder.
func eachAttachment(dir string, visit func(number int, path string, info fs.FileInfo) error) error {
	folders, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, folder := range folders {
		number, err := strconv.Atoi(folder.Name())
		if err != nil || number < 1 || !folder.IsDir() {
			continue // not ours
		}
		files, err := os.ReadDir(filepath.Join(dir, folder.Name()))
		if err != nil {
			return err
		}
		for _, f := range files {
			info, err := f.Info()
			if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
				continue
			}
			if err == nil {
				err = visit(number, filepath.Join(dir, folder.Name(), f.Name()), info)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// account notes that a case takes more, or less.
func (a *Attachments) account(number int, octets int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.used[number] += octets
	a.used[0] += octets
	if a.used[number] == 0 {
		delete(a.used, number)
	}
}

// room is how many octets a case may still take.
func (a *Attachments) room(number int) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(0, min(a.limits.Case-a.used[number], a.limits.All-a.used[0]))
}

// Stats says what the attachments take.
func (a *Attachments) Stats() AttachmentStats {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.stats
	s.Bytes = a.used[0]
	return s
}

// refuse counts a file for which there is no room.
func (a *Attachments) refuse(number int, octets int64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stats.Refused++
	return fmt.Errorf("%w: case %d holds %d octets of %d, all cases %d of %d, and this takes %d more",
		ErrNoRoom, number, a.used[number], a.limits.Case, a.used[0], a.limits.All, octets)
}

// folder makes the folder of a case.
func (a *Attachments) folder(number int) (string, error) {
	dir := filepath.Join(a.dir, strconv.Itoa(number))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	return dir, syncFolder(a.dir)
}

// attachmentFile is where a file lies in the folder of its case.
func attachmentFile(f *alerting.Attachment) (string, error) {
	if !alerting.SafeName(f.Name) {
		return "", fmt.Errorf("%w: %.80q", ErrFileName, f.Name)
	}
	if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != sha256.Size {
		return "", fmt.Errorf("%w: its SHA-256 is none", ErrFileName)
	}
	return f.SHA256 + "-" + f.Name, nil
}

// Keep keeps what write writes as a file of a case, whole and on the disk when
// it returns. The case does not have it before its desk is told.
func (a *Attachments) Keep(number int, name string, write func(io.Writer) error) (alerting.Attachment, error) {
	made, err := a.keep(number, name, write)
	if err != nil {
		return made, fmt.Errorf("cannot keep %.80q of case %d: %w", name, number, err)
	}
	return made, nil
}

func (a *Attachments) keep(number int, name string, write func(io.Writer) error) (made alerting.Attachment, err error) {
	if !alerting.SafeName(name) || number < 1 {
		return made, ErrFileName
	}
	dir, err := a.folder(number)
	if err != nil {
		return made, err
	}
	f, err := os.CreateTemp(dir, newPrefix)
	if err != nil {
		return made, err
	}
	w := &boundedWriter{w: f, sum: sha256.New(), left: a.room(number)}
	err = write(w)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Chmod(0o640), f.Close())
	if w.over > 0 {
		err = a.refuse(number, w.octets+w.over)
	}
	if err != nil {
		return made, errors.Join(err, os.Remove(f.Name()))
	}
	made = alerting.Attachment{Name: name, Bytes: w.octets, SHA256: hex.EncodeToString(w.sum.Sum(nil))}
	file, err := attachmentFile(&made)
	if err != nil {
		return made, err
	}
	path := filepath.Join(dir, file)
	if _, err := os.Lstat(path); err == nil { // the same is there
		return made, os.Remove(f.Name())
	}
	if err := errors.Join(os.Rename(f.Name(), path), syncFolder(dir)); err != nil {
		return made, err
	}
	a.account(number, made.Bytes)
	a.mu.Lock()
	a.stats.Kept++
	a.mu.Unlock()
	return made, nil
}

// boundedWriter sums up what it writes, and stops where there is no more room.
type boundedWriter struct {
	w            io.Writer
	sum          hash.Hash
	octets, left int64
	over         int64 // that found no room
}

// Write writes what there is room for.
func (b *boundedWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > b.left {
		b.over += int64(len(p))
		return 0, ErrNoRoom
	}
	n, err := b.w.Write(p)
	b.sum.Write(p[:n]) // a hash takes everything
	b.octets, b.left = b.octets+int64(n), b.left-int64(n)
	return n, err
}

// Open opens a file that a case has.
func (a *Attachments) Open(number int, f *alerting.Attachment) (*os.File, error) {
	return openAttachment(a.dir, number, f)
}

// OpenAttachment opens a file that a case has.
func (r *CasesReader) OpenAttachment(number int, f *alerting.Attachment) (*os.File, error) {
	return openAttachment(filepath.Join(filepath.Dir(r.path), AttachmentsFolder), number, f)
}

func openAttachment(dir string, number int, f *alerting.Attachment) (*os.File, error) {
	name, err := attachmentFile(f)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(dir, strconv.Itoa(number), name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q of case %d; files are deleted some time after a case was closed", ErrNoAttachment, f.Name, number)
	}
	return file, err
}
