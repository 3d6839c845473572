package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"earshot/spelling"
)

// command is one subcommand. Help, manual page and shell completion are all
// made from this one text.
type command struct {
	name    string
	args    string // what follows the flags, for the synopsis
	summary string // one line
	about   string // paragraphs, separated by blank lines
	flags   func() *flagSet
	run     func(ctx context.Context, args []string, std stdio) error
	files   bool     // its arguments are files
	words   []string // its arguments are one of these
}

// commands returns all subcommands in the order of the manual.
func commands() []*command {
	return []*command{replayCommand(), runCommand(), checkCommand(), topCommand(), packetsCommand(), sanitiseCommand(), callsCommand(), storeCommand(), caseCommand(), evidenceCommand(), changeCommand(), outboxCommand(), alertCommand(), reportCommand(), receiveCommand(), completionCommand(), manCommand(), versionCommand(), helpCommand()}
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

func find(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return nil
}

// flagSet is a flag.FlagSet that knows in what order and with what words its
// flags are shown.
type flagSet struct {
	*flag.FlagSet
	groups []flagGroup
}

type flagGroup struct {
	title string
	names []string
}

func newFlagSet(name string) *flagSet {
	fs := &flagSet{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	fs.SetOutput(io.Discard)
	return fs
}

// group begins a group of flags; those defined in define are shown under title.
func (f *flagSet) group(title string, define func()) {
	before := map[string]bool{}
	f.VisitAll(func(fl *flag.Flag) { before[fl.Name] = true })
	define()
	g := flagGroup{title: title}
	f.VisitAll(func(fl *flag.Flag) {
		if !before[fl.Name] {
			g.names = append(g.names, fl.Name)
		}
	})
	f.groups = append(f.groups, g)
}

// parse reads args, allowing flags after file names, and returns the rest.
func (f *flagSet) parse(args []string) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			return nil, f.explain(err)
		}
		args = f.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest = append(rest, args[0])
		args = args[1:]
	}
}

// explain says what a wrong flag should have been.
func (f *flagSet) explain(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	text := strings.ReplaceAll(err.Error(), "flag provided but not defined: -", "unknown flag --")
	if name, ok := strings.CutPrefix(text, "unknown flag --"); ok {
		text += spelling.Hint(strings.TrimPrefix(name, "-"), f.names())
	}
	return usageError("%s\nRun \"earshot help %s\" for the flags.", text, f.Name())
}

func (f *flagSet) names() []string {
	var names []string
	f.VisitAll(func(fl *flag.Flag) { names = append(names, fl.Name) })
	return names
}

// synopsis is how the command is called.
func (c *command) synopsis() string {
	s := "earshot " + c.name
	if c.flags != nil {
		s += " [flags]"
	}
	if c.args != "" {
		s += " " + c.args
	}
	return s
}

// help is what "earshot help NAME" prints.
func (c *command) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nUsage: %s\n", c.summary, c.synopsis())
	if c.about != "" {
		fmt.Fprintf(&b, "\n%s\n", wrap(c.about, 78, ""))
	}
	if c.flags == nil {
		return b.String()
	}
	fs := c.flags()
	for _, g := range fs.groups {
		fmt.Fprintf(&b, "\n%s:\n", g.title)
		for _, name := range g.names {
			fl := fs.Lookup(name)
			kind, usage := flag.UnquoteUsage(fl)
			fmt.Fprintf(&b, "  --%s\n%s\n", strings.TrimSpace(name+" "+strings.ToUpper(kind)), wrap(usage, 78, "      "))
		}
	}
	return b.String()
}

func overview() string {
	var b strings.Builder
	b.WriteString("Earshot tells how every call sounded, where it was hurt and by whom.\n\nUsage: earshot COMMAND [flags] [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-12s %s\n", c.name, c.summary)
	}
	b.WriteString("\nRun \"earshot help COMMAND\" for its flags.\n")
	return b.String()
}

// wrap breaks text into lines of at most width columns; blank lines separate paragraphs.
func wrap(text string, width int, indent string) string {
	var out []string
	for _, paragraph := range strings.Split(text, "\n\n") {
		line := indent
		for _, word := range strings.Fields(paragraph) {
			if len(line)+1+len(word) > width && line != indent {
				out = append(out, line)
				line = indent
			}
			if line != indent {
				line += " "
			}
			line += word
		}
		out = append(out, line, "")
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n ")
}
