package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"earshot/dialog"
	"earshot/spelling"
	"earshot/topology"
)

// maxLegHeaders is how many the parser looks for.
const maxLegHeaders = 16

// problems says what cannot be in a configuration, whether or not this run
// uses it. It looks at no file and no interface. Only a whole configuration is
// judged as a whole.
func (c *config) problems(whole bool) []problem {
	wrong := c.outOfBounds()
	wrong = append(wrong, c.wrongNames()...)
	wrong = append(wrong, c.wrongCaptures()...)
	wrong = append(wrong, c.wrongHEP()...)
	wrong = append(wrong, c.wrongOutputs()...)
	if whole {
		wrong = append(wrong, c.wrongTopology()...)
		wrong = append(wrong, c.wrongAlerting()...)
		wrong = append(wrong, c.wrongReports()...)
		wrong = append(wrong, c.wrongOutbox()...)
	}
	return wrong
}

// wrongNames checks what is chosen from a list.
func (c *config) wrongNames() []problem {
	var wrong []problem
	if n := len(c.LegHeaders); n > maxLegHeaders {
		wrong = append(wrong, problem{text: fmt.Sprintf("leg_headers has %d names, want at most %d", n, maxLegHeaders)})
	}
	for _, name := range c.LegHeaders {
		if name == "" || strings.ContainsAny(name, ": \t\r\n") {
			wrong = append(wrong, problem{text: fmt.Sprintf("leg_headers: %q is no header name", name)})
		}
	}
	for _, w := range c.Findings.Ignore {
		if codes := dialog.FindingCodes(); !slices.Contains(codes, w.text) {
			wrong = append(wrong, problem{w.line, fmt.Sprintf("there is no finding %q%s", w.text, spelling.Hint(w.text, codes))})
		}
	}
	choices := []struct {
		key  string
		got  word
		want []string
	}{
		{"log.level", c.Log.Level, logLevels},
		{"log.format", c.Log.Format, logFormats},
		{"save.memory_rtp", c.Save.MemoryRTP, keepWords},
		{"save.rtp", c.Save.RTP, keepWords},
	}
	for _, x := range choices {
		if x.got.text != "" && !slices.Contains(x.want, x.got.text) {
			wrong = append(wrong, problem{x.got.line, fmt.Sprintf("%s is %q, want one of %s%s", x.key, x.got.text, strings.Join(x.want, ", "), spelling.Hint(x.got.text, x.want))})
		}
	}
	return wrong
}

// wrongTopology checks networks by line, then peers and segments as a whole.
func (c *config) wrongTopology() []problem {
	var wrong []problem
	for i := range c.Peers {
		for _, w := range c.Peers[i].Networks {
			if _, err := parseNetwork(w.text); err != nil {
				wrong = append(wrong, problem{w.line, fmt.Sprintf("peers: %q is no network; want an address like 192.0.2.1 or a network like 192.0.2.0/24", w.text)})
			}
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	if _, err := topology.New(c.topology(), c.points()); err != nil {
		return []problem{{c.topologyLine(err.Error()), strings.TrimPrefix(err.Error(), "topology: ")}}
	}
	return nil
}

// topologyLine finds the entry whose name an error quotes first.
func (c *config) topologyLine(text string) int {
	line, first := 0, len(text)
	look := func(w word) {
		if i := strings.Index(text, strconv.Quote(w.text)); i >= 0 && i < first {
			line, first = w.line, i
		}
	}
	for i := range c.Peers {
		look(c.Peers[i].Name)
	}
	for i := range c.Segments {
		look(c.Segments[i].Name)
	}
	return line
}

// parseNetwork takes an address for a network of one.
func parseNetwork(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// wrongOutputs checks the listener for metrics, the push, and what is written.
func (c *config) wrongOutputs() []problem {
	var wrong []problem
	w, p := &c.Web, &c.Metrics.Push
	if w.Listen.text != listenNone {
		wrong = append(wrong, wrongAddress("web.listen", w.Listen)...)
	}
	if (w.TLSCert.text == "") != (w.TLSKey.text == "") {
		wrong = append(wrong, problem{max(w.TLSCert.line, w.TLSKey.line), "web.tls_cert and web.tls_key go together"})
	}
	if p.URL.text != "" {
		if u, err := url.Parse(p.URL.text); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			wrong = append(wrong, problem{p.URL.line, fmt.Sprintf("metrics.push.url is %q, want http://host:port/path or https://…", p.URL.text)})
		} else if u.User != nil {
			wrong = append(wrong, problem{p.URL.line, "metrics.push.url holds a password; put user:password into a file and name it in metrics.push.user_file"})
		}
	}
	for name, value := range p.Labels {
		if !labelName.MatchString(name) {
			wrong = append(wrong, problem{value.line, fmt.Sprintf("metrics.push.labels: %q is no label name: letters, digits and _, not a digit first", name)})
		}
	}
	if s := &c.Save; s.FileMB.or(presetFileMB) > s.TotalMB.or(presetTotalMB) {
		wrong = append(wrong, problem{max(s.FileMB.line, s.TotalMB.line), "save.file_mb is above save.total_mb: there would be room for no file"})
	}
	return wrong
}

var labelName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
