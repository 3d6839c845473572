package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"earshot/alerting"
	"earshot/store"
)

// abcSum is the SHA-256 of "abc", FIPS 180-4's first example.
const abcSum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

// testFiles keeps files of cases as they come.
type testFiles struct{ *store.Attachments }

func (f testFiles) Open(number int, a *alerting.Attachment) (io.ReadSeekCloser, error) {
	file, err := f.Attachments.Open(number, a)
	if err != nil {
		return nil, err
	}
	return file, nil
}

func (f testFiles) Finish(_ context.Context, u *store.Upload, asIs bool) (made alerting.Attachment, err error) {
	err = f.Complete(u, func(path string) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(text, []byte("zip")) && !asIs {
			return fmt.Errorf("%w: it is an archive", ErrUnfit)
		}
		made, err = f.Keep(u.Case, u.Name, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
		return err
	})
	return made, err
}

// Stats says what there is; without a store nothing.
func (f testFiles) Stats() store.AttachmentStats {
	if f.Attachments == nil {
		return store.AttachmentStats{}
	}
	return f.Attachments.Stats()
}

// fileServer is a server with one open case and room for a few octets.
func fileServer(t *testing.T) *Server {
	t.Helper()
	s, _ := caseServer(t)
	files, err := store.OpenAttachments(t.TempDir(), store.AttachmentLimits{Case: 100})
	if err != nil {
		t.Fatal(err)
	}
	s.probe.Attachments = testFiles{files}
	read[CaseBody](t, post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "Crackling"}`), 201)
	return s
}

// sendFile posts octets to a file of case 1.
func sendFile(s *Server, name, query, body string) *httptest.ResponseRecorder {
	return post(s, "POST", "/api/v1/cases/1/attachments/"+name+"?author=Ann&"+query, body, "Content-Type", "application/octet-stream")
}

// TestUploadInParts: a file comes in parts, an interrupted one goes on, and it
// is then read as a whole and in ranges.
func TestUploadInParts(t *testing.T) {
	s := fileServer(t)
	about := "bytes=3&sha256=" + abcSum
	if got := read[UploadAnswer](t, sendFile(s, "f.txt", about, "a"), 202); got.Received != 1 {
		t.Errorf("%+v", got)
	}
	if got := read[UploadAnswer](t, sendFile(s, "f.txt", about, "abc"), 409); got.Received != 1 || !strings.Contains(got.Error, "go on from 1") {
		t.Errorf("%+v", got)
	}
	got := read[UploadAnswer](t, sendFile(s, "f.txt", about+"&offset=1", "bc"), 201)
	if got.Received != 3 || got.Attachment == nil || got.Attachment.SHA256 != abcSum || got.Attachment.Name != "f.txt" {
		t.Errorf("%+v", got)
	}
	c := read[CaseBody](t, get(s, "/api/v1/cases/1"), 200)
	if len(c.Attachments) != 1 || c.Updates[len(c.Updates)-1].Author != "Ann" {
		t.Errorf("attachments %+v, updates %+v", c.Attachments, c.Updates)
	}
	// The answer may have been lost: the same again is the same.
	read[UploadAnswer](t, sendFile(s, "f.txt", about, "abc"), 201)
	w := get(s, "/api/v1/cases/1/attachments/f.txt")
	if w.Code != 200 || w.Body.String() != "abc" || w.Header().Get("ETag") != `"`+abcSum+`"` || w.Header().Get("Content-Disposition") != `attachment; filename="f.txt"` {
		t.Errorf("%d %q, %v", w.Code, w.Body, w.Header())
	}
	for _, x := range []struct {
		span, match string
		status      int
		body        string
	}{
		{"bytes=1-", "", 206, "bc"},
		{"bytes=1-", `"` + abcSum + `"`, 206, "bc"},
		{"bytes=1-", `"another"`, 200, "abc"}, // RFC 9110 13.1.5: it has changed, so all of it
		{"bytes=9-", "", 416, ""},
	} {
		headers := []string{"Range", x.span}
		if x.match != "" {
			headers = append(headers, "If-Range", x.match)
		}
		w := get(s, "/api/v1/cases/1/attachments/f.txt", headers...)
		if w.Code != x.status || x.body != "" && w.Body.String() != x.body {
			t.Errorf("%+v: %d %q", x, w.Code, w.Body)
		}
	}
}

// TestUploadRefused: what is wrong is told, and nothing of it is attached.
func TestUploadRefused(t *testing.T) {
	s := fileServer(t)
	other := strings.Replace(abcSum, "b", "c", 1)
	for _, x := range []struct {
		name, query, body string
		status            int
		want              string
	}{
		{"f", "bytes=3&sha256=" + other, "abc", 422, "SHA-256"},
		{"f", "bytes=101&sha256=" + abcSum, "abc", 413, "no room"},
		{"f", "bytes=3", "abc", 400, "sha256"},
		{"f", "sha256=" + abcSum, "abc", 400, "bytes"},
		{"f", "bytes=-1&sha256=" + abcSum, "", 400, "bytes"},
		{"f", "bytes=3&offset=x&sha256=" + abcSum, "", 400, "offset"},
		{"f", "bytes=3&as_is=1&sha256=" + abcSum, "abc", 400, "as_is"},
		{"f", "size=3&sha256=" + abcSum, "abc", 400, "size"},
		{"..%2Ff", "bytes=3&sha256=" + abcSum, "abc", 400, "no name"},
		{"%2e%2e", "bytes=3&sha256=" + abcSum, "abc", 400, "no name"},
		{"a%20b", "bytes=3&sha256=" + abcSum, "abc", 400, "no name"},
		{"f", "bytes=3&offset=2&sha256=" + abcSum, "c", 409, "go on from 0"},
		{"f.zip", "bytes=3&sha256=" + sumOf("zip"), "zip", 422, "it is an archive"},
	} {
		w := sendFile(s, x.name, x.query, x.body)
		if w.Code != x.status || !strings.Contains(w.Body.String(), x.want) {
			t.Errorf("%s?%s: %d %s, want %d %q", x.name, x.query, w.Code, w.Body, x.status, x.want)
		}
	}
	if w := sendFile(s, "f.zip", "as_is=true&bytes=3&sha256="+sumOf("zip"), "zip"); w.Code != 409 { // it is here, as it was refused
		t.Errorf("as it is, from the beginning: %d %s", w.Code, w.Body)
	}
	if w := sendFile(s, "f.zip", "as_is=true&bytes=3&offset=3&sha256="+sumOf("zip"), ""); w.Code != 201 {
		t.Errorf("as it is: %d %s", w.Code, w.Body)
	}
	if w := post(s, "POST", "/api/v1/cases/1/attachments/f?bytes=3&sha256="+abcSum, "{}"); w.Code != 415 {
		t.Errorf("JSON: %d %s", w.Code, w.Body)
	}
	c := read[CaseBody](t, get(s, "/api/v1/cases/1"), 200)
	if len(c.Attachments) != 1 || c.Attachments[0].Name != "f.zip" {
		t.Errorf("attachments %+v", c.Attachments)
	}
	for path, status := range map[string]int{
		"/api/v1/cases/1/attachments/none": 404, "/api/v1/cases/2/attachments/f.zip": 404, "/api/v1/cases/x/attachments/f.zip": 404,
	} {
		if w := get(s, path); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	read[CaseBody](t, post(s, "POST", "/api/v1/cases/1/close", `{"author": "Ann", "text": "done"}`), 200)
	if w := sendFile(s, "f", "bytes=3&sha256="+abcSum, "abc"); w.Code != 409 || !strings.Contains(w.Body.String(), "reopen it") {
		t.Errorf("closed: %d %s", w.Code, w.Body)
	}
}

// TestAttachmentGone: a file that retention has deleted is said to be gone.
func TestAttachmentGone(t *testing.T) {
	s := fileServer(t)
	read[UploadAnswer](t, sendFile(s, "f", "bytes=3&sha256="+abcSum, "abc"), 201)
	s.probe.Attachments = goneFiles{s.probe.Attachments}
	if w := get(s, "/api/v1/cases/1/attachments/f"); w.Code != 410 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.probe.Attachments = nil
	if w := get(s, "/api/v1/cases/1/attachments/f"); w.Code != 404 || !strings.Contains(w.Body.String(), "keeps no attachments") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func sumOf(text string) string {
	h := sha256.Sum256([]byte(text))
	return hex.EncodeToString(h[:])
}

type goneFiles struct{ Attachments }

func (goneFiles) Open(int, *alerting.Attachment) (io.ReadSeekCloser, error) {
	return nil, errors.Join(store.ErrNoAttachment)
}
