package web

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// AuditList is a page of the audit log: /api/v1/cases/NUMBER/audit.
type AuditList struct {
	Entries []alerting.AuditEntry `json:"entries"` // the newest first
	Next    int64                 `json:"next"`    // the parameter "before" of the next page; 0: this is the last
}

// ChangeList is a page of the network's changes: /api/v1/changes.
type ChangeList struct {
	Changes []*alerting.NetworkChange `json:"changes"` // those that were recorded last first
	Next    int64                     `json:"next"`
}

// pageParameters are those that every list of entries has.
var pageParameters = []string{"since", "until", "before", "limit"}

// entryPage is which part of a list of entries is wanted.
type entryPage struct {
	since, until time.Time
	before       int64
	limit        int
}

// readPage reads the parameters of a list of entries; names are further ones.
func readPage(values url.Values, names ...string) (p entryPage, err error) {
	if err := onlyParameters(values, append(names, pageParameters...)); err != nil {
		return p, err
	}
	if p.since, err = moment(values, "since"); err != nil {
		return p, err
	}
	if p.until, err = moment(values, "until"); err != nil {
		return p, err
	}
	before, err := wholeNumber(values.Get("before"), 0, 1, 1<<53)
	if err != nil {
		return p, fmt.Errorf("before: %w", err)
	}
	p.before = int64(before)
	if p.limit, err = wholeNumber(values.Get("limit"), defaultLimit, 1, maxLimit); err != nil {
		return p, fmt.Errorf("limit: %w", err)
	}
	return p, nil
}

func (s *Server) getCaseAudit(w http.ResponseWriter, r *http.Request) {
	number, ok := caseNumber(w, r)
	if !ok || !s.hasDesk(w) {
		return
	}
	if c, err := s.probe.Desk.Case(r.Context(), number); err != nil || c == nil {
		s.failDesk(w, orMissing(err, number))
		return
	}
	s.audit(w, r, number)
}

func (s *Server) getAudit(w http.ResponseWriter, r *http.Request) {
	if s.hasDesk(w) {
		s.audit(w, r, 0)
	}
}

// audit answers with entries about a case, or about anything.
func (s *Server) audit(w http.ResponseWriter, r *http.Request, number int) {
	values := r.URL.Query()
	p, err := readPage(values, "who", "what")
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/cases/17/audit?limit=20")
		return
	}
	entries, err := s.probe.Desk.Audit(r.Context(), &store.AuditQuery{
		Case: number, Who: values.Get("who"), What: values.Get("what"), Since: p.since, Until: p.until, Before: p.before, Limit: p.limit + 1,
	})
	if err != nil {
		s.failDesk(w, err)
		return
	}
	list := AuditList{Entries: append([]alerting.AuditEntry{}, entries[:min(p.limit, len(entries))]...)}
	if len(entries) > p.limit {
		list.Next = entries[p.limit-1].Seq
	}
	s.answer(w, r, &list)
}

func (s *Server) getChanges(w http.ResponseWriter, r *http.Request) {
	if !s.hasDesk(w) {
		return
	}
	values := r.URL.Query()
	p, err := readPage(values, "tenant", "segment")
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/changes?segment=trunk-b&since=2026-11-01")
		return
	}
	changes, err := s.probe.Desk.Changes(r.Context(), &store.ChangeQuery{
		Tenant: values.Get("tenant"), Segment: values.Get("segment"), Since: p.since, Until: p.until, Before: p.before, Limit: p.limit + 1,
	})
	if err != nil {
		s.failDesk(w, err)
		return
	}
	list := ChangeList{Changes: append([]*alerting.NetworkChange{}, changes[:min(p.limit, len(changes))]...)}
	if len(changes) > p.limit {
		list.Next = changes[p.limit-1].ID
	}
	s.answer(w, r, &list)
}

// lookBack is how many of the latest changes may have come since one was recorded.
const lookBack = 100

// answerChange answers with a change as it was recorded.
func (s *Server) answerChange(w http.ResponseWriter, r *http.Request, c *alerting.Command) {
	changes, err := s.probe.Desk.Changes(r.Context(), &store.ChangeQuery{Limit: lookBack})
	if err != nil {
		s.failDesk(w, err)
		return
	}
	recorded := &alerting.NetworkChange{At: c.At, Author: c.Signed(), Text: c.Text, Tenant: c.Tenant, Segment: c.Segment}
	for _, n := range changes {
		if n.At.Equal(c.At) && n.Text == c.Text && n.Author == recorded.Author {
			recorded = n
			break
		}
	}
	s.answerJSON(w, r, http.StatusCreated, recorded)
}
