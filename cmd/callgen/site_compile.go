package main

import (
	"flag"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"time"
)

// siteCompiler checks a scenario part by part; the first error stays.
type siteCompiler struct {
	s   *siteScenario
	w   *siteWorld
	err error
}

// compile checks a scenario and makes it ready.
func (s *siteScenario) compile() (*siteWorld, error) {
	c := &siteCompiler{s: s, w: &siteWorld{name: s.Name}}
	for _, part := range []func(){c.time, c.calls, c.media, c.sbc, c.places, c.trunks, c.apart, c.events, c.changes, c.faults} {
		if part(); c.err != nil {
			return nil, c.err
		}
	}
	return c.w, nil
}

func (c *siteCompiler) failf(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// or returns the text, or what stands for none.
func or(text, none string) string {
	if text == "" {
		return none
	}
	return text
}

// set parses a text into what flags use; an empty one is left alone.
func (c *siteCompiler) set(key, text string, v interface{ Set(string) error }) {
	if text == "" {
		return
	}
	if err := v.Set(text); err != nil {
		c.failf("%s %q: %w", key, text, err)
	}
}

func (c *siteCompiler) duration(key, text, none string) time.Duration {
	d, err := time.ParseDuration(or(text, none))
	if err != nil || d < 0 {
		c.failf("%s %q: want a time such as %s", key, text, or(none, "30s"))
	}
	return d
}

// maxLength is the longest scenario: a year.
const maxLength = 366 * 24 * time.Hour

func (c *siteCompiler) time() {
	start, err := time.Parse(time.RFC3339, or(c.s.Start, "2026-01-05T08:00:00Z"))
	if err != nil || start.Unix() < 0 || start.Unix() > math.MaxUint32/2 {
		c.failf("start %q: want a time such as 2026-01-05T08:00:00Z, 1970 to 2038", c.s.Start)
		return
	}
	length := c.duration("length", c.s.Length, "1h")
	if length < time.Minute || length > maxLength {
		c.failf("length %q: want 1m to %s", c.s.Length, maxLength)
	}
	c.w.start, c.w.end = start.UnixNano(), start.UnixNano()+int64(length)
}

func (c *siteCompiler) calls() {
	s, t := &c.s.Calls, newTraffic()
	t.declare(flag.NewFlagSet("", flag.ContinueOnError)) // gives the defaults
	c.w.traffic = t
	if !(s.PerHour > 0 && s.PerHour <= 1e6) {
		c.failf("calls.per-hour %g: want more than 0, up to 1e6", s.PerHour)
	}
	c.w.perHour = s.PerHour
	rhythm, err := newRhythm(s)
	if err != nil {
		c.failf("%w", err)
	}
	c.w.rhythm = rhythm
	c.set("calls.inbound", s.Inbound, &c.w.inbound)
	c.set("calls.talk", s.Talk, &t.duration)
	c.set("calls.ring", s.Ring, &t.ring)
	c.set("calls.fail", s.Fail, &t.fail)
}

func (c *siteCompiler) media() {
	s, t := &c.s.Media, c.w.traffic
	c.set("media.ptime", s.PTime, &t.ptime)
	c.set("media.loss", s.Loss, &t.loss)
	c.set("media.jitter", s.Jitter, &t.jitter)
	c.set("media.codecs", s.Codecs, &t.codecs)
	t.rtcp = c.duration("media.rtcp", s.RTCP, "5s")
	t.headersOnly, t.mediaPorts, t.b2bua = s.HeadersOnly, 20000, 100
	if err := t.validate(); c.err == nil && err != nil {
		c.failf("calls and media: %w", err)
	}
}

// network reads a network with room for so many hosts.
func (c *siteCompiler) network(key, text string, hosts int) netip.Prefix {
	var p prefix
	if err := p.Set(text); err != nil {
		c.failf("%s %q: %w", key, text, err)
		return netip.Prefix{}
	}
	if n := netip.Prefix(p); hosts < 1 || hosts > hostsIn(n) {
		c.failf("%s %s: %d hosts: want 1 to %d", key, n, hosts, hostsIn(n))
	}
	return netip.Prefix(p)
}

func (c *siteCompiler) sbc() {
	s := &c.s.SBC
	n := max(1, s.Addresses)
	c.w.sbcNet = c.network("sbc.network", or(s.Network, "192.0.2.0/28"), n)
	if c.err != nil {
		return
	}
	for i := range n {
		c.w.sbcs = append(c.w.sbcs, place(c.w.sbcNet, i, false, 0))
	}
	c.w.sbcOwner = or(s.Owner, "operator")
}

// goodName is what names of sites and trunks may be: labels without quoting.
var goodName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

func (c *siteCompiler) name(what, name string, taken map[string]bool) {
	switch {
	case !goodName.MatchString(name) || name == "other" || name == "sbc":
		c.failf("%s %q: want a name of 1 to 40 letters, digits, _ . or -, not other or sbc", what, name)
	case taken[name]:
		c.failf("%s %q: the name is taken", what, name)
	}
	taken[name] = true
}

func (c *siteCompiler) codecs(key, text string) *mix[*codec] {
	if text == "" {
		return nil
	}
	m := newMix("pcmu", parseCodec)
	c.set(key, text, &m)
	for _, x := range m.values() {
		for _, ms := range c.w.traffic.ptime.values() {
			if ms%x.frameMS != 0 {
				c.failf("%s: codec %s wants a media.ptime that is a multiple of %d ms", key, x.name, x.frameMS)
			}
		}
	}
	return &m
}

func (c *siteCompiler) delay(key, text, none string) time.Duration {
	d, err := parseDelay(or(text, none))
	if err != nil {
		c.failf("%s: %w", key, err)
	}
	return d
}

func (c *siteCompiler) weight(key string, w float64) float64 {
	if !(w >= 0 && w <= 1e9) {
		c.failf("%s: weight %g: want a number from 0", key, w)
	}
	if w == 0 {
		return 1
	}
	return w
}
