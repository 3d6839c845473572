package outbox

import (
	"fmt"
	"strings"
	"testing"

	"earshot/alerting"
)

// TestTrackerMistakes: what is wrong in the settings is told with what to do.
func TestTrackerMistakes(t *testing.T) {
	for _, c := range []struct{ kind, lines, want string }{
		{"servicenow", "", "token_file: it is missing: want token_file (or token_env), or user and password_file"},
		{"servicenow", "user: a", "token_file: it is missing"},
		{"servicenow", "token_env: T\nuser: a", "a user or a password is there too"},
		{"servicenow", "client_id: a", "it goes with client_secret_file"},
		{"servicenow", "token_url: https://x.example/", "it goes with client_id"},
		{"servicenow", "client_id: a\nclient_secret_env: S\ntoken_env: T", "there is another way to sign in too"},
		{"servicenow", "token_env: T\ntable: a/b", "want the name of a table"},
		{"servicenow", "token_env: T\nfields: {State: '1'}", "State is set by Earshot itself"},
		{"servicenow", "token_env: T\nurgency: {hgih: '1'}", `"hgih" is no severity`},
		{"servicenow", "token_env: T\nnotes: worknotes", "want one of work_notes, comments"},
		{"servicenow", "token: abc", "a secret does not stand in the configuration"},
		{"servicenow-events", "token_env: T\ntabel: x", `no key "tabel"`},
		{"jira", "token_env: T", "project: it is missing"},
		{"jira", "token_env: T\nproject: VOICE CALLS", "want the key of a project"},
		{"jira", "token_env: T\nproject: V\nlabels: [a b]", "has a space"},
		{"jira", "token_env: T\nproject: V\nfields: {x: '{y'}", "begins like JSON and is none"},
		{"jira-cloud", "token_env: T\nproject: V\nfind_lag: 2h", "want a time from 0s to 1h"},
		{"salesforce", "token_env: T\nkey_field: a/b", "want the API name"},
		{"salesforce", "token_env: T\napi_version: '60'", "want a version like v60.0"},
		{"salesforce", "token_env: T\nfields: {Status: New}", "Status is set by Earshot itself"},
		{"zendesk", "user: a@example.com", "token_file: it is missing"},
		{"zendesk", "token_env: T\nfields: {voice: x}", "is no number of a custom field"},
		{"zendesk", "token_env: T\ngroups: {carrier: trunks}", `carrier is "trunks", want a whole number`},
		{"zendesk", "token_env: T\nbrand: -1", "want a whole number"},
		{"rt", "token_env: T\nkey_field: a'b", "without braces, quotes"},
		{"rt", "token_env: T\npriority: {low: low}", `low is "low", want a whole number`},
		{"rt", "token_env: T\nkey_field: K\nfields: {K: x}", "K is set by Earshot itself"},
		{"rt", "token_env: T\nmax_file: 0", "want a whole number from 1 to 1024"},
	} {
		secret := func(_, _ string) (string, error) { return trackerSecret, nil }
		_, err := decodeTracker(secret, fmt.Sprintf("- name: desk\n  kind: %s\n  url: https://desk.example\n  %s\n", c.kind, strings.ReplaceAll(c.lines, "\n", "\n  ")))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: %v\nwant %q", c.kind, c.lines, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), trackerSecret) {
			t.Errorf("%s with %q: the secret is told: %v", c.kind, c.lines, err)
		}
	}
}

// TestTrackerBase: an address may have a path, and a slash at its end.
func TestTrackerBase(t *testing.T) {
	for url, want := range map[string]string{
		"https://desk.example":     "https://desk.example/REST/2.0",
		"https://desk.example/":    "https://desk.example/REST/2.0",
		"https://desk.example/rt/": "https://desk.example/rt/REST/2.0",
	} {
		if got := newTracker(t, "rt", url, "token_env: T").(*requestTracker).base; got != want {
			t.Errorf("address %q leads to %q, want %q", url, got, want)
		}
	}
}

// TestContentOfSummary: a summary is as severe as the worst of its cases, and has
// an owner where they all have the same.
func TestContentOfSummary(t *testing.T) {
	of := func(s alerting.Severity, owner string) *alerting.Case {
		return &alerting.Case{Severity: s, Owner: owner}
	}
	for _, c := range []struct {
		cases    []*alerting.Case
		severity alerting.Severity
		owner    string
	}{
		{nil, alerting.Low, ""},
		{[]*alerting.Case{of(alerting.Medium, "a"), of(alerting.High, "a")}, alerting.High, "a"},
		{[]*alerting.Case{of(alerting.Critical, "a"), of(alerting.Low, "b"), of(alerting.Low, "b")}, alerting.Critical, ""},
		{[]*alerting.Case{of(0, "a")}, alerting.Low, "a"},
	} {
		content := &Content{Cases: c.cases}
		if s, o := content.severity(), content.owner(); s != c.severity || o != c.owner {
			t.Errorf("severity and owner are %v, %q; want %v, %q", s, o, c.severity, c.owner)
		}
	}
}

// TestTrackerDry: a dry run shows the requests, and no secret.
func TestTrackerDry(t *testing.T) {
	for kind, lines := range map[string][]string{
		"servicenow": {"client_id: a", "client_secret_env: S"}, "servicenow-events": {"token_env: T"}, "jira-cloud": {"user: a@example.com", "password_env: P", "project: VOICE"},
		"jira": {"token_env: T", "project: VOICE"}, "salesforce": {"client_id: a", "client_secret_env: S"}, "zendesk": {"user: a@example.com", "token_env: T"}, "rt": {"token_env: T"},
	} {
		var b strings.Builder
		d := newTracker(t, kind, "https://desk.example", lines...)
		if _, err := d.Create(DryRun(t.Context(), &b), trackerTicket(""), trackerContent()); err == nil {
			t.Errorf("%s: a dry run ends without saying so", kind)
		}
		shown := b.String()
		if !strings.Contains(shown, trackerKey) || !strings.Contains(shown, "lost packets") {
			t.Errorf("%s shows no creation:\n%s", kind, shown)
		}
		for _, secret := range []string{trackerSecret, basic("a@example.com", trackerSecret), basic("a@example.com/token", trackerSecret)} {
			if strings.Contains(shown, strings.TrimPrefix(secret, "Basic ")) {
				t.Errorf("%s shows a secret:\n%s", kind, shown)
			}
		}
	}
}
