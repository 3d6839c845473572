package main

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"
)

// siteWorld is a site scenario, checked and ready: who is there, what they do
// and what goes wrong.
type siteWorld struct {
	name       string
	start, end int64
	perHour    float64
	rhythm     rhythm
	inbound    percent
	traffic    *traffic // what all calls have in common
	sbcs       []netip.Addr
	sbcNet     netip.Prefix
	sbcOwner   string
	places     []*premises
	trunks     []*trunk
	quiet      []quiet
	faults     []*fault
	upkeep     []upkeep
	changes    []change
	drops      []drop
}

// premises are a site: phones in a network.
type premises struct {
	name, group, owner, domain string
	net                        netip.Prefix
	phones                     int
	weight                     float64
	delay                      time.Duration
	agents                     mix[string]
	codecs                     *mix[*codec] // nil: the trunk's
	registerEvery              time.Duration
}

// trunk is a way to the rest of the world.
type trunk struct {
	name, carrier, owner, domain string
	net                          netip.Prefix
	gateways                     int
	weight                       float64
	delay                        time.Duration
	codecs                       *mix[*codec] // nil: the site's
}

// segment names the part of the path between the SBC and a site, as the
// configuration that goes with the scenario does; a trunk's has the trunk's name.
func (p *premises) segment() string { return "access-" + p.name }

type quiet struct {
	place *premises // nil: any
	trunk *trunk
	when  window
}

type upkeep struct {
	segment string
	when    window
}

type drop struct {
	when  window
	share percent
}

// silenced reports whether nobody calls now between a site and a trunk.
func (w *siteWorld) silenced(p *premises, t *trunk, now int64) bool {
	return slices.ContainsFunc(w.quiet, func(q quiet) bool {
		return q.when.open(now) && (q.place == nil || q.place == p) && (q.trunk == nil || q.trunk == t)
	})
}

// draw picks by weight.
func draw[T any](r *rand.Rand, list []T, weight func(T) float64) T {
	total := 0.0
	for _, x := range list {
		total += weight(x)
	}
	v := r.Float64() * total
	for _, x := range list {
		if v -= weight(x); v < 0 {
			return x
		}
	}
	return list[len(list)-1]
}

// siteArrivals starts the calls of a site scenario: a Poisson process whose rate
// follows the day. It is an actor that fires at the rate of the busiest hour and
// lets some chances pass.
type siteArrivals struct {
	w *siteWorld
	g *group
	r *rand.Rand
}

// startSite enters everything that a site scenario does.
func startSite(e *engine, w *siteWorld) {
	g := newGroup(e, w.traffic, 0)
	a := &siteArrivals{w, g, e.random(g.id, 10)}
	e.add(e.tick(w.start), deferred(func(e *engine, now int64) { e.add(a.next(e, now), a) }))
	for i, p := range w.places {
		if p.registerEvery > 0 {
			startRegistrar(e, w, g, p, i)
		}
	}
}

func (a *siteArrivals) next(e *engine, now int64) int64 {
	return e.tick(now + 1 + int64(a.r.ExpFloat64()*float64(time.Hour)/a.w.perHour))
}

func (a *siteArrivals) fire(e *engine, now int64) int64 {
	if now >= a.w.end {
		return done
	}
	w, r := a.w, a.r
	busy := r.Float64() < w.rhythm.at(now)
	p := draw(r, w.places, func(p *premises) float64 { return p.weight })
	t := draw(r, w.trunks, func(t *trunk) float64 { return t.weight })
	inbound := w.inbound.hit(r)
	if busy && !w.silenced(p, t, now) {
		startSiteCall(e, a.g, &route{w: w, place: p, trunk: t, inbound: inbound}, now)
	}
	return a.next(e, now)
}
