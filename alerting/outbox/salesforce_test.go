package outbox

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// salesforceVendor is a fake organisation whose field for the key is unique.
func salesforceVendor() vendor {
	return vendor{
		name: "salesforce",
		start: func(t *testing.T) (*fakeTracker, Destination) {
			f := newFakeTracker(t, "salesforce/openapi.yaml", answerSalesforce)
			return f, newTracker(t, "salesforce", f.url, "token_env: T", "groups: {carrier: 00G000000000001}", "fields: {Type: Voice}")
		},
		create: fault{method: http.MethodPatch, path: "/Case/Earshot_Key__c/"}, update: fault{method: http.MethodPatch, path: "/Case/500"},
		solved: "Closed", high: "High", med: "Medium", text: "<b>carrier</b> & {code}x{code}", unique: true,
		human: map[string]Human{"New": Untouched, "Working": Untouched, "Escalated": Untouched, "Closed": Resolved, "Closed - Won’t Fix": WontFix,
			"Closed by somebody": Resolved, "gone": Deleted},
		set: func(one *fakeTicket, state string) {
			one.gone = state == "gone"
			one.status = state
		},
		refusal:  `[{"message":"assignment rule: bad value for restricted picklist field","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Type"]}]`,
		wrongKey: `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`,
	}
}

// salesforceID is an identifier of the object Case (its prefix is 500).
func salesforceID(n int) string { return fmt.Sprintf("500%015d", n) }

func answerSalesforce(f *fakeTracker, w http.ResponseWriter, r *http.Request, body []byte) {
	path := strings.TrimPrefix(r.URL.Path, "/services/data/v60.0")
	rest, byKey := strings.CutPrefix(path, "/sobjects/Case/Earshot_Key__c/")
	id, _ := strconv.Atoi(strings.TrimPrefix(path, "/sobjects/Case/500"))
	one := f.ticket(id)
	if byKey {
		one = nil
		if list := f.of(rest); len(list) > 0 {
			one = list[0]
		}
	}
	switch {
	case r.URL.Path == "/services/oauth2/token":
		reply(w, 200, map[string]string{"access_token": fmt.Sprintf("granted-%d", len(f.seen)), "token_type": "Bearer"})
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "):
		reply(w, 401, []map[string]string{{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}})
	case path == "/query":
		n := 0
		if salesforceQuery(f, r.URL.Query().Get("q")) {
			n = 1
		}
		reply(w, 200, map[string]any{"totalSize": n, "done": true})
	case path == "/sobjects/CaseComment":
		o := object(body)
		id, _ := strconv.Atoi(strings.TrimPrefix(textOf(o, "ParentId"), "500"))
		f.ticket(id).notes = append(f.ticket(id).notes, textOf(o, "CommentBody"))
		reply(w, 201, map[string]any{"id": "00a000000000000001", "success": true})
	case path == "/sobjects/ContentVersion":
		o := object(body)
		id, _ := strconv.Atoi(strings.TrimPrefix(textOf(o, "FirstPublishLocationId"), "500"))
		data, _ := base64.StdEncoding.DecodeString(textOf(o, "VersionData"))
		f.ticket(id).files = append(f.ticket(id).files, fmt.Sprintf("%s %d", textOf(o, "Title"), len(data)))
		reply(w, 201, map[string]any{"id": "068000000000000001", "success": true})
	case one == nil && byKey && r.Method == http.MethodPatch:
		one = f.made(rest)
		one.status = "New"
		salesforceSet(one, object(body))
		reply(w, 201, map[string]any{"id": salesforceID(one.id), "success": true, "errors": []any{}, "created": true})
	case one == nil:
		reply(w, 404, []map[string]string{{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}})
	case r.Method == http.MethodPatch:
		salesforceSet(one, object(body))
		w.WriteHeader(http.StatusNoContent)
	default:
		reply(w, 200, map[string]any{"Id": salesforceID(one.id), "CaseNumber": fmt.Sprintf("%08d", one.id), "Status": one.status,
			"IsClosed": strings.HasPrefix(one.status, "Closed")})
	}
}

var (
	soqlNote = regexp.MustCompile(`^SELECT Id FROM CaseComment WHERE ParentId = '500(\d+)' AND CommentBody LIKE '%(.*)' LIMIT 1$`)
	soqlFile = regexp.MustCompile(`^SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '500(\d+)' AND ContentDocument.Title = '(.*)' LIMIT 1$`)
)

func salesforceQuery(f *fakeTracker, q string) bool {
	if m := soqlNote.FindStringSubmatch(q); m != nil {
		id, _ := strconv.Atoi(m[1])
		for _, note := range f.ticket(id).notes {
			if strings.HasSuffix(note, m[2]) {
				return true
			}
		}
	}
	if m := soqlFile.FindStringSubmatch(q); m != nil {
		id, _ := strconv.Atoi(m[1])
		for _, file := range f.ticket(id).files {
			if strings.HasPrefix(file, m[2]+" ") {
				return true
			}
		}
	}
	return false
}

func salesforceSet(one *fakeTicket, o map[string]any) {
	for name, to := range map[string]*string{"Subject": &one.title, "Description": &one.text, "Priority": &one.rank, "Status": &one.status} {
		if v, ok := o[name].(string); ok {
			*to = v
		}
	}
	for _, name := range []string{"OwnerId", "Type", "Origin"} {
		if v, ok := o[name]; ok {
			one.fields[name] = v
		}
	}
}

// TestSalesforceUpsert: a creation that is repeated changes the case that is
// there, and leaves alone the status that a person gave it.
func TestSalesforceUpsert(t *testing.T) {
	f, d := salesforceVendor().start(t)
	c := trackerContent()
	first, err := d.Create(t.Context(), trackerTicket(""), c)
	if err != nil {
		t.Fatal(err)
	}
	if first.Name != "00001001" || first.URL != f.url+"/lightning/r/Case/500000000000001001/view" {
		t.Errorf("made %+v", first)
	}
	f.person(func(one *fakeTicket) { one.status = "Closed" })
	if second, err := d.Create(t.Context(), trackerTicket(""), c); err != nil || second != first {
		t.Errorf("the same again: %+v, %v; want %+v", second, err, first)
	}
	one := f.only(t)
	if one.status != "Closed" || one.fields["OwnerId"] != "00G000000000001" || one.fields["Type"] != "Voice" || one.fields["Origin"] != "Web" {
		t.Errorf("the case is %+v", one)
	}
	for _, body := range f.bodies {
		if strings.Contains(body, `"Status"`) {
			t.Errorf("a status goes out: %s", body)
		}
	}
}

// TestSalesforceAnswers tells apart what comes with one status.
func TestSalesforceAnswers(t *testing.T) {
	create, find, update := fault{method: http.MethodPatch, path: "/Case/Earshot"}, fault{method: http.MethodGet, path: "/Case/Earshot"}, fault{method: http.MethodPatch, path: "/Case/500"}
	for _, c := range []struct {
		name   string
		fault  fault
		status int
		body   string
		kind   FailureKind
		words  []string
	}{
		{"several with the key", create, 300, `["/services/data/v60.0/sobjects/Case/500000000000001001","/services/data/v60.0/sobjects/Case/500000000000001002"]`, Refused, []string{"several cases", "make the field unique"}},
		{"several found", find, 300, `["a","b"]`, Refused, []string{"several cases"}},
		{"no such field", find, 404, `[{"errorCode":"NOT_FOUND","message":"Provided external ID field does not exist or is not accessible: Earshot_Key__c"}]`, Denied, []string{"External ID and Unique"}},
		{"limit of requests", create, 403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, Busy, []string{"TotalRequests Limit exceeded"}},
		{"locked row", update, 400, `[{"message":"unable to obtain exclusive access to this record","errorCode":"UNABLE_TO_LOCK_ROW"}]`, Conflict, nil},
		{"deleted", update, 404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED"}]`, Gone, nil},
		{"not allowed", update, 403, `[{"message":"insufficient access rights on object id","errorCode":"INSUFFICIENT_ACCESS"}]`, Denied, []string{"insufficient access", "check the token"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, d := salesforceVendor().start(t)
			c.fault.status, c.fault.body = c.status, c.body
			f.breaks(c.fault)
			var err error
			switch c.fault.method + c.fault.path {
			case find.method + find.path:
				_, _, err = d.Find(t.Context(), trackerTicket(""))
			case update.method + update.path:
				_, err = d.Update(t.Context(), trackerTicket(salesforceID(1)), trackerContent())
			default:
				_, err = d.Create(t.Context(), trackerTicket(""), trackerContent())
			}
			mustFail(t, err, c.kind, c.words...)
		})
	}
}

// TestSalesforceGrant: a token is asked for once, and again when it is refused.
func TestSalesforceGrant(t *testing.T) {
	f := newFakeTracker(t, "salesforce/openapi.yaml", answerSalesforce)
	d := newTracker(t, "salesforce", f.url, "client_id: earshot", "client_secret_env: S")
	for range 3 {
		found(t, d, trackerTicket(""))
	}
	if n := f.requests(http.MethodPost, "/oauth2/token"); n != 1 {
		t.Errorf("a token was asked for %d times, want once", n)
	}
	f.breaks(fault{method: http.MethodPatch, path: "/Case/", status: 401, body: `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`})
	if _, err := d.Create(t.Context(), trackerTicket(""), trackerContent()); err != nil {
		t.Fatal(err)
	}
	if n := f.requests(http.MethodPost, "/oauth2/token"); n != 2 {
		t.Errorf("after a refusal a token was asked for %d times, want twice", n)
	}
	f.only(t)

	for _, c := range []struct {
		status int
		kind   FailureKind
		word   string
	}{{400, Denied, "check client_id"}, {401, Denied, "check client_id"}, {429, Busy, ""}, {500, Unreached, ""}, {200, Denied, "check token_url"}} {
		d := newTracker(t, "salesforce", f.url, "client_id: earshot", "client_secret_env: S")
		f.breaks(fault{method: http.MethodPost, path: "/oauth2/token", status: c.status, body: `{"error":"invalid_client","error_description":"invalid client credentials"}`})
		_, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
		mustFail(t, err, c.kind, "access token", c.word)
	}
}

func TestSoqlText(t *testing.T) {
	// SOQL and SOSL reference, "Quoted string escape sequences".
	for text, want := range map[string]string{"plain": "'plain'", `it's`: `'it\'s'`, `a\b`: `'a\\b'`, "a\nb": `'a\nb'`, `\' OR Id != '`: `'\\\' OR Id != \''`} {
		if got := soqlText(text); got != want {
			t.Errorf("text %q is written %s, want %s", text, got, want)
		}
	}
	if got, want := soqlLike("50%_x"), `50\%\_x`; got != want {
		t.Errorf("pattern is %s, want %s", got, want)
	}
}
