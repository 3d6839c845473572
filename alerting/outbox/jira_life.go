package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// Comment adds a comment, unless its first try brought it there.
func (j *jira) Comment(ctx context.Context, t *Ticket, c *Content) error {
	if t.Doubt {
		there, err := j.noted(ctx, t, c)
		if err != nil || there {
			return err
		}
	}
	_, err := j.do(ctx, call{method: http.MethodPost, path: j.path(t.Remote.ID) + "/comment", body: map[string]any{"body": j.markup(marked(t, c, jiraText), "")}}, nil)
	return err
}

// noted reports whether one of the newest comments has the mark of a note. The
// body is searched as it came: the mark is one text in every markup.
func (j *jira) noted(ctx context.Context, t *Ticket, c *Content) (bool, error) {
	q := url.Values{"orderBy": {"-created"}, "maxResults": {"20"}}
	answer, err := j.do(ctx, call{method: http.MethodGet, path: j.path(t.Remote.ID) + "/comment", query: q}, nil)
	if err != nil {
		return false, err
	}
	return bytes.Contains(answer.body, []byte(noteMark(t, c))), nil
}

// Attach uploads a file, unless its first try brought it there.
func (j *jira) Attach(ctx context.Context, t *Ticket, f *File) error {
	if t.Doubt {
		i, err := j.get(ctx, t, "attachment")
		if err != nil {
			return err
		}
		for _, a := range i.Fields.Attachments {
			if a.Name == f.Name && a.Size == f.Bytes {
				return nil
			}
		}
	}
	body, kind, err := multipartFile(f, j.maxFile)
	if err != nil {
		return err
	}
	// Without this header Jira takes the upload for a forged one and refuses it.
	h := http.Header{"X-Atlassian-Token": {"no-check"}}
	_, err = j.do(ctx, call{method: http.MethodPost, path: j.path(t.Remote.ID) + "/attachments", header: h, body: body, kind: kind}, nil)
	return err
}

// multipartFile wraps a file as the field "file" of a form (RFC 7578).
func multipartFile(f *File, most int64) (body []byte, kind string, err error) {
	data, err := content(f, most)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename="%s"`, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(f.Name))))
	h.Set("Content-Type", mediaType(f))
	part, err := w.CreatePart(h)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), w.FormDataContentType(), err
}

// Close takes the issue to a status that ends the work, unless it is there.
func (j *jira) Close(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return j.move(ctx, t, true, j.closed)
}

// Reopen takes it back to one that does not.
func (j *jira) Reopen(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return j.move(ctx, t, false, j.opened)
}

// transition is a way out of the status that an issue is in.
type transition struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	To   struct {
		Name     string `json:"name"`
		Category struct {
			Key string `json:"key"`
		} `json:"statusCategory"`
	} `json:"to"`
	Fields map[string]any `json:"fields"` // of its screen
}

// move takes an issue along a transition: to the status named, or to the first
// that ends the work, or does not.
func (j *jira) move(ctx context.Context, t *Ticket, end bool, status string) (Remote, error) {
	i, err := j.get(ctx, t, "status")
	if err != nil {
		return Remote{}, err
	}
	if i.open() != end {
		return j.remote(i), nil
	}
	var ways struct {
		Transitions []transition `json:"transitions"`
	}
	path := j.path(t.Remote.ID) + "/transitions"
	if _, err := j.do(ctx, call{method: http.MethodGet, path: path, query: url.Values{"expand": {"transitions.fields"}}}, &ways); err != nil {
		return Remote{}, err
	}
	way := slices.IndexFunc(ways.Transitions, func(w transition) bool { return w.leads(end, status) })
	if way < 0 {
		return Remote{}, j.stuck(i, ways.Transitions, end, status)
	}
	w := ways.Transitions[way]
	body := map[string]any{"transition": map[string]string{"id": w.ID}}
	if _, asked := w.Fields["resolution"]; asked && end && j.reason != "" {
		body["fields"] = map[string]any{"resolution": map[string]string{"name": j.reason}}
	}
	_, err = j.do(ctx, call{method: http.MethodPost, path: path, body: body}, nil)
	return j.remote(i), err
}

// leads reports whether a transition goes where it should.
func (w transition) leads(end bool, status string) bool {
	if status != "" {
		return strings.EqualFold(w.To.Name, status)
	}
	return (w.To.Category.Key == done) == end
}

// stuck says that the workflow has no such way, and which ones it has.
func (j *jira) stuck(i issue, ways []transition, end bool, status string) error {
	var names []string
	for _, w := range ways {
		names = append(names, fmt.Sprintf("%q", fit(oneLine(w.To.Name), 60)))
	}
	key, want := "close_status", "a status of the category done"
	if !end {
		key, want = "reopen_status", "a status that is not of the category done"
	}
	if status != "" {
		want = fmt.Sprintf("status %q", status)
	}
	have := "none at all"
	if len(names) > 0 {
		have = strings.Join(names, ", ")
	}
	return &Failure{Kind: Refused, Text: fmt.Sprintf("issue %s is in status %q, from where our account can take it to %s; want %s: set %s, or let the workflow allow it",
		i.Key, fit(oneLine(i.Fields.Status.Name), 60), have, want, key)}
}

// Read tells from the status and the resolution what people did.
func (j *jira) Read(ctx context.Context, t *Ticket) (Human, error) {
	i, err := j.get(ctx, t, "status,resolution")
	if gone(err) {
		return j.missing(ctx, err)
	}
	if err != nil {
		return Untouched, err
	}
	if i.open() {
		return Untouched, nil
	}
	if r := i.Fields.Resolution; r != nil && slices.ContainsFunc(j.wontFix, func(name string) bool { return sameName(name, r.Name) }) {
		return WontFix, nil
	}
	return Resolved, nil
}

// missing tells a deleted issue from a project that we may not see any more:
// Jira answers 404 to both.
func (j *jira) missing(ctx context.Context, err error) (Human, error) {
	path := strings.TrimSuffix(j.path(""), "issue") + "project/" + url.PathEscape(j.project)
	_, seen := j.do(ctx, call{method: http.MethodGet, path: path}, nil)
	if seen == nil {
		return Deleted, nil
	}
	var f *Failure
	if errors.As(seen, &f) && (f.Kind == Gone || f.Kind == Denied) {
		return Untouched, &Failure{Kind: Denied, Code: f.Code, Text: err.Error() + "; the project is not to be seen either; " + j.denied}
	}
	return Untouched, seen
}

// sameName compares names that people write with either apostrophe.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, "’", "'"), strings.ReplaceAll(b, "’", "'"))
}

// get reads fields of an issue.
func (j *jira) get(ctx context.Context, t *Ticket, fields string) (issue, error) {
	var i issue
	answer, err := j.do(ctx, call{method: http.MethodGet, path: j.path(t.Remote.ID), query: url.Values{"fields": {fields}}}, &i)
	if err == nil && i.ID == "" {
		err = nameless(answer)
	}
	return i, err
}
