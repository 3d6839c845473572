package outbox

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// settingsOf decodes a list of destinations.
func settingsOf(t testing.TB, h *House, text string) ([]*Setting, error) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Content) == 0 {
		return DecodeDestinations(&doc, h)
	}
	return DecodeDestinations(doc.Content[0], h)
}

// testHouse has the secret "s3cret" in every file and variable.
func testHouse() *House {
	return &House{
		Secret: func(file, env string) (string, error) {
			if strings.Contains(file+env, "missing") {
				return "", errors.New("cannot read keys: there is no such thing")
			}
			return "s3cret", nil
		},
		Public: "https://probe.example/",
	}
}

// aMail is a destination with no mistake.
const aMail = "- name: post\n  kind: mail\n  server: mx.example\n  from: earshot@probe.example\n  to: noc@example.com\n"

func TestDecodeDestinations(t *testing.T) {
	list, err := settingsOf(t, testHouse(), aMail+`  filter: {tenants: [acme], segments: trunk-b, owners: [a, b], severity: high, probe: false}
  attempts: 3
  first_wait: 10s
  longest_wait: 1h
  per_minute: 6
  comment_every: 1m
  read_every: 30s
  max_new: 2
  evidence: false
- {name: second, kind: mail, server: mx.example, from: earshot@probe.example, owners: {carrier-b: [a@b.example, c@d.example]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	first := list[0]
	want := Terms{
		Name: "post", Abilities: Abilities{Idempotent: true, Comment: true, Attach: true, Close: true, Reopen: true},
		Filter:   Filter{Tenants: []string{"acme"}, Segments: []string{"trunk-b"}, Owners: []string{"a", "b"}, MaxSeverity: alerting.High},
		Attempts: 3, FirstWait: 10 * time.Second, LongestWait: time.Hour, PerMinute: 6, CommentEvery: time.Minute, ReadEvery: 30 * time.Second, MaxNew: 2, NoFiles: true,
	}
	if !reflect.DeepEqual(first.Terms, want) || first.Kind != "mail" || first.Evidence {
		t.Errorf("got %+v, want %+v", first.Terms, want)
	}
	preset := Terms{
		Name: "second", Abilities: want.Abilities, Filter: Filter{Probe: true}, Attempts: 20, FirstWait: 5 * time.Second, LongestWait: 30 * time.Minute,
		PerMinute: 60, CommentEvery: 15 * time.Minute, ReadEvery: 5 * time.Minute, MaxNew: 10,
	}
	if !reflect.DeepEqual(list[1].Terms, preset) || !list[1].Evidence {
		t.Errorf("presets: got %+v, want %+v", list[1].Terms, preset)
	}
}

// Each mistake is told with its line and what to do, all of them at once.
func TestDecodeMistakes(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"no list", "{name: x}", []string{"line 1: destinations is a mapping, want a list of at most 50"}},
		{"no mapping", "- x", []string{`line 1: a destination is "x", want a mapping`}},
		{"no name, no kind", "- {to: a}", []string{"name: it is missing", "kind: it is missing"}},
		{"twice", aMail + aMail, []string{`line 6: destination "post": name: it is there already`}},
		{"a key twice", aMail + "  to: x@example.com\n", []string{`line 6: "to" is there twice`}},
		{"name", "- {name: a b, kind: mail}", []string{`name: it is "a b", want 1 to 64`}},
		{"kind", "- {name: a, kind: maill}", []string{`kind: there is no kind "maill" (did you mean "mail"?): want one of`}},
		{"unknown key", aMail + "  fromm: x\n", []string{`line 6: destination "post" has no key "fromm" (did you mean "from"?): want one of attach_max_mb,`}},
		{"unknown key of the filter", aMail + "  filter:\n    tenant: x\n", []string{`line 7: destination "post" has no key "tenant" (did you mean "tenants"?)`}},
		{"filter", aMail + "  filter: [acme]\n", []string{"line 6: ", "filter: it is a list, want a mapping"}},
		{"severity", aMail + "  filter: {severity: hihg}\n", []string{`severity: "hihg" is no severity`, `did you mean "high"?`}},
		{"number", aMail + "  attempts: many\n", []string{`attempts: it is "many", want a whole number from 1 to 1000`}},
		{"number too large", aMail + "  max_new: 10001\n", []string{"max_new: "}},
		{"span", aMail + "  first_wait: 2h\n", []string{"first_wait: ", "want a time from 1s to 1h"}},
		{"flag", aMail + "  mask: maybe\n", []string{`mask: it is "maybe", want true or false`}},
		{"two lines", aMail + "  hello: \"a\\nb\"\n", []string{"hello: it has a line break"}},
		{"several", aMail + "  attempts: 0\n  mask: 1\n", []string{"line 6: ", "line 7: "}},
		{"literal secret", aMail + "  user: u\n  password: hunter2\n", []string{"line 7: ", "password: a secret does not stand in the configuration", "password_file: FILE or password_env: VARIABLE"}},
		{"no secret", aMail + "  user: u\n", []string{"password_file: it is missing: want it, or password_env"}},
		{"two secrets", aMail + "  user: u\n  password_file: a\n  password_env: B\n", []string{"password_env: password_file is there too"}},
		{"no such secret", aMail + "  user: u\n  password_file: missing\n", []string{"line 7: ", "password_file: cannot read keys"}},
		{"a secret that is not needed", aMail + "  password_env: B\n", []string{"user: it is missing, and the password needs it"}},
		{"a password that anybody can read", aMail + "  security: none\n  user: u\n  password_env: B\n", []string{"line 6: ", "security: a password does not go over a connection"}},
		{"address", aMail + "  reply_to: nobody\n", []string{`reply_to: "nobody" is no mail address`}},
		{"address in a table", aMail + "  owners: {b: [a@b.example, x]}\n", []string{`owners: "x" is no mail address`}},
		{"international address", aMail + "  reply_to: a@bücher.example\n", []string{"reply_to: ", "Punycode"}},
		{"host with a port", "- {name: a, kind: mail, server: 'mx.example:25', from: a@b.example, to: a@b.example}", []string{`server: it is "mx.example:25", want the name or the address of a host, without a port`}},
		{"nobody", "- {name: a, kind: mail, server: mx.example, from: a@b.example}", []string{"to: there is nobody to write to"}},
		{"template", aMail + "  subject: '{{.Nubmer}}'\n", []string{"line 6: ", "subject: ", "Nubmer"}},
		{"template's own line", aMail + "  text: |\n    one\n    {{if}}\n", []string{"line 8: ", "text: missing value for if"}},
		{"template that fails without answers", aMail + "  text: |\n    {{(index .Questions 0).Text}}\n", []string{"line 7: ", "text: ", "out of range"}},
		{"no template", aMail + "  text: ''\n", []string{"text: it is empty, want a template"}},
		{"no file", aMail + "  tls_ca: /nowhere/ca.pem\n", []string{"tls_ca: cannot read the certificate authorities"}},
		{"half a certificate", aMail + "  tls_cert_file: x\n", []string{"tls_cert_file: a certificate needs its key"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := settingsOf(t, testHouse(), tt.text)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to hold %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error holds a secret: %v", err)
			}
			problem := alerting.Problem{}
			if !errors.As(err, &problem) {
				t.Errorf("%v is no Problem", err)
			}
		})
	}
}

// Only hosts that the operator lists are spoken to.
func TestHostsAllowed(t *testing.T) {
	for _, tt := range []struct {
		hosts []string
		host  string
		want  bool
	}{
		{nil, "any.example", true},
		{[]string{"mx.example"}, "mx.example", true},
		{[]string{"MX.example"}, "mx.EXAMPLE", true},
		{[]string{"mx.example"}, "mx.example.evil.example", false},
		{[]string{".example.com"}, "a.b.example.com", true},
		{[]string{".example.com"}, "example.com", false},
		{[]string{".example.com"}, "badexample.com", false},
		{[]string{"xample.com"}, "example.com", false},
		{[]string{"127.0.0.1"}, "127.0.0.1", true},
		{[]string{"127.0.0.1"}, "127.0.0.2", false},
	} {
		h := testHouse()
		h.Hosts = tt.hosts
		_, err := settingsOf(t, h, strings.Replace(aMail, "mx.example", tt.host, 1))
		if got := err == nil; got != tt.want || err != nil && !strings.Contains(err.Error(), "outbox.hosts") {
			t.Errorf("%s of %q: got %v, want allowed %t", tt.host, tt.hosts, err, tt.want)
		}
	}
}

// An address that cannot be used is told without being shown: it may be a secret.
func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ address, want string }{
		{"ftp://x.example/s3cret-path", "want an address like"},
		{"https:///s3cret-path", "want an address like"},
		{"https://ann:s3cret-path@x.example", "they have keys of their own"},
		{"https://x.example/s3cret-path#x", "it has a fragment"},
		{"http://[::1/s3cret-path", "want an address like"},
	} {
		d := newDraft(&yaml.Node{Kind: yaml.MappingNode, Line: 3}, &House{Secret: func(string, string) (string, error) { return tt.address, nil }})
		d.keys["url_file"] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "x", Line: 4}
		if u := d.secretURL("url"); u != nil || len(d.wrong) != 1 || !strings.Contains(d.wrong[0].Text, tt.want) || strings.Contains(d.wrong[0].Text, "s3cret") {
			t.Errorf("%s: got %v, %v", tt.address, u, d.wrong)
		}
	}
}

// Whatever a file says, it is decoded or refused, and no refusal shows a secret.
func FuzzDestinations(f *testing.F) {
	f.Add(aMail)
	f.Add("- {name: a, kind: rt, url: 'https://rt.example/', queue: q, token_env: T}")
	f.Add("- &a {name: a, kind: mail, <<: *a}")
	f.Add("- {name: a, kind: mail, text: '{{range .Questions}}{{.Text}}{{end}}', owners: {a: [b]}}")
	f.Fuzz(func(t *testing.T, text string) {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
			return
		}
		h := testHouse()
		h.Path = func(string) string { return "/nowhere" }
		list, err := DecodeDestinations(doc.Content[0], h)
		if err != nil && strings.Contains(err.Error(), "s3cret") && !strings.Contains(text, "s3cret") {
			t.Errorf("the error holds a secret: %v", err)
		}
		for _, s := range list {
			if err == nil && (s.Name == "" || s.Destination == nil || s.Content(&Job{Case: trialCases()[1].Case}, nil).Text == "") {
				t.Errorf("got half a setting: %+v", s)
			}
		}
	})
}
