package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"

	"earshot/capture"
	"earshot/sanitise"
)

// sanitiseFlags is what the command line of sanitise says.
type sanitiseFlags struct {
	key, config      string
	newKey           bool
	cut, json, quiet bool
}

func (f *sanitiseFlags) define() *flagSet {
	set := newFlagSet("sanitise")
	set.group("The key", func() {
		set.StringVar(&f.key, "key", "", "the `FILE` with the key that every pseudonym follows from: 64 hexadecimal digits, readable by you alone. The same key gives the same pseudonyms in every capture")
		set.BoolVar(&f.newKey, "new-key", false, "make the key's file first; it must not exist")
	})
	set.group("What to write", func() {
		set.BoolVar(&f.cut, "cut", false, "cut RTP off behind its header instead of filling its payload with zeros: less than half the octets")
		set.StringVar(&f.config, "config", "", "keep the names of the leg_headers in a configuration `FILE`, which join the two sides of a B2BUA")
		set.BoolVar(&f.json, "json", false, "print the manifest: the SHA-256 of the result, what was done, the command that reproduces the figures")
		set.BoolVar(&f.quiet, "quiet", false, "no progress bar and no summary")
	})
	return set
}

func sanitiseCommand() *command {
	return &command{
		name: "sanitise", args: "IN OUT", files: true,
		summary: "Make a capture fit to leave the house.",
		about: "Writes the packets of IN, a capture file, a directory of them or \"-\", to OUT as pcapng, without what is personal: addresses, numbers, names and hosts become keyed pseudonyms, the same ones wherever they stand;" +
			" what was said, digits, keys and whatever is not understood become zeros." +
			"\n\nTimes, lengths of RTP, sequence numbers, SSRCs and reports stay: \"earshot replay\" finds the same calls in OUT, with the same figures. docs/privacy.md says what becomes what, and what stays." +
			"\n\nA key is made once: earshot sanitise --new-key --key FILE IN OUT. Who has it can find out what stands behind a pseudonym by trying, so it stays in the house.",
		flags: func() *flagSet { return new(sanitiseFlags).define() },
		run:   runSanitise,
	}
}

func runSanitise(ctx context.Context, args []string, std stdio) error {
	var f sanitiseFlags
	paths, err := f.define().parse(args)
	if err != nil {
		return err
	}
	if err := f.check(paths, std.out); err != nil {
		return err
	}
	job := &sanitising{ctx: ctx, flags: &f, std: std}
	if job.in, err = inputs(paths[0]); err != nil {
		return err
	}
	if err := checkOverwrites(job.in, paths[1], f.key); err != nil {
		return err
	}
	if job.options, err = f.options(); err != nil {
		return err
	}
	if paths[0] == "-" {
		spooled, err := spoolInput(std.in)
		if err != nil {
			return err
		}
		defer os.Remove(spooled)
		job.in = []string{spooled}
	}
	summary, err := job.write(paths[1])
	if err != nil {
		return fmt.Errorf("cannot sanitise %q: %w", paths[0], err)
	}
	return job.report(summary, paths)
}

// check finds what is missing or contradicts itself.
func (f *sanitiseFlags) check(paths []string, out io.Writer) error {
	switch {
	case len(paths) != 2:
		return usageError("sanitise wants a capture to read and a file to write: earshot sanitise IN OUT --key FILE")
	case f.key == "":
		return usageError("sanitise wants a key: --key FILE. Make one with --new-key --key FILE, or with: (umask 077; openssl rand -hex 32 > FILE)")
	case paths[1] == "-" && f.json:
		return usageError("--json prints the manifest where the capture goes; name a file to write the capture to")
	}
	if file, ok := out.(*os.File); paths[1] == "-" && ok && term.IsTerminal(int(file.Fd())) {
		return usageError("a capture is not for a terminal; name a file, or send it on: earshot sanitise IN - --key FILE | earshot replay -")
	}
	return nil
}

// inputs are the files to read: both passes read the same ones, whatever comes
// into a directory between them.
func inputs(path string) ([]string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return []string{path}, nil
	}
	files, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		return nil, err
	}
	return files.Names(), files.Close()
}

// checkOverwrites refuses to write over what is read.
func checkOverwrites(inputs []string, out, key string) error {
	if sameFile(out, key) {
		return usageError("the result would overwrite the key %q", key)
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		return usageError("%q is a directory; name a file to write", out)
	}
	for _, path := range inputs {
		if sameFile(path, out) {
			return usageError("the result would overwrite the capture %q that it is made from", path)
		}
	}
	return nil
}

// options reads the key and the names of leg headers.
func (f *sanitiseFlags) options() (sanitise.Options, error) {
	o := sanitise.Options{Cut: f.cut}
	cfg, err := loadConfig(f.config)
	if err != nil {
		return o, err
	}
	o.LegHeaders = cfg.LegHeaders
	if f.newKey {
		if err := sanitise.NewKeyFile(f.key); err != nil {
			return o, err
		}
	}
	text, err := readPrivate(f.key)
	if errors.Is(err, fs.ErrNotExist) {
		return o, fmt.Errorf("%w; --new-key makes it", err)
	}
	if err != nil {
		return o, err
	}
	if o.Key, err = sanitise.ParseKey(text); err != nil {
		return o, fmt.Errorf("cannot use the key in %q: %w", f.key, err)
	}
	return o, nil
}

// sanitiseManifest is what --json prints.
type sanitiseManifest struct {
	Made    string `json:"made_by"`
	File    string `json:"file"`
	Command string `json:"command"` // reproduces the figures
	*sanitise.Summary
}

// report says what was done.
func (j *sanitising) report(s *sanitise.Summary, paths []string) error {
	for _, warning := range s.Warnings {
		fmt.Fprintf(j.std.err, "earshot: warning: %s\n", warning)
	}
	if j.flags.json {
		e := json.NewEncoder(j.std.out)
		e.SetIndent("", "  ")
		return e.Encode(sanitiseManifest{
			Made: "earshot " + version + commit(), File: paths[1],
			Command: "earshot replay --json " + paths[1], Summary: s,
		})
	}
	if j.flags.quiet {
		return nil
	}
	c := &s.Counts
	fmt.Fprintf(j.std.err, "%d packets: %d RTP, %d RTCP, %d SIP and %d SIP messages over TCP, %d others kept in form, %d blanked\nkey %s, SHA-256 %s\n",
		s.Packets, c.RTP, c.RTCP, c.SIP, c.Messages, c.HEP+c.STUN+c.ICMP, c.Blanked+c.Unknown, s.KeyFingerprint, s.SHA256)
	if c.LeftOut > 0 {
		fmt.Fprintf(j.std.err, "earshot: warning: %d fragments and messages were more than can be kept in mind, and are zeros\n", c.LeftOut)
	}
	return nil
}
