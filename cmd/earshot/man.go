package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

func manCommand() *command {
	return &command{
		name: "man", summary: "Print the manual page, made from the same text as the help.",
		about: "Read it with: earshot man | man -l -",
		run: func(_ context.Context, _ []string, std stdio) error {
			writeManual(std.out)
			return nil
		},
	}
}

func writeManual(w io.Writer) {
	fmt.Fprintf(w, ".TH EARSHOT 1 \"\" \"earshot %s\" \"User Commands\"\n", roff(version))
	fmt.Fprint(w, ".SH NAME\nearshot \\- tell how every SIP call sounded, where it was hurt and why\n.SH SYNOPSIS\n")
	for _, c := range commands() {
		fmt.Fprintf(w, ".B %s\n.br\n", roff(c.synopsis()))
	}
	fmt.Fprint(w, ".SH COMMANDS\n")
	for _, c := range commands() {
		fmt.Fprintf(w, ".SS %s\n%s\n", roff(c.name), roff(c.summary))
		for _, p := range strings.Split(c.about, "\n\n") {
			if p = strings.TrimSpace(p); p != "" {
				fmt.Fprintf(w, ".PP\n%s\n", roff(strings.Join(strings.Fields(p), " ")))
			}
		}
		manualFlags(w, c)
	}
	fmt.Fprint(w, ".SH EXIT STATUS\n")
	for _, s := range []struct {
		code int
		text string
	}{
		{exitOK, "Everything was done."},
		{exitFailure, "It could not be done; the message says why."},
		{exitUsage, "The command line or the configuration is wrong."},
		{exitFailOn, "A condition of --fail-on was met."},
	} {
		fmt.Fprintf(w, ".TP\n.B %d\n%s\n", s.code, roff(s.text))
	}
	fmt.Fprint(w, ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nWhen set, output is not coloured.\n")
}

func manualFlags(w io.Writer, c *command) {
	if c.flags == nil {
		return
	}
	fs := c.flags()
	for _, g := range fs.groups {
		fmt.Fprintf(w, ".PP\n.I %s\n", roff(g.title))
		for _, name := range g.names {
			kind, usage := flag.UnquoteUsage(fs.Lookup(name))
			fmt.Fprintf(w, ".TP\n.B \\-\\-%s\n%s\n", roff(strings.TrimSpace(name+" "+strings.ToUpper(kind))), roff(strings.Join(strings.Fields(usage), " ")))
		}
	}
}

// roff escapes what the manual's typesetter would take as its own.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
