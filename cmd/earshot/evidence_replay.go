package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/capture"
	"earshot/evidence"
)

// makeEvidence writes the evidence of each case of a replay, where --evidence
// asks for it, and attaches it.
func (r *replayRun) makeEvidence(ctx context.Context) error {
	if r.flags.evidence == "" || ctx.Err() != nil {
		return nil
	}
	key, err := r.cfg.evidenceKey()
	if err != nil {
		return err
	}
	settings, err := r.cfg.measuringSettings()
	if err != nil {
		return err
	}
	for _, c := range r.rules.cases() {
		dir := evidenceFolder(r.flags.evidence).path(c.Number)
		if err := emptyFolder(dir); err != nil {
			return err
		}
		b, err := r.evidenceOf(ctx, c, &evidence.Input{
			Shown: outbox.Mask(c), Config: r.pipe, Settings: settings, Key: key, Version: version, At: r.rules.now(), Dir: dir,
		})
		if err != nil {
			return err
		}
		files, err := attachmentsOf(b)
		if err == nil {
			_, err = r.rules.desk.Attach(r.rules.now(), c.Number, files)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(r.std.err, "evidence of case %d written to %s\n", c.Number, dir)
	}
	return nil
}

// emptyFolder makes a folder, or finds it empty.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("cannot write evidence: %w", err)
	}
	there, err := os.ReadDir(dir)
	if err == nil && len(there) > 0 {
		err = usageError("there is evidence in %q already; name another folder with --evidence, or move that away", dir)
	}
	return err
}

// evidenceOf makes one case's evidence from the files of the replay.
func (r *replayRun) evidenceOf(ctx context.Context, c *alerting.Case, in *evidence.Input) (_ *evidence.Bundle, err error) {
	spool, err := os.CreateTemp("", "earshot-evidence-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, spool.Close(), os.Remove(spool.Name())) }()
	in.Gathered, err = gather(ctx, &evidence.Gathering{
		Case: c, Config: r.pipe, MaxPackets: r.cfg.Evidence.MaxPackets.whole(),
		Open: func() (capture.Source, error) { return capture.Open(r.paths, capture.Options{}) },
	}, spool)
	if err != nil {
		return nil, err
	}
	in.Open = func() (capture.Source, error) { return capture.Open([]string{spool.Name()}, capture.Options{}) }
	return evidence.Make(ctx, in)
}

// gather gathers packets into a file.
func gather(ctx context.Context, g *evidence.Gathering, spool io.Writer) (*evidence.Gathered, error) {
	w := bufio.NewWriterSize(spool, 256<<10)
	got, err := evidence.Gather(ctx, g, w)
	return got, errors.Join(err, w.Flush())
}

// attachmentsOf lists the files of a bundle as attachments.
func attachmentsOf(b *evidence.Bundle) ([]alerting.Attachment, error) {
	var files []alerting.Attachment
	for _, f := range b.Manifest.Files {
		files = append(files, alerting.Attachment{Name: f.Name, Bytes: f.Bytes, SHA256: f.SHA256})
	}
	manifest, err := evidence.FileOf(b.Dir, evidence.ManifestFile)
	return append(files, alerting.Attachment{Name: manifest.Name, Bytes: manifest.Bytes, SHA256: manifest.SHA256}), err
}
