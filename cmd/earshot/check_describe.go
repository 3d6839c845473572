package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/alerting/outbox"
	"earshot/web"
)

// describe says what a configuration asks for.
func (c *config) describe(w io.Writer, parts *alertingParts, destinations []*outbox.Setting, b web.Budget) {
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
		fmt.Fprintf(t, "peer\t%s\t%s\n", c.Peers[i].Name.text, c.Peers[i].facts())
	}
	for i := range c.Segments {
		fmt.Fprintf(t, "segment\t%s\t%s\n", c.Segments[i].Name.text, c.Segments[i].rule())
	}
	c.describeAlerting(t, parts, time.Now())
	describeDestinations(t, destinations)
	c.describeOutputs(t)
	_ = t.Flush()
	if len(c.Captures) == 0 && !c.HEP.listens() {
		fmt.Fprintln(w, "\nThere is nothing to listen to: \"earshot run\" wants an interface on the command line.")
	}
	describeBudget(w, b)
}

// describeOutputs says what is shown and kept.
func (c *config) describeOutputs(w io.Writer) {
	if address := c.webAddress(); address != "" {
		fmt.Fprintf(w, "web\t%s\t%s\n", address, c.login())
	}
	if p := &c.Metrics.Push; p.URL.text != "" {
		to, _, _ := strings.Cut(p.URL.text, "?") // what follows may be a token
		fmt.Fprintf(w, "push\t%s\tevery %s s\n", to, decimal(p.IntervalS.or(presetPushSeconds)))
	}
	s := &c.Save
	if mb := s.MemoryMB.or(presetMemoryMB); mb > 0 {
		fmt.Fprintf(w, "recent packets\t%s MiB\tRTP: %s\n", decimal(mb), orFirst(s.MemoryRTP, keepWords))
	}
	if s.Dir.text != "" {
		fmt.Fprintf(w, "capture files\t%s\tRTP: %s, %s MiB in all\n", c.path(s.Dir.text), orFirst(s.RTP, keepWords), decimal(s.TotalMB.or(presetTotalMB)))
	}
	if c.Records.File.text != "" {
		fmt.Fprintf(w, "records\t%s\n", c.path(c.Records.File.text))
	}
	if c.Store.Dir.text != "" {
		io.WriteString(w, c.describeStore())
	}
}

// login says who may look.
func (c *config) login() string {
	w := &c.Web
	how := "plain HTTP"
	if w.TLSCert.text != "" {
		how = "TLS"
	}
	if w.UsersFile.text+w.TokensFile.text+w.TokenEnv.text == "" {
		return how + ", no login"
	}
	return how + ", with login"
}

// orFirst is a chosen word, the first of its list where none was chosen.
func orFirst(w word, words []string) string {
	if w.text == "" {
		return words[0]
	}
	return w.text
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

// facts are a peer's networks and who runs it.
func (p *peerConfig) facts() string {
	text := strings.Join(texts(p.Networks), ", ")
	if p.Owner.text != "" {
		text += "; owner " + p.Owner.text
	}
	if p.Contact.text != "" {
		text += "; contact " + p.Contact.text
	}
	return text
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
	for _, x := range []struct {
		what string
		w    word
	}{{"owner", s.Owner}, {"contact", s.Contact}, {"site", s.Site}, {"tenant", s.Tenant}, {"plan", s.Plan}} {
		if x.w.text != "" {
			add(x.what, []string{x.w.text})
		}
	}
	return strings.Join(parts, "; ")
}
