package alerting

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// maxSettingProblems is how many mistakes one message tells.
const maxSettingProblems = 50

// Problem is one thing that is wrong with settings, and the line that says it.
type Problem struct {
	Line int // 0 where no line is to blame
	Text string
}

// Error writes "line 7: what is wrong".
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// settings reads YAML nodes strictly and collects everything that is wrong.
type settings struct {
	wrong []Problem
}

func (s *settings) errorf(n *yaml.Node, format string, args ...any) {
	s.wrong = append(s.wrong, Problem{n.Line, fmt.Sprintf(format, args...)})
}

// err joins the problems in the order of lines; each is a Problem.
func (s *settings) err() error {
	if len(s.wrong) == 0 {
		return nil
	}
	slices.SortStableFunc(s.wrong, func(a, b Problem) int { return a.Line - b.Line })
	var errs []error
	for i, p := range s.wrong {
		if i == maxSettingProblems {
			errs = append(errs, Problem{0, fmt.Sprintf("and %d more", len(s.wrong)-i)})
			break
		}
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// absent reports a key that is not there, or says nothing.
func absent(n *yaml.Node) bool { return n == nil || n.IsZero() || n.Tag == "!!null" }

// Unaliased follows an alias. An alias never leads to another one.
func Unaliased(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// mapping calls read for every key of a mapping; read returns false for a key
// that it does not know. Known keys are for the message.
func (s *settings) mapping(n *yaml.Node, what string, known []string, read func(key string, value *yaml.Node) bool) {
	n = Unaliased(n)
	if n.Kind != yaml.MappingNode {
		s.errorf(n, "%s is %s, want a mapping of keys to values (%s)", what, KindOf(n), strings.Join(known, ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], Unaliased(n.Content[i+1])
		switch {
		case seen[key.Value]:
			s.errorf(key, "%q is there twice in %s", key.Value, what)
		case !read(key.Value, value):
			s.errorf(key, "%s has no key %q: want one of %s%s", what, key.Value, strings.Join(known, ", "), spelling.Hint(key.Value, known))
		}
		seen[key.Value] = true
	}
}

// list calls read for every entry of a list of at most so many; a single
// scalar is a list of one.
func (s *settings) list(n *yaml.Node, what string, most int, read func(*yaml.Node)) {
	n = Unaliased(n)
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag != "!!null":
		read(n)
	case n.Kind != yaml.SequenceNode:
		s.errorf(n, "%s is %s, want a list", what, KindOf(n))
	case len(n.Content) > most:
		s.errorf(n, "%s has %d entries, at most %d are possible", what, len(n.Content), most)
	default:
		for _, entry := range n.Content {
			read(Unaliased(entry))
		}
	}
}

// text reads a scalar that says something.
func (s *settings) text(n *yaml.Node, what string) (string, bool) {
	n = Unaliased(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
		s.errorf(n, "%s is %s, want a text", what, KindOf(n))
		return "", false
	}
	return n.Value, true
}

// name reads the name of something declared: a label that needs no quoting anywhere.
func (s *settings) name(n *yaml.Node, what string) string {
	name, ok := s.text(n, what)
	if !ok {
		return ""
	}
	if len(name) > 64 || strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_.:-", r))
	}) {
		s.errorf(n, "%s is %q, want 1 to 64 of the characters a-z A-Z 0-9 _ . : -", what, name)
		return ""
	}
	return name
}

// KindOf names what a node holds, for messages: in quotes where it is a value.
func KindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "":
		return "empty"
	}
	return fmt.Sprintf("%q", n.Value)
}
