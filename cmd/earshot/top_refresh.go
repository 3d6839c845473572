package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/term"

	"earshot/web"
)

// Sequences of every terminal since the VT100, but the other screen, which is xterm's.
const (
	otherScreen = "\x1b[?1049h\x1b[?25l" // and no cursor
	thisScreen  = "\x1b[?25h\x1b[?1049l"
	toTop       = "\x1b[H"
	restOfLine  = "\x1b[K"
	restBelow   = "\x1b[J"
)

// refresh draws until q is pressed or ctx is done. The terminal is then as it was.
func (t *topScreen) refresh(ctx context.Context, c *client, terminal *os.File, std stdio, every time.Duration) error {
	s, streams, err := c.picture(ctx, t.sort)
	if err != nil {
		return err // nothing to draw: say it where it stays
	}
	keys := make(chan byte)
	if in, ok := std.in.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		old, err := term.MakeRaw(int(in.Fd()))
		if err != nil {
			return fmt.Errorf("cannot read keys: %w", err)
		}
		defer func() { _ = term.Restore(int(in.Fd()), old) }()
		go readKeys(in, keys)
	}
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	fmt.Fprint(terminal, otherScreen)
	defer fmt.Fprint(terminal, thisScreen)

	look := time.NewTicker(every)
	defer look.Stop()
	for {
		if err := t.draw(terminal, s, streams); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-resized:
			continue
		case key := <-keys:
			if !t.key(key) {
				return nil
			}
		case <-look.C:
		}
		if !t.paused {
			s, streams = t.look(ctx, c, s, streams)
		}
	}
}

// look asks the probe again; without an answer the last picture stays, and says so.
func (t *topScreen) look(ctx context.Context, c *client, s *web.Summary, streams []web.Stream) (*web.Summary, []web.Stream) {
	newer, list, err := c.picture(ctx, t.sort)
	if t.failed = err; err != nil {
		return s, streams
	}
	return newer, list
}

// ctrlC is what a raw terminal gives in place of a signal.
const ctrlC = 3

// key answers a key; false ends the program.
func (t *topScreen) key(k byte) bool {
	switch k {
	case 'q', 'Q', ctrlC:
		return false
	case 's':
		t.sort = topSorts[(slices.Index(topSorts, t.sort)+1)%len(topSorts)]
	case 'p', ' ':
		t.paused = !t.paused
	}
	return true
}

func readKeys(in io.Reader, keys chan<- byte) {
	var b [1]byte
	for {
		if _, err := in.Read(b[:]); err != nil {
			return
		}
		keys <- b[0]
	}
}

// draw puts a picture on the terminal in one write, so that it doesn't flicker.
func (t *topScreen) draw(terminal *os.File, s *web.Summary, streams []web.Stream) error {
	if width, height, err := term.GetSize(int(terminal.Fd())); err == nil {
		t.style.Width, t.height = width, height-1
	}
	out := bufio.NewWriterSize(terminal, 64<<10)
	fmt.Fprint(out, toTop)
	for _, line := range t.frame(s, streams) {
		fmt.Fprint(out, line, restOfLine, "\r\n")
	}
	fmt.Fprint(out, t.line(cell{"q quit  s sort by " + t.next() + "  p pause", sgrFaint}), restOfLine, restBelow)
	return out.Flush()
}

// next is the figure that the key s would sort by.
func (t *topScreen) next() string {
	return topSorts[(slices.Index(topSorts, t.sort)+1)%len(topSorts)]
}
