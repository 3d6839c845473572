package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// config is the monitor's configuration that fits the scenario: peers, segments
// with their owners and announced work, by the names that the truth uses.
func (w *siteWorld) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Goes with the site scenario %q.\npeers:\n  - {name: sbc, networks: [%s], owner: %q}\n", w.name, w.sbcNet, w.sbcOwner)
	carriers := map[string]int{}
	for _, t := range w.trunks {
		if carriers[t.carrier]++; carriers[t.carrier] == 1 {
			fmt.Fprintf(&b, "  - {name: %s, networks: [%s]}\n", t.carrier, t.net)
		}
	}
	for _, p := range w.places {
		fmt.Fprintf(&b, "  - {name: %s, networks: [%s]}\n", p.name, p.net)
	}
	b.WriteString("segments:\n")
	for _, t := range w.trunks {
		domain := ""
		if carriers[t.carrier] > 1 { // only the domain tells one carrier's trunks apart
			domain = ", trunks: [" + t.domain + "]"
		}
		fmt.Fprintf(&b, "  - {name: %s, near: [sbc], far: [%s]%s, owner: %q}\n", t.name, t.carrier, domain, t.owner)
	}
	for _, p := range w.places {
		fmt.Fprintf(&b, "  - {name: %s, near: [sbc], far: [%s], owner: %q, site: %q}\n", p.segment(), p.name, p.owner, p.name)
	}
	w.writeMaintenance(&b)
	fmt.Fprintf(&b, "alerting: {operator: %q}\n", w.sbcOwner)
	return b.String()
}

// writeMaintenance writes a window for each time of announced work; work that
// comes and goes is announced as a whole.
func (w *siteWorld) writeMaintenance(b *strings.Builder) {
	if len(w.upkeep) == 0 {
		return
	}
	b.WriteString("maintenance:\n")
	for i, m := range w.upkeep {
		fmt.Fprintf(b, "  - {name: work-%d, segments: [%s], zone: UTC, from: %q, to: %q}\n", i+1, m.segment,
			time.Unix(0, m.when.from).UTC().Format(time.RFC3339), time.Unix(0, m.when.to).UTC().Format(time.RFC3339))
	}
}

func (w *siteWorld) writeConfig(path string) error {
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path, []byte(w.config()), 0o644); err != nil {
		return fmt.Errorf("cannot write the configuration: %w", err)
	}
	return nil
}
