package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// receiveFlags is what the command line of receive says.
type receiveFlags struct {
	listen, secretFile, secretEnv, out string
	count, lose                        int
}

func (f *receiveFlags) define() *flagSet {
	fs := newFlagSet("receive")
	fs.group("What to receive", func() {
		fs.StringVar(&f.listen, "listen", "127.0.0.1:9099", "listen on `ADDRESS`, as host:port; port 0 takes a free one")
		fs.StringVar(&f.secretFile, "secret-file", "", "believe what is signed with the secrets in `FILE`, one a line")
		fs.StringVar(&f.secretEnv, "secret-env", "", "the same with the secrets in the environment `VARIABLE`")
		fs.IntVar(&f.count, "count", 0, "end after `N` new deliveries; 0: never")
		fs.IntVar(&f.lose, "lose", 0, "take the first `N` deliveries without an answer, as if the connection broke: they have to come again")
	})
	fs.group("What to keep", func() {
		fs.StringVar(&f.out, "out", "", "keep the JSON and the files of each ticket in a folder of its own in `DIR`")
	})
	return fs
}

func receiveCommand() *command {
	return &command{
		name:    "receive",
		summary: "Receive the signed webhooks of a probe, to try them.",
		about: "It stands for the system that a destination of kind webhook tells of cases: it checks the signature and the age of each delivery, drops those that it had, prints a line about each, and answers with an id. " +
			"What is not genuine is answered 401, with a line that says why." +
			"\n\nExample: earshot receive --secret-file hook.key --out received --count 3",
		flags: func() *flagSet { return new(receiveFlags).define() },
		run:   receiveRun,
	}
}

func receiveRun(ctx context.Context, args []string, std stdio) error {
	var f receiveFlags
	rest, err := f.define().parse(args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError("receive takes no arguments: got %q", rest[0])
	}
	if f.count < 0 || f.lose < 0 {
		return usageError("--count and --lose want 0 or more")
	}
	keys, err := secrets(f.secretFile, f.secretEnv)
	if err != nil {
		return usageError("%v", err)
	}
	if len(keys) == 0 {
		return usageError("with what are deliveries signed? Give --secret-file FILE, or --secret-env VARIABLE")
	}
	if f.out != "" {
		if err := os.MkdirAll(f.out, 0o750); err != nil {
			return fmt.Errorf("cannot make the folder %q: %w", f.out, err)
		}
	}
	return f.serve(ctx, keys, std)
}

// How long a delivery may take, and how long the last answers may at the end.
const (
	receiveHeader = 10 * time.Second
	receiveBody   = 10 * time.Minute
	receiveEnd    = 5 * time.Second
)

// serve receives until there were enough deliveries or the program is to end.
func (f *receiveFlags) serve(ctx context.Context, keys []string, std stdio) error {
	l, err := net.Listen("tcp", f.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", f.listen, err)
	}
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	r := &receiver{secrets: keys, out: f.out, lose: f.lose, count: f.count, enough: enough, std: std, now: time.Now, numbers: map[string]int{}}
	server := &http.Server{Handler: r, ReadHeaderTimeout: receiveHeader, ReadTimeout: receiveBody, MaxHeaderBytes: 64 << 10}
	fmt.Fprintf(std.err, "earshot: receiving webhooks on http://%s\n", l.Addr())
	var ended sync.WaitGroup
	ended.Go(func() {
		<-ctx.Done()
		last, cancel := context.WithTimeout(context.Background(), receiveEnd)
		defer cancel()
		server.Shutdown(last)
	})
	err = server.Serve(l)
	enough()
	ended.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
