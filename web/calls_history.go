package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"time"

	"earshot/store"
)

// What a search may cost. It reads files while the probe measures: a few at a
// time, for a limited time, and one answer has a limited size.
const (
	mostSearches = 4
	searchWait   = 2 * time.Second  // for a place among them
	searchTime   = 15 * time.Second // for the search itself
	historyBytes = 16 << 20         // of records in one answer
)

// searchesAtOnce leaves half of the processors to measuring.
func searchesAtOnce() int { return min(max(1, runtime.GOMAXPROCS(0)/2), mostSearches) }

// HistoryList is a page of calls that were kept: /api/v1/history/calls.
type HistoryList struct {
	Found   []HistoryEntry `json:"found"`   // the newest first
	Next    string         `json:"next"`    // the parameter "before_cursor" of the next page; "": this is the last
	Warning string         `json:"warning"` // what could not be read or was not looked at, "" where all was
}

// HistoryEntry is a call with its streams, or a stream of no call, in the words
// of docs/records.md.
type HistoryEntry struct {
	Cursor  string            `json:"cursor"`
	Call    json.RawMessage   `json:"call"` // null where it is a stream of no call
	Streams []json.RawMessage `json:"streams"`
}

// errFull ends a page that has grown to its size.
var errFull = errors.New("web: the page is full")

func (s *Server) getHistory(w http.ResponseWriter, r *http.Request) {
	if !s.hasRecords(w) {
		return
	}
	q, err := readHistoryQuery(r.URL.Query(), s.now())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), historyExample)
		return
	}
	page, err := s.search(r.Context(), &q)
	if err != nil {
		failSearch(w, err)
		return
	}
	s.answer(w, r, page)
}

// getHistoryCall answers with one call by its id or Call-ID: the newest one.
func (s *Server) getHistoryCall(w http.ResponseWriter, r *http.Request) {
	if !s.hasRecords(w) {
		return
	}
	page, err := s.search(r.Context(), &store.Query{CallID: r.PathValue("id"), Streams: true, Limit: 1})
	switch {
	case err != nil:
		failSearch(w, err)
	case len(page.Found) == 0 && page.Warning != "":
		fail(w, http.StatusInternalServerError, page.Warning, `"earshot store check" says more`)
	case len(page.Found) == 0:
		fail(w, http.StatusNotFound, "no call with this id or Call-ID is kept", "GET /api/v1/history/calls finds calls; those that go on are at /api/v1/calls")
	default:
		s.answer(w, r, &page.Found[0])
	}
}

func (s *Server) hasRecords(w http.ResponseWriter) bool {
	if s.probe.Records == nil {
		fail(w, http.StatusNotFound, "this probe keeps no calls", "name a folder in store.dir of its configuration")
		return false
	}
	return true
}

// The ways in which a search comes to nothing.
var (
	errBusy = errors.New("web: other searches are under way")
	errSlow = errors.New("web: the search took too long")
)

func failSearch(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "5")
		fail(w, http.StatusServiceUnavailable, "other searches are under way", "ask again in a few seconds")
	case errors.Is(err, errSlow):
		fail(w, http.StatusGatewayTimeout, "nothing was found in "+searchTime.String()+", and not all was looked at", "narrow it: after and before, a number or an address; "+historyExample)
	case errors.Is(err, context.Canceled): // nobody listens any more
	default:
		fail(w, http.StatusInternalServerError, err.Error(), `"earshot store check" says more`)
	}
}

// search finds one page. What it cannot read, or has no time for, does not hide
// what it found.
func (s *Server) search(ctx context.Context, q *store.Query) (*HistoryList, error) {
	if err := s.takePlace(ctx); err != nil {
		return nil, err
	}
	defer func() { <-s.searches }()
	within, cancel := context.WithTimeout(ctx, s.searchTime)
	defer cancel()
	page := &HistoryList{Found: []HistoryEntry{}}
	octets := 0
	one := *q
	one.Limit++ // one more tells whether there is another page
	err := s.probe.Records.Find(within, &one, func(f *store.Found) error {
		octets += len(f.Lines)
		if n := len(page.Found); n == q.Limit || n > 0 && octets > historyBytes {
			return errFull
		}
		page.Found = append(page.Found, entryOf(f))
		return nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return page, page.finish(err)
}

// finish says how the search that filled the page ended.
func (l *HistoryList) finish(err error) error {
	more := errors.Is(err, errFull)
	if errors.Is(err, context.DeadlineExceeded) {
		if len(l.Found) == 0 {
			return errSlow
		}
		l.Warning, more = "it took long: there may be more, see next", true
	} else if err != nil && !more {
		l.Warning = err.Error()
	}
	if more {
		l.Next = l.Found[len(l.Found)-1].Cursor
	}
	return nil
}

// takePlace waits a moment for a place among the searches.
func (s *Server) takePlace(ctx context.Context) error {
	timer := time.NewTimer(searchWait)
	defer timer.Stop()
	select {
	case s.searches <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

// entryOf takes the lines of a record apart: streams, and their call last.
func entryOf(f *store.Found) HistoryEntry {
	e := HistoryEntry{Cursor: f.Cursor.String(), Streams: []json.RawMessage{}}
	for line := range strings.Lines(f.Lines) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, `{"type":"call"`) {
			e.Call = json.RawMessage(line)
			continue
		}
		e.Streams = append(e.Streams, json.RawMessage(line))
	}
	return e
}

// Lines are the entry's records as replay writes them.
func (e *HistoryEntry) Lines() string {
	var b strings.Builder
	for _, s := range e.Streams {
		b.Write(s)
		b.WriteByte('\n')
	}
	if len(e.Call) > 0 && string(e.Call) != "null" {
		b.Write(e.Call)
		b.WriteByte('\n')
	}
	return b.String()
}
