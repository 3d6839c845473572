package web

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// A client that hears no answer cannot know whether its command was done. With
// an Idempotency-Key it may send it again: what was done is answered again, and
// nothing is done twice. Keys are remembered for a day; those of before the
// probe began are read back from the audit log, which has every command.
const (
	wishesKept = 24 * time.Hour
	maxWishes  = 10_000
	maxKey     = 128 // characters of a key
)

// The errors of keys.
var (
	errWishOther = errors.New("this Idempotency-Key was used for another request")
	errWishFull  = errors.New("too many requests with an Idempotency-Key are under way")
)

// wishes remembers commands by their keys.
type wishes struct {
	mu    sync.Mutex
	byKey map[wishKey]*wish
	order []*wish // as they came
	read  bool    // the audit log was
}

// wishKey is a key and who uses it.
type wishKey struct{ author, key string }

// wish is a command that was, or is being, done.
type wish struct {
	key     wishKey
	content digest
	at      time.Time
	ended   chan struct{} // closed when it is known what became of it
	failed  bool          // it was not done: it may come again
	number  int           // the case; 0 for a change
	made    time.Time     // of a change: when it was made
}

func checkKey(key string) error {
	if len(key) > maxKey {
		return fmt.Errorf("Idempotency-Key: it has %d characters, want at most %d", len(key), maxKey)
	}
	if err := checkText(key, maxKey, ""); err != nil {
		return fmt.Errorf("Idempotency-Key: %w", err)
	}
	return nil
}

// contentOf tells whether two commands want the same. The time of a change is
// left out: where its author gave none, it is the time of the request.
func contentOf(c alerting.Command) digest {
	c.At, c.Version = time.Time{}, 0
	text, _ := json.Marshal(&c) // a Command always can be written, for its severity was read
	return sha256.Sum256(text)
}

// wish remembers a command with a key. Where it has come before, first is false
// and what became of it is known.
func (s *Server) wish(ctx context.Context, c *alerting.Command) (w *wish, first bool, err error) {
	if err := s.recall(ctx); err != nil {
		return nil, false, err
	}
	for {
		w, first, err = s.wishes.begin(c, s.now())
		if first || err != nil {
			return w, first, err
		}
		select {
		case <-w.ended:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if !w.failed {
			return w, false, nil
		}
	}
}

// begin finds a command, or makes its entry.
func (l *wishes) begin(c *alerting.Command, now time.Time) (*wish, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(now)
	key, content := wishKey{c.Author, c.Key}, contentOf(*c)
	if w := l.byKey[key]; w != nil {
		if w.content != content {
			return nil, false, errWishOther
		}
		return w, false, nil
	}
	if len(l.order) >= maxWishes {
		return nil, false, errWishFull
	}
	w := &wish{key: key, content: content, at: now, ended: make(chan struct{})}
	l.add(w)
	return w, true, nil
}

func (l *wishes) add(w *wish) {
	if l.byKey == nil {
		l.byKey = map[wishKey]*wish{}
	}
	l.byKey[w.key] = w
	l.order = append(l.order, w)
}

// forget drops what is too old, and the oldest to make room, but nothing that
// is under way.
func (l *wishes) forget(now time.Time) {
	n := 0
	for ; n < len(l.order); n++ {
		w := l.order[n]
		if !w.over() || now.Sub(w.at) < wishesKept && len(l.order)-n < maxWishes {
			break
		}
		if l.byKey[w.key] == w {
			delete(l.byKey, w.key)
		}
	}
	clear(l.order[:n])
	l.order = l.order[n:]
}

func (w *wish) over() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// done says what became of a command.
func (l *wishes) done(w *wish, made *alerting.Case, c *alerting.Command, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		w.failed = true
		delete(l.byKey, w.key)
	case made != nil:
		w.number = made.Number
	default:
		w.made = c.At
	}
	close(w.ended)
}

// recall reads the keys of before the probe began, once.
func (s *Server) recall(ctx context.Context) error {
	l := &s.wishes
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read {
		return nil
	}
	entries, err := s.probe.Desk.Audit(ctx, &store.AuditQuery{Since: s.now().Add(-wishesKept), Limit: maxWishes})
	if err != nil {
		return err
	}
	l.read = true
	for i := len(entries) - 1; i >= 0; i-- { // the oldest first
		e := &entries[i]
		var c alerting.Command
		if json.Unmarshal([]byte(e.Detail), &c) != nil || c.Key == "" || c.Author != e.Who {
			continue // the monitor's own entries are no commands
		}
		w := &wish{key: wishKey{e.Who, c.Key}, at: e.At, ended: make(chan struct{}), number: e.Case, made: c.At}
		w.content = contentOf(c)
		close(w.ended)
		l.add(w)
	}
	return nil
}

// failWish answers where a key cannot be used.
func (s *Server) failWish(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errWishOther):
		fail(w, http.StatusUnprocessableEntity, err.Error(), "make a new key for every command, and use it again only to send the same one again")
	case errors.Is(err, errWishFull):
		w.Header().Set("Retry-After", "60")
		fail(w, http.StatusServiceUnavailable, err.Error(), "wait a minute")
	default:
		s.failDesk(w, err)
	}
}

// answerAgain answers for a command that was done before, with the case as it
// is now.
func (s *Server) answerAgain(w http.ResponseWriter, r *http.Request, status int, c *alerting.Command, done *wish) {
	if c.Kind == alerting.CommandChange {
		c.At = done.made
		s.answerChange(w, r, c)
		return
	}
	made, err := s.probe.Desk.Case(r.Context(), done.number)
	if err != nil || made == nil {
		s.failDesk(w, orMissing(err, done.number))
		return
	}
	s.answerCase(w, r, status, made)
}
