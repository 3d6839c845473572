package outbox

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// The bounds of an issue's fields: jira.atlassian.com takes 255 characters of a
// summary, and jira.text.field.character.limit is 32767 where nobody changed it.
const (
	jiraSummary = 255
	jiraText    = 32000
	jiraLabel   = "earshot" // of every issue; the one with the key is "earshot-KEY"
)

// jira opens issues in Jira: version 3 of the API is that of the cloud
// (developer.atlassian.com/cloud/jira/platform/rest/v3), version 2 that of Data
// Center. They differ in how text is marked up and in the search.
//
// An issue is known by a label with the key, and carries it as the property
// "earshot.case" too. The API knows no idempotency key, and the search runs
// behind what was written, "from a few seconds to minutes" (page "Search after
// write with search and reconcile"; the reconciliation offered there wants the
// identifiers of issues, which nobody has who lost an answer): finding nothing
// means something only after find_lag.
type jira struct {
	tracker
	cloud    bool
	project  string
	kind     string // issue type
	priority [alerting.Severities]string
	rates    bool // priorities are set
	labels   []string
	groups   map[string]string // component by owner
	fields   map[string]any
	closed   string // the status that closes; "" the first of category done
	opened   string // the status that reopens; "" the first of another category
	reason   string // the resolution that closing sets; "" the workflow's
	wontFix  []string
	lag      time.Duration
}

// newJiraCloud reads the settings of Jira Cloud.
func newJiraCloud(d *draft) Destination { return newJira(d, true) }

// newJiraDataCenter reads the settings of Jira Data Center.
func newJiraDataCenter(d *draft) Destination { return newJira(d, false) }

// newJira reads the settings of either. A cloud's token is the password of its
// owner's address (developer.atlassian.com, "Basic auth for REST APIs").
func newJira(d *draft, cloud bool) Destination {
	lag := 15 * time.Second
	if cloud {
		lag = 3 * time.Minute
	}
	base := d.base()
	j := &jira{
		tracker: tracker{base: base.String(), header: d.login("Bearer")}, cloud: cloud,
		project: d.text("project", must), kind: d.text("issue_type", "Incident"),
		priority: d.bySeverity("priority", "Highest", "High", "Medium", "Low"), rates: d.flag("set_priority", true),
		labels: d.list("labels"), groups: d.table("components"), fields: d.values("fields"),
		closed: d.text("close_status", ""), opened: d.text("reopen_status", ""), reason: d.text("resolution", ""),
		wontFix: d.list("wont_fix"), lag: d.span("find_lag", 0, time.Hour, lag),
	}
	j.client = d.client(base)
	j.maxFile = d.maxFile(10)
	j.denied = "check the account of the destination and its rights in the project (a cloud wants user: MAIL with an API token as its password)"
	if strings.ContainsAny(j.project, " \t/\"") {
		d.fault("project", "it is %q, want the key of a project, as VOICE", j.project)
	}
	for _, l := range j.labels {
		if strings.ContainsAny(l, " \t") {
			d.fault("labels", "%q has a space, which labels cannot have", l)
		}
	}
	if j.wontFix == nil {
		j.wontFix = []string{"Won't Fix", "Won't Do", "Declined", "Rejected"}
	}
	return j
}

// values reads extra fields: what begins with { or [ is JSON, as the value of
// fields that are no text, and everything else is a text.
func (d *draft) values(key string) map[string]any {
	values := map[string]any{}
	for name, text := range d.table(key) {
		values[name] = text
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
			var v any
			if err := decode(&response{body: []byte(text)}, &v); err != nil {
				d.fault(key, "%s begins like JSON and is none", name)
				continue
			}
			values[name] = v
		}
	}
	return values
}

// Abilities are those of either API.
func (j *jira) Abilities() Abilities {
	return Abilities{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true, FindLag: j.lag}
}

// issue is what we read of an issue.
type issue struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Fields struct {
		Labels []string `json:"labels"`
		Status struct {
			Name     string `json:"name"`
			Category struct {
				Key string `json:"key"`
			} `json:"statusCategory"`
		} `json:"status"`
		Resolution *struct {
			Name string `json:"name"`
		} `json:"resolution"`
		Attachments []struct {
			Name string `json:"filename"`
			Size int64  `json:"size"`
		} `json:"attachment"`
	} `json:"fields"`
}

// done is the category of status that ends the work on an issue.
const done = "done"

// Find searches for the label with the key: of several issues it takes the
// oldest that is open and closes the others.
func (j *jira) Find(ctx context.Context, t *Ticket) (Remote, bool, error) {
	path := "/rest/api/2/search"
	if j.cloud {
		path = "/rest/api/3/search/jql" // /search is gone there since 2025
	}
	body := map[string]any{"jql": fmt.Sprintf("labels = %s ORDER BY created ASC", jqlText(jiraKey(t))), "maxResults": 10, "fields": []string{"labels", "status"}}
	var found struct {
		Issues []issue `json:"issues"`
	}
	answer, err := j.do(ctx, call{method: http.MethodPost, path: path, body: body, harmless: true, expect: true}, &found)
	if err != nil {
		return Remote{}, false, err
	}
	if why := answer.header.Get("X-Seraph-Loginreason"); strings.Contains(why, "AUTHENTICAT") && strings.Contains(why, "FAILED") || strings.Contains(why, "DENIED") {
		// Jira goes on as nobody then, who finds nothing.
		return Remote{}, false, &Failure{Kind: Denied, Code: answer.status, Text: "Jira answered without knowing who asks (" + fit(oneLine(why), 40) + "); " + j.denied}
	}
	ours := slices.DeleteFunc(found.Issues, func(i issue) bool { return i.ID == "" || !slices.Contains(i.Fields.Labels, jiraKey(t)) })
	if len(ours) == 0 {
		return Remote{}, false, nil
	}
	first := ours[max(0, slices.IndexFunc(ours, issue.open))]
	return j.remote(first), true, j.single(ctx, first, ours)
}

// open reports whether somebody may still work on an issue.
func (i issue) open() bool { return i.Fields.Status.Category.Key != done }

// single closes the issues that are open beside the first.
func (j *jira) single(ctx context.Context, first issue, all []issue) error {
	for _, i := range all {
		if i.ID == first.ID || !i.open() {
			continue
		}
		other := &Ticket{Remote: j.remote(i)}
		_, err := j.do(ctx, call{method: http.MethodPost, path: j.path(i.ID) + "/comment", body: map[string]any{"body": j.markup(double(j.remote(first)), "")}}, nil)
		if err == nil {
			_, err = j.move(ctx, other, true, j.closed)
		}
		if err != nil && !undoable(err) {
			return err
		}
	}
	return nil
}

// jiraKey is the label of a ticket.
func jiraKey(t *Ticket) string { return jiraLabel + "-" + t.Key }

// jqlText writes a text in JQL: quoted, with \ before what would end it.
func jqlText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(s) + `"`
}

// Create posts an issue.
func (j *jira) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	fields := map[string]any{}
	for name, value := range j.fields {
		fields[name] = value
	}
	j.show(fields, c)
	fields["project"], fields["issuetype"] = map[string]string{"key": j.project}, map[string]string{"name": j.kind}
	fields["labels"] = append([]string{jiraLabel, jiraKey(t)}, j.labels...)
	if component := j.groups[c.owner()]; component != "" {
		fields["components"] = []map[string]string{{"name": component}}
	}
	j.rate(fields, c)
	property := map[string]any{"key": "earshot.case", "value": map[string]any{"key": t.Key, "case": t.Case}}
	var made issue
	body := map[string]any{"fields": fields, "properties": []any{property}}
	if _, err := j.do(ctx, call{method: http.MethodPost, path: j.path(""), body: body, expect: true}, &made); err != nil {
		return Remote{}, err
	}
	if made.ID == "" {
		return Remote{}, &Failure{Kind: Doubtful, Text: "the answer names no issue"}
	}
	return j.remote(made), nil
}

// Update sets what changes of a case. The priority is sent only when the
// severity became another one: what a person set meanwhile stays.
func (j *jira) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	fields := map[string]any{}
	j.show(fields, c)
	if c.severity() != t.Shown.Severity {
		j.rate(fields, c)
	}
	_, err := j.do(ctx, call{method: http.MethodPut, path: j.path(t.Remote.ID), body: map[string]any{"fields": fields}}, nil)
	return t.Remote, err
}

// show sets what an issue always shows of the case.
func (j *jira) show(fields map[string]any, c *Content) {
	fields["summary"] = fit(oneLine(c.Subject), jiraSummary)
	fields["description"] = j.markup(c.body(), c.Link)
}

// rate sets the priority.
func (j *jira) rate(fields map[string]any, c *Content) {
	if name := j.priority[c.severity()]; j.rates && name != "" {
		fields["priority"] = map[string]string{"name": name}
	}
}

// markup makes a text what the API takes for one. Its last line may be a link.
func (j *jira) markup(text, link string) any {
	if j.cloud {
		return adfDocument(fit(text, jiraText), link)
	}
	return wikiText(fit(text, jiraText), link)
}

// remote names an issue. The number stays when it moves to another project.
func (j *jira) remote(i issue) Remote {
	return Remote{ID: i.ID, Name: i.Key, URL: j.base + "/browse/" + url.PathEscape(i.Key)}
}

// path is that of an issue; "" all of them.
func (j *jira) path(id string) string {
	path := "/rest/api/2/issue"
	if j.cloud {
		path = "/rest/api/3/issue"
	}
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return path
}
