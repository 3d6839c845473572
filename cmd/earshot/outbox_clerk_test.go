package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// clerk is a client that works on cases of its own: one after the other, each
// command again with the same key until it is answered.
type clerk struct {
	t      *testing.T
	name   string
	url    string
	random *rand.Rand
	closes bool
	said   int
	cases  []*clerkCase
}

// clerkCase is what a clerk was told of a case.
type clerkCase struct {
	number int
	open   bool
	again  string            // what was said when it was opened again last
	notes  map[string]string // that were accepted, with what was said when it had been opened again before
}

// work works until it shall stop.
func (c *clerk) work(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(time.Duration(50+c.random.IntN(200)) * time.Millisecond):
		}
		if !c.act() {
			return
		}
	}
}

// act does one thing to some case, and reports whether that was accepted.
func (c *clerk) act() bool {
	c.said++
	text := fmt.Sprintf("Clerk %s says %s.", c.name, letters(c.said))
	n := c.random.IntN(10)
	if len(c.cases) == 0 || n < 3 {
		number, ok := c.command("", map[string]string{"subject": "Trouble " + letters(c.said), "text": text})
		c.cases = append(c.cases, &clerkCase{number: number, open: true, notes: map[string]string{}})
		return ok
	}
	one := c.cases[c.random.IntN(len(c.cases))]
	at := fmt.Sprintf("/%d/", one.number)
	if one.open && (n < 8 || !c.closes) {
		body := map[string]string{"text": text}
		if n == 3 {
			body["severity"] = []string{"low", "medium", "high", "critical"}[c.random.IntN(4)]
		}
		_, ok := c.command(at+"update", body)
		one.notes[text] = one.again
		return ok
	}
	action := "reopen"
	if one.open {
		action = "close"
	}
	_, ok := c.command(at+action, map[string]string{"text": text})
	if one.open = !one.open; one.open {
		one.again = text
	}
	return ok
}

// command sends a command until it is answered, and returns the number of its case.
func (c *clerk) command(path string, body map[string]string) (number int, ok bool) {
	body["author"] = c.name
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Error(err)
		return 0, false
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		status, answer := c.send("/api/v1/cases"+path, text)
		var one struct {
			Number int `json:"number"`
		}
		switch {
		case status == http.StatusOK || status == http.StatusCreated:
			if err := json.Unmarshal(answer, &one); err != nil || one.Number == 0 {
				c.t.Errorf("%s: the answer %q is no case", path, answer)
				return 0, false
			}
			return one.Number, true
		case status != 0 && status != http.StatusServiceUnavailable:
			c.t.Errorf("%s %s: status %d, %s", path, text, status, answer)
			return 0, false
		}
	}
	c.t.Errorf("%s %s: nobody answers", path, text)
	return 0, false
}

// send sends a command once; status 0: there was no answer, or half of one.
func (c *clerk) send(path string, body []byte) (status int, answer []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return 0, nil
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", c.name, c.said))
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, nil
	}
	defer a.Body.Close()
	if answer, err = io.ReadAll(a.Body); err != nil {
		return 0, nil
	}
	return a.StatusCode, answer
}

// letters writes a number as a word: digits might be masked as those of a customer.
func letters(n int) string {
	word := ""
	for ; n > 0; n /= 26 {
		word = string(rune('a'+n%26)) + word
	}
	return word
}
