package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

const (
	uploadPart  = 8 << 20 // octets that are sent at once
	uploadTries = 5       // for one part
	uploadWait  = time.Second
	partTime    = 5 * time.Minute
)

// attachFile brings a file to a case.
func (f *caseFlags) attachFile(ctx context.Context, book caseBook, args []string, std stdio) error {
	number, err := caseNumber(args[0])
	if err != nil {
		return err
	}
	probe, ok := book.(*probeCases)
	if !ok {
		return usageError("a file is attached at a running probe, which sanitises captures: leave out --config and --store")
	}
	file, err := os.Open(args[1])
	if err != nil {
		return err
	}
	defer file.Close()
	up, err := newUpload(file, number, f.fileName(args[1]))
	if err != nil {
		return fmt.Errorf("cannot read %q: %w", args[1], err)
	}
	up.asIs, up.author = f.asIs, probe.author
	made, err := probe.upload(ctx, up)
	if err != nil {
		return err
	}
	note := ""
	if made.SHA256 != up.SHA256 {
		note = ", without anything personal"
	}
	fmt.Fprintf(std.err, "attached to case %d as %s: %d octets%s\n", number, made.Name, made.Bytes, note)
	return nil
}

// fileName is what a file is called when it is attached.
func (f *caseFlags) fileName(path string) string {
	if f.name != "" {
		return f.name
	}
	name := strings.TrimLeft(filepath.Base(path), ".-")
	return strings.Map(func(r rune) rune {
		if alerting.SafeName("x" + string(r)) {
			return r
		}
		return '_'
	}, name)
}

// upload is a file on its way to a probe.
type upload struct {
	store.Upload
	file   *os.File
	asIs   bool
	author string
}

// newUpload sums up a file.
func newUpload(file *os.File, number int, name string) (*upload, error) {
	h := sha256.New()
	n, err := io.Copy(h, file)
	return &upload{Upload: store.Upload{Case: number, Attachment: alerting.Attachment{Name: name, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}}, file: file}, err
}

// path is where a part of it is sent to.
func (u *upload) path(offset int64) string {
	q := url.Values{"bytes": {strconv.FormatInt(u.Bytes, 10)}, "sha256": {u.SHA256}, "offset": {strconv.FormatInt(offset, 10)}}
	if u.asIs {
		q.Set("as_is", "true")
	}
	if u.author != "" {
		q.Set("author", u.author)
	}
	return attachmentPath(u.Case, u.Name) + "?" + q.Encode()
}

func attachmentPath(number int, name string) string {
	return fmt.Sprintf("/api/v1/cases/%d/attachments/%s", number, url.PathEscape(name))
}

// upload sends a file in parts. One that is interrupted is asked for how much
// of it is there, and goes on from that.
func (c *client) upload(ctx context.Context, u *upload) (*alerting.Attachment, error) {
	var offset int64
	for tries := 0; ; {
		answer, status, err := c.sendPart(ctx, u, offset)
		switch {
		case err == nil && answer.Attachment != nil:
			return answer.Attachment, nil
		case err == nil && status == http.StatusAccepted && answer.Received > offset:
			offset, tries = answer.Received, 0
			continue
		case err == nil && status == http.StatusConflict && answer.Received != offset:
			offset = answer.Received // of an earlier try
		case err == nil && status < http.StatusInternalServerError:
			return nil, fmt.Errorf("%s; %s", printable(answer.Error), printable(answer.Hint))
		case err == nil:
			err = fmt.Errorf("%s; %s", printable(answer.Error), printable(answer.Hint))
		}
		if tries++; tries >= uploadTries {
			return nil, errors.Join(err, ctx.Err())
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(uploadWait):
		}
	}
}

// sendPart sends a part, and returns what the probe says of it.
func (c *client) sendPart(ctx context.Context, u *upload, offset int64) (*web.UploadAnswer, int, error) {
	ctx, cancel := context.WithTimeout(ctx, partTime)
	defer cancel()
	part := io.NewSectionReader(u.file, offset, min(uploadPart, u.Bytes-offset))
	q, err := c.request(ctx, http.MethodPost, u.path(offset), part)
	if err != nil {
		return nil, 0, err
	}
	q.ContentLength = part.Size()
	if part.Size() == 0 {
		q.Body = http.NoBody
	}
	q.Header.Set("Content-Type", "application/octet-stream")
	a, err := c.http.Do(q)
	if err != nil {
		return nil, 0, c.unreachable(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(io.LimitReader(a.Body, answerLimit))
	if err != nil {
		return nil, 0, c.unreachable(err)
	}
	answer := new(web.UploadAnswer)
	if err := json.Unmarshal(text, answer); err != nil {
		return nil, 0, fmt.Errorf("cannot understand the answer of %s: %w; is it earshot that listens there?", c.base, err)
	}
	return answer, a.StatusCode, nil
}
