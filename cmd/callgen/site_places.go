package main

import (
	"fmt"
	"net/netip"
	"slices"
)

// maxPlaces is how many sites and how many trunks there can be: with the SBC the
// monitor has room for a thousand peers.
const maxPlaces = 490

// places makes the sites; one with a count becomes as many, each in the next
// /24 of its network.
func (c *siteCompiler) places() {
	if len(c.s.Sites) == 0 {
		c.failf("sites: want at least one")
	}
	taken := map[string]bool{}
	for i := range c.s.Sites {
		s := &c.s.Sites[i]
		if s.Count == 0 {
			c.place(s, s.Name, s.Network, taken)
			continue
		}
		net, err := netip.ParsePrefix(s.Network)
		if err != nil || !net.Addr().Is4() || net.Bits() > 24 || s.Count < 1 || s.Count > 1<<(24-min(24, net.Bits())) {
			c.failf("site %q: count %d: want a network of at least as many /24, not %q", s.Name, s.Count, s.Network)
			return
		}
		if s.Count > maxPlaces {
			c.failf("site %q: count %d: want at most %d", s.Name, s.Count, maxPlaces)
			return
		}
		for n := range s.Count {
			base := net.Masked().Addr().As4()
			third := int(base[1])<<8 + int(base[2]) + n
			part := netip.AddrFrom4([4]byte{base[0], byte(third >> 8), byte(third), 0})
			c.place(s, fmt.Sprintf("%s-%02d", s.Name, n+1), part.String()+"/24", taken)
		}
	}
}

const allAgents = "Yealink SIP-T46U 108.86.0.20=50,PolyEdge-E350-UA/8.1.1=30,Cisco-CP8851/14.2=20"

func (c *siteCompiler) place(s *placeSpec, name, network string, taken map[string]bool) {
	key := fmt.Sprintf("site %q", name)
	c.name("site", name, taken)
	phones := s.Phones
	if phones == 0 {
		phones = 20
	}
	p := &premises{
		name: name, group: s.Group, owner: or(s.Owner, "customer"), domain: or(s.Domain, "ours.example"),
		net: c.network(key+" network", network, phones), phones: phones, weight: c.weight(key, s.Weight),
		delay: c.delay(key, s.Delay, "10ms"), codecs: c.codecs(key, s.Codecs),
		registerEvery: c.duration(key+" register-every", s.RegisterEvery, "0s"),
		agents:        newMix(allAgents, func(s string) (string, error) { return s, nil }),
	}
	c.set(key+" user-agents", s.UserAgents, &p.agents)
	c.w.places = append(c.w.places, p)
}

func (c *siteCompiler) trunks() {
	if len(c.s.Trunks) == 0 {
		c.failf("trunks: want at least one")
	}
	taken := map[string]bool{}
	if len(c.w.places) > maxPlaces || len(c.s.Trunks) > maxPlaces {
		c.failf("%d sites and %d trunks: want at most %d of each", len(c.w.places), len(c.s.Trunks), maxPlaces)
		return
	}
	for i := range c.s.Trunks {
		s := &c.s.Trunks[i]
		key := fmt.Sprintf("trunk %q", s.Name)
		c.name("trunk", s.Name, taken)
		n := max(1, s.Gateways)
		t := &trunk{
			name: s.Name, carrier: or(s.Carrier, s.Name), domain: or(s.Domain, s.Name+".example"),
			net: c.network(key+" network", s.Network, n), gateways: n, weight: c.weight(key, s.Weight),
			delay: c.delay(key, s.Delay, "15ms"), codecs: c.codecs(key, s.Codecs),
		}
		t.owner = or(s.Owner, t.carrier)
		c.w.trunks = append(c.w.trunks, t)
	}
}

// apart checks that no address belongs to two; trunks of one carrier share its network.
func (c *siteCompiler) apart() {
	type owned struct {
		who string
		net netip.Prefix
	}
	list := []owned{{"sbc", c.w.sbcNet}}
	for _, p := range c.w.places {
		list = append(list, owned{"site " + p.name, p.net})
	}
	for _, t := range c.w.trunks {
		same := slices.ContainsFunc(c.w.trunks, func(o *trunk) bool { return o.carrier == t.carrier && o.net != t.net })
		if same {
			c.failf("trunk %q: trunks of carrier %q want the same network", t.name, t.carrier)
		}
		list = append(list, owned{"carrier " + t.carrier, t.net})
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if a.who != b.who && a.net.Overlaps(b.net) {
				c.failf("%s and %s: networks %s and %s overlap", b.who, a.who, b.net, a.net)
			}
		}
	}
}

// segments lists the segments with their owners, in the order of the configuration.
func (w *siteWorld) segments() (list []segmentOwner) {
	for _, t := range w.trunks {
		list = append(list, segmentOwner{t.name, t.carrier, t.owner})
	}
	for _, p := range w.places {
		list = append(list, segmentOwner{p.segment(), p.name, p.owner})
	}
	return list
}

// segmentOwner is a segment with the peer on its far side and who answers for it.
type segmentOwner struct{ segment, peer, owner string }

// events checks quiet times, maintenance and the probe's own drops.
func (c *siteCompiler) events() {
	w := c.w
	for i := range c.s.Quiet {
		q := &c.s.Quiet[i]
		one := quiet{when: c.window(fmt.Sprintf("quiet %d", i+1), &q.When)}
		if q.Site != "" {
			one.place = find(c, "quiet: site", q.Site, w.places, func(p *premises) string { return p.name })
		}
		if q.Trunk != "" {
			one.trunk = find(c, "quiet: trunk", q.Trunk, w.trunks, func(t *trunk) string { return t.name })
		}
		w.quiet = append(w.quiet, one)
	}
	for i := range c.s.Maintenance {
		m := &c.s.Maintenance[i]
		find(c, "maintenance: segment", m.Segment, w.segments(), func(s segmentOwner) string { return s.segment })
		w.upkeep = append(w.upkeep, upkeep{m.Segment, c.window(fmt.Sprintf("maintenance %d", i+1), &m.When)})
	}
	for i := range c.s.CaptureDrops {
		d := &c.s.CaptureDrops[i]
		one := drop{when: c.window(fmt.Sprintf("capture-drops %d", i+1), &d.When)}
		c.set("capture-drops: share", or(d.Share, "10%"), &one.share)
		w.drops = append(w.drops, one)
	}
}

func (c *siteCompiler) window(what string, s *whenSpec) window {
	w, err := s.window(c.w.start, c.w.end)
	if err != nil {
		c.failf("%s: %w", what, err)
	}
	return w
}

// find looks a name up; an unknown one is an error that lists the known ones.
func find[T any](c *siteCompiler, what, name string, list []T, nameOf func(T) string) (found T) {
	var known []string
	for _, x := range list {
		if nameOf(x) == name {
			return x
		}
		known = append(known, nameOf(x))
	}
	if err := oneOf(what, name, known); err != nil {
		c.failf("%w", err)
	}
	return found
}
