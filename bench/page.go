package main

import (
	"fmt"
	"strings"
	"time"

	"earshot/bench/rig"
)

// page is the whole of bench/README.md.
func page(rows []row, runs int) string {
	var b strings.Builder
	b.WriteString("# How fast\n\nWritten by `make bench`: whole processes, default settings, all statistics and both jitter-buffer models on, results printed, " +
		"the capture in the page cache. Captures are made by `bin/callgen -profile NAME`.\n\n")
	fmt.Fprintf(&b, "%s Best and median of %d runs; tshark once.\n\n", rig.Machine(program), runs)
	b.WriteString("| capture | packets | earshot best | median | `--json` best | target | CPU | own memory | per concurrent call | tshark `-z rtp,streams` | ratio |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		best := r.best()
		fmt.Fprintf(&b, "| %s (`%s`, %d MB) | %.2f M | **%s** | %s | %s | %s | %.2f s | %d MB | %.1f kB |", r.name, r.profile, r.size>>20, r.packets/1e6,
			rate(r.packets, best.wall), rate(r.packets, r.median().wall), rate(r.packets, r.json[0].wall), rate(r.target, time.Second),
			best.cpu.Seconds(), peak(r.earshot)>>20, float64(peak(r.earshot))/float64(r.calls)/1000)
		if r.tshark == nil {
			b.WriteString(" – | – |\n")
			continue
		}
		fmt.Fprintf(&b, " %s | %.0f × |\n", rate(r.packets, r.tshark.wall), r.tshark.wall.Seconds()/best.wall.Seconds())
	}
	b.WriteString("\nRates are packets per second of wall time, from the start of the process to its end. Own memory is the peak of RssAnon, " +
		"resident memory without the pages of the capture itself. Functions have Go benchmarks beside them (`*_timing_test.go`).\n")
	return b.String()
}

func rate(packets float64, d time.Duration) string {
	return fmt.Sprintf("%.2f Mpps", packets/d.Seconds()/1e6)
}

func peak(samples []sample) int64 {
	var p int64
	for _, s := range samples {
		p = max(p, s.anon)
	}
	return p
}
