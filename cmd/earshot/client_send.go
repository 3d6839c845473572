package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// sendTries is how often a command is sent where no answer comes: it has a key,
// by which the probe does it once.
const sendTries = 2

// send sends a command and decodes the answer. An answer that is lost on its
// way is asked for again.
func (c *client) send(ctx context.Context, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	key := rand.Text()
	for try := 1; ; try++ {
		answered, err := c.sendOnce(ctx, path, key, text, into)
		if err == nil || answered || try == sendTries || ctx.Err() != nil {
			return err
		}
	}
}

// sendOnce sends a command; answered says that the probe has answered.
func (c *client) sendOnce(ctx context.Context, path, key string, text []byte, into any) (answered bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	q, err := c.request(ctx, http.MethodPost, path, bytes.NewReader(text))
	if err != nil {
		return true, err
	}
	q.Header.Set("Content-Type", "application/json")
	q.Header.Set("Idempotency-Key", key)
	a, err := c.http.Do(q)
	if err != nil {
		return false, c.unreachable(err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusCreated {
		return true, c.refused(a)
	}
	answer, err := io.ReadAll(io.LimitReader(a.Body, answerLimit))
	if err != nil {
		return false, c.unreachable(err)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return true, fmt.Errorf("cannot understand the answer of %s: %w; is it earshot that listens there?", c.base, err)
	}
	return true, nil
}
