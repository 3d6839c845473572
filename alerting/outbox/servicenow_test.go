package outbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// serviceNowVendor is a fake instance with the tables incident and
// sys_attachment.
func serviceNowVendor() vendor {
	return vendor{
		name: "servicenow",
		start: func(t *testing.T) (*fakeTracker, Destination) {
			f := newFakeTracker(t, "servicenow/openapi.yaml", answerServiceNow)
			return f, newTracker(t, "servicenow", f.url, "user: earshot", "password_env: P", "groups: {carrier: 8a4dde73c6112278017a6a4baf547aa7}", "fields: {category: network}")
		},
		create: fault{method: http.MethodPost, path: "/table/incident"}, update: fault{method: http.MethodPatch, path: "/table/incident"},
		solved: "6", high: "1 2", med: "2 2", text: "<b>carrier</b> & {code}x{code}",
		human: map[string]Human{"1": Untouched, "2": Untouched, "3": Untouched, "6": Resolved, "7": Resolved, "8": WontFix,
			"7 Not Solved (Too Costly)": WontFix, "6 Solution provided": Resolved, "gone": Deleted},
		set: func(one *fakeTicket, state string) {
			one.gone = state == "gone"
			one.status, one.why, _ = strings.Cut(state, " ")
		},
		refusal:  `{"error":{"message":"Invalid value for assignment_group","detail":null},"status":"failure"}`,
		wrongKey: `{"error":{"message":"User Not Authenticated","detail":"Required to provide Auth information"},"status":"failure"}`,
	}
}

func answerServiceNow(f *fakeTracker, w http.ResponseWriter, r *http.Request, body []byte) {
	q := r.URL.Query()
	id, _ := strconv.ParseInt(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:], 16, 64)
	one := f.ticket(int(id))
	switch {
	case r.Header.Get("Authorization") != basic("earshot", trackerSecret):
		reply(w, 401, map[string]any{"error": map[string]string{"message": "User Not Authenticated"}})
	case r.URL.Path == "/api/now/attachment/file":
		id, _ := strconv.ParseInt(q.Get("table_sys_id"), 16, 64)
		one := f.ticket(int(id))
		one.files = append(one.files, fmt.Sprintf("%s %d", q.Get("file_name"), len(body)))
		reply(w, 201, map[string]any{"result": map[string]string{"sys_id": "1"}})
	case r.URL.Path == "/api/now/attachment":
		reply(w, 200, map[string]any{"result": serviceNowFiles(f, q.Get("sysparm_query"))})
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/incident"):
		list := []map[string]string{}
		key, _ := strings.CutPrefix(strings.TrimSuffix(q.Get("sysparm_query"), "^ORDERBYsys_created_on"), "correlation_id=")
		for _, one := range f.of(key) {
			list = append(list, serviceNowRecord(one))
		}
		reply(w, 200, map[string]any{"result": list})
	case r.Method == http.MethodPost:
		one := f.made(textOf(object(body), "correlation_id"))
		one.status = "1"
		serviceNowSet(one, object(body))
		reply(w, 201, map[string]any{"result": serviceNowRecord(one)})
	case one == nil:
		reply(w, 404, map[string]any{"error": map[string]string{"message": "No Record found", "detail": "Record doesn't exist or ACL restricts the record retrieval"}})
	case q.Get("sysparm_display_value") == "true":
		reply(w, 200, map[string]any{"result": map[string]string{q.Get("sysparm_fields"): strings.Join(one.notes, "\n\n")}})
	default:
		if r.Method == http.MethodPatch {
			serviceNowSet(one, object(body))
		}
		reply(w, 200, map[string]any{"result": serviceNowRecord(one)})
	}
}

func serviceNowFiles(f *fakeTracker, query string) []map[string]string {
	list := []map[string]string{}
	for _, one := range f.tickets {
		if query != fmt.Sprintf("table_name=incident^table_sys_id=%032x", one.id) {
			continue
		}
		for _, file := range one.files {
			at := strings.LastIndexByte(file, ' ')
			list = append(list, map[string]string{"file_name": file[:at], "size_bytes": file[at+1:]})
		}
	}
	return list
}

func serviceNowSet(one *fakeTicket, o map[string]any) {
	for name, to := range map[string]*string{"short_description": &one.title, "description": &one.text, "state": &one.status, "close_code": &one.why} {
		if v, ok := o[name].(string); ok {
			*to = v
		}
	}
	if v := textOf(o, "urgency"); v != "" {
		one.rank = v + " " + textOf(o, "impact")
	}
	for _, name := range []string{"work_notes", "comments"} {
		if v := textOf(o, name); v != "" {
			one.notes = append(one.notes, name+": "+v)
		}
	}
	for _, name := range []string{"assignment_group", "category", "correlation_display", "close_notes"} {
		if v, ok := o[name]; ok {
			one.fields[name] = v
		}
	}
}

func serviceNowRecord(one *fakeTicket) map[string]string {
	return map[string]string{"sys_id": fmt.Sprintf("%032x", one.id), "number": fmt.Sprintf("INC%07d", one.id), "state": one.status,
		"close_code": one.why, "correlation_id": one.key}
}

func TestServiceNowFields(t *testing.T) {
	v := serviceNowVendor()
	f, d := v.start(t)
	c, ticket := trackerContent(), trackerTicket("")
	c.Subject, c.Text = strings.Repeat("ä", 200)+"\nline", strings.Repeat("€", 5000)
	made, err := d.Create(t.Context(), ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	one := f.only(t)
	if want := strings.Repeat("ä", 159) + "…"; one.title != want {
		t.Errorf("short_description is %q, want %q", one.title, want)
	}
	if want := strings.Repeat("€", 3999) + "…"; one.text != want {
		t.Errorf("description has %d characters, want 4000 that end with …", len([]rune(one.text)))
	}
	if one.fields["assignment_group"] != "8a4dde73c6112278017a6a4baf547aa7" || one.fields["category"] != "network" || one.fields["correlation_display"] != "Earshot" {
		t.Errorf("fields are %v", one.fields)
	}
	if made.Name != "INC0001001" || made.URL != f.url+"/nav_to.do?uri=incident.do%3Fsys_id%3D000000000000000000000000000003e9" {
		t.Errorf("made %+v", made)
	}
	ticket.Remote = made
	if _, err := d.Close(t.Context(), ticket, c); err != nil {
		t.Fatal(err)
	}
	if one := f.only(t); one.why != "Solution provided" || one.fields["close_notes"] != "Loss is gone since 09:40." {
		t.Errorf("closed with code %q, notes %q", one.why, one.fields["close_notes"])
	}
}

// TestServiceNowBlindSearch: where the account may not search by the key, the
// instance ignores that part of the query, and any record comes back.
func TestServiceNowBlindSearch(t *testing.T) {
	f, d := serviceNowVendor().start(t)
	f.breaks(fault{method: http.MethodGet, path: "/table/incident", status: 200, body: `{"result":[{"sys_id":"1","number":"INC0000001","correlation_id":""}]}`})
	_, _, err := d.Find(t.Context(), trackerTicket(""))
	mustFail(t, err, Denied, "may not search by that field")
}

func TestServiceNowValue(t *testing.T) {
	// servicenow.com, "Encoded query strings": ^ parts conditions, ^^ stands for itself.
	for value, want := range map[string]string{"abc": "abc", "a^ORactive=true": "a^^ORactive=true", "^": "^^"} {
		if got := serviceNowValue(value); got != want {
			t.Errorf("value %q is written %q, want %q", value, got, want)
		}
	}
}

func TestServiceNowEvents(t *testing.T) {
	var events []map[string]any
	f := newFakeTracker(t, "servicenow/openapi.yaml", func(_ *fakeTracker, w http.ResponseWriter, r *http.Request, body []byte) {
		for _, e := range object(body)["records"].([]any) {
			events = append(events, e.(map[string]any))
		}
		reply(w, 200, map[string]string{"Default Bulk Endpoint": "1 events were inserted"})
	})
	d := newTracker(t, "servicenow-events", f.url, "token_env: T")
	c, ticket := trackerContent(), trackerTicket("")
	for _, step := range []func() (Remote, error){
		func() (Remote, error) { return d.Create(t.Context(), ticket, c) },
		func() (Remote, error) { return d.Close(t.Context(), ticket, c) },
		func() (Remote, error) { return d.Reopen(t.Context(), ticket, c) },
	} {
		if r, err := step(); err != nil || r.ID != trackerKey {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	for i, want := range []struct{ severity, state string }{{"2", "New"}, {"0", "Closing"}, {"2", "New"}} {
		e := events[i]
		if e["severity"] != want.severity || e["resolution_state"] != want.state || e["message_key"] != trackerKey {
			t.Errorf("event %d is %v; want severity %s, state %s", i, e, want.severity, want.state)
		}
		if e["time_of_event"] != "2026-01-06 08:50:00" || e["node"] != "trunk-b" || e["metric_name"] != "loss" {
			t.Errorf("event %d is %v", i, e)
		}
	}
	var info map[string]string
	if err := json.Unmarshal([]byte(events[0]["additional_info"].(string)), &info); err != nil || info["owner"] != "carrier" || info["case"] != "17" {
		t.Errorf("additional_info is %v (%v)", info, err)
	}
	c.Case, c.Cases = nil, nil
	c.At = time.Date(2026, 7, 1, 0, 0, 0, 0, time.FixedZone("", 7200))
	if _, err := d.Create(t.Context(), ticket, c); err != nil {
		t.Fatal(err)
	}
	if got := events[3]["time_of_event"]; got != "2026-06-30 22:00:00" {
		t.Errorf("time is %q, want it in UTC", got)
	}
}
