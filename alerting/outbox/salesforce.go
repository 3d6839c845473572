package outbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"earshot/alerting"
)

// The bounds of the fields of the objects Case and CaseComment, and what a
// record with a file in its JSON may hold (REST guide, "Insert or update blob
// data": 37.5 MB of base64, 28 MB of file).
const (
	salesforceSubject = 255
	salesforceText    = 32000
	salesforceComment = 4000
	salesforceFile    = 20 // MiB
)

// salesforce keeps cases in Salesforce by its REST API. A case is upserted by an
// external identifier (developer.salesforce.com, "Insert or update (upsert) a
// record using an external ID"): one that is not there is made, one that is there
// is set again, and where there are several the answer is 300 and nothing
// happens. With a field that is unique no failure makes a second case.
//
// A status goes out only to close a case and to open it again: sent with an
// update it would open what a person closed.
type salesforce struct {
	tracker
	data     string // path of the version: "/services/data/v60.0"
	external string // the field with the key
	priority [alerting.Severities]string
	groups   map[string]string // OwnerId by owner
	fields   map[string]any
	closed   string
	opened   string
	wontFix  []string
}

// newSalesforce reads the settings.
func newSalesforce(d *draft) Destination {
	base := d.base()
	s := &salesforce{
		tracker: *d.signs(base, "Bearer", "services/oauth2/token"),
		data:    "/services/data/" + d.text("api_version", "v60.0"), external: d.text("key_field", "Earshot_Key__c"),
		priority: d.bySeverity("priority", "High", "High", "Medium", "Low"), groups: d.table("groups"), fields: d.values("fields"),
		closed: d.text("close_status", "Closed"), opened: d.text("reopen_status", "New"), wontFix: d.list("wont_fix"),
	}
	s.maxFile = d.maxFile(salesforceFile)
	s.denied = "check the token (or client_id and client_secret_file) of the destination, and that its user may read and edit cases and the field " + s.external
	if _, ok := s.fields["Origin"]; !ok {
		s.fields["Origin"] = "Web"
	}
	if !salesforceName.MatchString(s.external) {
		d.fault("key_field", "it is %q, want the API name of an external-ID field of Case, as Earshot_Key__c", s.external)
	}
	if !salesforceVersion.MatchString(s.data) {
		d.fault("api_version", "want a version like v60.0")
	}
	d.reserved("fields", d.table("fields"), "Subject", "Description", "Priority", "Status", s.external)
	if s.wontFix == nil {
		s.wontFix = []string{"Won't Fix", "Closed - Won't Fix", "Rejected", "Duplicate"}
	}
	return s
}

var (
	salesforceName    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,80}$`)
	salesforceVersion = regexp.MustCompile(`/v[0-9]{2,3}\.0$`)
)

// Abilities: an upsert may be sent again.
func (s *salesforce) Abilities() Abilities {
	return Abilities{Find: true, Idempotent: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true}
}

// salesforceCase is what we read of a case.
type salesforceCase struct {
	ID     string `json:"Id"`
	Number string `json:"CaseNumber"`
	Status string `json:"Status"`
	Closed bool   `json:"IsClosed"`
}

// salesforceRead names the fields of salesforceCase.
const salesforceRead = "Id,CaseNumber,Status,IsClosed"

// Find reads the case with the key.
func (s *salesforce) Find(ctx context.Context, t *Ticket) (Remote, bool, error) {
	var found salesforceCase
	answer, err := s.ask(ctx, call{method: http.MethodGet, path: s.keyed(t), query: url.Values{"fields": {salesforceRead}}}, &found)
	if gone(err) {
		return Remote{}, false, s.fieldIsThere(answer, err)
	}
	if err != nil {
		return Remote{}, false, err
	}
	if found.ID == "" {
		return Remote{}, false, nameless(answer)
	}
	return s.remote(found), true, nil
}

// fieldIsThere tells a case that is not there from a field that is not: both are
// 404, with another code.
func (s *salesforce) fieldIsThere(answer *response, err error) error {
	for _, e := range salesforceErrors(answer) {
		// "Provided external ID field does not exist or is not accessible".
		if strings.Contains(strings.ToLower(e.Message), "external id field") {
			return &Failure{Kind: Denied, Code: status(answer), Text: fmt.Sprintf("%v; make %s on Case a text field of 32 characters that is "+
				"External ID and Unique, and let the destination's user see it", err, s.external)}
		}
	}
	return nil
}

// Create upserts the case.
func (s *salesforce) Create(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	body := map[string]any{}
	for name, value := range s.fields {
		body[name] = value
	}
	s.show(body, c)
	body["Priority"] = s.priority[c.severity()]
	if id := s.groups[c.owner()]; id != "" {
		body["OwnerId"] = id
	}
	var made struct {
		ID string `json:"id"`
	}
	// The answer to an update may be 204, without an identifier.
	answer, err := s.ask(ctx, call{method: http.MethodPatch, path: s.keyed(t), body: body, expect: true}, &made)
	if err != nil {
		return Remote{}, err
	}
	r := Remote{ID: made.ID, Name: made.ID, URL: s.page(made.ID)}
	if found, there, err := s.Find(ctx, t); err == nil && there {
		return found, nil // it has the number, which the answer to an upsert has not
	}
	if made.ID == "" {
		return Remote{}, &Failure{Kind: Doubtful, Code: answer.status, Text: "the answer names no case, and none was found by its key"}
	}
	return r, nil
}

// Update sets what changes of a case. The priority is sent only when the
// severity became another one: what a person set meanwhile stays.
func (s *salesforce) Update(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	body := map[string]any{}
	s.show(body, c)
	if c.severity() != t.Shown.Severity {
		body["Priority"] = s.priority[c.severity()]
	}
	return t.Remote, s.patch(ctx, t, body)
}

// show sets what a case always shows.
func (s *salesforce) show(body map[string]any, c *Content) {
	body["Subject"], body["Description"] = fit(oneLine(c.Subject), salesforceSubject), fit(c.body(), salesforceText)
}

// patch sets fields of a case that is known by its identifier: by its key a
// case that is gone would be made again.
func (s *salesforce) patch(ctx context.Context, t *Ticket, body map[string]any) error {
	_, err := s.ask(ctx, call{method: http.MethodPatch, path: s.row("Case", t.Remote.ID), body: body}, nil)
	return err
}

// Comment adds an internal comment, unless its first try brought it there.
func (s *salesforce) Comment(ctx context.Context, t *Ticket, c *Content) error {
	if t.Doubt {
		there, err := s.any(ctx, fmt.Sprintf("SELECT Id FROM CaseComment WHERE ParentId = %s AND CommentBody LIKE %s",
			soqlText(t.Remote.ID), soqlText("%"+soqlLike(noteMark(t, c)))))
		if err != nil || there {
			return err
		}
	}
	body := map[string]any{"ParentId": t.Remote.ID, "CommentBody": marked(t, c, salesforceComment), "IsPublished": false}
	_, err := s.ask(ctx, call{method: http.MethodPost, path: s.row("CaseComment", ""), body: body}, nil)
	return err
}

// Attach uploads a file, unless its first try brought it there.
func (s *salesforce) Attach(ctx context.Context, t *Ticket, f *File) error {
	if t.Doubt {
		there, err := s.any(ctx, fmt.Sprintf("SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = %s AND ContentDocument.Title = %s",
			soqlText(t.Remote.ID), soqlText(salesforceTitle(f))))
		if err != nil || there {
			return err
		}
	}
	data, err := content(f, s.maxFile)
	if err != nil {
		return err
	}
	body := map[string]any{"Title": salesforceTitle(f), "PathOnClient": oneLine(f.Name),
		"VersionData": base64.StdEncoding.EncodeToString(data), "FirstPublishLocationId": t.Remote.ID}
	_, err = s.ask(ctx, call{method: http.MethodPost, path: s.row("ContentVersion", ""), body: body}, nil)
	return err
}

// salesforceTitle is the title of a file, at most 255 characters.
func salesforceTitle(f *File) string { return fit(oneLine(f.Name), salesforceSubject) }

// Close sets the status that closes, unless somebody closed it already.
func (s *salesforce) Close(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return s.move(ctx, t, true, s.closed)
}

// Reopen sets the status that opens again.
func (s *salesforce) Reopen(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return s.move(ctx, t, false, s.opened)
}

// move sets a status where the case is not closed, or open, already.
func (s *salesforce) move(ctx context.Context, t *Ticket, end bool, to string) (Remote, error) {
	found, err := s.get(ctx, t)
	if err != nil {
		return Remote{}, err
	}
	if found.Closed != end {
		err = s.patch(ctx, t, map[string]any{"Status": to})
	}
	return s.remote(found), err
}

// Read tells from the status what people did.
func (s *salesforce) Read(ctx context.Context, t *Ticket) (Human, error) {
	found, err := s.get(ctx, t)
	switch {
	case gone(err):
		return Deleted, nil
	case err != nil || !found.Closed:
		return Untouched, err
	case slices.ContainsFunc(s.wontFix, func(name string) bool { return sameName(name, found.Status) }):
		return WontFix, nil
	}
	return Resolved, nil
}

// get reads a case.
func (s *salesforce) get(ctx context.Context, t *Ticket) (salesforceCase, error) {
	var found salesforceCase
	answer, err := s.ask(ctx, call{method: http.MethodGet, path: s.row("Case", t.Remote.ID), query: url.Values{"fields": {salesforceRead}}}, &found)
	if err == nil && found.ID == "" {
		err = nameless(answer)
	}
	return found, err
}

// any reports whether a query finds something.
func (s *salesforce) any(ctx context.Context, soql string) (bool, error) {
	var found struct {
		Size int `json:"totalSize"`
	}
	_, err := s.ask(ctx, call{method: http.MethodGet, path: s.data + "/query", query: url.Values{"q": {soql + " LIMIT 1"}}}, &found)
	return found.Size > 0, err
}

// soqlText writes a text in SOQL (SOQL guide, "Quoted string escape sequences").
func soqlText(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(v) + "'"
}

// soqlLike keeps the wildcards of LIKE from being any.
func soqlLike(v string) string { return strings.NewReplacer("_", `\_`, "%", `\%`).Replace(v) }

// salesforceError is one entry of an answer that is no success.
type salesforceError struct {
	Message string `json:"message"`
	Code    string `json:"errorCode"`
}

// salesforceErrors reads what an answer says.
func salesforceErrors(r *response) []salesforceError {
	var list []salesforceError
	if r == nil || decode(r, &list) != nil {
		return nil
	}
	return list
}

// ask makes a request and tells apart what Salesforce says with one status
// (REST guide, "Status codes and error responses").
func (s *salesforce) ask(ctx context.Context, c call, into any) (*response, error) {
	answer, err := s.do(ctx, c, into)
	var f *Failure
	if !errors.As(err, &f) {
		return answer, err
	}
	told := *f
	if status(answer) == http.StatusMultipleChoices {
		told.Kind, told.Text = Refused, fmt.Sprintf("several cases have this %s, so none was changed; make the field unique, delete all but the oldest of them, then send the ticket again", s.external)
		return answer, &told
	}
	for _, e := range salesforceErrors(answer) {
		switch e.Code {
		case "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE": // 403, for 24 hours at most: no fault of the account's rights
			told.Kind, told.Text = Busy, f.Text
		case "UNABLE_TO_LOCK_ROW", "DUPLICATE_EXTERNAL_ID":
			told.Kind = Conflict
		case "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY":
			told.Kind = Gone
		}
	}
	return answer, &told
}

// keyed is the path of the case with the key.
func (s *salesforce) keyed(t *Ticket) string {
	return s.row("Case", s.external) + "/" + url.PathEscape(t.Key)
}

// row is the path of an object's record; of all of them where id is "".
func (s *salesforce) row(object, id string) string {
	path := s.data + "/sobjects/" + object
	if id != "" {
		path += "/" + url.PathEscape(id)
	}
	return path
}

// page is the address of a case for people.
func (s *salesforce) page(id string) string {
	return s.base + "/lightning/r/Case/" + url.PathEscape(id) + "/view"
}

// remote names a case.
func (s *salesforce) remote(c salesforceCase) Remote {
	return Remote{ID: c.ID, Name: c.Number, URL: s.page(c.ID)}
}
