package outbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/spelling"
)

// MaxDestinations is how many destinations settings may declare.
const MaxDestinations = 50

// maxProblems is how many mistakes one message tells.
const maxProblems = 50

// Setting is a destination as the configuration has it.
type Setting struct {
	Terms
	Kind        string
	Destination Destination
	Evidence    bool // files of evidence go there
	content     contents
}

// DecodeDestinations reads the list of destinations strictly. The error joins an
// alerting.Problem for everything that is wrong.
func DecodeDestinations(n *yaml.Node, h *House) ([]*Setting, error) {
	if n == nil || n.IsZero() || n.Tag == "!!null" {
		return nil, nil
	}
	n = alerting.Unaliased(n)
	if n.Kind != yaml.SequenceNode || len(n.Content) > MaxDestinations {
		return nil, alerting.Problem{Line: n.Line, Text: fmt.Sprintf("destinations is %s, want a list of at most %d", alerting.KindOf(n), MaxDestinations)}
	}
	var settings []*Setting
	var wrong []alerting.Problem
	for _, entry := range n.Content {
		d := newDraft(alerting.Unaliased(entry), h)
		s := d.setting()
		if s.Name != "" && slices.ContainsFunc(settings, func(other *Setting) bool { return other.Name == s.Name }) {
			d.fault("name", "it is there already: take another name")
		}
		settings = append(settings, s)
		wrong = append(wrong, d.wrong...)
	}
	if len(wrong) > 0 {
		return nil, joined(wrong)
	}
	return settings, nil
}

// joined joins problems in the order of lines.
func joined(wrong []alerting.Problem) error {
	slices.SortStableFunc(wrong, func(a, b alerting.Problem) int { return a.Line - b.Line })
	var errs []error
	for i, p := range wrong {
		if i == maxProblems {
			errs = append(errs, alerting.Problem{Text: fmt.Sprintf("and %d more", len(wrong)-i)})
			break
		}
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// setting reads one destination.
func (d *draft) setting() *Setting {
	if len(d.wrong) > 0 {
		return &Setting{}
	}
	d.named()
	s := &Setting{Kind: d.text("kind", must)}
	s.Terms = d.terms()
	s.content = d.contents()
	s.Evidence = d.flag("evidence", true)
	s.NoFiles = !s.Evidence
	k := kindNamed(s.Kind)
	switch {
	case s.Kind == "":
		return s
	case k == nil:
		names := kindNames()
		d.fault("kind", "there is no kind %q%s: want one of %s", s.Kind, spelling.Hint(s.Kind, names), strings.Join(names, ", "))
		return s // its keys cannot be judged
	}
	s.Destination = k.make(d)
	d.unknown()
	if len(d.wrong) == 0 {
		s.Abilities = s.Destination.Abilities()
	}
	return s
}

// named reads the name: a label that needs no quoting anywhere.
func (d *draft) named() {
	name := d.text("name", must)
	if len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_.:-", r))
	}) {
		d.fault("name", "it is %q, want 1 to 64 of the characters a-z A-Z 0-9 _ . : -", name)
		return
	}
	d.name = name
}

// terms reads what the box goes by.
func (d *draft) terms() Terms {
	return Terms{
		Name:         d.name,
		Filter:       d.filter(),
		Attempts:     d.number("attempts", 1, 1000, 20),
		FirstWait:    d.span("first_wait", time.Second, time.Hour, 5*time.Second),
		LongestWait:  d.span("longest_wait", time.Second, 24*time.Hour, 30*time.Minute),
		PerMinute:    d.number("per_minute", 1, 6000, 60),
		CommentEvery: d.span("comment_every", time.Second, 24*time.Hour, 15*time.Minute),
		ReadEvery:    d.span("read_every", 10*time.Second, 24*time.Hour, 5*time.Minute),
		MaxNew:       d.number("max_new", 1, 10000, 10),
	}
}

// filter reads which cases the destination is told of.
func (d *draft) filter() Filter {
	f := Filter{Probe: true}
	if !d.has("filter") {
		return f
	}
	n := d.keys["filter"]
	if n.Kind != yaml.MappingNode {
		d.fault("filter", "it is %s, want a mapping of keys to values (tenants, segments, owners, severity, probe)", alerting.KindOf(n))
		return f
	}
	inner := newDraft(n, d.house)
	inner.name = d.name
	f.Tenants, f.Segments, f.Owners = inner.list("tenants"), inner.list("segments"), inner.list("owners")
	f.Probe = inner.flag("probe", true)
	if v := inner.text("severity", ""); v != "" {
		severity, err := alerting.ParseSeverity(v)
		if err != nil {
			inner.fault("severity", "%v", err)
		}
		f.MaxSeverity = severity
	}
	inner.unknown()
	d.wrong = append(d.wrong, inner.wrong...)
	return f
}
