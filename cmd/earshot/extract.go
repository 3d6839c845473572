package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"earshot/capture"
	"earshot/pipeline"
)

// extract writes the packets of the calls that --call names, where --extract asks for it.
func (r *replayRun) extract(ctx context.Context) error {
	name := r.flags.extract
	if name == "" || ctx.Err() != nil {
		return nil
	}
	for _, p := range r.paths {
		if sameFile(p, name) {
			return usageError("--extract would overwrite the capture %q that it reads", p)
		}
	}
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("cannot extract: %w", err)
	}
	w := bufio.NewWriter(f)
	open := func() (capture.Source, error) { return capture.Open(r.paths, capture.Options{}) }
	n, err := pipeline.Extract(open, r.selected, w)
	if err == nil {
		err = w.Flush()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(name)
		return fmt.Errorf("cannot extract to %q: %w", name, err)
	}
	fmt.Fprintf(r.std.err, "%d packets of %d calls written to %s\n", n, len(r.selected), name)
	return nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
