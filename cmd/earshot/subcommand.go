package main

import (
	"flag"
	"slices"
	"strings"

	"earshot/spelling"
)

// subcommand is a word that follows a command, with its arguments and the flags
// that belong to it and not to every other word.
type subcommand struct {
	name        string
	least, most int      // arguments
	args        string   // what they are
	flags       []string // that only some of the words have
}

// subcommandOf finds the word that a command line begins with, and holds its
// arguments and flags to what it takes.
func subcommandOf(fs *flagSet, list []subcommand, rest []string) (*subcommand, error) {
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	if len(rest) == 0 {
		return nil, usageError("%s wants one of %s\nRun \"earshot help %s\" for what they do.", fs.Name(), strings.Join(names, ", "), fs.Name())
	}
	i := slices.Index(names, rest[0])
	if i < 0 {
		return nil, usageError("%s cannot %q%s; it can %s", fs.Name(), rest[0], spelling.Hint(rest[0], names), strings.Join(names, ", "))
	}
	s := &list[i]
	if n := len(rest) - 1; n < s.least || n > s.most {
		return nil, usageError("usage: earshot %s", strings.TrimSpace(strings.Join([]string{fs.Name(), s.name, s.args}, " ")))
	}
	return s, s.checkFlags(fs, list)
}

// checkFlags refuses a flag that belongs to other words.
func (s *subcommand) checkFlags(fs *flagSet, list []subcommand) (err error) {
	fs.Visit(func(f *flag.Flag) {
		var owners []string
		for _, other := range list {
			if slices.Contains(other.flags, f.Name) {
				owners = append(owners, other.name)
			}
		}
		if len(owners) > 0 && !slices.Contains(s.flags, f.Name) && err == nil {
			err = usageError("--%s does not belong to %s %s but to %s", f.Name, fs.Name(), s.name, strings.Join(owners, ", "))
		}
	})
	return err
}

func subcommandNames(list []subcommand) []string {
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	return names
}

// checkColor refuses a --color that means nothing.
func checkColor(color string) error {
	if color != "auto" && color != "always" && color != "never" {
		return usageError("--color: got %q, want auto, always or never", color)
	}
	return nil
}
