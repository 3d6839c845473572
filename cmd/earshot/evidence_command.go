package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"earshot/evidence"
	"earshot/pipeline"
)

// evidenceVerbs are what evidence can do.
var evidenceVerbs = []subcommand{{name: "check", least: 1, most: 1000, args: "DIR|ARCHIVE..."}}

func evidenceCommand() *command {
	return &command{
		name: "evidence", args: "check DIR|ARCHIVE...", files: true,
		summary: "Check the evidence of a case.",
		about: "check holds every file of a bundle, a folder or a zip archive, to the SHA-256 in its manifest, replays its packets, and holds what they give to its records, octet by octet. The status is 1 where something differs." +
			"\n\nEvidence is made by \"earshot replay --rules FILE --evidence DIR\" and by a running probe, whose evidence \"earshot case evidence N\" fetches.",
		flags: func() *flagSet { return newFlagSet("evidence") },
		run:   evidenceRun,
	}
}

func evidenceRun(ctx context.Context, args []string, std stdio) error {
	fs := newFlagSet("evidence")
	rest, err := fs.parse(args)
	if err != nil {
		return err
	}
	if _, err := subcommandOf(fs, evidenceVerbs, rest); err != nil {
		return err
	}
	wrong := 0
	for _, path := range rest[1:] {
		whole, err := checkEvidence(ctx, path, std)
		if err != nil {
			return err
		}
		if !whole {
			wrong++
		}
	}
	if wrong > 0 {
		return fmt.Errorf("evidence that is not as it was made: %d of %d", wrong, len(rest)-1)
	}
	return nil
}

// checkEvidence checks a folder, or what an archive unpacks to.
func checkEvidence(ctx context.Context, path string, std stdio) (whole bool, err error) {
	dir := path
	if info, err := os.Stat(path); err != nil {
		return false, err
	} else if !info.IsDir() {
		temporary, err := os.MkdirTemp("", "earshot-evidence-")
		if err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
		dir = filepath.Join(temporary, "bundle")
		if err := evidence.Unpack(path, dir); err != nil {
			return false, fmt.Errorf("cannot unpack %q: %w", path, err)
		}
	}
	c, err := evidence.Check(ctx, dir, settingsOf)
	if err != nil {
		return false, fmt.Errorf("cannot check %q: %w", path, err)
	}
	m := c.Manifest
	fmt.Fprintf(std.out, "%s: case %d, made %s by earshot %s\n", path, m.Case, m.Made.UTC().Format("2006-01-02 15:04 UTC"), printable(m.Earshot))
	for _, text := range c.Wrong {
		fmt.Fprintf(std.out, "  %s\n", printable(text))
	}
	if !c.Whole() {
		if c.Files == len(m.Files) && m.Earshot != version {
			fmt.Fprintf(std.out, "  This is earshot %s: another version may measure otherwise.\n", version)
		}
		return false, nil
	}
	fmt.Fprintf(std.out, "  %s as the manifest says\n", plural(c.Files, "file"))
	if c.Reproduced {
		fmt.Fprintf(std.out, "  the figures are reproduced: %s, octet by octet\n", plural(c.Records, "line"))
	} else {
		fmt.Fprintln(std.out, "  it has no packets, so that there are no figures to reproduce")
	}
	for _, note := range m.Notes {
		fmt.Fprintf(std.out, "  %s\n", strings.TrimSpace(printable(note)))
	}
	return true, nil
}

// settingsOf is how a bundle's packets are measured.
func settingsOf(path string) (pipeline.Config, error) {
	cfg, err := loadConfig(path)
	if err != nil {
		return pipeline.Config{}, err
	}
	return cfg.measuring()
}
