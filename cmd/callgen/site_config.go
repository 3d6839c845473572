package main

import (
	"fmt"
	"os"
	"strings"
)

// config is the monitor's configuration that fits the scenario: peers and
// segments by the names that the truth uses. Owners stand beside them as comments.
func (w *siteWorld) config() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Goes with the site scenario %q.\npeers:\n  - {name: sbc, networks: [%s]}\n", w.name, w.sbcNet)
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
		fmt.Fprintf(&b, "  - {name: %s, near: [sbc], far: [%s]%s} # owner: %s\n", t.name, t.carrier, domain, t.owner)
	}
	for _, p := range w.places {
		fmt.Fprintf(&b, "  - {name: %s, near: [sbc], far: [%s]} # owner: %s\n", p.segment(), p.name, p.owner)
	}
	return b.String()
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
