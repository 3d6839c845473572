package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// AttachmentRetention says how long files are kept.
type AttachmentRetention struct {
	Closed  Period // after their case was closed; zero: 30 days
	Tenants map[string]TenantRetention
}

// orphaned is how long a file may lie that no case has: an upload goes on, or a
// desk is about to be told.
const orphaned = 24 * time.Hour

// SweptAttachments counts what a sweep of attachments deleted.
type SweptAttachments struct{ Files, Bytes int64 }

// Sweep deletes the files of cases that were closed long enough ago or are not
// there any more, and those that no case has. What is on hold stays.
func (a *Attachments) Sweep(ctx context.Context, now time.Time, cases *CasesReader, r *AttachmentRetention) (SweptAttachments, error) {
	held, holdErr := readHold(a.store)
	if held.all {
		return SweptAttachments{}, holdErr
	}
	s := attachmentSweep{a: a, now: now, rules: r, held: &held, cases: cases, known: map[int]*alerting.Case{}}
	err := eachAttachment(a.dir, func(number int, path string, info fs.FileInfo) error {
		return s.look(ctx, number, path, info)
	})
	for number := range s.known {
		_ = os.Remove(filepath.Join(a.dir, strconv.Itoa(number))) // stays while there is something in it
	}
	return s.swept, errors.Join(holdErr, err)
}

// attachmentSweep is one sweep.
type attachmentSweep struct {
	a     *Attachments
	now   time.Time
	rules *AttachmentRetention
	held  *hold
	cases *CasesReader
	known map[int]*alerting.Case // nil: there is none
	swept SweptAttachments
}

func (s *attachmentSweep) look(ctx context.Context, number int, path string, info fs.FileInfo) error {
	c, seen := s.known[number]
	if !seen {
		var err error
		if c, err = s.cases.Case(ctx, number); err != nil && !errors.Is(err, ErrNoCase) {
			return fmt.Errorf("cannot sweep the attachments of case %d: %w", number, err)
		}
		s.known[number] = c
	}
	if s.stays(c, info) {
		return nil
	}
	if err := s.a.drop(number, path); err != nil {
		return err
	}
	s.swept.Files++
	s.swept.Bytes += info.Size()
	return nil
}

// stays reports whether a file is kept; c is nil where its case is gone.
func (s *attachmentSweep) stays(c *alerting.Case, info fs.FileInfo) bool {
	if c == nil {
		return s.now.Sub(info.ModTime()) < orphaned
	}
	if c.Hold || s.held.keepsTenant(c.Tenant) {
		return true
	}
	period, tenant := s.rules.Closed, s.rules.Tenants[c.Tenant]
	if period == (Period{}) {
		period = Period{Days: 30}
	}
	if c.Status == alerting.StatusClosed && !period.Ends(c.Closed, tenant.Zone).After(s.now) {
		return false
	}
	listed := slices.ContainsFunc(c.Attachments, func(f alerting.Attachment) bool { return info.Name() == f.SHA256+"-"+f.Name })
	return listed || s.now.Sub(info.ModTime()) < orphaned
}

// CheckAttachments reads all files of a store's attachments and holds them to
// the sums in their names.
func CheckAttachments(ctx context.Context, dir string) (files, octets int64, err error) {
	err = eachAttachment(filepath.Join(dir, AttachmentsFolder), func(_ int, path string, info fs.FileInfo) error {
		if strings.HasPrefix(info.Name(), ".") {
			return ctx.Err()
		}
		files, octets = files+1, octets+info.Size()
		return errors.Join(ctx.Err(), checkAttachment(path))
	})
	return files, octets, err
}

// checkAttachment holds a file to its name.
func checkAttachment(path string) error {
	want, _, _ := strings.Cut(filepath.Base(path), "-")
	sum, _, err := sumOf(path)
	if err == nil && sum != want {
		err = fmt.Errorf("%w: the attachment %q is damaged: its SHA-256 is %s", errBroken, path, sum)
	}
	return err
}

// CopyAttachments copies the attachments of one store to another, those that are
// there already left out, and reads every copy. It returns how many it copied.
func CopyAttachments(ctx context.Context, from, to string) (copied int, err error) {
	source := filepath.Join(from, AttachmentsFolder)
	err = eachAttachment(source, func(number int, path string, info fs.FileInfo) error {
		if strings.HasPrefix(info.Name(), ".") {
			return ctx.Err()
		}
		folder := filepath.Join(to, AttachmentsFolder, strconv.Itoa(number))
		target := filepath.Join(folder, info.Name())
		if _, err := os.Lstat(target); err == nil {
			return ctx.Err()
		}
		if err := errors.Join(ctx.Err(), os.MkdirAll(folder, 0o750)); err != nil {
			return err
		}
		part := filepath.Join(folder, newPrefix+info.Name())
		err := copyFile(path, part)
		if errors.Is(err, fs.ErrNotExist) {
			return os.Remove(part) // it was swept meanwhile
		}
		if err == nil {
			err = checkCopy(part, info.Name())
		}
		if err == nil {
			err = errors.Join(syncFile(part), os.Rename(part, target), syncFolder(folder))
		}
		if err != nil {
			_ = os.Remove(part) // the first error tells
			return fmt.Errorf("cannot copy the attachment %q: %w", path, err)
		}
		copied++
		return nil
	})
	return copied, err
}

// checkCopy holds a copy to the name that it gets.
func checkCopy(path, name string) error {
	want, _, _ := strings.Cut(name, "-")
	sum, _, err := sumOf(path)
	if err == nil && sum != want {
		err = fmt.Errorf("%w: its SHA-256 is %s", errBroken, sum)
	}
	return err
}
