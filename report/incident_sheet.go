package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Markdown writes the report as Markdown.
func (r *Incident) Markdown(w io.Writer) error { return r.sheet().markdown(w) }

// HTML writes the report as one self-contained page.
func (r *Incident) HTML(w io.Writer) error { return r.sheet().html(w) }

// JSON writes the report as it is documented in docs/reports.md.
func (r *Incident) JSON(w io.Writer) error { return writeReportJSON(w, r) }

// Brief is the report in a few lines of plain text.
func (r *Incident) Brief() string { return r.sheet().brief() }

func writeReportJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // it is no page, and people read it
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (r *Incident) sheet() *sheet {
	s := &sheet{
		Title:    fmt.Sprintf("Incident report: case %d", r.Number),
		Subtitle: r.Title,
		Tiles:    r.tiles(),
		Foot:     "Made by Earshot as of " + r.time(r.AsOf) + ". Times are those of " + r.Zone + ", and UTC where it stands beside them. Downtime is the time for which the service was impaired, outside maintenance windows.",
	}
	if !r.Final {
		s.Notice = "Draft: the case is open."
		if !r.ReportDue.IsZero() {
			s.Notice = "Draft: the case is open. The review is due " + r.time(r.ReviewDue) + ", the report " + r.time(r.ReportDue) + "."
		}
	}
	add := func(title string, blocks ...block) {
		if len(blocks) > 0 {
			s.Sections = append(s.Sections, sheetSection{title, blocks})
		}
	}
	add("Incident", r.facts())
	add("Overview", r.overview()...)
	add("Customer-specific details", passages(r.Customer)...)
	add("Restoration", r.restoration()...)
	add("Root cause", orGap(prose(r.RootCause), "why it happened, once that is known.")...)
	add("Action plan", orGap(r.remarksTable(r.ActionPlan, ""), "what is done so that it does not happen again, by whom, until when.")...)
	add("Comments", orGap(r.remarksTable(r.Comments, ""), "comments of those who worked on it, if there are any.")...)
	add("Targets", r.targetTable()...)
	add("Evidence", r.evidenceTable()...)
	add("Timeline", r.remarksTable(r.Timeline, "What happened to the case.")...)
	return s
}

// time is a moment in the tenant's zone.
func (r *Incident) time(t time.Time) string { return zonedTime(t, r.zone) }

func zonedTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return none
	}
	return t.In(zone).Format("2006-01-02 15:04 MST")
}

// lasted is a number of seconds for people.
func lasted(seconds int64) string { return caseSpan(time.Duration(seconds) * time.Second) }

func (r *Incident) tiles() []tile {
	list := []tile{{"Severity", r.Severity.String(), ""}, {"Duration", lasted(r.DurationS), r.sinceWhen()}, {"Downtime", lasted(r.DowntimeS), "impaired, outside maintenance"}}
	if !r.Affects {
		list[2].Note += "; not counted against uptime"
	}
	if a := &r.Affected; a.CallsTotal > 0 {
		list = append(list, tile{"Calls affected", count(uint64(max(0, a.Calls))), "of " + count(uint64(a.CallsTotal))})
	}
	return list
}

func (r *Incident) sinceWhen() string {
	if r.Restored.IsZero() {
		return "goes on"
	}
	return "until it was restored"
}

// facts are the headings that a reader looks for.
func (r *Incident) facts() block {
	list := []fact{
		{"Title", r.Title},
		{"Case number", fmt.Sprint(r.Number)},
		{"Status", strings.ReplaceAll(string(r.Status)+", "+string(r.SubStatus), "_", " ")},
		{"Clients affected", r.Affected.text(r.Tenant)},
		{"Date and time", r.time(r.Began) + " to " + r.until()},
		{"Duration", lasted(r.DurationS) + ", of which impaired " + lasted(r.DowntimeS)},
		{"Opened", r.time(r.Opened)},
	}
	if !r.Closed.IsZero() {
		list = append(list, fact{"Closed", r.time(r.Closed)})
	}
	if !r.ReportDue.IsZero() {
		list = append(list, fact{"Review due", r.time(r.ReviewDue)}, fact{"Report due", r.time(r.ReportDue)})
	}
	return block{Facts: list}
}

func (r *Incident) until() string {
	if r.Restored.IsZero() {
		return "now: it goes on"
	}
	return r.time(r.Restored)
}

// text is who was hurt.
func (a *Affected) text(tenant string) string {
	var parts []string
	if tenant != "" {
		parts = append(parts, tenant)
	}
	if a.Users > 0 {
		parts = append(parts, plural(uint64(a.Users), "user"))
	}
	if a.CallsTotal > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", count(uint64(max(0, a.Calls))), plural(uint64(a.CallsTotal), "call")))
	}
	if n := len(a.Sites); n > 0 {
		parts = append(parts, plural(uint64(n), "site")+": "+joined(a.Sites, 12))
	}
	return cmp.Or(strings.Join(parts, "; "), "not measured")
}

func (r *Incident) overview() []block {
	blocks := prose(r.Affected.Business)
	if r.chart != nil {
		blocks = append(blocks, block{Chart: r.chart})
	}
	for _, p := range r.Overview {
		blocks = append(blocks, block{Head: p.Title, Lines: strings.Split(p.Text, "\n")})
	}
	return blocks
}

func passages(list []Passage) []block {
	var facts []fact
	for _, p := range list {
		facts = append(facts, fact{p.Title, strings.ReplaceAll(p.Text, "\n", " ")})
	}
	if facts == nil {
		return nil
	}
	return []block{{Facts: facts}}
}

func (r *Incident) restoration() []block {
	if r.Restored.IsZero() {
		return gap("how the service was restored; it is not yet, as far as known.")
	}
	blocks := append([]block{{Facts: []fact{{"Restored", r.time(r.Restored)}}}}, prose(r.Restoration)...)
	if len(r.Impaired) == 0 {
		return blocks
	}
	t := &sheetTable{Caption: "Times of impairment that count as downtime.", Columns: []string{"From", "To", "Length"}, Numbers: []bool{false, false, true}}
	for _, s := range r.Impaired[:min(len(r.Impaired), mostRows)] {
		t.Rows = append(t.Rows, []string{r.time(s.From), r.time(s.To), lasted(int64(s.To.Sub(s.From) / time.Second))})
	}
	return append(blocks, block{Table: t})
}

// mostRows bounds the tables of a report; JSON has all.
const mostRows = 500

func orGap(blocks []block, what string) []block {
	if len(blocks) > 0 {
		return blocks
	}
	return gap(what)
}

func (r *Incident) remarksTable(list []Remark, caption string) []block {
	if len(list) == 0 {
		return nil
	}
	t := &sheetTable{Caption: caption, Columns: []string{"When", "Who", "What"}, Numbers: make([]bool, 3)}
	if more := len(list) - mostRows; more > 0 {
		t.Caption += fmt.Sprintf(" The last %d; %d more are before them.", mostRows, more)
		list = list[more:]
	}
	for _, one := range list {
		what := strings.ReplaceAll(one.Text, "\n", " ")
		if caption != "" {
			what = strings.TrimSuffix(one.Kind+": "+what, ": ")
		}
		t.Rows = append(t.Rows, []string{r.time(one.At), one.Author, what})
	}
	return []block{{Table: t}}
}

func (r *Incident) targetTable() []block {
	t := &sheetTable{Caption: "The targets of the plan, from the opening of the case.", Columns: []string{"Target", "Within", "Due", "Outcome"}, Numbers: make([]bool, 4)}
	for _, k := range r.Targets {
		if k.State != "none" {
			t.Rows = append(t.Rows, []string{k.Goal, k.Target, r.time(k.Due), k.outcome(r)})
		}
	}
	if len(t.Rows) == 0 {
		return prose("The plan has no targets for this severity.")
	}
	return []block{{Table: t}}
}

func (k *IncidentTarget) outcome(r *Incident) string {
	switch k.State {
	case clockMet:
		return "met " + r.time(k.Ended) + ", after " + k.Elapsed
	case clockMissed:
		return "missed " + r.time(k.Breached) + "; ended " + r.time(k.Ended) + ", after " + k.Elapsed
	case clockBreached:
		return "missed " + r.time(k.Breached) + ", and not met yet"
	}
	return k.State
}

func (r *Incident) evidenceTable() []block {
	if len(r.Evidence) == 0 {
		return prose("No files are attached to the case.")
	}
	t := &sheetTable{Caption: "Files attached to the case; they are deleted 30 days after it is closed.", Columns: []string{"File", "Size", "Added", "SHA-256"}, Numbers: []bool{false, true, false, false}}
	for _, e := range r.Evidence[:min(len(r.Evidence), mostRows)] {
		t.Rows = append(t.Rows, []string{e.Name, octets(uint64(max(0, e.Bytes))), r.time(e.Added), e.SHA256})
	}
	return []block{{Table: t}}
}
