package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// Incident is the report of one case: what a customer is told of a fault that
// hurt his service. It is a draft until the case is closed. What only people
// know comes from what they wrote into the case, or is left for them to fill in.
type Incident struct {
	Type  string    `json:"type"`  // "incident_report"
	Final bool      `json:"final"` // the case is closed
	AsOf  time.Time `json:"as_of"`
	Zone  string    `json:"zone"` // of the tenant: Markdown and HTML show times in it

	Number      int                    `json:"number"`
	Title       string                 `json:"title"`
	Tenant      string                 `json:"tenant"`
	Service     string                 `json:"service"`
	Environment string                 `json:"environment"`
	Severity    alerting.Severity      `json:"severity"`
	Status      alerting.CaseStatus    `json:"status"`
	SubStatus   alerting.CaseSubStatus `json:"sub_status"`

	Affected Affected  `json:"clients_affected"`
	Began    time.Time `json:"began"`
	Restored time.Time `json:"restored,omitzero"` // zero: it goes on, as far as known
	Opened   time.Time `json:"opened"`
	Closed   time.Time `json:"closed,omitzero"`

	DurationS int64     `json:"duration_s"` // from the beginning until it was restored, or until now
	DowntimeS int64     `json:"downtime_s"` // of it: impaired, and outside maintenance windows
	Affects   bool      `json:"service_affecting"`
	Impaired  []Stretch `json:"impaired"`

	Overview    []Passage        `json:"overview"`
	Customer    []Passage        `json:"customer_details"`
	Restoration string           `json:"restoration"` // "": not yet
	RootCause   string           `json:"root_cause"`  // "": nobody has said it
	ActionPlan  []Remark         `json:"action_plan"` // none: nobody has written one
	Comments    []Remark         `json:"comments"`
	Targets     []IncidentTarget `json:"targets"`
	Timeline    []Remark         `json:"timeline"`
	Evidence    []Evidence       `json:"evidence"`

	ReviewDue time.Time `json:"review_due,omitzero"` // two business days after the restoration
	ReportDue time.Time `json:"report_due,omitzero"` // three business days after that

	zone  *time.Location
	chart *sheetChart
}

// Affected is who was hurt, as far as it was measured.
type Affected struct {
	Users      int      `json:"users"`
	Calls      int      `json:"calls"`
	CallsTotal int      `json:"calls_total"`
	Sites      []string `json:"sites"`
	Business   string   `json:"business_impact"`
}

// Stretch is a time from one moment to another.
type Stretch struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Passage is a text with its heading.
type Passage struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Remark is what somebody said or did, and when.
type Remark struct {
	At     time.Time `json:"at"`
	Author string    `json:"author"`
	Kind   string    `json:"kind"`
	Text   string    `json:"text"`
}

// IncidentTarget is one of the targets of the plan and what became of it.
type IncidentTarget struct {
	Goal     string    `json:"goal"`
	State    string    `json:"state"`
	Target   string    `json:"target"`
	Due      time.Time `json:"due,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Breached time.Time `json:"breached,omitzero"`
	Elapsed  string    `json:"elapsed"`
}

// Evidence is a file that proves what the report says.
type Evidence struct {
	Name   string    `json:"name"`
	Bytes  int64     `json:"bytes"`
	SHA256 string    `json:"sha256"`
	Added  time.Time `json:"added"`
}

// IncidentTerms are what a report goes by beside its case.
type IncidentTerms struct {
	Calendar    *alerting.Calendar
	Maintenance *alerting.Maintenance
	Now         time.Time
}

// The deadlines of an incident report.
const (
	reviewWithin = 2 // business days after the restoration
	reportWithin = 3 // business days after the review
)

// NewIncident makes the report of a case that was read with its clocks. The
// report of a closed case is the same whenever it is made.
func NewIncident(c *alerting.Case, t *IncidentTerms) *Incident {
	r := &Incident{
		Type: "incident_report", Final: c.Status == alerting.StatusClosed, AsOf: t.Now, zone: t.Calendar.Zone(), Zone: t.Calendar.Zone().String(),
		Number: c.Number, Title: clean(c.Subject, 2*maxText), Tenant: clean(c.Tenant, maxText), Service: clean(c.Service, maxText), Environment: clean(c.Environment, maxText),
		Severity: c.Severity, Status: c.Status, SubStatus: c.SubStatus, Opened: c.Opened, Closed: c.Closed,
		Affects: ServiceAffecting(c), Impaired: []Stretch{}, RootCause: incidentCause(c),
		Affected: Affected{Users: c.Impact.Users, Calls: c.Impact.Calls, CallsTotal: c.Impact.CallsTotal, Sites: cleaned(c.Impact.Sites), Business: cleanLines(c.Business)},
	}
	if r.Final {
		r.AsOf = latestOf(c.Modified, c.Closed)
	}
	r.times(c, t)
	r.passages(c)
	r.remarks(c)
	r.chart = incidentChart(c)
	for _, k := range c.Clocks {
		r.Targets = append(r.Targets, IncidentTarget{
			Goal: clean(k.Goal, 40), State: clean(k.State, 40), Target: clean(k.Target, 40), Due: k.Due, Ended: k.Ended, Breached: k.Breached, Elapsed: clean(k.Elapsed, 40),
		})
	}
	for _, a := range c.Attachments {
		r.Evidence = append(r.Evidence, Evidence{clean(a.Name, maxText), a.Bytes, clean(a.SHA256, 64), a.Added})
	}
	return r
}

// times reckons when it was impaired, and what is due.
func (r *Incident) times(c *alerting.Case, t *IncidentTerms) {
	down := impairedTimes(c, r.AsOf)
	r.Began = c.Opened
	if len(down) > 0 {
		r.Began = down[0].From
	}
	if !c.FirstSeen.IsZero() && c.FirstSeen.Before(r.Began) {
		r.Began = c.FirstSeen
	}
	r.Restored = restoredAt(c)
	end := r.AsOf
	if !r.Restored.IsZero() {
		end = r.Restored
		r.ReviewDue = t.Calendar.Add(end, alerting.Of(reviewWithin, alerting.BusinessDays))
		r.ReportDue = t.Calendar.Add(r.ReviewDue, alerting.Of(reportWithin, alerting.BusinessDays))
	}
	r.DurationS = max(0, int64(end.Sub(r.Began)/time.Second))
	counted := outsideMaintenance(down, t.Maintenance, whereOf(c))
	r.Impaired = append(r.Impaired, counted...)
	r.DowntimeS = lengthOf(counted)
}

// passages are what was measured, in the words of the case.
func (r *Incident) passages(c *alerting.Case) {
	r.Overview, r.Customer = []Passage{}, []Passage{}
	if text := cleanLines(c.Description); text != "" && (len(c.Questions) == 0 || !strings.HasPrefix(c.Questions[0].Text, c.Description)) {
		r.Overview = append(r.Overview, Passage{"Description", text})
	}
	for _, a := range c.Questions {
		if a.Known {
			r.Overview = append(r.Overview, Passage{clean(a.Question, maxText), cleanLines(a.Text)})
		}
	}
	add := func(title, text string) {
		if text = cleanLines(text); text != "" {
			r.Customer = append(r.Customer, Passage{title, text})
		}
	}
	add("Service", caseTenant(c))
	add("Place", casePlace(c))
	add("Responsible", c.Owner)
	add("Contact", c.Contact)
	add("Reference", c.Reference)
	add("Maintenance window", c.Maintenance)
	if restored := restoredAt(c); !restored.IsZero() {
		r.Restoration = cleanLines(wordsOfRestoration(c))
	}
}

// wordsOfRestoration is what the case says of its repair: the last word on it.
func wordsOfRestoration(c *alerting.Case) string {
	for _, u := range slices.Backward(c.Updates) {
		if u.Kind == alerting.UpdateRestored && u.Text != "" {
			return u.Text
		}
	}
	return cmp.Or(c.Closure, "The service was restored.")
}

// incidentCause is the root cause, where somebody has said it.
func incidentCause(c *alerting.Case) string {
	if c.RootCause == "asked" {
		return ""
	}
	return cleanLines(c.RootCause)
}

// planWord begins a note that is the action plan, or a part of it.
const planWord = "action plan:"

// remarks takes the timeline apart: action plans, what people said, all of it.
func (r *Incident) remarks(c *alerting.Case) {
	r.ActionPlan, r.Comments, r.Timeline = []Remark{}, []Remark{}, []Remark{}
	for i := range c.Updates {
		u := &c.Updates[i]
		text := u.Text
		for _, f := range u.Fields {
			text += "\n" + strings.ReplaceAll(f.Field, "_", " ") + ": " + orNone(f.From) + " → " + orNone(f.To)
		}
		one := Remark{At: u.At, Author: clean(u.Author, maxText), Kind: wordOfUpdate(u.Kind), Text: cleanLines(text)}
		r.Timeline = append(r.Timeline, one)
		if u.Author == alerting.MonitorAuthor || strings.TrimSpace(u.Text) == "" {
			continue
		}
		said := strings.TrimSpace(u.Text)
		if len(said) >= len(planWord) && strings.EqualFold(said[:len(planWord)], planWord) {
			one.Text = cleanLines(said[len(planWord):])
			r.ActionPlan = append(r.ActionPlan, one)
			continue
		}
		one.Text = cleanLines(said)
		r.Comments = append(r.Comments, one)
	}
}

func cleaned(list []string) []string {
	texts := make([]string, 0, len(list))
	for _, v := range list {
		texts = append(texts, clean(v, maxText))
	}
	return texts
}

func latestOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
