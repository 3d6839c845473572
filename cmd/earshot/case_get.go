package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/evidence"
)

// attachmentBook is where the files of cases are.
type attachmentBook interface {
	// fetch reads a file from an offset on.
	fetch(ctx context.Context, number int, a *alerting.Attachment, offset int64) (io.ReadCloser, error)
}

var (
	_ attachmentBook = (*probeCases)(nil)
	_ attachmentBook = (*storedCases)(nil)
)

// getFile fetches one file of a case.
func (f *caseFlags) getFile(ctx context.Context, book caseBook, args []string, std stdio) error {
	list, number, err := attachmentsOfCase(ctx, book, args[0])
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(a alerting.Attachment) bool { return a.Name == args[1] })
	if i < 0 {
		return fmt.Errorf("case %d has no file %q; it has %s", number, args[1], attachmentNames(list))
	}
	name := f.out
	if name == "" {
		name = list[i].Name
	}
	if err := fetchFile(ctx, book, number, &list[i], name); err != nil {
		return err
	}
	fmt.Fprintf(std.err, "%s: %d octets, SHA-256 %s\n", name, list[i].Bytes, list[i].SHA256)
	return nil
}

// getEvidence fetches and unpacks the newest evidence of a case.
func (f *caseFlags) getEvidence(ctx context.Context, book caseBook, args []string, std stdio) (err error) {
	list, number, err := attachmentsOfCase(ctx, book, args[0])
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(a alerting.Attachment) bool { return !isEvidence(a.Name) })
	if len(list) == 0 {
		return fmt.Errorf("case %d has no evidence: it is made a minute after a case opened by itself, where store.dir keeps it (evidence.make)", number)
	}
	dir := f.out
	if dir == "" {
		dir = fmt.Sprintf("case-%d", number)
	}
	newest := &list[len(list)-1]
	archive, err := os.CreateTemp("", "earshot-evidence-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(archive.Name())) }()
	if err := errors.Join(archive.Truncate(0), archive.Close()); err != nil {
		return err
	}
	if err := fetchFile(ctx, book, number, newest, archive.Name()); err != nil {
		return err
	}
	if err := evidence.Unpack(archive.Name(), dir); err != nil {
		return fmt.Errorf("cannot unpack %s into %q: %w", newest.Name, dir, err)
	}
	fmt.Fprintf(std.err, "%s of case %d is in %s; \"earshot evidence check %s\" proves it\n", newest.Name, number, dir, dir)
	return nil
}

// attachmentsOfCase lists the files of a case.
func attachmentsOfCase(ctx context.Context, book caseBook, text string) ([]alerting.Attachment, int, error) {
	number, err := caseNumber(text)
	if err != nil {
		return nil, 0, err
	}
	c, err := book.show(ctx, number)
	if err != nil {
		return nil, 0, err
	}
	return slices.Clone(c.Attachments), number, nil
}

func attachmentNames(list []alerting.Attachment) string {
	var names []string
	for _, a := range list {
		names = append(names, a.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// fetchTries is how often a broken transfer is taken up again.
const fetchTries = 5

// fetchFile brings a file here and holds it to its sum. What is there of it, of
// an earlier try, is not fetched again.
func fetchFile(ctx context.Context, book caseBook, number int, a *alerting.Attachment, path string) error {
	from, ok := book.(attachmentBook)
	if !ok {
		return errors.New("there are no files")
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return err
	}
	defer f.Close()
	for try := 1; ; try++ {
		err := fetchRest(ctx, from, number, a, f)
		if err == nil {
			break
		}
		if try == fetchTries || ctx.Err() != nil {
			return fmt.Errorf("cannot fetch %s of case %d: %w; the same command goes on with %s", a.Name, number, err, part)
		}
		time.Sleep(uploadWait)
	}
	if err := checkSum(f, a); err != nil {
		return errors.Join(err, os.Remove(part))
	}
	return errors.Join(f.Sync(), os.Rename(part, path), syncDir(filepath.Dir(path)))
}

// fetchRest fetches what is missing.
func fetchRest(ctx context.Context, from attachmentBook, number int, a *alerting.Attachment, f *os.File) error {
	have, err := f.Seek(0, io.SeekEnd)
	if err == nil && have > a.Bytes {
		have = 0
		err = f.Truncate(0)
	}
	if err != nil || have == a.Bytes {
		return err
	}
	r, err := from.fetch(ctx, number, a, have)
	if err != nil {
		return err
	}
	defer r.Close()
	n, err := io.Copy(io.NewOffsetWriter(f, have), io.LimitReader(r, a.Bytes-have))
	if err == nil && have+n < a.Bytes {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// checkSum holds a file to what was announced.
func checkSum(f *os.File, a *alerting.Attachment) error {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, a.Bytes)); err != nil {
		return err
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != a.SHA256 {
		return fmt.Errorf("%s was damaged on its way: its SHA-256 is %s, want %s; fetch it again", a.Name, sum, a.SHA256)
	}
	return nil
}

// syncDir brings the names in a folder to the disk.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// fetch asks a probe for a file, from an offset on.
func (p *probeCases) fetch(ctx context.Context, number int, a *alerting.Attachment, offset int64) (io.ReadCloser, error) {
	q, err := p.request(ctx, http.MethodGet, attachmentPath(number, a.Name), nil)
	if err != nil {
		return nil, err
	}
	if offset > 0 {
		q.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		q.Header.Set("If-Range", `"`+a.SHA256+`"`)
	}
	answer, err := p.http.Do(q)
	if err != nil {
		return nil, p.unreachable(err)
	}
	want := http.StatusOK
	if offset > 0 {
		want = http.StatusPartialContent
	}
	if answer.StatusCode != want {
		defer answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil, errors.New("the file at the probe is another one now; fetch it again under another name")
		}
		return nil, p.refused(answer)
	}
	return answer.Body, nil
}

// fetch opens a file of a store.
func (s *storedCases) fetch(_ context.Context, number int, a *alerting.Attachment, offset int64) (io.ReadCloser, error) {
	f, err := s.reader.OpenAttachment(number, a)
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
