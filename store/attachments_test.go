package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// abc and its SHA-256, FIPS 180-4's first example.
const (
	abc    = "abc"
	abcSum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
)

func openAttachments(t *testing.T, dir string, l AttachmentLimits) *Attachments {
	t.Helper()
	a, err := OpenAttachments(dir, l)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func writing(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// filesIn lists the files below a folder, relative to it.
func filesIn(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			list = append(list, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestKeepAttachment(t *testing.T) {
	dir := t.TempDir()
	a := openAttachments(t, dir, AttachmentLimits{})
	for range 2 { // the same again is the same
		got, err := a.Keep(17, "chart-1.png", writing(abc))
		if want := (alerting.Attachment{Name: "chart-1.png", Bytes: 3, SHA256: abcSum}); err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	}
	if got := filesIn(t, dir); len(got) != 1 || got[0] != "attachments/17/"+abcSum+"-chart-1.png" {
		t.Errorf("files %q", got)
	}
	if got := a.Stats(); got != (AttachmentStats{Bytes: 3, Kept: 1}) {
		t.Errorf("stats %+v", got)
	}
	f, err := a.Open(17, &alerting.Attachment{Name: "chart-1.png", SHA256: abcSum})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := io.ReadAll(f); string(text) != abc || err != nil {
		t.Errorf("read %q, %v", text, err)
	}
	if _, err := a.Open(18, &alerting.Attachment{Name: "chart-1.png", SHA256: abcSum}); !errors.Is(err, ErrNoAttachment) {
		t.Errorf("another case's: %v", err)
	}
	if again := openAttachments(t, dir, AttachmentLimits{}); again.Stats().Bytes != 3 {
		t.Errorf("opened again: %+v", again.Stats())
	}
}

// TestAttachmentNames: no name leads out of the folder of its case.
func TestAttachmentNames(t *testing.T) {
	dir := t.TempDir()
	a := openAttachments(t, dir, AttachmentLimits{})
	for _, name := range []string{"", ".", "..", "../x", "a/b", `a\b`, "/etc/passwd", ".hidden", "-rf", "a b", "a\x00b", "ü", "a\nb", strings.Repeat("n", 121), "a%2fb", "C:x"} {
		if _, err := a.Keep(17, name, writing(abc)); !errors.Is(err, ErrFileName) {
			t.Errorf("keep %q: %v", name, err)
		}
		u := &Upload{17, alerting.Attachment{Name: name, Bytes: 3, SHA256: abcSum}}
		if _, err := a.Receive(u, 0, strings.NewReader(abc)); !errors.Is(err, ErrFileName) {
			t.Errorf("receive %q: %v", name, err)
		}
		if _, err := a.Open(17, &u.Attachment); !errors.Is(err, ErrFileName) {
			t.Errorf("open %q: %v", name, err)
		}
	}
	for _, sum := range []string{"", "../../" + abcSum[:58], abcSum[1:], "zz" + abcSum[2:]} {
		if _, err := a.Open(17, &alerting.Attachment{Name: "a", SHA256: sum}); !errors.Is(err, ErrFileName) {
			t.Errorf("sum %q: %v", sum, err)
		}
	}
	if got := filesIn(t, dir); len(got) != 0 {
		t.Errorf("files %q", got)
	}
}

func TestAttachmentRoom(t *testing.T) {
	dir := t.TempDir()
	a := openAttachments(t, dir, AttachmentLimits{Case: 5, All: 8})
	keep := func(number int, text string) error {
		_, err := a.Keep(number, "f", writing(text))
		return err
	}
	for _, c := range []struct {
		number int
		text   string
		room   bool
	}{
		{1, "12345", true}, {1, "x", false}, {2, "6789", false}, {2, "678", true}, {3, "9", false}, {3, "", true},
	} {
		if err := keep(c.number, c.text); (err == nil) != c.room || err != nil && !errors.Is(err, ErrNoRoom) {
			t.Errorf("case %d, %q: %v, want room %v", c.number, c.text, err, c.room)
		}
	}
	if got := a.Stats(); got.Bytes != 8 || got.Refused != 3 || got.Kept != 3 {
		t.Errorf("stats %+v", got)
	}
	for _, name := range filesIn(t, dir) {
		if strings.Contains(name, newPrefix) {
			t.Errorf("%s stayed", name)
		}
	}
}

// TestSpool: what a probe that was killed was making is not there for the next.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	work, err := openAttachments(t, dir, AttachmentLimits{}).Spool()
	if err == nil {
		err = os.WriteFile(filepath.Join(work, "packets"), []byte(abc), 0o600)
	}
	if err != nil || len(filesIn(t, dir)) != 1 {
		t.Fatalf("%v, %q", err, filesIn(t, dir))
	}
	if a := openAttachments(t, dir, AttachmentLimits{}); a.Stats().Bytes != 0 || len(filesIn(t, dir)) != 0 {
		t.Errorf("left %q", filesIn(t, dir))
	}
}

// TestUpload: one that is interrupted goes on where it stopped, in a new
// process too.
func TestUpload(t *testing.T) {
	dir := t.TempDir()
	a := openAttachments(t, dir, AttachmentLimits{})
	u := &Upload{17, alerting.Attachment{Name: "trace.txt", Bytes: 3, SHA256: abcSum}}
	broken := io.MultiReader(strings.NewReader("a"), errReader{})
	if have, err := a.Receive(u, 0, broken); have != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("have %d, %v", have, err)
	}
	a = openAttachments(t, dir, AttachmentLimits{})
	var offset *OffsetError
	if have, err := a.Receive(u, 0, strings.NewReader(abc)); have != 1 || !errors.As(err, &offset) || offset.Have != 1 {
		t.Fatalf("from the beginning: have %d, %v", have, err)
	}
	if err := a.Complete(u, nil); !errors.Is(err, ErrSum) {
		t.Fatalf("complete too early: %v", err)
	}
	if have, err := a.Receive(u, 0, strings.NewReader("ab")); have != 2 || err != nil {
		t.Fatalf("have %d, %v", have, err)
	}
	if have, err := a.Receive(u, 2, strings.NewReader("cdef")); have != 3 || err != nil { // never more than announced
		t.Fatalf("have %d, %v", have, err)
	}
	var got string
	err := a.Complete(u, func(path string) error {
		text, err := os.ReadFile(path)
		got = string(text)
		return err
	})
	if got != abc || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if left := filesIn(t, dir); len(left) != 0 || a.Stats().Bytes != 0 {
		t.Errorf("left %q, %+v", left, a.Stats())
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestUploadSum: what is not what was announced is deleted, and the next try
// begins anew.
func TestUploadSum(t *testing.T) {
	dir := t.TempDir()
	a := openAttachments(t, dir, AttachmentLimits{Case: 4})
	u := &Upload{17, alerting.Attachment{Name: "f", Bytes: 3, SHA256: abcSum}}
	if _, err := a.Receive(u, 0, strings.NewReader("abd")); err != nil {
		t.Fatal(err)
	}
	if err := a.Complete(u, func(string) error { t.Error("used"); return nil }); !errors.Is(err, ErrSum) {
		t.Errorf("got %v, want ErrSum", err)
	}
	if left := filesIn(t, dir); len(left) != 0 {
		t.Errorf("left %q", left)
	}
	u.Bytes = 5
	if _, err := a.Receive(u, 0, strings.NewReader("abcde")); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v, want ErrNoRoom", err)
	}
}

// attachedCase keeps a case with one file and returns the store's folder.
func attachedCase(t *testing.T, dir string, cases *Cases, a *Attachments, c alerting.Case) alerting.Attachment {
	t.Helper()
	f, err := a.Keep(c.Number, "f.txt", writing(abc))
	if err != nil {
		t.Fatal(err)
	}
	c.Attachments = []alerting.Attachment{f}
	c.Updates = []alerting.Update{{Seq: 1, At: c.Opened, Author: alerting.MonitorAuthor, Kind: alerting.UpdateOpened}}
	if err := cases.Commit(&alerting.Journal{Cases: []*alerting.Case{&c}}, nil); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSweepAttachments: files go 30 days after their case was closed, by its
// tenant's days; what is on hold stays, and so does what is open.
func TestSweepAttachments(t *testing.T) {
	dir := t.TempDir()
	closed := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	cases, err := OpenCases(dir, closed)
	if err != nil {
		t.Fatal(err)
	}
	defer cases.Close()
	a := openAttachments(t, dir, AttachmentLimits{})
	one := alerting.Case{Tenant: "acme", Status: alerting.StatusClosed, Opened: closed.Add(-time.Hour), Closed: closed}
	for number := 1; number <= 4; number++ {
		c := one
		c.Number = number
		switch number {
		case 2:
			c.Hold = true
		case 3:
			c.Status, c.Closed = alerting.StatusOpen, time.Time{}
		case 4:
			c.Tenant = "held"
		}
		attachedCase(t, dir, cases, a, c)
	}
	if err := os.WriteFile(filepath.Join(dir, HoldFile), []byte("tenant held\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Keep(5, "gone.txt", writing(abc)); err != nil { // there is no case 5
		t.Fatal(err)
	}
	if _, err := a.Keep(3, "orphan.txt", writing(abc)); err != nil { // case 3 does not have it
		t.Fatal(err)
	}
	rules := &AttachmentRetention{Closed: Period{Days: 30}}
	sweep := func(now time.Time, want SweptAttachments) {
		t.Helper()
		got, err := a.Sweep(context.Background(), now, cases.CasesReader, rules)
		if err != nil || got != want {
			t.Errorf("%s: swept %+v, %v, want %+v", now, got, err, want)
		}
	}
	fresh := time.Now() // files have the time of the disk
	old := fresh.Add(25 * time.Hour)
	for _, name := range []string{"3/" + abcSum + "-orphan.txt", "5/" + abcSum + "-gone.txt"} {
		if err := os.Chtimes(filepath.Join(dir, AttachmentsFolder, name), closed, closed); err != nil {
			t.Fatal(err)
		}
	}
	// 1 March and 30 days more: until the end of 31 March.
	sweep(time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC), SweptAttachments{})
	sweep(time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC), SweptAttachments{2, 6})
	sweep(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), SweptAttachments{1, 3})
	sweep(old, SweptAttachments{})
	if got := filesIn(t, filepath.Join(dir, AttachmentsFolder)); strings.Join(got, " ") != "2/"+abcSum+"-f.txt 3/"+abcSum+"-f.txt 4/"+abcSum+"-f.txt" {
		t.Errorf("left %q", got)
	}
	if a.Stats().Bytes != 9 {
		t.Errorf("stats %+v", a.Stats())
	}
}

// TestSweepAttachmentsHeld: a hold that cannot be understood holds everything.
func TestSweepAttachmentsHeld(t *testing.T) {
	dir := t.TempDir()
	cases, err := OpenCases(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer cases.Close()
	a := openAttachments(t, dir, AttachmentLimits{})
	if _, err := a.Keep(5, "f", writing(abc)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, HoldFile), []byte("what\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := a.Sweep(context.Background(), time.Now().AddDate(1, 0, 0), cases.CasesReader, &AttachmentRetention{})
	if got != (SweptAttachments{}) || err == nil {
		t.Errorf("swept %+v, %v", got, err)
	}
}

// TestCopyAttachments: a copy has the same files; a damaged one is told.
func TestCopyAttachments(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	a := openAttachments(t, from, AttachmentLimits{})
	f, err := a.Keep(17, "f", writing(abc))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if n, err := CopyAttachments(context.Background(), from, to); n != want || err != nil {
			t.Fatalf("copied %d, %v, want %d", n, err, want)
		}
	}
	if files, octets, err := CheckAttachments(context.Background(), to); files != 1 || octets != 3 || err != nil {
		t.Errorf("checked %d files, %d octets, %v", files, octets, err)
	}
	text, err := os.ReadFile(filepath.Join(to, AttachmentsFolder, "17", f.SHA256+"-f"))
	if sum := sha256.Sum256(text); err != nil || hex.EncodeToString(sum[:]) != abcSum {
		t.Errorf("copied %q, %v", text, err)
	}
	damaged := filepath.Join(from, AttachmentsFolder, "17", f.SHA256+"-f")
	if err := os.WriteFile(damaged, []byte("abd"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := CheckAttachments(context.Background(), from); !errors.Is(err, errBroken) {
		t.Errorf("damaged: %v", err)
	}
	if n, err := CopyAttachments(context.Background(), from, t.TempDir()); n != 0 || !errors.Is(err, errBroken) {
		t.Errorf("copied %d of a damaged one, %v", n, err)
	}
}
