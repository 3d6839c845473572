package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"earshot/alerting"
	"earshot/capture"
	"earshot/sanitise"
	"earshot/store"
	"earshot/web"
)

// attachmentIntake keeps files that people bring for cases. A capture is
// sanitised before it is kept, with the key of this installation, so that none
// gets in by accident.
type attachmentIntake struct {
	files      *store.Attachments
	key        sanitise.Key
	legHeaders []string
}

var _ web.Attachments = attachmentIntake{}

// newIntake makes the intake of a configuration.
func (c *config) newIntake(files *store.Attachments) (attachmentIntake, error) {
	key, err := c.evidenceKey()
	return attachmentIntake{files, key, c.LegHeaders}, err
}

// Open opens a file that a case has.
func (a attachmentIntake) Open(number int, f *alerting.Attachment) (io.ReadSeekCloser, error) {
	file, err := a.files.Open(number, f)
	if err != nil {
		return nil, err // no typed nil in the interface
	}
	return file, nil
}

// Stats says what the files take.
func (a attachmentIntake) Stats() store.AttachmentStats { return a.files.Stats() }

// Receive takes a part of an upload.
func (a attachmentIntake) Receive(u *store.Upload, offset int64, r io.Reader) (int64, error) {
	return a.files.Receive(u, offset, r)
}

// Finish keeps an upload that is whole.
func (a attachmentIntake) Finish(ctx context.Context, u *store.Upload, asIs bool) (made alerting.Attachment, err error) {
	err = a.files.Complete(u, func(path string) error {
		if asIs {
			made, err = a.copy(u, path)
			return err
		}
		source, err := capture.Open([]string{path}, capture.Options{})
		switch {
		case err == nil:
			if err := source.Close(); err != nil {
				return err
			}
			made, err = a.sanitise(ctx, u, path)
			made.Sanitised = true
			return err
		case errors.Is(err, capture.ErrNoCapture), errors.Is(err, capture.ErrEmpty):
			if kind := archiveKind(path); kind != "" {
				return fmt.Errorf("%w: it is %s, which may hold captures", web.ErrUnfit, kind)
			}
			made, err = a.copy(u, path)
			return err
		}
		return fmt.Errorf("%w: it looks like a capture, but cannot be read: %s", web.ErrUnfit, strings.ReplaceAll(err.Error(), path, u.Name))
	})
	if errors.Is(err, web.ErrUnfit) {
		err = errors.Join(err, a.files.Cancel(u))
	}
	return made, err
}

// copy keeps a file as it is.
func (a attachmentIntake) copy(u *store.Upload, path string) (alerting.Attachment, error) {
	return a.files.Keep(u.Case, u.Name, func(w io.Writer) error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
}

// sanitise keeps a capture without what is personal.
func (a attachmentIntake) sanitise(ctx context.Context, u *store.Upload, path string) (alerting.Attachment, error) {
	open := func() (capture.Source, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return capture.Open([]string{path}, capture.Options{})
	}
	return a.files.Keep(u.Case, sanitisedName(u.Name), func(w io.Writer) error {
		_, err := sanitise.Capture(open, w, sanitise.Options{Key: a.key, LegHeaders: a.legHeaders})
		return err
	})
}

// sanitisedName is what a capture is called when it is sanitised: it is pcapng
// then, and not compressed.
func sanitisedName(name string) string {
	for _, end := range []string{".gz", ".zst", ".xz", ".pcapng", ".pcap", ".cap", ".ntar"} {
		name = strings.TrimSuffix(name, end)
	}
	const end = "-sanitised.pcapng"
	if name == "" || len(name)+len(end) > 120 {
		return "capture" + end
	}
	return name + end
}

// archives are formats that may hold captures, by how they begin.
var archives = []struct {
	at    int
	magic string
	kind  string
}{
	{0, "PK\x03\x04", "a zip archive"},
	{0, "7z\xBC\xAF\x27\x1C", "a 7-Zip archive"},
	{0, "Rar!\x1A\x07", "a rar archive"},
	{0, "\x1F\x8B", "compressed with gzip"},
	{0, "BZh", "compressed with bzip2"},
	{0, "\xFD7zXZ\x00", "compressed with xz"},
	{0, "\x28\xB5\x2F\xFD", "compressed with zstd"},
	{0, "\x04\x22\x4D\x18", "compressed with lz4"},
	{257, "ustar", "a tar archive"},
	{0, "snoop\x00\x00\x00", "a snoop capture"},
	{0, "GMBU", "a Network Monitor capture"},
	{0, "#!rtpplay1.0", "an rtpdump file"},
}

// archiveKind says what a file is that may hold captures, "" where it cannot.
func archiveKind(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "not readable"
	}
	defer f.Close()
	head := make([]byte, 512)
	n, _ := io.ReadFull(f, head) // what is shorter is looked at as far as it goes
	head = head[:n]
	for _, a := range archives {
		if len(head) >= a.at && bytes.HasPrefix(head[a.at:], []byte(a.magic)) {
			return a.kind
		}
	}
	return ""
}
