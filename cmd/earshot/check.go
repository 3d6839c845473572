package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"earshot/topology"
	"earshot/web"
)

func checkCommand() *command {
	return &command{
		name: "check", args: "FILE", files: true,
		summary: "Check a configuration file.",
		about: "Says OK and what the file asks for: captures, peers, segments, and the largest number of metric series that it can lead to, against the budget." +
			" Files that it names must be there and fit to be used. Otherwise the status is 2, and everything that is wrong is told at once.",
		flags: func() *flagSet { return newFlagSet("check") },
		run:   check,
	}
}

func check(_ context.Context, args []string, std stdio) error {
	files, err := newFlagSet("check").parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(std.out, checkCommand().help())
		return nil
	}
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return usageError("check wants one configuration file, got %d", len(files))
	}
	c, err := loadConfig(files[0])
	if err != nil {
		return err
	}
	wrong := c.unusable()
	plan, err := topology.New(c.topology(), c.points())
	if err != nil {
		return usageError("%v", err)
	}
	b := c.budget(plan)
	if err := b.Err(); err != nil {
		wrong = append(wrong, problem{c.Metrics.MaxSeries.line, err.Error()})
	}
	if len(wrong) > 0 {
		return configError(files[0], wrong)
	}
	c.describe(std.out, b)
	return nil
}

// unusable looks at the files that a configuration names.
func (c *config) unusable() []problem {
	var wrong []problem
	look := func(w word, err error) {
		if err != nil {
			wrong = append(wrong, problem{w.line, err.Error()})
		}
	}
	_, err := c.measuring()
	look(word{}, err)
	_, err = c.hepDecoding()
	look(c.HEP.KeysFile, err)
	_, _, err = c.hepServerTLS()
	look(c.HEP.TLS, err)
	for i := range c.HEPOut {
		o := &c.HEPOut[i]
		_, err = secret(c.path(o.KeyFile.text), o.KeyEnv.text)
		look(o.KeyFile, err)
		_, err = c.senderTLS(o)
		look(o.TLSCA, err)
	}
	if address := c.webAddress(); address != "" {
		look(c.Web.Listen, c.server(nil).Check(address))
	}
	if c.Metrics.Push.URL.text != "" {
		push := c.push(nil)
		look(c.Metrics.Push.URL, push.Check())
	}
	return append(wrong, c.wrongFolders()...)
}

// wrongFolders looks at where things are to be written. The folder of capture
// files is made at the start where its parent is there.
func (c *config) wrongFolders() []problem {
	var wrong []problem
	if dir := c.path(c.Save.Dir.text); dir != "" {
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			wrong = append(wrong, problem{c.Save.Dir.line, fmt.Sprintf("save.dir: %q is no folder", dir)})
		}
	}
	if file := c.path(c.Records.File.text); file != "" && file != "-" {
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			wrong = append(wrong, problem{c.Records.File.line, fmt.Sprintf("records.file: %q is a folder", file)})
		}
	}
	return wrong
}

// budget is the worst case of series.
func (c *config) budget(plan *topology.Plan) web.Budget {
	return web.WorstCase(plan, c.metricsConfig(plan))
}

// describe says what a configuration asks for.
func (c *config) describe(w io.Writer, b web.Budget) {
	fmt.Fprintf(w, "OK: %s\n\n", c.file)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := range c.Captures {
		x := &c.Captures[i]
		filter := x.Filter.text
		if filter == "" {
			filter = "what voice needs"
		}
		fmt.Fprintf(t, "capture\t%s\tpoint %s, filter: %s%s\n", x.Name.text, x.point(), filter, x.notice())
	}
	for _, l := range []struct {
		network string
		addr    word
	}{{"UDP", c.HEP.UDP}, {"TCP", c.HEP.TCP}, {"TLS", c.HEP.TLS}} {
		if l.addr.text != "" {
			fmt.Fprintf(t, "HEP in\t%s\t%s, point %s\n", l.addr.text, l.network, c.HEP.point())
		}
	}
	for _, id := range c.HEP.nodeIDs() {
		fmt.Fprintf(t, "HEP node\t%d\tpoint %s\n", id, c.HEP.Nodes[id].text)
	}
	for i := range c.HEPOut {
		fmt.Fprintf(t, "HEP out\t%s\t%s, node %s\n", c.HEPOut[i].Address.text, c.HEPOut[i].network(), decimal(c.HEPOut[i].Node.or(presetNode)))
	}
	for i := range c.Peers {
		fmt.Fprintf(t, "peer\t%s\t%s\n", c.Peers[i].Name.text, strings.Join(texts(c.Peers[i].Networks), ", "))
	}
	for i := range c.Segments {
		fmt.Fprintf(t, "segment\t%s\t%s\n", c.Segments[i].Name.text, c.Segments[i].rule())
	}
	if address := c.webAddress(); address != "" {
		fmt.Fprintf(t, "web\t%s\n", address)
	}
	_ = t.Flush()
	if len(c.Captures) == 0 && !c.HEP.listens() {
		fmt.Fprintln(w, "\nThere is nothing to listen to: \"earshot run\" wants an interface on the command line.")
	}
	describeBudget(w, b)
}

func describeBudget(w io.Writer, b web.Budget) {
	fmt.Fprintln(w, "\nMetric series at most:")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, i := range b.Items {
		fmt.Fprintf(t, "%d\t = %d × %d\t\t%s\n", i.Series, i.Count, i.Each, i.Name)
	}
	_ = t.Flush()
	fmt.Fprintf(w, "%d of a budget of %d\n", b.Total, b.Limit)
}

// notice warns of what is allowed and seldom meant.
func (x *captureConfig) notice() string {
	var s string
	if n := x.SnapLength.whole(); n > 0 && n < 2000 {
		s += fmt.Sprintf("; %d octets of a frame may cut SIP messages", n)
	}
	if f := x.Filter.text; strings.Contains(f, "port") && !strings.Contains(f, "fragment") {
		s += "; without \"or fragment\" it loses the rest of fragmented SIP messages"
	}
	if hint, is := missing(x.Name.text); is {
		s += "; not here now, " + hint
	}
	return s
}

// rule says what a segment takes.
func (s *segmentConfig) rule() string {
	var parts []string
	add := func(what string, names []string) {
		if len(names) > 0 {
			parts = append(parts, what+" "+strings.Join(names, ", "))
		}
	}
	add("near", texts(s.Near))
	add("far", texts(s.Far))
	add("trunks", texts(s.Trunks))
	var vlans []string
	for _, v := range s.VLANs {
		vlans = append(vlans, decimal(v.value))
	}
	add("VLANs", vlans)
	add("points", texts(s.Points))
	return strings.Join(parts, "; ")
}
