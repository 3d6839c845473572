package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/spelling"
	"earshot/store"
)

// CaseRow is what a list says of a case.
type CaseRow struct {
	Number    int                    `json:"number"`
	Severity  alerting.Severity      `json:"severity"`
	Subject   string                 `json:"subject"`
	Status    alerting.CaseStatus    `json:"status"`
	SubStatus alerting.CaseSubStatus `json:"sub_status"`
	Tenant    string                 `json:"tenant"`
	Segment   string                 `json:"segment"`
	Owner     string                 `json:"owner"`
	Assignee  string                 `json:"assignee"`
	Reference string                 `json:"external_reference"`
	Opened    time.Time              `json:"opened"`
	Modified  time.Time              `json:"modified"`
	FirstSeen time.Time              `json:"first_seen,omitzero"`
	LastSeen  time.Time              `json:"last_seen,omitzero"`
	Restored  time.Time              `json:"restored,omitzero"`
	Closed    time.Time              `json:"closed,omitzero"`
	Impact    alerting.Impact        `json:"impact"`
	Clocks    []alerting.CaseClock   `json:"clocks"`
	Version   int                    `json:"version"`
}

// CaseList is a page of cases: /api/v1/cases.
type CaseList struct {
	Cases []CaseRow `json:"cases"` // the highest number first
	Next  int       `json:"next"`  // the parameter "before" of the next page; 0: this is the last
}

// CaseBody is a case in full: /api/v1/cases/NUMBER.
type CaseBody struct {
	*alerting.Case
	Version int `json:"version"` // what a change may insist on
}

// BodyOf is a case in full. What there is none of is an empty list, not null.
func BodyOf(c *alerting.Case) *CaseBody {
	n := *c
	empty(&n.Occurrences)
	empty(&n.Segments)
	empty(&n.Factors)
	empty(&n.Impact.Sites)
	empty(&n.Faults)
	empty(&n.Signals)
	empty(&n.Alerts)
	empty(&n.Questions)
	empty(&n.Examples)
	empty(&n.Good)
	empty(&n.Contrast)
	empty(&n.Related)
	empty(&n.Updates)
	empty(&n.Attachments)
	empty(&n.Events)
	empty(&n.FollowUp.Reminded)
	empty(&n.FollowUp.Warned)
	empty(&n.Clocks)
	return &CaseBody{&n, versionOf(c)}
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// versionOf is the number of a case's newest update: figures that merely move
// on make no other version.
func versionOf(c *alerting.Case) int {
	if n := len(c.Updates); n > 0 {
		return c.Updates[n-1].Seq
	}
	return 0
}

// RowOf says the main facts of a case.
func RowOf(c *alerting.Case) CaseRow {
	r := CaseRow{
		Number: c.Number, Severity: c.Severity, Subject: c.Subject, Status: c.Status, SubStatus: c.SubStatus,
		Tenant: c.Tenant, Segment: c.Segment, Owner: c.Owner, Assignee: c.Assignee, Reference: c.Reference,
		Opened: c.Opened, Modified: c.Modified, FirstSeen: c.FirstSeen, LastSeen: c.LastSeen, Restored: c.Restored, Closed: c.Closed,
		Impact: c.Impact, Clocks: c.Clocks, Version: versionOf(c),
	}
	empty(&r.Impact.Sites)
	empty(&r.Clocks)
	return r
}

// Case is the case as far as the row tells.
func (r *CaseRow) Case() *alerting.Case {
	return &alerting.Case{
		Number: r.Number, Severity: r.Severity, Subject: r.Subject, Status: r.Status, SubStatus: r.SubStatus,
		Tenant: r.Tenant, Segment: r.Segment, Owner: r.Owner, Assignee: r.Assignee, Reference: r.Reference,
		Opened: r.Opened, Modified: r.Modified, FirstSeen: r.FirstSeen, LastSeen: r.LastSeen, Restored: r.Restored, Closed: r.Closed,
		Impact: r.Impact, Clocks: r.Clocks,
	}
}

// caseParameters are those of a list of cases.
var caseParameters = []string{
	"status", "sub_status", "severity", "tenant", "owner", "assignee", "segment", "text",
	"since", "until", "closed_since", "closed_until", "modified_since", "before", "limit",
}

const casesExample = "for example /api/v1/cases?status=open&severity=critical,high&limit=20"

func (s *Server) getCases(w http.ResponseWriter, r *http.Request) {
	if !s.hasDesk(w) {
		return
	}
	q, err := readCaseQuery(r.URL.Query())
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), casesExample)
		return
	}
	limit := q.Limit
	q.Limit++ // one more tells whether there is another page
	cases, err := s.probe.Desk.Cases(r.Context(), &q)
	if err != nil {
		s.failDesk(w, err)
		return
	}
	list := CaseList{Cases: []CaseRow{}}
	for _, c := range cases[:min(limit, len(cases))] {
		list.Cases = append(list.Cases, RowOf(c))
	}
	if len(cases) > limit {
		list.Next = cases[limit-1].Number
	}
	s.answer(w, r, &list)
}

// readCaseQuery reads the parameters of a list of cases.
func readCaseQuery(values url.Values) (store.CaseQuery, error) {
	var q store.CaseQuery
	if err := onlyParameters(values, caseParameters); err != nil {
		return q, err
	}
	q.Status, q.SubStatus = alerting.CaseStatus(values.Get("status")), alerting.CaseSubStatus(values.Get("sub_status"))
	q.Tenant, q.Owner, q.Assignee = values.Get("tenant"), values.Get("owner"), values.Get("assignee")
	q.Segment, q.Text = values.Get("segment"), values.Get("text")
	if err := oneOf("status", string(q.Status), "open", "closed"); err != nil {
		return q, err
	}
	if err := oneOf("sub_status", string(q.SubStatus), subStates...); err != nil {
		return q, err
	}
	if text := values.Get("severity"); text != "" {
		for name := range strings.SplitSeq(text, ",") {
			severity, err := alerting.ParseSeverity(strings.TrimSpace(name))
			if err != nil {
				return q, fmt.Errorf("severity: %w", err)
			}
			q.Severities = append(q.Severities, severity)
		}
	}
	var err error
	for name, into := range map[string]*time.Time{
		"since": &q.OpenedSince, "until": &q.OpenedUntil, "closed_since": &q.ClosedSince, "closed_until": &q.ClosedUntil, "modified_since": &q.ModifiedSince,
	} {
		if *into, err = moment(values, name); err != nil {
			return q, err
		}
	}
	if q.Before, err = wholeNumber(values.Get("before"), 0, 1, 1<<53); err != nil {
		return q, fmt.Errorf("before: %w", err)
	}
	if q.Limit, err = wholeNumber(values.Get("limit"), defaultLimit, 1, maxLimit); err != nil {
		return q, fmt.Errorf("limit: %w", err)
	}
	return q, nil
}

// subStates are those of open and of closed cases.
var subStates = []string{
	string(alerting.SubNew), string(alerting.SubInvestigation), string(alerting.SubAwaiting), string(alerting.SubProposed),
	string(alerting.SubRestored), string(alerting.SubResolved), string(alerting.SubCancelled),
}

// onlyParameters refuses what a path does not know, and what is there twice.
func onlyParameters(values url.Values, allowed []string) error {
	for name, v := range values {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("unknown parameter %q%s: there are %s", printable(name), spelling.Hint(name, allowed), strings.Join(allowed, ", "))
		}
		if len(v) != 1 {
			return fmt.Errorf("parameter %q is there %d times", name, len(v))
		}
	}
	return nil
}

// oneOf refuses a word that is none of the known ones; "" is no word.
func oneOf(name, word string, known ...string) error {
	if word == "" || slices.Contains(known, word) {
		return nil
	}
	return fmt.Errorf("%s: got %q, want %s%s", name, printable(word), strings.Join(known, ", "), spelling.Hint(word, known))
}

// moment reads a time: RFC 3339, or a day in UTC.
func moment(values url.Values, name string) (time.Time, error) {
	text := values.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: got %q, want a time like 2026-11-22T14:30:00Z or a day like 2026-11-22", name, printable(text))
}

// caseNumber reads the case that a path names; where it names none, it has answered.
func caseNumber(w http.ResponseWriter, r *http.Request) (int, bool) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || n < 1 {
		fail(w, http.StatusNotFound, fmt.Sprintf("%q is no number of a case", printable(r.PathValue("number"))), "GET /api/v1/cases lists them")
		return 0, false
	}
	return n, true
}

func (s *Server) getCase(w http.ResponseWriter, r *http.Request) {
	number, ok := caseNumber(w, r)
	if !ok || !s.hasDesk(w) {
		return
	}
	c, err := s.probe.Desk.Case(r.Context(), number)
	if err != nil || c == nil {
		s.failDesk(w, orMissing(err, number))
		return
	}
	s.answerCase(w, r, http.StatusOK, c)
}

// orMissing is an error, or that there is no such case.
func orMissing(err error, number int) error {
	if err != nil {
		return err
	}
	return &alerting.CommandError{Reason: alerting.NotFound, Text: fmt.Sprintf("there is no case %d", number)}
}
