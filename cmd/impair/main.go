package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintf(os.Stderr, "impair: %v\n", err)
		os.Exit(1)
	}
}

// run relays until ctx ends, then writes the truth.
func run(ctx context.Context, args []string, out, log io.Writer) error {
	o, err := parseOptions(args, log)
	if err != nil {
		return err
	}
	a, err := openPort(o.a)
	if err != nil {
		return err
	}
	defer a.close()
	b, err := openPort(o.b)
	if err != nil {
		return err
	}
	defer b.close()
	if o.seconds > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.seconds)
		defer cancel()
	}
	fmt.Fprintf(log, "impair: relaying between %s and %s\n", o.a, o.b)

	there := newDirection(o, a, b, o.ab, 1)
	back := newDirection(o, b, a, o.ba, 2)
	var wait sync.WaitGroup
	failed := make([]error, 2)
	for i, d := range []*direction{there, back} {
		wait.Go(func() { failed[i] = d.relay(ctx) })
	}
	wait.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return writeTruth(o, there, back, out)
}
