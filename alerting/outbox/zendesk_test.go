package outbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// zendeskVendor is a fake account of Zendesk Support.
func zendeskVendor() vendor {
	return vendor{
		name: "zendesk",
		start: func(t *testing.T) (*fakeTracker, Destination) {
			f := newFakeTracker(t, "zendesk/openapi.yaml", answerZendesk)
			return f, newTracker(t, "zendesk", f.url, "user: probe@example.com", "token_env: T", `groups: {carrier: "360001"}`, `fields: {"360002": voice}`, "tags: [voice]", `solver: "77"`)
		},
		create: fault{method: http.MethodPost, path: "/tickets"}, update: fault{method: http.MethodPut, path: "/tickets/"},
		solved: "solved", high: "high", med: "normal", text: "<b>carrier</b> & {code}x{code}",
		human: map[string]Human{"new": Untouched, "open": Untouched, "pending": Untouched, "hold": Untouched, "solved": Resolved, "closed": Resolved,
			"solved wont_fix": WontFix, "open wont_fix": Untouched, "gone": Deleted},
		set: func(one *fakeTicket, state string) {
			one.gone = state == "gone"
			var tag string
			one.status, tag, _ = strings.Cut(state, " ")
			one.tags = append(one.tags, tag)
		},
		single:   true,
		refusal:  `{"error":"RecordInvalid","description":"Record validation errors","details":{"group":[{"description":"Group: assignment is invalid"}]}}`,
		wrongKey: `{"error":"Couldn't authenticate you"}`,
	}
}

func answerZendesk(f *fakeTracker, w http.ResponseWriter, r *http.Request, body []byte) {
	parts := strings.Split(r.URL.Path, "/")
	id, _ := strconv.Atoi(slices.Concat(parts, []string{""})[min(4, len(parts))])
	one := f.ticket(id)
	switch {
	case r.Header.Get("Authorization") != basic("probe@example.com/token", trackerSecret):
		reply(w, 401, map[string]string{"error": "Couldn't authenticate you"})
	case r.URL.Path == "/api/v2/uploads":
		token := fmt.Sprintf("up-%d", len(f.seen))
		f.dropped[token] = fmt.Sprintf("%s %d", r.URL.Query().Get("filename"), len(body))
		reply(w, 201, map[string]any{"upload": map[string]string{"token": token}})
	case r.Method == http.MethodGet && len(parts) == 4:
		list := []any{}
		for _, one := range f.of(r.URL.Query().Get("external_id")) {
			list = append(list, zendeskJSON(one))
		}
		reply(w, 200, map[string]any{"tickets": list})
	case r.Method == http.MethodPost:
		f.zendeskCreate(w, r.Header.Get("Idempotency-Key"), string(body))
	case one == nil:
		reply(w, 404, map[string]string{"error": "RecordNotFound", "description": "Not found"})
	case len(parts) == 6:
		reply(w, 200, map[string]any{"comments": zendeskComments(one)})
	case r.Method == http.MethodPut && one.status == "closed":
		reply(w, 422, object([]byte(`{"error":"RecordInvalid","description":"Record validation errors","details":{"status":[{"description":"Status: closed prevents ticket update"}]}}`)))
	default:
		if r.Method == http.MethodPut {
			f.zendeskSet(one, object(body)["ticket"].(map[string]any))
		}
		reply(w, 200, map[string]any{"ticket": zendeskJSON(one)})
	}
}

// zendeskCreate keeps the promise of idempotency keys ("Ticketing", section
// "Idempotency").
func (f *fakeTracker) zendeskCreate(w http.ResponseWriter, key, body string) {
	if before, there := f.dropped["key "+key]; there && before != body {
		reply(w, 400, map[string]string{"error": "IdempotentRequestError", "description": "Request parameters don't match the given idempotency key"})
		return
	} else if there {
		w.Header().Set("x-idempotency-lookup", "hit")
		id, _ := strconv.Atoi(f.dropped["id "+key])
		reply(w, 201, map[string]any{"ticket": zendeskJSON(f.ticket(id))})
		return
	}
	o := object([]byte(body))["ticket"].(map[string]any)
	one := f.made(textOf(o, "external_id"))
	one.status = "new"
	f.zendeskSet(one, o)
	one.text, one.notes = one.notes[0], nil
	f.dropped["key "+key], f.dropped["id "+key] = body, strconv.Itoa(one.id)
	w.Header().Set("x-idempotency-lookup", "miss")
	reply(w, 201, map[string]any{"ticket": zendeskJSON(one)})
}

func (f *fakeTracker) zendeskSet(one *fakeTicket, o map[string]any) {
	for name, to := range map[string]*string{"subject": &one.title, "priority": &one.rank, "status": &one.status} {
		if v, ok := o[name].(string); ok {
			*to = v
		}
	}
	for _, name := range []string{"group_id", "custom_fields", "type", "assignee_id", "via_followup_source_id"} {
		if v, ok := o[name]; ok {
			one.fields[name] = v
		}
	}
	if tags, ok := o["tags"].([]any); ok {
		one.tags = nil
		for _, tag := range tags {
			one.tags = append(one.tags, tag.(string))
		}
	}
	c, ok := o["comment"].(map[string]any)
	if !ok {
		return
	}
	if c["public"] != false {
		f.t.Error("a comment is public")
	}
	one.notes = append(one.notes, textOf(c, "body"))
	uploads, _ := c["uploads"].([]any)
	for _, token := range uploads {
		one.files = append(one.files, f.dropped[token.(string)])
	}
}

func zendeskJSON(one *fakeTicket) map[string]any {
	return map[string]any{"id": one.id, "status": one.status, "external_id": one.key, "tags": one.tags, "priority": one.rank}
}

func zendeskComments(one *fakeTicket) []any {
	list := []any{}
	for _, note := range one.notes {
		list = append(list, map[string]any{"body": note, "attachments": []any{}})
	}
	for _, file := range one.files {
		at := strings.LastIndexByte(file, ' ')
		size, _ := strconv.Atoi(file[at+1:])
		list = append(list, map[string]any{"attachments": []any{map[string]any{"file_name": file[:at], "size": size}}})
	}
	return list
}

func TestZendeskFields(t *testing.T) {
	f, d := zendeskVendor().start(t)
	made, err := d.Create(t.Context(), trackerTicket(""), trackerContent())
	if err != nil {
		t.Fatal(err)
	}
	one := f.only(t)
	if one.fields["group_id"] != 360001.0 || one.fields["type"] != "incident" || !slices.Equal(one.tags, []string{"earshot", "voice"}) {
		t.Errorf("fields are %v, tags %q", one.fields, one.tags)
	}
	if got := fmt.Sprint(one.fields["custom_fields"]); got != "[map[id:360002 value:voice]]" {
		t.Errorf("custom fields are %s", got)
	}
	ticket := trackerTicket(made.ID)
	if _, err := d.Close(t.Context(), ticket, trackerContent()); err != nil {
		t.Fatal(err)
	}
	if got := f.only(t).fields["assignee_id"]; got != 77.0 {
		t.Errorf("the solver is %v, want 77", got)
	}
}

// TestZendeskKey: the same creation again, within two hours, gets the same
// ticket; one with other words is refused, and the search finds it.
func TestZendeskKey(t *testing.T) {
	f, d := zendeskVendor().start(t)
	c := trackerContent()
	first, err := d.Create(t.Context(), trackerTicket(""), c)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := d.Create(t.Context(), trackerTicket(""), c); err != nil || second != first {
		t.Errorf("the same again made %+v, %v; want %+v", second, err, first)
	}
	c.Subject = "another"
	_, err = d.Create(t.Context(), trackerTicket(""), c)
	mustFail(t, err, Conflict, "it is looked for")
	f.only(t)
}

// TestZendeskFollowUp: what is closed for good lives on in one follow-up.
func TestZendeskFollowUp(t *testing.T) {
	f, d := zendeskVendor().start(t)
	c, ticket := trackerContent(), trackerTicket("")
	made, err := d.Create(t.Context(), ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	ticket.Remote = made
	f.person(func(one *fakeTicket) { one.status = "closed" })
	_, err = d.Update(t.Context(), ticket, c)
	mustFail(t, err, Conflict, "closed for good")

	f.breaks(fault{method: http.MethodPost, path: "/tickets", how: "after"})
	_, err = d.Reopen(t.Context(), ticket, c)
	mustFail(t, err, Doubtful)
	next, err := d.Reopen(t.Context(), ticket, c)
	if err != nil || next.ID == made.ID {
		t.Fatalf("reopened as %+v, %v; want a follow-up to %+v", next, err, made)
	}
	if one, ok := found(t, d, ticket); !ok || one != next {
		t.Errorf("found %+v, want the follow-up %+v", one, next)
	}
	f.mu.Lock()
	list := f.of(trackerKey)
	f.mu.Unlock()
	if len(list) != 2 || list[1].fields["via_followup_source_id"] != 1001.0 || list[1].status != "new" {
		t.Fatalf("there are %d tickets, want the closed one and its follow-up", len(list))
	}
	ticket.Remote = next
	if h := read(t, d, ticket); h != Untouched {
		t.Errorf("the follow-up is read as %q", h)
	}
}

// TestZendeskDoubles: of several tickets with the key the oldest that is open
// stays, whoever made the others.
func TestZendeskDoubles(t *testing.T) {
	for _, c := range []struct {
		before, after []string
		first         string
	}{
		{[]string{"new", "open", "new"}, []string{"new", "solved", "solved"}, "1001"},
		{[]string{"solved", "open", "pending"}, []string{"solved", "open", "solved"}, "1002"},
		{[]string{"closed", "solved", "solved"}, []string{"closed", "solved", "solved"}, "1002"},
		{[]string{"closed", "closed"}, []string{"closed", "closed"}, "1001"},
		{[]string{"deleted", "hold"}, []string{"deleted", "hold"}, "1002"},
	} {
		f, d := zendeskVendor().start(t)
		for _, status := range c.before {
			f.made(trackerKey).status = status
		}
		if r, ok := found(t, d, trackerTicket("")); !ok || r.ID != c.first {
			t.Errorf("of %q the ticket %+v was found, want %s", c.before, r, c.first)
		}
		for i, one := range f.tickets {
			if one.status != c.after[i] {
				t.Errorf("of %q ticket %d is %q then, want %q", c.before, i, one.status, c.after[i])
			}
		}
	}
}
