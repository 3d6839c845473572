package outbox

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"earshot/alerting"
)

// The bounds of an incident's fields, as the table is delivered.
const (
	serviceNowShort = 160  // short_description
	serviceNowText  = 4000 // description, work_notes, close_notes
)

// serviceNow opens incidents in ServiceNow by its Table API
// (servicenow.com/docs, "Table API", "Attachment API"). An incident is known by
// its correlation_id. The API knows no idempotency key: it is the look-up before
// each creation that keeps incidents single.
type serviceNow struct {
	tracker
	table    string
	display  bool // values are meant as people see them
	urgency  [alerting.Severities]string
	impact   [alerting.Severities]string
	groups   map[string]string // assignment_group by owner
	fields   map[string]string
	notes    string // the field that notes go to
	close    map[string]string
	reopen   string // the state that reopens
	resolved []string
	wontFix  []string // states, or close codes
}

// newServiceNow reads the settings.
func newServiceNow(d *draft) Destination {
	base := d.base()
	s := &serviceNow{
		tracker: *d.signs(base, "Bearer", "oauth_token.do"),
		table:   d.text("table", "incident"), display: d.flag("display_values", false),
		urgency: d.bySeverity("urgency", "1", "1", "2", "3"), impact: d.bySeverity("impact", "1", "2", "2", "3"),
		groups: d.table("groups"), fields: d.table("fields"),
		notes:  d.choice("notes", "work_notes", "comments"),
		close:  map[string]string{"state": d.text("close_state", "6"), "close_code": d.text("close_code", "Solution provided")},
		reopen: d.text("open_state", "2"), resolved: d.list("resolved_states"), wontFix: d.list("wont_fix"),
	}
	s.maxFile = d.maxFile(20)
	s.denied = "check the account of the destination: it needs a role that may read and write the table, as itil"
	d.reserved("fields", s.fields, "short_description", "description", "correlation_id", "correlation_display", "urgency", "impact", "state")
	if strings.ContainsAny(s.table, "/?#.") {
		d.fault("table", "it is %q, want the name of a table, as incident", s.table)
	}
	if s.resolved == nil {
		s.resolved = []string{"6", "7"}
	}
	if s.wontFix == nil {
		s.wontFix = []string{"8", "Not Solved (Not Reproducible)", "Not Solved (Too Costly)"}
	}
	return s
}

// Abilities are those of the Table API.
func (s *serviceNow) Abilities() Abilities {
	return Abilities{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true}
}

// incident is what we read of a record.
type incident struct {
	ID          string `json:"sys_id"`
	Number      string `json:"number"`
	State       string `json:"state"`
	CloseCode   string `json:"close_code"`
	Correlation string `json:"correlation_id"`
}

// serviceNowRead names the fields of incident.
const serviceNowRead = "sys_id,number,state,close_code,correlation_id"

// Find asks for the records with the key: of several it takes the oldest that is
// open and closes the others.
func (s *serviceNow) Find(ctx context.Context, t *Ticket) (Remote, bool, error) {
	var found struct {
		Result []incident `json:"result"`
	}
	q := url.Values{"sysparm_query": {"correlation_id=" + serviceNowValue(t.Key) + "^ORDERBYsys_created_on"}, "sysparm_limit": {"10"}, "sysparm_fields": {serviceNowRead}}
	answer, err := s.do(ctx, call{method: http.MethodGet, path: s.records(), query: q, expect: true}, &found)
	if err != nil {
		return Remote{}, false, err
	}
	if len(found.Result) == 0 {
		return Remote{}, false, nil
	}
	if slices.ContainsFunc(found.Result, func(i incident) bool { return i.ID == "" }) {
		return Remote{}, false, nameless(answer)
	}
	// A part of a query that names a field which the account may not read is
	// ignored (unless glide.invalid_query.returns_no_rows is set): what comes
	// back then is any record.
	if slices.ContainsFunc(found.Result, func(i incident) bool { return i.Correlation != t.Key }) {
		return Remote{}, false, &Failure{Kind: Denied, Text: fmt.Sprintf("the search for correlation_id found other records of %s: "+
			"the account may not search by that field, so tickets cannot be kept single; let it read correlation_id", s.table)}
	}
	first := found.Result[max(0, slices.IndexFunc(found.Result, s.open))]
	return s.remote(first), true, s.single(ctx, first, found.Result)
}

// open reports whether somebody may still work on a record.
func (s *serviceNow) open(i incident) bool { return s.human(i) == Untouched }

// single closes the records that are open beside the first.
func (s *serviceNow) single(ctx context.Context, first incident, all []incident) error {
	for _, i := range all {
		if i.ID == first.ID || !s.open(i) {
			continue
		}
		body := map[string]string{"close_notes": double(s.remote(first))}
		maps.Copy(body, s.close)
		if _, err := s.write(ctx, http.MethodPatch, s.records()+"/"+url.PathEscape(i.ID), body); err != nil && !undoable(err) {
			return err
		}
	}
	return nil
}

// serviceNowValue writes a value in an encoded query, where ^ parts conditions.
func serviceNowValue(v string) string { return strings.ReplaceAll(v, "^", "^^") }

// Create posts a record.
func (s *serviceNow) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	body := s.shown(c)
	body["correlation_id"], body["correlation_display"] = t.Key, "Earshot"
	if group := s.groups[c.owner()]; group != "" {
		body["assignment_group"] = group
	}
	maps.Copy(body, s.fields)
	s.rate(body, c)
	return s.write(ctx, http.MethodPost, s.records(), body)
}

// Update sets what changes of a case. The severity is sent only when it became
// another one: what a person set meanwhile stays.
func (s *serviceNow) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	body := s.shown(c)
	if c.severity() != t.Shown.Severity {
		s.rate(body, c)
	}
	return s.write(ctx, http.MethodPatch, s.record(t), body)
}

// shown is what a record always shows of the case.
func (s *serviceNow) shown(c *Content) map[string]string {
	return map[string]string{"short_description": fit(oneLine(c.Subject), serviceNowShort), "description": fit(c.body(), serviceNowText)}
}

// rate sets urgency and impact; the priority follows from them in ServiceNow.
func (s *serviceNow) rate(body map[string]string, c *Content) {
	body["urgency"], body["impact"] = s.urgency[c.severity()], s.impact[c.severity()]
}

// Comment adds a work note, or a comment that customers see too, unless its
// first try brought it there.
func (s *serviceNow) Comment(ctx context.Context, t *Ticket, c *Content) error {
	if t.Doubt {
		// Read as people see it, the field is the journal with all its entries.
		q := url.Values{"sysparm_fields": {s.notes}, "sysparm_display_value": {"true"}}
		answer, err := s.do(ctx, call{method: http.MethodGet, path: s.record(t), query: q}, nil)
		if err != nil || bytes.Contains(answer.body, []byte(noteMark(t, c))) {
			return err
		}
	}
	_, err := s.write(ctx, http.MethodPatch, s.record(t), map[string]string{s.notes: marked(t, c, serviceNowText)})
	return err
}

// Attach uploads a file, unless its first try brought it there.
func (s *serviceNow) Attach(ctx context.Context, t *Ticket, f *File) error {
	if t.Doubt {
		there, err := s.attached(ctx, t, f)
		if err != nil || there {
			return err
		}
	}
	if err := fits(f, s.maxFile); err != nil {
		return err
	}
	q := url.Values{"table_name": {s.table}, "table_sys_id": {t.Remote.ID}, "file_name": {f.Name}}
	_, err := s.do(ctx, call{method: http.MethodPost, path: "/api/now/attachment/file", query: q, file: f, kind: mediaType(f)}, nil)
	return err
}

// attached reports whether a file of that name and length is there.
func (s *serviceNow) attached(ctx context.Context, t *Ticket, f *File) (bool, error) {
	var list struct {
		Result []struct {
			Name string `json:"file_name"`
			Size string `json:"size_bytes"`
		} `json:"result"`
	}
	q := url.Values{"sysparm_query": {"table_name=" + serviceNowValue(s.table) + "^table_sys_id=" + serviceNowValue(t.Remote.ID)}, "sysparm_limit": {"1000"}}
	if _, err := s.do(ctx, call{method: http.MethodGet, path: "/api/now/attachment", query: q}, &list); err != nil {
		return false, err
	}
	for _, a := range list.Result {
		if a.Name == f.Name && a.Size == fmt.Sprint(f.Bytes) {
			return true, nil
		}
	}
	return false, nil
}

// Close resolves the record, unless somebody closed it already.
func (s *serviceNow) Close(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	i, err := s.get(ctx, t)
	if err != nil {
		return Remote{}, err
	}
	if !s.open(i) {
		return s.remote(i), nil
	}
	body := map[string]string{"close_notes": fit(plain(closing(c)), serviceNowText)}
	maps.Copy(body, s.close)
	return s.write(ctx, http.MethodPatch, s.record(t), body)
}

// Reopen puts a closed record back to work.
func (s *serviceNow) Reopen(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	i, err := s.get(ctx, t)
	if err != nil {
		return Remote{}, err
	}
	if s.open(i) {
		return s.remote(i), nil
	}
	return s.write(ctx, http.MethodPatch, s.record(t), map[string]string{"state": s.reopen})
}

// Read tells from the state and the close code what people did.
func (s *serviceNow) Read(ctx context.Context, t *Ticket) (Human, error) {
	i, err := s.get(ctx, t)
	if gone(err) {
		return Deleted, nil
	}
	if err != nil {
		return Untouched, err
	}
	return s.human(i), nil
}

// human maps a state.
func (s *serviceNow) human(i incident) Human {
	closed := slices.Contains(s.resolved, i.State)
	switch {
	case slices.Contains(s.wontFix, i.State), closed && slices.Contains(s.wontFix, i.CloseCode):
		return WontFix
	case closed:
		return Resolved
	}
	return Untouched
}

// get reads a record.
func (s *serviceNow) get(ctx context.Context, t *Ticket) (incident, error) {
	var found struct {
		Result incident `json:"result"`
	}
	answer, err := s.do(ctx, call{method: http.MethodGet, path: s.record(t), query: url.Values{"sysparm_fields": {serviceNowRead}}}, &found)
	if err == nil && found.Result.ID == "" {
		err = nameless(answer)
	}
	return found.Result, err
}

// write posts or patches a record and reads it back.
func (s *serviceNow) write(ctx context.Context, method, path string, body map[string]string) (Remote, error) {
	q := url.Values{"sysparm_fields": {serviceNowRead}}
	if s.display {
		q.Set("sysparm_input_display_value", "true")
	}
	var made struct {
		Result incident `json:"result"`
	}
	c := call{method: method, path: path, query: q, body: body, expect: method == http.MethodPost}
	if _, err := s.do(ctx, c, &made); err != nil {
		return Remote{}, err
	}
	if made.Result.ID == "" {
		return Remote{}, &Failure{Kind: Doubtful, Text: "the answer names no record: it may not be readable for the account"}
	}
	return s.remote(made.Result), nil
}

// records is the path of the table.
func (s *serviceNow) records() string { return "/api/now/table/" + s.table }

// record is the path of a ticket's record.
func (s *serviceNow) record(t *Ticket) string { return s.records() + "/" + url.PathEscape(t.Remote.ID) }

// remote names a record.
func (s *serviceNow) remote(i incident) Remote {
	return Remote{ID: i.ID, Name: i.Number, URL: fmt.Sprintf("%s/nav_to.do?uri=%s", s.base, url.QueryEscape(s.table+".do?sys_id="+i.ID))}
}

// closing says why a case was closed.
func closing(c *Content) string {
	if c.Case != nil && c.Case.Closure != "" {
		return c.Case.Closure
	}
	if c.Note != "" {
		return c.Note
	}
	return "Closed by Earshot."
}
