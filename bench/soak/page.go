package main

import (
	"fmt"
	"strings"
	"time"

	"earshot/bench/rig"
)

// page is the whole of bench/SOAK.md.
func (r *run) page(verdicts []verdict) string {
	var b strings.Builder
	b.WriteString("# Soak\n\nWritten by `make soak`: `earshot run` with default settings at one end of a veth pair. " +
		"Calls that `callgen` makes come and go all the time, and floods come between. " +
		"A table that is full turns newcomers away and counts them: that bounds it, and is no drop.\n\n")
	fmt.Fprintf(&b, "%s\n\n", rig.Machine(r.o.earshot))
	fmt.Fprintf(&b, "%g minutes, %.0f calls a second (%d packets, %.0f a second), besides %s.\n\n",
		r.o.minutes, r.o.rate, r.sent.Packets, r.sent.Rate(), r.beside())
	b.WriteString("| verdict | | |\n|---|---|---|\n")
	for _, v := range verdicts {
		word := "**no**"
		if v.passed {
			word = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", v.what, word, v.detail)
	}
	b.WriteString("\n## Means of each phase\n\n| phase |")
	for _, name := range figureNames {
		fmt.Fprintf(&b, " %s |", name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", int(figureCount)) + "\n")
	for _, p := range r.phases {
		fmt.Fprintf(&b, "| %s, from %s |", p.name, clock(p.from))
		for f := range figureCount {
			fmt.Fprintf(&b, " %.0f |", r.mean(f, p.from, p.until))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n" + r.course())
	return b.String()
}

// beside lists what was sent beside the calls, both rounds together.
func (r *run) beside() string {
	var all []string
	for _, f := range floods {
		first, again := r.flooded[f.name], r.flooded[f.name+secondRound]
		all = append(all, fmt.Sprintf("%d datagrams of %s (%.0f a second)", first.Packets+again.Packets, f.name, first.Rate()))
	}
	return strings.Join(all, ", ")
}

func clock(d time.Duration) string {
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
