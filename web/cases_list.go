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
