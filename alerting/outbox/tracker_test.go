package outbox

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// trackerKey is the key of the ticket in the tests of trackers.
const trackerKey = "0123456789abcdef0123456789abcdef"

// trackerSecret is what every *_env of a destination under test holds.
const trackerSecret = "s3cret-of-the-desk"

// decodeTracker reads the settings of one destination.
func decodeTracker(secret func(file, env string) (string, error), settings string) (Destination, error) {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(settings), &n); err != nil {
		return nil, err
	}
	list, err := DecodeDestinations(n.Content[0], &House{Secret: secret})
	if err != nil {
		return nil, err
	}
	return list[0].Destination, nil
}

// decodeWith is a destination from the lines of its settings.
func decodeWith(t *testing.T, secret func(file, env string) (string, error), kind, url string, lines ...string) Destination {
	t.Helper()
	d, err := decodeTracker(secret, fmt.Sprintf("- name: desk\n  kind: %s\n  url: %s\n  ", kind, url)+strings.Join(lines, "\n  ")+"\n")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// newTracker is a destination whose secrets are all the same one.
func newTracker(t *testing.T, kind, url string, lines ...string) Destination {
	t.Helper()
	return decodeWith(t, func(_, _ string) (string, error) { return trackerSecret, nil }, kind, url, append([]string{"timeout: 3s"}, lines...)...)
}

// trackerContent is a case with a text that is full of markup.
func trackerContent() *Content {
	at := time.Date(2026, 1, 6, 8, 50, 0, 0, time.UTC)
	return &Content{
		Case: &alerting.Case{Number: 17, Tenant: "acme", Severity: alerting.High, Owner: "carrier", Segment: "trunk-b", Service: "voice",
			Signals: []alerting.Signal{"loss"}, Closure: "Loss is gone since 09:40."},
		Subject: `[Earshot] #17 High: Packet loss, it's "G729" in trunk-b`,
		Text:    "What: 20 of 20 calls lost packets.\nWho: <b>carrier</b> & {code}x{code} {noformat} [~admin] !a.png!\n\nWhere: trunk-b",
		Link:    "https://probe.example/cases/17",
		Notes:   []alerting.Update{{Seq: 4, At: at, Kind: alerting.UpdateMeasured, Text: "severity is high"}},
		Note:    "Severity rose from medium to high.\nIt's worse.",
		At:      at,
	}
}

// trackerTicket is the ticket of that case: known on the other side by this
// identifier, or not at all.
func trackerTicket(id string) *Ticket {
	return &Ticket{ID: 1, Destination: "desk", Case: 17, Key: trackerKey, State: Sent, Remote: Remote{ID: id}}
}

// trackerFile is a file of evidence.
func trackerFile(name, kind, data string) *File {
	return &File{Name: name, Type: kind, Bytes: int64(len(data)), SHA256: "9f86d081884c7d65", Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader([]byte(data))), nil
	}}
}

// mustFail checks the kind of a failure and words of its text, in which no
// secret may stand.
func mustFail(t *testing.T, err error, kind FailureKind, words ...string) {
	t.Helper()
	f, ok := err.(*Failure)
	if !ok {
		t.Fatalf("got error %v (%T), want a failure that is %s", err, err, kind)
	}
	if f.Kind != kind {
		t.Errorf("failure is %s (%s), want %s", f.Kind, f.Text, kind)
	}
	for _, w := range words {
		if !strings.Contains(f.Text, w) {
			t.Errorf("failure says %q, which has no %q", f.Text, w)
		}
	}
	if strings.Contains(f.Text, trackerSecret) {
		t.Errorf("failure tells the secret: %q", f.Text)
	}
}

// found runs Find.
func found(t *testing.T, d Destination, ticket *Ticket) (Remote, bool) {
	t.Helper()
	r, ok, err := d.Find(t.Context(), ticket)
	if err != nil {
		t.Fatalf("find: %v", err)
	}
	return r, ok
}

// read runs Read.
func read(t *testing.T, d Destination, ticket *Ticket) Human {
	t.Helper()
	h, err := d.Read(t.Context(), ticket)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return h
}
