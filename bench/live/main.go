package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"earshot/bench/rig"
)

// options is the command line.
type options struct {
	cache, out, program string
	long, short         time.Duration
	only                string
}

func main() {
	var o options
	flag.StringVar(&o.cache, "cache", ".cache/bench", "keep generated captures and logs in this folder")
	flag.StringVar(&o.out, "o", "bench/LIVE.md", "write the table to this file")
	flag.StringVar(&o.program, "earshot", "bin/earshot", "measure this program")
	flag.DurationVar(&o.long, "long", 60*time.Second, "length of the sustained run")
	flag.DurationVar(&o.short, "short", 20*time.Second, "length of every other run")
	flag.StringVar(&o.only, "only", "", "measure only these, of wire, calls, hep, scrape, storm; the table is then printed and not written")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench live:", err)
		os.Exit(1)
	}
}

// measure makes the traffic and the link, measures, and writes the page.
func measure(ctx context.Context, o options) (err error) {
	if err := os.MkdirAll(o.cache, 0o755); err != nil {
		return err
	}
	for _, profile := range []string{"bench-1k", "bench-10k"} {
		if err := generate(profile, o.capture(profile)); err != nil {
			return err
		}
	}
	link, err := rig.NewLink("earshot-live-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, link.Close()) }()
	b := &bench{ctx: ctx, o: o, link: link}
	for _, part := range []struct {
		name string
		run  func(*bench) error
	}{{"wire", (*bench).wire}, {"calls", (*bench).calls}, {"hep", (*bench).hep}, {"scrape", (*bench).scrape}, {"storm", (*bench).storm}} {
		if o.only != "" && !strings.Contains(o.only, part.name) {
			continue
		}
		if err := part.run(b); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	if o.only != "" {
		fmt.Print(b.page())
		return nil
	}
	return os.WriteFile(o.out, []byte(b.page()), 0o644)
}

func (o *options) capture(profile string) string { return filepath.Join(o.cache, profile+".pcap") }

// generate makes a profile's capture unless the cache has it.
func generate(profile, file string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	fmt.Fprintf(os.Stderr, "generating %s\n", file)
	tmp := file + ".part"
	out, err := exec.Command("bin/callgen", "-profile", profile, "-o", tmp).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot run bin/callgen: %w: %s", err, out)
	}
	return os.Rename(tmp, file)
}
