package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"earshot/capture"
	"earshot/pipeline"
)

// progressBar shows how far a long replay has come, on a terminal only.
type progressBar struct {
	bar        *progressbar.ProgressBar
	quit, done chan struct{}
}

// startProgress begins to watch a replay. Nothing appears in the first second,
// so short files don't flicker.
func startProgress(quiet bool, w io.Writer, files *capture.Files, p *pipeline.Pipeline) *progressBar {
	f, ok := w.(*os.File)
	if quiet || !ok || !term.IsTerminal(int(f.Fd())) {
		return &progressBar{}
	}
	b := &progressBar{quit: make(chan struct{}), done: make(chan struct{})}
	b.bar = progressbar.NewOptions64(files.Size(),
		progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	go b.watch(files, p)
	return b
}

func (b *progressBar) watch(files *capture.Files, p *pipeline.Pipeline) {
	defer close(b.done)
	t := time.NewTicker(200 * time.Millisecond)
	defer t.Stop()
	started := time.Now()
	for {
		select {
		case <-b.quit:
			_ = b.bar.Clear()
			return
		case <-t.C:
		}
		if time.Since(started) < time.Second {
			continue
		}
		packets, _ := p.Progress()
		b.bar.Describe(fmt.Sprintf("%.1f M packets", float64(packets)/1e6))
		_ = b.bar.Set64(files.Offset())
	}
}

// stop takes the bar away.
func (b *progressBar) stop() {
	if b.quit == nil {
		return
	}
	close(b.quit)
	<-b.done
}
