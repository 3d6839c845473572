package outbox

import (
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
	"unicode/utf8"
)

// maxContent bounds what a template may write.
const maxContent = 64 << 10

// The keys of templates.
const (
	subjectKey = "subject"
	textKey    = "text"
	htmlKey    = "html"
)

// functions are what templates may call beside the built-in ones.
var functions = map[string]any{
	"time":   sayTime,
	"upper":  strings.ToUpper,
	"title":  titled,
	"join":   func(separator string, list []string) string { return strings.Join(list, separator) },
	"cut":    func(most int, text string) string { return fit(text, max(most, 2)) },
	"printf": formatted,
	"lines":  func(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") },
}

// titled makes the first letter a capital.
func titled(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// wide finds what makes little text much longer.
var wide = regexp.MustCompile(`%[^%a-zA-Z]*([0-9]{4}|\*)`)

// formatted is printf that pads to no more than 999 characters.
func formatted(format string, args ...any) (string, error) {
	if wide.MatchString(format) {
		return "", fmt.Errorf("printf %q: no width or precision of more than 999", format)
	}
	return fmt.Sprintf(format, args...), nil
}

// executor is a template of either kind.
type executor interface {
	Execute(w io.Writer, data any) error
}

// parseTemplate reads a template and refuses what could keep it busy for long.
func parseTemplate(key, text string) (executor, error) {
	t, err := template.New(key).Funcs(functions).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, err
	}
	if len(t.Templates()) > 1 {
		return nil, errors.New("define and block have no use here: write it out")
	}
	if t.Tree == nil {
		return nil, errors.New("it writes nothing")
	}
	if err := simple(t.Root, 0); err != nil {
		return nil, err
	}
	if key != htmlKey {
		return t, nil
	}
	return htmltemplate.New(key).Funcs(functions).Parse(text)
}

// maxLoops is how deep loops may stand in each other.
const maxLoops = 3

// simple walks a template and refuses what needs no bounds to be harmless in a
// program but does in a text: calls of other templates, assignments that
// accumulate, loops over numbers, deep loops.
func simple(n parse.Node, loops int) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, one := range n.Nodes {
			if err := simple(one, loops); err != nil {
				return err
			}
		}
	case *parse.ActionNode:
		return simplePipe(n.Pipe)
	case *parse.IfNode:
		return simpleBranch(&n.BranchNode, loops)
	case *parse.WithNode:
		return simpleBranch(&n.BranchNode, loops)
	case *parse.RangeNode:
		if loops == maxLoops {
			return fmt.Errorf("loops stand more than %d deep in each other", maxLoops)
		}
		if !listed(n.Pipe) {
			return errors.New("range takes a list of the case, as {{range .Questions}}, or the lines of a text, as {{range lines .Business}}")
		}
		return simpleBranch(&n.BranchNode, loops+1)
	case *parse.TemplateNode:
		return errors.New("template has no use here: write it out")
	}
	return nil
}

// lists are what a loop may run over. A number is not: its loop has no end that
// the text would show.
var lists = []string{"Questions", "Examples", "Good", "Clocks", "Updates", "Related", "Attachments", "Cases", "Segments", "Sites"}

// listed reports whether a loop runs over a list of the case or over lines.
func listed(p *parse.PipeNode) bool {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) == 0 {
		return false
	}
	var path []string
	switch first := p.Cmds[0].Args[0].(type) {
	case *parse.FieldNode:
		path = first.Ident
	case *parse.VariableNode:
		path = first.Ident[1:]
	case *parse.IdentifierNode:
		return first.Ident == "lines"
	}
	return len(path) > 0 && len(p.Cmds[0].Args) == 1 && slices.Contains(lists, path[len(path)-1])
}

func simpleBranch(b *parse.BranchNode, loops int) error {
	return errors.Join(simplePipe(b.Pipe), simple(b.List, loops), simple(b.ElseList, loops))
}

// simplePipe refuses assignments and calls of what is no function of ours.
func simplePipe(p *parse.PipeNode) error {
	if p == nil {
		return nil
	}
	if p.IsAssign {
		return errors.New("= has no use here: declare a variable with :=")
	}
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			if inner, ok := a.(*parse.PipeNode); ok {
				if err := simplePipe(inner); err != nil {
					return err
				}
			}
			if id, ok := a.(*parse.IdentifierNode); ok && id.Ident == "call" {
				return errors.New("call has no use here")
			}
		}
	}
	return nil
}

// errLong ends a template that writes too much.
var errLong = fmt.Errorf("it writes more than %d KiB", maxContent>>10)

// bounded is a text with an end.
type bounded struct{ strings.Builder }

// Write takes what there is room for.
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxContent {
		return 0, errLong
	}
	return b.Builder.Write(p)
}

// run executes a template.
func run(t executor, v *view) (string, error) {
	var b bounded
	if err := t.Execute(&b, v); err != nil {
		if errors.Is(err, errLong) {
			return "", errLong
		}
		return "", err
	}
	return b.String(), nil
}
