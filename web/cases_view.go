package web

import (
	"time"

	"earshot/alerting"
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
	empty(&n.Course.Inside)
	empty(&n.Course.Outside)
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
