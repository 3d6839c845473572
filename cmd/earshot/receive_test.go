package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// ticketKey is that of the ticket in these tests.
const ticketKey = "0123456789abcdef0123456789abcdef"

// sharedBuffer is written by a program that still runs.
type sharedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *sharedBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *sharedBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// receiving is "earshot receive" while it runs.
type receiving struct {
	url      string
	out, err sharedBuffer
	ended    chan int // its exit status
	end      context.CancelFunc
}

// startReceiving runs it with the secret "hook-secret".
func startReceiving(t *testing.T, args ...string) *receiving {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "hook.key")
	if err := os.WriteFile(secret, []byte("# of the desk\nhook-secret\nolder-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	r := &receiving{ended: make(chan int, 1), end: end}
	go func() {
		r.ended <- run(ctx, append([]string{"receive", "--listen", "127.0.0.1:0", "--secret-file", secret}, args...), stdio{strings.NewReader(""), &r.out, &r.err})
	}()
	t.Cleanup(end)
	address := regexp.MustCompile(`http://\S+`)
	for range 1000 {
		if r.url = address.FindString(r.err.String()); r.url != "" {
			return r
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it does not listen: %s", r.err.String())
	return nil
}

// wait waits until it ends by itself.
func (r *receiving) wait(t *testing.T) {
	t.Helper()
	select {
	case status := <-r.ended:
		if status != exitOK {
			t.Errorf("exit status %d: %s", status, r.err.String())
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("it does not end: %s", r.out.String())
	}
}

// webhookTo is a destination of kind webhook, as the configuration makes it.
func webhookTo(t *testing.T, url string) outbox.Destination {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte("- {name: desk, kind: webhook, secret_env: S, url: '"+url+"'}"), &n); err != nil {
		t.Fatal(err)
	}
	list, err := outbox.DecodeDestinations(n.Content[0], &outbox.House{Secret: func(_, _ string) (string, error) { return "hook-secret", nil }})
	if err != nil {
		t.Fatal(err)
	}
	return list[0].Destination
}

// hookCase is what is told.
func hookCase() (*outbox.Ticket, *outbox.Content) {
	t := &outbox.Ticket{ID: 1, Destination: "desk", Case: 17, Key: ticketKey, Wanted: outbox.Stand{Update: 2, Open: true, Severity: alerting.High}, Tried: time.Now()}
	return t, &outbox.Content{At: time.Now(), Subject: "[Earshot] #17 High: loss in trunk-b\x1b[2J", Case: &alerting.Case{Number: 17, Severity: alerting.High, Owner: "carrier"},
		Notes: []alerting.Update{{Seq: 2, Text: "worse"}}}
}

// TestReceive: a destination and the receiver understand each other: an answer
// that is lost makes no second delivery, files arrive whole.
func TestReceive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "received")
	r := startReceiving(t, "--out", dir, "--count", "4", "--lose", "1")
	d := webhookTo(t, r.url+"/in")
	ticket, c := hookCase()
	ctx := t.Context()
	if _, err := d.Create(ctx, ticket, c); err == nil {
		t.Error("the answer was not lost")
	}
	ticket.Wanted.Update = 3
	remote, err := d.Create(ctx, ticket, c) // is told of the repetition, and sends an update
	if err != nil || remote.ID != ticketKey || remote.Name != "R-1" {
		t.Fatalf("created %+v, %v", remote, err)
	}
	data := strings.Repeat("packets", 300_000)
	sum := sha256.Sum256([]byte(data))
	f := &outbox.File{Name: "packets.pcapng", Type: "application/x-pcapng", Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}
	if err := d.Attach(ctx, ticket, f); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Close(ctx, ticket, c); err != nil {
		t.Fatal(err)
	}
	r.wait(t)
	want := []string{
		`R-1  created    case 17  high  for carrier  \[Earshot\] #17 High: loss in trunk-b\?\[2J  \(answer lost\)`,
		`R-1  created    case 17  high  for carrier  .*  \(repeated: dropped\)`,
		`R-1  updated    case 17  high  for carrier`,
		`R-1  attached   packets.pcapng, 2100000 octets, SHA-256 ` + f.SHA256[:16],
		`R-1  closed     case 17  high`,
	}
	lines := strings.Split(strings.TrimSpace(r.out.String()), "\n")
	for i, line := range lines {
		if i >= len(want) || !regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  `+want[i]).MatchString(line) {
			t.Errorf("line %d is %q", i+1, line)
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
	if got, err := os.ReadFile(filepath.Join(dir, ticketKey, "files", "packets.pcapng")); err != nil || string(got) != data {
		t.Errorf("the file has %d octets, %v", len(got), err)
	}
	var names []string
	filepath.WalkDir(dir, func(path string, e os.DirEntry, _ error) error {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
		return nil
	})
	slices.Sort(names)
	if want := []string{"closed-3-high.json", "created.json", "packets.pcapng", "updated-3-high.json"}; !slices.Equal(names, want) {
		t.Errorf("kept %v, want %v", names, want)
	}
	var kept outbox.Event
	text, _ := os.ReadFile(filepath.Join(dir, ticketKey, "created.json"))
	if err := json.Unmarshal(text, &kept); err != nil || kept.Case.Number != 17 || kept.Key != ticketKey {
		t.Errorf("created.json is %s, %v", text, err)
	}

	again := startReceiving(t, "--out", dir, "--count", "1")
	if _, err := webhookTo(t, again.url).Close(ctx, ticket, c); err != nil {
		t.Fatal(err)
	}
	if got := again.out.String(); !strings.Contains(got, "repeated: dropped") {
		t.Errorf("what an earlier run received is taken again: %s", got)
	}
}

// TestReceiveSummary: a delivery without a case is told as well, and a repeated
// one is known again where nothing is kept.
func TestReceiveSummary(t *testing.T) {
	r := startReceiving(t, "--count", "2")
	ticket, c := hookCase()
	c.Case, c.Cases, c.Subject = nil, []*alerting.Case{{Number: 1}, {Number: 2}}, "A storm"
	for range 2 {
		if _, err := webhookTo(t, r.url).Create(t.Context(), ticket, c); err != nil {
			t.Fatal(err)
		}
	}
	r.wait(t)
	lines := strings.Split(strings.TrimSpace(r.out.String()), "\n")
	want := []string{"R-1  created    2 cases  A storm", "R-1  created    2 cases  A storm  (repeated: dropped)", "R-1  updated    2 cases  A storm"}
	if len(lines) != len(want) {
		t.Fatalf("got %q", lines)
	}
	for i, line := range lines {
		if !strings.HasSuffix(line, want[i]) {
			t.Errorf("line %d is %q, want %q at its end", i+1, line, want[i])
		}
	}
}

// handSigned is a delivery as the documentation describes it, signed without our
// own code.
func handSigned(t *testing.T, url, secret string, at time.Time, delivery, body string, header map[string]string) *http.Request {
	t.Helper()
	q, err := http.NewRequest("POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s.%s", stamp, delivery, body)
	q.Header.Set("X-Earshot-Timestamp", stamp)
	q.Header.Set("X-Earshot-Delivery", delivery)
	q.Header.Set("X-Earshot-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	for name, value := range header {
		q.Header.Set(name, value)
	}
	return q
}

// TestReceiveRefuses: what is not genuine leaves no trace but a line.
func TestReceiveRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "received")
	r := startReceiving(t, "--out", dir)
	now := time.Now()
	body := func(key, delivery string) string {
		return fmt.Sprintf(`{"event":"created","key":%q,"delivery":%q,"case":{"number":1}}`, key, delivery)
	}
	good, delivery := body("k", "k-created"), "k-created"
	file := map[string]string{"X-Earshot-File": "f.txt", "X-Earshot-Key": "k", "X-Earshot-Content-SHA256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"} // of "x"
	climbing := map[string]string{"X-Earshot-File": "../f.txt", "X-Earshot-Key": "k"}
	wrongSum := map[string]string{"X-Earshot-File": "f.txt", "X-Earshot-Key": "k", "X-Earshot-Content-SHA256": "00"}
	unsigned, _ := http.NewRequest("POST", r.url, strings.NewReader(good))
	get, _ := http.NewRequest("GET", r.url, nil)
	for _, c := range []struct {
		name    string
		request *http.Request
		status  int
		why     string
	}{
		{"a GET", get, 405, "a delivery is a POST"},
		{"unsigned", unsigned, 401, "not signed"},
		{"forged", handSigned(t, r.url, "guess", now, delivery, good, nil), 401, "signature does not fit"},
		{"an hour old", handSigned(t, r.url, "hook-secret", now.Add(-time.Hour), delivery, good, nil), 401, "too old"},
		{"no JSON", handSigned(t, r.url, "hook-secret", now, delivery, "{", nil), 400, "not the JSON"},
		{"another delivery", handSigned(t, r.url, "hook-secret", now, "k-closed", good, nil), 400, "not the one in the header"},
		{"a key that climbs", handSigned(t, r.url, "hook-secret", now, "../k-created", body("../k", "../k-created"), nil), 400, "not of the form"},
		{"a long body", handSigned(t, r.url, "hook-secret", now, delivery, strings.Repeat(" ", 16<<20+1), nil), 413, "more than 16777216"},
		{"a forged file", handSigned(t, r.url, "guess", now, "k-attached-2d71-f.txt", "x", file), 401, "signature does not fit"},
		{"another file's name", handSigned(t, r.url, "hook-secret", now, "k-attached-2d71-g.txt", "x", file), 400, "not of the key and the file"},
		{"a name that climbs", handSigned(t, r.url, "hook-secret", now, "k-attached-2d71-../f.txt", "x", climbing), 400, "not of the key and the file"},
		{"another sum", handSigned(t, r.url, "hook-secret", now, "k-attached-2d71-f.txt", "x", wrongSum), 400, "SHA-256"},
	} {
		a, err := http.DefaultClient.Do(c.request)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		text, _ := io.ReadAll(a.Body)
		a.Body.Close()
		if a.StatusCode != c.status || !strings.Contains(string(text), c.why) {
			t.Errorf("%s: answered %d %q, want %d with %q", c.name, a.StatusCode, text, c.status, c.why)
		}
		if !strings.Contains(r.err.String(), c.why) {
			t.Errorf("%s: no line says %q: %s", c.name, c.why, r.err.String())
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	if r.out.String() != "" {
		t.Errorf("something was taken: %s", r.out.String())
	}
	a, err := http.DefaultClient.Do(handSigned(t, r.url, "older-secret", now, delivery, good, nil))
	if err != nil || a.StatusCode != 200 {
		t.Errorf("one of two secrets is not taken: %v %v", a, err)
	}
	a.Body.Close()
	r.end()
	r.wait(t)
}

func TestReceiveUsage(t *testing.T) {
	for args, want := range map[string]string{
		"receive":                           "--secret-file",
		"receive x --secret-env S":          "no arguments",
		"receive --secret-env S --count -1": "0 or more",
		"receive --secret-file /nowhere":    "cannot read",
	} {
		t.Setenv("S", "hook-secret")
		if status, _, errs := earshot(t, strings.Fields(args)...); status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %q; want %q", args, status, errs, want)
		}
	}
}

// TestDeliveriesBounded: the oldest are forgotten.
func TestDeliveriesBounded(t *testing.T) {
	var d deliveries
	for i := range maxRemembered + 10 {
		d.add(strconv.Itoa(i))
	}
	if len(d.known) != maxRemembered || d.has("9") || !d.has("10") || !d.has(strconv.Itoa(maxRemembered+9)) {
		t.Errorf("%d are known, the tenth: %v", len(d.known), d.has("9"))
	}
}
