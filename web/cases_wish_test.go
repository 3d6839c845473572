package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"earshot/alerting"
)

const openBody = `{"author": "Ann", "subject": "x"}`

// TestKeys: a command that comes again with its key is done once; another one
// with the same key is refused; somebody else's key is another key.
func TestKeys(t *testing.T) {
	s, desk := caseServer(t)
	first := read[CaseBody](t, post(s, "POST", "/api/v1/cases", openBody, "Idempotency-Key", "k1"), 201)
	read[CaseBody](t, post(s, "POST", "/api/v1/cases/1/assign", `{"author": "Bob", "assignee": "Bob"}`), 200)
	w := post(s, "POST", "/api/v1/cases", openBody, "Idempotency-Key", "k1")
	again := read[CaseBody](t, w, 201)
	if again.Number != first.Number || again.Assignee != "Bob" || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: case %d of %q, headers %v", again.Number, again.Assignee, w.Header())
	}
	if w := post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "y"}`, "Idempotency-Key", "k1"); w.Code != 422 {
		t.Errorf("another command with the key: status %d, want 422", w.Code)
	}
	if c := read[CaseBody](t, post(s, "POST", "/api/v1/cases", `{"author": "Bob", "subject": "x"}`, "Idempotency-Key", "k1"), 201); c.Number != 2 {
		t.Errorf("somebody else's key: case %d, want 2", c.Number)
	}
	for range 2 {
		n := read[alerting.NetworkChange](t, post(s, "POST", "/api/v1/changes", `{"author": "Ann", "text": "new SBC"}`, "Idempotency-Key", "k2"), 201)
		if n.ID != 1 || !n.At.Equal(testNow) {
			t.Errorf("change %+v", n)
		}
		s.now = func() time.Time { return testNow.Add(time.Minute) } // it comes again later
	}
	if desk.done != 4 {
		t.Errorf("%d commands were obeyed, want 4", desk.done)
	}
	for _, bad := range []string{"a\tb", fmt.Sprintf("%0129d", 1)} {
		if w := post(s, "POST", "/api/v1/cases", openBody, "Idempotency-Key", bad); w.Code != 400 {
			t.Errorf("key %q: status %d, want 400", bad, w.Code)
		}
	}
}

// TestKeysOutliveTheProbe: a probe that begins again knows the keys of the
// commands that were done.
func TestKeysOutliveTheProbe(t *testing.T) {
	before, desk := caseServer(t)
	read[CaseBody](t, post(before, "POST", "/api/v1/cases", openBody, "Idempotency-Key", "k1"), 201)
	read[CaseBody](t, post(before, "POST", "/api/v1/cases/1/update", `{"author": "Ann", "text": "note"}`, "Idempotency-Key", "k2"), 200)
	read[alerting.NetworkChange](t, post(before, "POST", "/api/v1/changes", `{"author": "Ann", "text": "new SBC"}`, "Idempotency-Key", "k3"), 201)
	done := desk.done

	s, _ := caseServer(t)
	s.probe.Desk = desk
	s.now = func() time.Time { return testNow.Add(time.Hour) }
	for _, tt := range []struct {
		path, body, key string
		status          int
	}{
		{"cases", openBody, "k1", 201},
		{"cases/1/update", `{"author": "Ann", "text": "note"}`, "k2", 200},
		{"changes", `{"author": "Ann", "text": "new SBC"}`, "k3", 201},
	} {
		w := post(s, "POST", "/api/v1/"+tt.path, tt.body, "Idempotency-Key", tt.key)
		if w.Code != tt.status || w.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: status %d, headers %v: %s", tt.path, w.Code, w.Header(), w.Body)
		}
	}
	if w := post(s, "POST", "/api/v1/cases", `{"author": "Ann", "subject": "y"}`, "Idempotency-Key", "k1"); w.Code != 422 {
		t.Errorf("another command with the key: status %d, want 422", w.Code)
	}
	if desk.done != done {
		t.Errorf("%d commands were done twice", desk.done-done)
	}
}

// TestKeyAtOnce: of many requests with one key at the same time one is done,
// and all hear of it.
func TestKeyAtOnce(t *testing.T) {
	s, desk := caseServer(t)
	var group sync.WaitGroup
	answers := make([]*httptest.ResponseRecorder, 20)
	for i := range answers {
		group.Go(func() { answers[i] = post(s, "POST", "/api/v1/cases", openBody, "Idempotency-Key", "k") })
	}
	group.Wait()
	replayed := 0
	for _, w := range answers {
		if w.Code != http.StatusCreated || w.Header().Get("Location") != "/api/v1/cases/1" {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if w.Header().Get("Idempotency-Replayed") != "" {
			replayed++
		}
	}
	if desk.done != 1 || replayed != len(answers)-1 {
		t.Errorf("%d done, %d replayed", desk.done, replayed)
	}
}

// TestKeysBounded: keys are forgotten after a day, and the oldest before where
// there are too many.
func TestKeysBounded(t *testing.T) {
	var l wishes
	now := testNow
	command := func(i int) *alerting.Command {
		return &alerting.Command{Kind: alerting.CommandOpen, Author: "Ann", Subject: "x", Key: fmt.Sprint(i)}
	}
	for i := range maxWishes + 5 {
		w, first, err := l.begin(command(i), now)
		if err != nil || !first {
			t.Fatalf("key %d: first %v, %v", i, first, err)
		}
		l.done(w, &alerting.Case{Number: i + 1}, command(i), nil)
	}
	if len(l.order) != maxWishes || len(l.byKey) != maxWishes {
		t.Errorf("%d and %d are remembered, want %d", len(l.order), len(l.byKey), maxWishes)
	}
	if w, first, _ := l.begin(command(maxWishes+4), now.Add(wishesKept-time.Second)); first || w.number != maxWishes+5 {
		t.Error("the newest is forgotten before a day is over")
	}
	if _, first, _ := l.begin(command(maxWishes+4), now.Add(wishesKept)); !first || len(l.order) != 1 {
		t.Errorf("after a day it is remembered, as are %d", len(l.order))
	}
	// What is under way is not forgotten to make room.
	l = wishes{}
	for i := range maxWishes {
		if _, _, err := l.begin(command(i), now); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := l.begin(command(maxWishes), now); err == nil {
		t.Error("something under way was forgotten")
	}
}
