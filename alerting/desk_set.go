package alerting

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"earshot/spelling"
)

// setters are the further fields that a command may set.
var setters = map[string]func(d *Desk, e *edit, list *[]FieldChange, value string) error{
	"owner":              setLine("owner", func(c *Case) *string { return &c.Owner }),
	"contact":            setLine("contact", func(c *Case) *string { return &c.Contact }),
	"external_reference": setLine("external_reference", func(c *Case) *string { return &c.Reference }),
	"service":            setLine("service", func(c *Case) *string { return &c.Service }),
	"business_impact":    setText("business_impact", func(c *Case) *string { return &c.Business }),
	"description":        setText("description", func(c *Case) *string { return &c.Description }),
	"root_cause":         setRootCause,
	"segment":            setSegment,
	"security":           setFlag("security", func(c *Case) *bool { return &c.Security }),
	"down":               setFlag("down", func(c *Case) *bool { return &c.Down }),
	"legal_hold":         setFlag("legal_hold", func(c *Case) *bool { return &c.Hold }),
	"environment":        setOneOf("environment", func(c *Case) *string { return &c.Environment }, production, "development"),
	"type":               setOneOf("type", func(c *Case) *CaseType { return &c.Type }, TypeSupport, TypeService, TypeAdmin),
	"sub_type":           setOneOf("sub_type", func(c *Case) *CaseSubType { return &c.SubType }, SubTypeProblem, SubTypeInquiry),
}

type setter = func(d *Desk, e *edit, list *[]FieldChange, value string) error

// setLine sets a text of one line.
func setLine(name string, of func(*Case) *string) setter {
	return func(_ *Desk, e *edit, list *[]FieldChange, value string) error {
		if len(value) > maxLine || strings.ContainsFunc(value, unicode.IsControl) {
			return invalid("set."+name, "%s is one line of at most %d octets", name, maxLine)
		}
		changeTo(list, name, of(e.c), value)
		return nil
	}
}

// setText sets a text of any number of lines.
func setText(name string, of func(*Case) *string) setter {
	return func(_ *Desk, e *edit, list *[]FieldChange, value string) error {
		changeTo(list, name, of(e.c), value)
		return nil
	}
}

// setFlag sets what is true or false.
func setFlag(name string, of func(*Case) *bool) setter {
	return func(_ *Desk, e *edit, list *[]FieldChange, value string) error {
		if value != "true" && value != "false" {
			return invalid("set."+name, "%s is true or false, not %q", name, value)
		}
		changeFlag(list, name, of(e.c), value == "true")
		return nil
	}
}

// setOneOf sets one of the words that are known.
func setOneOf[T ~string](name string, of func(*Case) *T, known ...T) setter {
	return func(_ *Desk, e *edit, list *[]FieldChange, value string) error {
		if !slices.Contains(known, T(value)) {
			names := strings.Split(joined(known), ", ")
			return invalid("set."+name, "%q is no %s: want one of %s%s", value, name, joined(known), spelling.Hint(value, names))
		}
		changeTo(list, name, of(e.c), T(value))
		return nil
	}
}

// causeAsked is the root cause of a case while an answer is wanted.
const causeAsked = "asked"

// setRootCause notes the root cause, or, as "asked", that it is wanted: not
// before the plan's time.
func setRootCause(d *Desk, e *edit, list *[]FieldChange, value string) error {
	c := e.c
	if value == causeAsked && c.RootCause != causeAsked {
		if c.RootCause != "" {
			return refused("the root cause of case %d is known already: %s", c.Number, c.RootCause)
		}
		p := d.cfg.Directory.of(c)
		after := p.plan.Escalation.RootCause
		if after.IsZero() {
			return refused("the plan %q has no time from which the root cause may be asked for", p.plan.Name)
		}
		if from := plain(p.calendar.Add(c.Opened, after)); e.at.Before(from) {
			return refusedUntil(from, "the root cause of case %d may be asked for from %s: %s after its opening", c.Number, sayAt(from), after)
		}
	}
	changeTo(list, "root_cause", &c.RootCause, value)
	c.FollowUp.RootCause = value != ""
	return nil
}

// setSegment says by hand where the fault arises: those who answer for it go
// with it, unless they are set too.
func setSegment(d *Desk, e *edit, list *[]FieldChange, value string) error {
	if err := d.cfg.Directory.checkSegment("set.segment", value); err != nil {
		return err
	}
	c := e.c
	if c.Segment == value {
		return nil
	}
	if s := d.cfg.Directory.facts(value); s != nil && d.cfg.Directory.TenantOf(value).Name != c.Tenant {
		return invalid("set.segment", "segment %q is of tenant %q, the case of %q", value, d.cfg.Directory.TenantOf(value).Name, c.Tenant)
	}
	changeTo(list, "segment", &c.Segment, value)
	p := d.cfg.Directory.of(c)
	if !c.byHand("owner") {
		changeTo(list, "owner", &c.Owner, p.owner)
	}
	if !c.byHand("contact") {
		changeTo(list, "contact", &c.Contact, p.contact)
	}
	return nil
}

// set sets the further fields of a command; the segment before those that it
// brings along.
func (d *Desk) set(e *edit, c *Command, list *[]FieldChange) error {
	names := sortedNames(c.Set)
	if i := slices.Index(names, "segment"); i > 0 {
		names = slices.Insert(slices.Delete(names, i, i+1), 0, "segment")
	}
	for _, name := range names {
		put, known := setters[name]
		if !known {
			all := slices.Sorted(maps.Keys(setters))
			return invalid("set."+name, "%q is no field that can be set: want one of %s%s", name, strings.Join(all, ", "), spelling.Hint(name, all))
		}
		if err := put(d, e, list, c.Set[name]); err != nil {
			return err
		}
	}
	return nil
}

func sortedNames(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
