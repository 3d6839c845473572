package outbox

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// contentOf makes the content of a job with settings beside those of aMail.
func contentOf(t *testing.T, more string, job *Job, files ...File) *Content {
	t.Helper()
	set, err := settingsOf(t, testHouse(), aMail+more)
	if err != nil {
		t.Fatal(err)
	}
	return set[0].Content(job, files)
}

// The shipped templates say what a desk needs, line by line.
func TestShippedText(t *testing.T) {
	job := &Job{Case: trialCases()[0].Case, At: time.Date(2026, 1, 6, 10, 3, 0, 0, time.UTC)}
	job.Case.Restored = job.At
	got := contentOf(t, "", job)
	want := `Case 17: Packet loss with G729 in segment trunk-b

Severity:   high
Status:     open (new)
Owner:      carrier-b
Customer:   acme, voice, production
Place:      segment trunk-b
Since:      2026-01-06 09:03 UTC
Restored:   2026-01-06 10:03 UTC
Affected:   87 of 102 calls, 70 users, 1 site (berlin)
Opened:     2026-01-06 09:03 UTC
Reference:  INC-1

Clocks
- response: due 2026-01-06 11:03 UTC (target 2 bh)

Business impact
Affected: 87 of 102 calls.

1. What happens, in detail?
Streams lose packets.

The case at the probe: https://probe.example/api/v1/cases/17/report?format=html
`
	if got.Text != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.Text, want)
	}
	if got.Subject != "[Earshot] #17 High: Packet loss with G729 in segment trunk-b" || got.Trouble != "" {
		t.Errorf("got %q, trouble %q", got.Subject, got.Trouble)
	}
	bare := contentOf(t, "", &Job{Case: trialCases()[1].Case})
	want = `Case 18: Crackling

Severity:   low
Status:     open
Place:      undetermined
Opened:     2026-01-06 10:03 UTC

The case at the probe: https://probe.example/api/v1/cases/18/report?format=html
`
	if bare.Text != want {
		t.Errorf("got:\n%s\nwant:\n%s", bare.Text, want)
	}
	several := contentOf(t, "", &Job{Cases: trialCases()[2].Cases})
	want = `2 cases opened within a short time. They are summed up here, so that they do not flood you; each has its own number at the probe.

- Case 17 (high, open (new)): Packet loss with G729 in segment trunk-b, owner carrier-b, opened 2026-01-06 09:03 UTC
- Case 18 (low, open): Crackling, opened 2026-01-06 10:03 UTC

The case at the probe: https://probe.example/api/v1/cases
`
	if several.Text != want || several.Subject != "[Earshot] 2 cases opened within a short time" {
		t.Errorf("got %q:\n%s\nwant:\n%s", several.Subject, several.Text, want)
	}
}

// Templates see what is masked, and nothing else.
func TestTemplatesSeeMasked(t *testing.T) {
	c := &alerting.Case{
		Number: 3, Severity: alerting.Medium, Subject: "Ann at +49 30 1234567\r\nBcc: x", Description: "from sip:ann@192.0.2.77", Business: "<script>alert(1)</script>",
		Examples: []alerting.Example{{CallID: "x@192.0.2.77", Call: "7b2bbd942067fb28"}}, Contact: "ann@acme.example",
	}
	text := "  subject: '{{.Subject}} {{.Contact}}'\n  text: '{{.Description}} {{(index .Examples 0).CallID}} {{.Business}}'\n  html: '<p>{{.Business}}</p>'\n"
	// A trial has examples in one case only.
	_, err := settingsOf(t, testHouse(), aMail+text)
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Fatalf("got %v", err)
	}
	text = strings.Replace(text, "{{(index .Examples 0).CallID}}", "{{range .Examples}}{{.CallID}} {{.Call}}{{end}}", 1)
	job := &Job{Case: c, Notes: []alerting.Update{{Seq: 1, Text: "call 0301234567"}}}
	got := contentOf(t, text, job)
	if got.Subject != "Ann at …67 Bcc: x …@acme.example" || got.Text != "from sip:…@192.0.2.x … 7b2bbd942067fb28 <script>alert(1)</script>\n" || got.HTML != "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" {
		t.Errorf("got %q, %q, %q", got.Subject, got.Text, got.HTML)
	}
	if !strings.Contains(got.Note, "call …67") {
		t.Errorf("note: %q", got.Note)
	}
	open := contentOf(t, text+"  mask: false\n", job)
	if open.Text != "from sip:ann@192.0.2.77 x@192.0.2.77 7b2bbd942067fb28 <script>alert(1)</script>\n" || !strings.Contains(open.Note, "0301234567") {
		t.Errorf("mask: false: got %q, %q", open.Text, open.Note)
	}
	if ids := contentOf(t, text+"  call_ids: true\n", job); !strings.Contains(ids.Text, "x@192.0.2.77") || strings.Contains(ids.Text, "ann@") {
		t.Errorf("call_ids: true: got %q", ids.Text)
	}
}

// A mail with a text of its own has no HTML that says something else.
func TestOwnTextHasNoShippedHTML(t *testing.T) {
	job := &Job{Case: trialCases()[0].Case}
	if got := contentOf(t, "  text: 'x'\n", job); got.HTML != "" || got.Text != "x\n" {
		t.Errorf("got %q, %q", got.Text, got.HTML)
	}
	if got := contentOf(t, "  subject: 'x'\n", job); !strings.Contains(got.HTML, "Packet loss with G729") {
		t.Errorf("got %q", got.HTML)
	}
	if got := contentOf(t, "", job, evidenceFile("chart-1.png", "image/png", nil)); !strings.Contains(got.HTML, `src="cid:chart"`) {
		t.Error("the chart is not shown")
	}
}

// What could keep a template busy for ever, or lead out of the case, is refused
// when the configuration is read.
func TestTemplatesRefused(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"{{range 1000000000}}{{end}}", "range takes a list"},
		{"{{range .Calls}}{{end}}", "range takes a list"},
		{"{{$n := .Calls}}{{range $n}}{{end}}", "range takes a list"},
		{"{{with .Calls}}{{range .}}{{end}}{{end}}", "range takes a list"},
		{"{{range .Updates}}{{range $.Updates}}{{range $.Updates}}{{range $.Updates}}x{{end}}{{end}}{{end}}{{end}}", "more than 3 deep"},
		{"{{range .Questions}}{{else}}{{range 7}}{{end}}{{end}}", "range takes a list"},
		{`{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, "define and block have no use"},
		{`{{block "a" .}}x{{end}}`, "define and block have no use"},
		{`{{template "text"}}`, "template has no use"},
		{`{{$a := "x"}}{{$a = printf "%s%s" $a $a}}`, "= has no use"},
		{`{{call .Open}}`, "call has no use"},
		{`{{print (call .Open)}}`, "call has no use"},
		{`{{printf "%70000d" 1}}`, "no width or precision of more than 999"},
		{`{{printf "%*d" 70000 1}}`, "no width or precision of more than 999"},
		{`{{range .Questions}}` + strings.Repeat(`{{printf "%999d" 1}}`, 70) + `{{end}}`, "writes more than 64 KiB"},
		{`{{.Case.Number}}`, "can't evaluate field Case"},
		{`{{.Files}}`, "can't evaluate field Files"},
		{`{{nothing .}}`, `function "nothing" not defined`},
		{`{{.Number`, "unclosed action"},
	} {
		_, err := settingsOf(t, testHouse(), aMail+"  text: |\n    "+tt.text+"\n")
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "line ") {
			t.Errorf("%s: got %v, want %q", tt.text, err, tt.want)
		}
	}
}

// A template that fails only with a real case gives way to the shipped one, and
// the content says so.
func TestTemplateGivesWay(t *testing.T) {
	c := trialCases()[0].Case
	c.Business = strings.Repeat("long ", 20_000)
	c.Questions = nil
	got := contentOf(t, "  text: '{{.Business}} own'\n  html: '<p>own {{if gt .Number 20}}{{index .Sites 7}}{{end}}</p>'\n", &Job{Case: c})
	if !strings.Contains(got.Trouble, "template text cannot be used for this case: it writes more than 64 KiB") || !strings.HasPrefix(got.Text, "Case 17: Packet loss") || got.HTML != "<p>own </p>" {
		t.Errorf("got %q, %.100q, %q", got.Trouble, got.Text, got.HTML)
	}
	c.Number, c.Business = 21, "short"
	got = contentOf(t, "  html: '<p>own {{if gt .Number 20}}{{index .Sites 7}}{{end}}</p>'\n", &Job{Case: c})
	if !strings.Contains(got.Trouble, "template html") || !strings.Contains(got.HTML, "Packet loss with G729") {
		t.Errorf("got %q, %.100q", got.Trouble, got.HTML)
	}
}

func TestSubjectLine(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"a\r\nBcc: b", "a Bcc: b"},
		{" a \t b ", "a b"},
		{"a\u202eb\u200b\x00c", "ab c"},
		{strings.Repeat("ü", 300), strings.Repeat("ü", 249) + "…"},
	} {
		if got := subjectLine(tt.text); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

// A view is data: there is nothing in it that a template could call but times.
func TestViewHasNoMethods(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var check func(typ reflect.Type, path string)
	check = func(typ reflect.Type, path string) {
		if seen[typ] || typ == reflect.TypeFor[time.Time]() {
			return
		}
		seen[typ] = true
		if typ.NumMethod() > 0 || typ.Kind() == reflect.Func || typ.Kind() == reflect.Interface || typ.Kind() == reflect.Chan {
			t.Errorf("%s is a %s with %d methods", path, typ, typ.NumMethod())
		}
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				check(typ.Field(i).Type, path+"."+typ.Field(i).Name)
			}
		case reflect.Slice, reflect.Pointer:
			check(typ.Elem(), path)
		}
	}
	check(reflect.TypeFor[*view](), "view")
	for _, name := range lists {
		f, found := reflect.TypeFor[view]().FieldByName(name)
		if !found || f.Type.Kind() != reflect.Slice {
			t.Errorf("%s is no list of a view", name)
		}
	}
}

// FuzzTemplate: a template is refused, or it ends and writes no more than it may.
func FuzzTemplate(f *testing.F) {
	f.Add(shippedText, false)
	f.Add(shippedHTML, true)
	f.Add("{{range lines .Business}}{{.}}{{end}}", false)
	f.Add("{{range $i, $q := .Questions}}{{with $q.Text}}{{. | cut 20 | upper}}{{end}}{{end}}", true)
	f.Add(`<a href="{{.Link}}" onclick="{{.Subject}}">{{join ", " .Sites}}</a>`, true)
	f.Fuzz(func(t *testing.T, text string, asHTML bool) {
		key := textKey
		if asHTML {
			key = htmlKey
		}
		tmpl, err := parseTemplate(key, text)
		if err != nil {
			return
		}
		for _, c := range trialCases() {
			if out, err := run(tmpl, viewOf(c)); err == nil && len(out) > maxContent {
				t.Errorf("%d octets", len(out))
			}
		}
	})
}
