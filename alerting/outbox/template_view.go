package outbox

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// view is what templates see: copies of masked texts, figures and times, and
// nothing that does anything.
type view struct {
	Number      int // 0 in a summary
	Subject     string
	Severity    string
	Status      string // "open", "closed"
	SubStatus   string // "restored"
	State       string // both: "open (restored)"
	Down        bool   // production is
	Probe       bool   // it is about the probe itself
	Security    bool
	Tenant      string
	Service     string
	Environment string
	Customer    string // all three: "acme, voice, production"
	Owner       string
	Segment     string
	Segments    []string
	Place       string // in words: "segment trunk-b"
	Assignee    string
	Contact     string
	Reference   string
	Description string
	Business    string
	Affected    string // "87 of 102 calls, 70 users"
	Calls       int
	CallsTotal  int
	Users       int
	Sites       []string
	Since       time.Time
	LastSeen    time.Time
	Opened      time.Time
	Restored    time.Time
	Closed      time.Time
	Closure     string
	RootCause   string
	Maintenance string
	RefersTo    int
	Questions   []viewAnswer
	Examples    []viewExample
	Good        []viewExample
	Clocks      []viewClock
	Updates     []viewUpdate
	Related     []viewRelation
	Attachments []viewFile

	Note  string // what happened since the last note
	Link  string
	Chart bool // a chart goes with it, as cid:chart
	At    time.Time
	Cases []*view // of a summary
}

type viewAnswer struct {
	Number   int
	Question string
	Text     string
	Known    bool
}

type viewExample struct {
	CallID string
	Call   string // our id
	Src    string
	Dst    string
	At     time.Time
}

type viewClock struct {
	Goal   string
	State  string
	Target string
	Due    time.Time
	Text   string // "due 2026-01-06 15:00 UTC (target 6 bh)"
}

type viewUpdate struct {
	At     time.Time
	Author string
	Kind   string
	Text   string
}

type viewRelation struct {
	Number int
	Why    string
}

type viewFile struct {
	Name   string
	Bytes  int64
	SHA256 string
}

// The most that a template sees of a list that grows.
const (
	maxViewUpdates = 50 // the latest
	maxViewCases   = 200
)

// viewOf makes what templates see of content.
func viewOf(c *Content) *view {
	v := &view{}
	if c.Case != nil {
		v = viewCase(c.Case)
	}
	for _, one := range c.Cases[:min(len(c.Cases), maxViewCases)] {
		v.Cases = append(v.Cases, viewCase(one))
	}
	v.Note, v.Link, v.At, v.Chart = c.Note, c.Link, c.At, c.chart() != nil
	return v
}

func viewCase(c *alerting.Case) *view {
	v := &view{
		Number: c.Number, Subject: c.Subject, Severity: c.Severity.String(), Status: string(c.Status), SubStatus: words(string(c.SubStatus)),
		Down: c.Down, Probe: c.Probe, Security: c.Security, Tenant: c.Tenant, Service: c.Service, Environment: c.Environment,
		Owner: c.Owner, Segment: c.Segment, Segments: slices.Clone(c.Segments), Assignee: c.Assignee, Contact: c.Contact,
		Reference: c.Reference, Description: c.Description, Business: c.Business,
		Calls: c.Impact.Calls, CallsTotal: c.Impact.CallsTotal, Users: c.Impact.Users, Sites: slices.Clone(c.Impact.Sites),
		Since: c.FirstSeen, LastSeen: c.LastSeen, Opened: c.Opened, Restored: c.Restored, Closed: c.Closed, Closure: c.Closure,
		RootCause: c.RootCause, Maintenance: c.Maintenance, RefersTo: c.RefersTo,
	}
	v.Customer = strings.Join(slices.DeleteFunc([]string{v.Tenant, v.Service, v.Environment}, func(s string) bool { return s == "" }), ", ")
	v.State, v.Place, v.Affected = stateOf(v), placeOf(c), affectedOf(&c.Impact)
	for _, a := range c.Questions {
		v.Questions = append(v.Questions, viewAnswer{a.Number, a.Question, a.Text, a.Known})
	}
	v.Examples, v.Good = viewExamples(c.Examples), viewExamples(c.Good)
	for i := range c.Clocks {
		k := &c.Clocks[i]
		v.Clocks = append(v.Clocks, viewClock{k.Goal, k.State, k.Target, k.Due, clockText(k)})
	}
	for _, u := range c.Updates[max(0, len(c.Updates)-maxViewUpdates):] {
		v.Updates = append(v.Updates, viewUpdate{u.At, u.Author, words(string(u.Kind)), u.Text})
	}
	for _, r := range c.Related {
		v.Related = append(v.Related, viewRelation{r.Number, r.Why})
	}
	for _, a := range c.Attachments {
		v.Attachments = append(v.Attachments, viewFile{a.Name, a.Bytes, a.SHA256})
	}
	return v
}

func viewExamples(list []alerting.Example) []viewExample {
	var out []viewExample
	for i := range list {
		x := &list[i]
		e := viewExample{CallID: x.CallID, Call: x.Call, At: x.At}
		if x.Src.IsValid() && x.Dst.IsValid() {
			e.Src, e.Dst = x.Src.String(), x.Dst.String()
		}
		out = append(out, e)
	}
	return out
}

// words are those of an identifier: "awaiting customer".
func words(id string) string { return strings.ReplaceAll(id, "_", " ") }

func stateOf(v *view) string {
	if v.SubStatus == "" {
		return v.Status
	}
	return v.Status + " (" + v.SubStatus + ")"
}

func placeOf(c *alerting.Case) string {
	switch {
	case c.Probe:
		return "the probe itself"
	case c.Segment != "":
		return "segment " + c.Segment
	case len(c.Segments) > 1:
		return "segments " + strings.Join(c.Segments, ", ")
	}
	return "undetermined"
}

func affectedOf(i *alerting.Impact) string {
	var list []string
	if i.CallsTotal > 0 {
		list = append(list, fmt.Sprintf("%d of %d calls", i.Calls, i.CallsTotal))
	}
	if i.Users > 0 {
		list = append(list, count(i.Users, "user"))
	}
	if len(i.Sites) > 0 {
		list = append(list, count(len(i.Sites), "site")+" ("+strings.Join(i.Sites, ", ")+")")
	}
	return strings.Join(list, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// clockText is how a clock stands; "" where there is no target.
func clockText(k *alerting.CaseClock) string {
	target := " (target " + k.Target + ")"
	switch k.State {
	case "running", "warning":
		return "due " + sayTime(k.Due) + target
	case "paused":
		return "stands still" + target
	case "breached":
		return "missed since " + sayTime(k.Breached) + ", and not met yet" + target
	case "met", "missed":
		return k.State + " at " + sayTime(k.Ended) + target
	case "void":
		return "void: the case was cancelled in time" + target
	}
	return ""
}

// sayTime writes a time to the minute, "" for none.
func sayTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
