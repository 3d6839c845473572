package alerting

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"earshot/spelling"
)

// What a command may hold, in octets.
const (
	maxLine = 500
	maxText = 64 << 10
)

// commandWords are the fields that each kind of command may have beside kind,
// author, on_behalf_of and key, and those that it must have.
var commandWords = map[CommandKind]struct{ may, must []string }{
	CommandOpen:     {may: []string{"case", "text", "tenant", "segment", "severity", "assignee", "set"}, must: []string{"subject"}},
	CommandUpdate:   {may: []string{"version", "text", "subject", "severity", "assignee", "sub_status", "set", "customer"}, must: []string{"case"}},
	CommandAssign:   {may: []string{"version", "text", "assignee"}, must: []string{"case"}},
	CommandEscalate: {may: []string{"version", "text"}, must: []string{"case"}},
	CommandClose:    {may: []string{"version", "sub_status"}, must: []string{"case", "text"}},
	CommandReopen:   {may: []string{"version"}, must: []string{"case", "text"}},
	CommandAttach:   {may: []string{"version", "text"}, must: []string{"case", "files"}},
	CommandChange:   {may: []string{"tenant", "segment", "at"}, must: []string{"text"}},
}

var commandKinds = []string{
	string(CommandOpen), string(CommandUpdate), string(CommandAssign), string(CommandEscalate),
	string(CommandClose), string(CommandReopen), string(CommandAttach), string(CommandChange),
}

// given lists the fields that a command has, in the order of its JSON.
func (c *Command) given() []string {
	var list []string
	for _, f := range []struct {
		name  string
		given bool
	}{
		{"case", c.Case != 0}, {"text", strings.TrimSpace(c.Text) != ""}, {"tenant", c.Tenant != ""}, {"segment", c.Segment != ""},
		{"subject", strings.TrimSpace(c.Subject) != ""}, {"severity", c.Severity != 0}, {"assignee", c.Assignee != ""},
		{"sub_status", c.SubStatus != ""}, {"at", !c.At.IsZero()}, {"set", len(c.Set) > 0}, {"customer", c.Customer}, {"version", c.Version != 0}, {"files", len(c.Files) > 0},
	} {
		if f.given {
			list = append(list, f.name)
		}
	}
	return list
}

// check looks at the words of a command, whatever the state of its case.
func (d *Desk) check(now time.Time, c *Command) error {
	words, known := commandWords[c.Kind]
	if !known {
		return invalid("kind", "%q is no command: want one of %s%s", c.Kind, strings.Join(commandKinds, ", "), spelling.Hint(string(c.Kind), commandKinds))
	}
	switch {
	case strings.TrimSpace(c.Author) == "":
		return invalid("author", "a command needs an author: who wants it")
	case strings.EqualFold(c.Author, MonitorAuthor):
		return invalid("author", "%q is the monitor itself: name a person or a system", c.Author)
	}
	given := c.given()
	for _, name := range given {
		if !slices.Contains(words.may, name) && !slices.Contains(words.must, name) {
			return invalid(name, "%s takes no %s: beside the author it has %s", c.Kind, name, strings.Join(slices.Concat(words.must, words.may), ", "))
		}
	}
	for _, name := range words.must {
		if !slices.Contains(given, name) {
			return invalid(name, "%s needs %s%s", c.Kind, name, whyNeeded[string(c.Kind)+" "+name])
		}
	}
	if err := c.checkTexts(); err != nil {
		return err
	}
	if err := c.checkFiles(); err != nil {
		return err
	}
	if err := d.checkPlace(c); err != nil {
		return err
	}
	return c.checkValues(now)
}

// whyNeeded explains what is asked for, where the name alone does not.
var whyNeeded = map[string]string{
	"open subject": ": one line that says what is wrong",
	"close text":   ": a comment on how it ended",
	"reopen text":  ": the new information",
	"change text":  ": what was changed",
}

// checkTexts bounds texts, and keeps out what is none.
func (c *Command) checkTexts() error {
	lines := map[string]string{
		"author": c.Author, "on_behalf_of": c.Behalf, "key": c.Key, "tenant": c.Tenant, "segment": c.Segment,
		"subject": c.Subject, "assignee": c.Assignee,
	}
	for name, value := range c.Set {
		lines["set."+name] = value
	}
	for _, name := range sortedNames(lines) {
		switch text := lines[name]; {
		case len(text) > maxLine && !strings.HasPrefix(name, "set."), len(text) > maxText:
			return invalid(name, "%s is too long: %d octets", name, len(text))
		case !utf8.ValidString(text) || !strings.HasPrefix(name, "set.") && strings.ContainsFunc(text, unicode.IsControl):
			return invalid(name, "%s has characters that are no text of one line", name)
		}
	}
	if len(c.Text) > maxText || !utf8.ValidString(c.Text) {
		return invalid("text", "text has to be at most %d octets of UTF-8", maxText)
	}
	return nil
}

// checkPlace looks the tenant and the segment up.
func (d *Desk) checkPlace(c *Command) error {
	dir := d.cfg.Directory
	if names := dir.tenantNames(); c.Tenant != "" && names != nil && dir.tenant(c.Tenant) != dir.Default && !slices.Contains(names, c.Tenant) {
		return invalid("tenant", "there is no tenant %q: want one of %s%s", c.Tenant, someOf(names), spelling.Hint(c.Tenant, names))
	}
	if err := dir.checkSegment("segment", c.Segment); err != nil {
		return err
	}
	if s := dir.facts(c.Segment); s != nil && c.Tenant != "" && s.Tenant != "" && s.Tenant != c.Tenant {
		return invalid("segment", "segment %q is of tenant %q, not of %q", c.Segment, s.Tenant, c.Tenant)
	}
	return nil
}

// otherSegment holds what no named one does.
const otherSegment = "other"

// checkSegment refuses a segment that the directory does not know.
func (d *Directory) checkSegment(field, name string) error {
	if names := d.segmentNames(); name != "" && name != otherSegment && names != nil && d.Segments[name] == nil {
		return invalid(field, "there is no segment %q: want one of %s%s", name, someOf(names), spelling.Hint(name, names))
	}
	return nil
}

// someOf lists names, not more than a reader takes in.
func someOf(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// ahead is how far the clock of whoever records a change may be off.
const ahead = 5 * time.Minute

func (c *Command) checkValues(now time.Time) error {
	switch {
	case c.Severity != 0 && !c.Severity.Valid():
		return invalid("severity", "there is no %s: want 1 to 4", c.Severity)
	case c.Version < 0:
		return invalid("version", "a version is the number of an update: want 1 or more, or 0 for any")
	case c.At.After(now.Add(ahead)):
		return invalid("at", "%s is still to come: record a change when it was made", sayAt(c.At))
	case c.Kind == CommandUpdate && len(c.given()) == 1:
		return invalid("text", "an update needs a text, or a field to change")
	case c.Customer && strings.TrimSpace(c.Text) == "":
		return invalid("text", "the customer's answer needs a text: what was said")
	case c.Customer && c.SubStatus == SubAwaiting:
		return invalid("sub_status", "the customer answers, and can't be awaited by the same update: send another one that asks")
	case c.Kind == CommandClose && c.SubStatus != "" && c.SubStatus != SubResolved && c.SubStatus != SubCancelled:
		return invalid("sub_status", "a case is closed as resolved or cancelled, not as %q%s", c.SubStatus, spelling.Hint(string(c.SubStatus), []string{string(SubResolved), string(SubCancelled)}))
	case c.Kind == CommandUpdate && c.SubStatus != "":
		return checkSubStatus(c.SubStatus)
	}
	return nil
}

// settable are the sub-states that an update may ask for.
var settable = []string{string(SubInvestigation), string(SubAwaiting), string(SubProposed), string(SubRestored)}

func checkSubStatus(s CaseSubStatus) error {
	switch {
	case slices.Contains(settable, string(s)):
		return nil
	case s == SubResolved || s == SubCancelled:
		return invalid("sub_status", "%q is how a case is closed: close it", s)
	case s == SubNew:
		return invalid("sub_status", "a case is new only until somebody answers: want one of %s", strings.Join(settable, ", "))
	}
	return invalid("sub_status", "%q is no sub-status: want one of %s%s", s, strings.Join(settable, ", "), spelling.Hint(string(s), settable))
}

func conflictText(c *Case, version int) string {
	if version > c.newest() {
		return fmt.Sprintf("case %d has no update %d: its newest is %d", c.Number, version, c.newest())
	}
	return fmt.Sprintf("case %d has changed since update %d: its newest is %d; look at it again", c.Number, version, c.newest())
}
