package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"

	"earshot/report"
	"earshot/web"
)

// topFlags is what the command line of top says.
type topFlags struct {
	client  clientFlags
	once    bool
	seconds float64
	sort    string
	color   string
}

func (f *topFlags) define() *flagSet {
	fs := newFlagSet("top")
	fs.group("Which probe", func() { f.client.define(fs.FlagSet) })
	fs.group("What to show", func() {
		fs.BoolVar(&f.once, "once", false, "print one picture and end; so it does where the output is no terminal")
		fs.Float64Var(&f.seconds, "interval", 1, "look again after so many `SECONDS`")
		fs.StringVar(&f.sort, "sort", topSorts[0], "worst streams first by `FIGURE`: mos or loss")
		fs.StringVar(&f.color, "color", "auto", "colour the output: `WHEN` is auto, always or never")
	})
	return fs
}

func topCommand() *command {
	return &command{
		name: "top", summary: "Show a running probe in the terminal.",
		about: "Refreshes every second: calls, streams and packets, what the probe itself dropped, how each segment sounds, and the worst streams." +
			" Keys: q ends it, s sorts the streams by the next figure, p pauses.",
		flags: func() *flagSet { return new(topFlags).define() },
		run:   top,
	}
}

func top(ctx context.Context, args []string, std stdio) error {
	var f topFlags
	fs := f.define()
	rest, err := fs.parse(args)
	if err == nil {
		err = f.check(rest)
	}
	if err != nil {
		return err
	}
	c, err := f.client.open()
	if err != nil {
		return err
	}
	screen := &topScreen{style: style(f.color, std.out), sort: f.sort, url: c.base}
	terminal, ok := std.out.(*os.File)
	if f.once || !ok || !term.IsTerminal(int(terminal.Fd())) {
		s, streams, err := c.picture(ctx, f.sort)
		if err != nil {
			return err
		}
		return screen.print(std.out, s, streams)
	}
	return screen.refresh(ctx, c, terminal, std, time.Duration(f.seconds*float64(time.Second)))
}

func (f *topFlags) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return usageError("top takes no arguments, got %q", rest[0])
	case !(f.seconds >= 0.2 && f.seconds <= 3600):
		return usageError("--interval: got %v, want 0.2 to 3600 seconds", f.seconds)
	case f.color != "auto" && f.color != "always" && f.color != "never":
		return usageError("--color: got %q, want auto, always or never", f.color)
	}
	for _, s := range topSorts {
		if s == f.sort {
			return nil
		}
	}
	return usageError("--sort: got %q, want mos or loss", f.sort)
}

// picture is what one frame shows.
func (c *client) picture(ctx context.Context, sort string) (*web.Summary, []web.Stream, error) {
	var s web.Summary
	if err := c.get(ctx, "/api/v1/summary", &s); err != nil {
		return nil, nil, err
	}
	if sort == topSorts[0] {
		return &s, s.Worst, nil
	}
	var list web.StreamList
	if err := c.get(ctx, "/api/v1/streams?limit=50&sort="+sort, &list); err != nil {
		return nil, nil, err
	}
	return &s, list.Streams, nil
}

// topSorts are the figures that streams are sorted by, in the order of the key s.
var topSorts = []string{"mos", "loss"}

// topScreen is what stays from frame to frame.
type topScreen struct {
	style  report.Style
	height int // lines of the terminal; 0: no limit
	sort   string
	url    string
	paused bool
	failed error // why the last look gave nothing
}

func (t *topScreen) print(w io.Writer, s *web.Summary, streams []web.Stream) error {
	out := bufio.NewWriter(w)
	for _, line := range t.frame(s, streams) {
		fmt.Fprintln(out, line)
	}
	return out.Flush()
}
