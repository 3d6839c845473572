package main

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"earshot/alerting"
	"earshot/spelling"
)

// wishFlags is what a command line wants of a case.
type wishFlags struct {
	severity, segment, tenant, assignee, status string // list has them too
	subject, note                               string
	customer, cancelled                         bool
	refersTo, version                           int
	set                                         fieldFlags
}

func (f *wishFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.subject, "subject", "", "update: another subject, `TEXT`")
	fs.StringVar(&f.note, "note", "", "open: the description; assign: a note, `TEXT`")
	fs.BoolVar(&f.customer, "customer", false, "update: the note is what the customer says, which stops the clock of the follow-up")
	fs.Var(&f.set, "set", "open, update: set a further field, `FIELD=VALUE`; may be given several times. Fields: "+strings.Join(caseFields, ", "))
	fs.IntVar(&f.refersTo, "refers-to", 0, "open: the older case `NUMBER` that this one goes on from")
	fs.BoolVar(&f.cancelled, "cancelled", false, "close: it was no problem, instead of resolved")
	fs.IntVar(&f.version, "version", 0, "only if nobody has changed the case since its version `N`, as --json shows it")
}

// caseFields are the fields that --set may name; those that are true or false last.
var caseFields = []string{
	"owner", "contact", "external_reference", "business_impact", "description", "type", "sub_type", "environment", "service", "root_cause",
	"security", "down", "legal_hold",
}

// caseFlag reports whether a field is true or false.
func caseFlag(name string) bool { return slices.Index(caseFields, name) >= len(caseFields)-3 }

// fieldFlags are the values of --set.
type fieldFlags map[string]string

// String shows nothing: there is no preset.
func (f *fieldFlags) String() string { return "" }

// Set reads FIELD=VALUE.
func (f *fieldFlags) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	switch {
	case !found:
		return fmt.Errorf("want FIELD=VALUE")
	case !slices.Contains(caseFields, name):
		return fmt.Errorf("there is no field %q%s: there are %s", name, spelling.Hint(name, caseFields), strings.Join(caseFields, ", "))
	case caseFlag(name) && value != "true" && value != "false":
		return fmt.Errorf("%s is true or false", name)
	}
	if *f == nil {
		*f = fieldFlags{}
	}
	(*f)[name] = value
	return nil
}

// command reads what is wanted from the flags and arguments.
func (f *wishFlags) command(kind alerting.CommandKind, args []string, in io.Reader) (*alerting.Command, error) {
	c := &alerting.Command{
		Kind: kind, Tenant: f.tenant, Subject: f.subject, Assignee: f.assignee, Customer: f.customer, Version: f.version, Set: f.set,
	}
	var err error
	if f.severity != "" {
		if c.Severity, err = alerting.ParseSeverity(f.severity); err != nil {
			return nil, usageError("--severity: %v", err)
		}
	}
	if kind == alerting.CommandOpen {
		if c.Subject = strings.Join(args, " "); strings.TrimSpace(c.Subject) == "" {
			return nil, usageError("a case needs a subject")
		}
		if _, described := f.set["description"]; described {
			return nil, usageError("--set description belongs to update: a new case is described by --note")
		}
		c.Segment, c.Case = f.segment, f.refersTo
		c.Text, err = prose([]string{f.note}, in)
		return c, err
	}
	if c.Case, err = caseNumber(args[0]); err != nil {
		return nil, err
	}
	if kind == alerting.CommandAssign {
		c.Assignee = args[1]
		c.Text, err = prose([]string{f.note}, in)
		return c, err
	}
	if c.Text, err = prose(args[1:], in); err != nil {
		return nil, err
	}
	if f.cancelled {
		c.SubStatus = alerting.SubCancelled
	}
	if kind == alerting.CommandUpdate {
		return c, f.update(c)
	}
	return c, nil
}

// update adds what only update has.
func (f *wishFlags) update(c *alerting.Command) error {
	c.SubStatus = alerting.CaseSubStatus(f.status)
	if !slices.Contains(openStates, f.status) && f.status != "" {
		return usageError("--status: got %q, want %s%s", f.status, strings.Join(openStates, ", "), spelling.Hint(f.status, openStates))
	}
	if f.segment != "" {
		if c.Set == nil {
			c.Set = map[string]string{}
		}
		c.Set["segment"] = f.segment
	}
	if c.Text == "" && c.Subject == "" && c.Assignee == "" && c.SubStatus == "" && c.Severity == 0 && len(c.Set) == 0 {
		return usageError("there is nothing to update: give a note, or a flag like --severity or --status")
	}
	return nil
}

// openStates are the sub-states of open cases.
var openStates = []string{
	string(alerting.SubNew), string(alerting.SubInvestigation), string(alerting.SubAwaiting), string(alerting.SubProposed), string(alerting.SubRestored),
}
