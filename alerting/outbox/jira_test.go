package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// jiraVendor is a fake Jira of either kind, with the workflow
// To Do - In Progress - Done, and Declined.
func jiraVendor(cloud bool) vendor {
	v := vendor{
		name: "jira",
		start: func(t *testing.T) (*fakeTracker, Destination) {
			f := newFakeTracker(t, "jira/datacenter.yaml", answerJira)
			return f, newTracker(t, "jira", f.url, "token_env: T", "project: VOICE", "resolution: Done", "labels: [noc]", "components: {carrier: Trunks}",
				`fields: {customfield_10010: '{"value":"Voice"}', customfield_10011: text}`)
		},
		create: fault{method: http.MethodPost, path: "/issue"}, update: fault{method: http.MethodPut, path: "/issue/"},
		solved: "Done", high: "High", med: "Medium", text: "{noformat}\nWhat: 20 of 20 calls lost packets.\nWho: <b>carrier</b> & {code}x{code} {\u200Bnoformat} [~admin] !a.png!\n\nWhere: trunk-b\n{noformat}\n[https://probe.example/cases/17]",
		human: map[string]Human{"To Do": Untouched, "In Progress": Untouched, "Done": Resolved, "Done Fixed": Resolved, "Done Won't Fix": WontFix,
			"Done Won’t Do": WontFix, "Declined Declined": WontFix, "In Progress Won't Fix": Untouched, "gone": Deleted},
		set: func(one *fakeTicket, state string) {
			one.gone = state == "gone"
			one.status, one.why = state, ""
			for _, status := range []string{"Done ", "Declined ", "In Progress "} {
				if why, ok := strings.CutPrefix(state, status); ok {
					one.status, one.why = strings.TrimSpace(status), why
				}
			}
		},
		refusal:  `{"errorMessages":[],"errors":{"components":"The assignment Trunks is not valid"}}`,
		wrongKey: `{"errorMessages":["Client must be authenticated to access this resource."],"errors":{}}`,
	}
	if !cloud {
		return v
	}
	v.name = "jira-cloud"
	v.start = func(t *testing.T) (*fakeTracker, Destination) {
		f := newFakeTracker(t, "jira/cloud.yaml", answerJira)
		return f, newTracker(t, "jira-cloud", f.url, "user: probe@example.com", "password_env: T", "project: VOICE", "resolution: Done")
	}
	v.text = "What: 20 of 20 calls lost packets.\nWho: <b>carrier</b> & {code}x{code} {noformat} [~admin] !a.png!\n\nWhere: trunk-b\n\nlink:"
	return v
}

// jiraStatuses are those of the workflow with their categories.
var jiraStatuses = map[string]string{"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Declined": "done"}

func answerJira(f *fakeTracker, w http.ResponseWriter, r *http.Request, body []byte) {
	parts := strings.Split(r.URL.Path, "/")[4:] // after /rest/api/N
	who := r.Header.Get("Authorization")
	id, _ := strconv.Atoi(slices.Concat(parts, []string{""})[1])
	one := f.ticket(id)
	switch {
	case who != "Bearer "+trackerSecret && who != basic("probe@example.com", trackerSecret):
		reply(w, 401, map[string]any{"errorMessages": []string{"Client must be authenticated to access this resource."}})
	case parts[0] == "project":
		reply(w, 200, map[string]string{"key": parts[1]})
	case parts[0] == "search":
		f.jiraSearch(w, textOf(object(body), "jql"))
	case len(parts) == 1:
		f.jiraCreate(w, object(body))
	case one == nil:
		reply(w, 404, map[string]any{"errorMessages": []string{"Issue does not exist or you do not have permission to see it."}})
	case len(parts) == 2 && r.Method == http.MethodPut:
		jiraSet(one, object(body)["fields"].(map[string]any))
		w.WriteHeader(http.StatusNoContent)
	case len(parts) == 2:
		reply(w, 200, jiraJSON(one))
	default:
		f.jiraPart(w, r, one, parts[2], body)
	}
}

func (f *fakeTracker) jiraSearch(w http.ResponseWriter, jql string) {
	key, _ := strings.CutPrefix(strings.TrimSuffix(jql, `" ORDER BY created ASC`), `labels = "earshot-`)
	list := []any{}
	for _, one := range f.of(key) {
		list = append(list, jiraJSON(one))
	}
	reply(w, 200, map[string]any{"issues": list, "isLast": true})
}

func (f *fakeTracker) jiraCreate(w http.ResponseWriter, o map[string]any) {
	fields := o["fields"].(map[string]any)
	var labels []string
	key := ""
	for _, l := range fields["labels"].([]any) {
		labels = append(labels, l.(string))
		if after, ok := strings.CutPrefix(l.(string), "earshot-"); ok {
			key = after
		}
	}
	one := f.made(key)
	one.status, one.tags = "To Do", labels
	jiraSet(one, fields)
	one.fields["properties"] = o["properties"]
	reply(w, 201, map[string]string{"id": strconv.Itoa(one.id), "key": fmt.Sprintf("VOICE-%d", one.id), "self": f.url})
}

func jiraSet(one *fakeTicket, fields map[string]any) {
	if v, ok := fields["summary"].(string); ok {
		one.title = v
	}
	if v, ok := fields["description"]; ok {
		one.text = jiraPlain(v)
	}
	if v, ok := fields["priority"].(map[string]any); ok {
		one.rank = textOf(v, "name")
	}
	for name, v := range fields {
		one.fields[name] = v
	}
}

// jiraPlain is a text as a reader sees it: of a document its text nodes, with
// links named; of wiki markup the markup.
func jiraPlain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var blocks []string
	for _, p := range v.(map[string]any)["content"].([]any) {
		var b strings.Builder
		nodes, _ := p.(map[string]any)["content"].([]any)
		for _, n := range nodes {
			node := n.(map[string]any)
			if node["type"] == "hardBreak" {
				b.WriteString("\n")
				continue
			}
			if node["marks"] != nil {
				b.WriteString("link:")
			}
			b.WriteString(textOf(node, "text"))
		}
		blocks = append(blocks, b.String())
	}
	return strings.Join(blocks, "\n\n")
}

func jiraJSON(one *fakeTicket) map[string]any {
	fields := map[string]any{"labels": one.tags, "status": map[string]any{"name": one.status, "statusCategory": map[string]string{"key": jiraStatuses[one.status]}}, "resolution": nil}
	if one.why != "" {
		fields["resolution"] = map[string]string{"name": one.why}
	}
	files := []any{}
	for _, file := range one.files {
		at := strings.LastIndexByte(file, ' ')
		size, _ := strconv.Atoi(file[at+1:])
		files = append(files, map[string]any{"filename": file[:at], "size": size})
	}
	fields["attachment"] = files
	return map[string]any{"id": strconv.Itoa(one.id), "key": fmt.Sprintf("VOICE-%d", one.id), "fields": fields}
}

// jiraPart answers about the parts of an issue.
func (f *fakeTracker) jiraPart(w http.ResponseWriter, r *http.Request, one *fakeTicket, part string, body []byte) {
	switch {
	case part == "comment" && r.Method == http.MethodGet:
		list := []any{}
		for _, note := range slices.Backward(one.notes) {
			list = append(list, map[string]string{"body": note})
		}
		reply(w, 200, map[string]any{"comments": list})
	case part == "comment":
		one.notes = append(one.notes, jiraPlain(object(body)["body"]))
		reply(w, 201, map[string]string{"id": "1"})
	case part == "attachments":
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil {
			f.t.Error(err)
		}
		p, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).NextPart()
		if err != nil {
			f.t.Error(err)
			return
		}
		data, _ := io.ReadAll(p)
		one.files = append(one.files, fmt.Sprintf("%s %d", p.FileName(), len(data)))
		reply(w, 200, []any{})
	case r.Method == http.MethodGet:
		ways := []any{}
		for i, name := range []string{"Declined", "Done", "In Progress", "To Do"} {
			if name != one.status && name != "Declined" {
				ways = append(ways, map[string]any{"id": strconv.Itoa(10 + i), "name": "to " + name,
					"to":     map[string]any{"name": name, "statusCategory": map[string]string{"key": jiraStatuses[name]}},
					"fields": map[string]any{"resolution": map[string]any{"required": true}}})
			}
		}
		reply(w, 200, map[string]any{"transitions": ways})
	default:
		o := object(body)
		way, _ := strconv.Atoi(textOf(o["transition"].(map[string]any), "id"))
		one.status, one.why = []string{"Declined", "Done", "In Progress", "To Do"}[way-10], ""
		if fields, ok := o["fields"].(map[string]any); ok {
			one.why = textOf(fields["resolution"].(map[string]any), "name")
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func TestJiraFields(t *testing.T) {
	f, d := jiraVendor(false).start(t)
	c, ticket := trackerContent(), trackerTicket("")
	made, err := d.Create(t.Context(), ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	if made.Name != "VOICE-1001" || made.URL != f.url+"/browse/VOICE-1001" || made.ID != "1001" {
		t.Errorf("made %+v", made)
	}
	one := f.only(t)
	if want := []string{"earshot", "earshot-" + trackerKey, "noc"}; !slices.Equal(one.tags, want) {
		t.Errorf("labels are %q, want %q", one.tags, want)
	}
	for name, want := range map[string]string{
		"project": "map[key:VOICE]", "issuetype": "map[name:Incident]", "components": "[map[name:Trunks]]", "customfield_10010": "map[value:Voice]",
		"customfield_10011": "text", "properties": "[map[key:earshot.case value:map[case:17 key:" + trackerKey + "]]]",
	} {
		if got := fmt.Sprint(one.fields[name]); got != want {
			t.Errorf("field %s is %s, want %s", name, got, want)
		}
	}
	ticket.Remote = made
	if _, err := d.Close(t.Context(), ticket, c); err != nil {
		t.Fatal(err)
	}
	if one := f.only(t); one.why != "Done" {
		t.Errorf("the resolution is %q, want Done", one.why)
	}
	if lag := d.Abilities().FindLag; lag != 15*time.Second {
		t.Errorf("the search lags %v, want 15 s", lag)
	}
	c.Subject = "a\nb" + strings.Repeat("é", 300)
	if _, err := d.Update(t.Context(), ticket, c); err != nil {
		t.Fatal(err)
	}
	if one := f.only(t); one.title != "a b"+strings.Repeat("é", 251)+"…" {
		t.Errorf("the summary is %q", one.title)
	}
}

// TestJiraWorkflow: a workflow without the way that is wanted is a thing for a
// person, who is told what there is.
func TestJiraWorkflow(t *testing.T) {
	f, _ := jiraVendor(true).start(t)
	d := newTracker(t, "jira-cloud", f.url, "user: probe@example.com", "password_env: T", "project: VOICE", "close_status: Verified", "reopen_status: to do")
	ticket := trackerTicket("")
	made, err := d.Create(t.Context(), ticket, trackerContent())
	if err != nil {
		t.Fatal(err)
	}
	ticket.Remote = made
	_, err = d.Close(t.Context(), ticket, trackerContent())
	mustFail(t, err, Refused, `status "To Do"`, `"Done", "In Progress"`, `want status "Verified"`, "close_status")
	f.person(func(one *fakeTicket) { one.status = "Done" })
	if _, err := d.Reopen(t.Context(), ticket, trackerContent()); err != nil {
		t.Fatal(err)
	}
	if one := f.only(t); one.status != "To Do" {
		t.Errorf("opened again as %q, want the status that the settings name", one.status)
	}
	f.breaks(fault{method: http.MethodGet, path: "/transitions", status: 200, body: `{"transitions":[]}`})
	f.person(func(one *fakeTicket) { one.status = "In Progress" })
	_, err = d.Close(t.Context(), ticket, trackerContent())
	mustFail(t, err, Refused, "none at all")
}

// TestJiraNobody: a Jira that does not know who asks answers as to a stranger.
func TestJiraNobody(t *testing.T) {
	f, d := jiraVendor(true).start(t)
	f.breaks(fault{method: http.MethodPost, path: "/search", status: 200, body: `{"issues":[]}`, header: map[string]string{"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}})
	_, _, err := d.Find(t.Context(), trackerTicket(""))
	mustFail(t, err, Denied, "without knowing who asks")

	// An issue that is gone with its whole project is not an issue that somebody deleted.
	ticket := trackerTicket("4711")
	if h := read(t, d, ticket); h != Deleted {
		t.Errorf("read as %q, want deleted", h)
	}
	f.breaks(fault{method: http.MethodGet, path: "/project/", status: 404, body: `{"errorMessages":["No project could be found with key 'VOICE'."]}`})
	_, err = d.Read(t.Context(), ticket)
	mustFail(t, err, Denied, "the project is not to be seen either")
}

func TestJqlText(t *testing.T) {
	// confluence.atlassian.com, "Search syntax for text fields": a quote within quotes has \ before it.
	for text, want := range map[string]string{"a": `"a"`, `a"b`: `"a\"b"`, `a\`: `"a\\"`, "\" OR key != \"\n": `"\" OR key != \" "`} {
		if got := jqlText(text); got != want {
			t.Errorf("text %q is written %s, want %s", text, got, want)
		}
	}
}

func TestAdfDocument(t *testing.T) {
	// The structure is that of developer.atlassian.com, "Atlassian Document Format".
	for text, want := range map[string]string{
		"":          `{"version":1,"type":"doc","content":[]}`,
		"a":         `{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]}`,
		"a\nb\n\nc": `{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a"},{"type":"hardBreak"},{"type":"text","text":"b"}]},{"type":"paragraph","content":[{"type":"text","text":"c"}]}]}`,
		"x\n\nhttps://p.example/1": `{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"x"}]},` +
			`{"type":"paragraph","content":[{"type":"text","text":"https://p.example/1","marks":[{"type":"link","attrs":{"href":"https://p.example/1"}}]}]}]}`,
		"https://evil.example/": `{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"https://evil.example/"}]}]}`,
	} {
		got, err := json.Marshal(adfDocument(text, "https://p.example/1"))
		if err != nil || string(got) != want {
			t.Errorf("document of %q is\n%s (%v), want\n%s", text, got, err, want)
		}
	}
}

func TestWikiText(t *testing.T) {
	link := "https://p.example/c|1"
	for text, want := range map[string]string{
		"h1. no [~user] {noformat} !x!": "{noformat}\nh1. no [~user] {\u200Bnoformat} !x!\n{noformat}",
		"a\n\n" + link:                  "{noformat}\na\n{noformat}\n[https://p.example/c%7C1]",
		"a\nhttps://evil.example/":      "{noformat}\na\nhttps://evil.example/\n{noformat}",
	} {
		if got := wikiText(text, link); got != want {
			t.Errorf("markup of %q is %q, want %q", text, got, want)
		}
	}
}
