package outbox

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// The templates of who brings none.
var (
	//go:embed template.txt
	shippedText string
	//go:embed template.html
	shippedHTML string
)

// shippedSubject names a case in a line that does not change while it lives,
// but for its severity.
const shippedSubject = `[Earshot] {{if .Cases}}{{len .Cases}} cases opened within a short time{{else}}#{{.Number}} {{title .Severity}}: {{.Subject}}{{end}}`

// contents is how the content of a destination is made.
type contents struct {
	mask    bool
	callIDs bool
	public  string // URL of the probe's web server; "" none

	subject, text executor
	html          executor // nil: the text is all there is
}

// contents reads what a destination shows.
func (d *draft) contents() contents {
	c := contents{mask: d.flag("mask", true), callIDs: d.flag("call_ids", false), public: strings.TrimSuffix(d.house.Public, "/")}
	c.subject = d.template(subjectKey, shippedSubject)
	own := d.has(textKey)
	c.text = d.template(textKey, shippedText)
	if d.has(htmlKey) || !own {
		c.html = d.template(htmlKey, shippedHTML)
	}
	return c
}

// template reads a template and tries it.
func (d *draft) template(key, shipped string) executor {
	text := shipped
	if d.has(key) {
		n := d.keys[key]
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" || len(n.Value) > maxContent {
			d.fault(key, "it is %s, want a template of at most %d KiB", emptyOr(n, "too long"), maxContent>>10)
			return nil
		}
		text = n.Value
	}
	t, err := parseTemplate(key, text)
	if err != nil {
		d.templateFault(key, err)
		return nil
	}
	for _, c := range trialCases() {
		if _, err := run(t, viewOf(c)); err != nil {
			d.templateFault(key, err)
			return nil
		}
	}
	return t
}

// emptyOr names a value that is no template.
func emptyOr(n *yaml.Node, other string) string {
	if n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) != "" && n.Tag != "!!null" {
		return other
	}
	if n.Kind == yaml.ScalarNode {
		return "empty"
	}
	return alerting.KindOf(n)
}

// templateLine finds the line in an error of the template packages.
var templateLine = regexp.MustCompile(`^(?:html/)?template: ?\w+:(\d+)(?::\d+)?: ?`)

// templateFault notes a mistake in a template at its own line.
func (d *draft) templateFault(key string, err error) {
	text := oneLine(err.Error())
	at := *d.node
	if n := d.keys[key]; n != nil {
		at = *n
	}
	if m := templateLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if line, err := strconv.Atoi(m[1]); err == nil && at.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			at.Line += line
		}
	}
	d.faultAt(&at, key, "%s", text)
}

// Content is what the destination shows of a job; files are what goes with it.
func (s *Setting) Content(job *Job, files []File) *Content {
	m := newMask(s.content.callIDs, job.Case)
	c := &Content{At: job.At, Files: files, Link: s.content.link(job.Case)}
	if s.content.mask {
		c.Case, c.Notes = m.kase(job.Case), m.updates(job.Notes)
		for _, one := range job.Cases {
			c.Cases = append(c.Cases, newMask(s.content.callIDs, one).kase(one))
		}
	} else {
		c.Case, c.Notes, c.Cases = job.Case, job.Notes, job.Cases
	}
	c.Note = noteText(c.Notes)
	s.content.write(c)
	return c
}

// link is where people find a case at the probe, "" where it has no address.
func (k *contents) link(c *alerting.Case) string {
	switch {
	case k.public == "":
		return ""
	case c == nil:
		return k.public + "/api/v1/cases"
	}
	return fmt.Sprintf("%s/api/v1/cases/%d/report?format=html", k.public, c.Number)
}

// write fills the templates. One that fails with this case, although it did not
// with the trials, gives way to the shipped one.
func (k *contents) write(c *Content) {
	v := viewOf(c)
	fill := func(key string, t executor, shipped string) string {
		text, err := run(t, v)
		if err == nil {
			return text
		}
		c.Trouble = fmt.Sprintf("template %s cannot be used for this case: %s", key, oneLine(err.Error()))
		if t, err = parseTemplate(key, shipped); err == nil {
			text, err = run(t, v)
		}
		if err != nil { // the case is too large even for that
			return fit(fmt.Sprintf("Case %d: %s", v.Number, v.Subject), maxSubject)
		}
		return text
	}
	c.Subject = subjectLine(fill(subjectKey, k.subject, shippedSubject))
	c.Text = strings.TrimSpace(fill(textKey, k.text, shippedText)) + "\n"
	if k.html != nil {
		c.HTML = fill(htmlKey, k.html, shippedHTML)
	}
}

// maxSubject bounds a subject, in characters.
const maxSubject = 250

// subjectLine makes one line of what a template wrote, without characters that
// change how it is shown.
func subjectLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // directions of writing, invisible marks
			return -1
		}
		return r
	}, text)
	return fit(oneLine(text), maxSubject)
}

// noteText tells entries of a timeline.
func noteText(list []alerting.Update) string {
	var b strings.Builder
	for i, u := range list {
		if i > 0 {
			b.WriteString("\n\n")
		}
		fmt.Fprintf(&b, "%s, %s: %s", sayTime(u.At), u.Author, words(string(u.Kind)))
		if u.Text != "" {
			b.WriteString("\n" + u.Text)
		}
		for _, f := range u.Fields {
			fmt.Fprintf(&b, "\n%s: %s → %s", words(f.Field), orNone(f.From), orNone(f.To))
		}
	}
	return b.String()
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
