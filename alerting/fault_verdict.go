package alerting

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"earshot/dialog"
	"earshot/topology"
)

const (
	fromPeer = topology.FromPeer
	toPeer   = topology.ToPeer

	// nearlyAll is the part of the affected that a place must have to be told.
	nearlyAll = 0.8
)

// directionAt is which way the voice goes at one end of a call that suffers
// from what its findings name; unknown where they name none.
func directionAt(side int, c *callUnit) topology.Direction {
	switch {
	case c.hurt == dialog.SpeakerUnknown:
		return topology.Unknown
	case (c.hurt == dialog.SpeakerCaller) == (side == 0):
		return fromPeer
	}
	return toPeer
}

// peerOf numbers the peer of an address by the plan, 0 where it has none.
func (w *Watch) peerOf(a netip.Addr) uint32 {
	p := w.cfg.Plan.Peer(a)
	if p == topology.Other {
		return 0
	}
	return w.locator.words.number(colPeer, w.cfg.Plan.Peers()[p])
}

// input reports whether a stream comes from a relay whose input was heard, and
// whether that was good.
func (o *origins) input(i int32) (relay, good bool) {
	u := &o.t.streams[i]
	for j := o.t.calls[u.call].first; j != none; j = o.t.streams[j].next {
		if j == i || !o.t.streams[j].upstreamOf(u) {
			continue
		}
		if state := sum(o.t.marksOf(j), o.mask, o.since); state.judged {
			return true, !state.impaired
		}
	}
	return false, false
}

// ranking is something with how much of the affected it has.
type ranking struct {
	value uint32
	n     int
}

// ranked lists what is counted, the most frequent first.
func ranked(m map[uint32]int) []ranking {
	var list []ranking
	for _, v := range slices.Sorted(maps.Keys(m)) {
		list = append(list, ranking{v, m[v]})
	}
	slices.SortStableFunc(list, func(a, b ranking) int { return cmp.Compare(b.n, a.n) })
	return list
}

// by sums the places up by one of their sides.
func (t *toll) by(side func(place2) uint32) (list []ranking, total int) {
	m := map[uint32]int{}
	for p, n := range t.places {
		m[side(p)] += n
		total += n
	}
	return ranked(m), total
}

// foremost returns what nearly all of a list have, 0 where it is several.
func foremost(list []ranking, total int) uint32 {
	if len(list) == 0 || float64(list[0].n) < nearlyAll*float64(total) {
		return 0
	}
	return list[0].value
}

// verdict says where a fault arises.
func (w *Watch) verdict(f *fault, t *toll) Verdict {
	if f.probe {
		return Verdict{Reason: "the probe itself is at fault; nothing is said of the network", Owner: w.operator()}
	}
	l := w.locator
	segments, total := t.by(func(p place2) uint32 { return p.segment })
	if total == 0 {
		return w.verdictByLabels(f)
	}
	v := Verdict{Share: 1}
	for _, s := range segments {
		v.Segments = append(v.Segments, l.words.text(item{colSegment, s.value}))
	}
	directions, _ := t.by(func(p place2) uint32 { return p.direction })
	v.Direction = l.words.text(item{colDirection, foremost(directions, total)})
	peers, _ := t.by(func(p place2) uint32 { return p.peer })
	f.peer = l.words.text(item{colPeer, foremost(peers, total)})
	owners, _ := t.by(func(p place2) uint32 { return p.owner })
	v.Owner = l.words.text(item{colOwner, foremost(owners, total)})
	nears, _ := t.by(func(p place2) uint32 { return p.near })
	near := l.words.text(item{colPeer, foremost(nears, total)})
	if s := foremost(segments, total); s != 0 {
		v.Segment, v.Segments = v.Segments[0], v.Segments[:1]
		v.Share = float64(segments[0].n) / float64(total)
	}
	w.reason(f, t, &v, near)
	return v
}

// reason completes a verdict with what says so.
func (w *Watch) reason(f *fault, t *toll, v *Verdict, near string) {
	part := fmt.Sprintf("%d of %d %s with it are affected", t.inside.Affected, t.inside.Units, f.unit())
	if t.outside.Units > 0 {
		part += fmt.Sprintf(", %d of %d without it", t.outside.Affected, t.outside.Units)
	}
	relayed := t.relayed*5 >= t.streams*4 && t.relayedGood*5 >= t.relayed*4 && t.relayed > 0
	switch {
	case relayed && v.Direction == toPeer.String() && f.lead().Signal != SignalLossBehind && f.lead().Signal != SignalLatency:
		v.Peer, v.Owner = near, w.ownerOf(near)
		v.Reason = fmt.Sprintf("what %s receives of these calls is good and what it sends towards %s is not: it arises in %s, before the probe; %s", or(near, "the relay"), or(f.peer, v.Segment), or(near, "the relay"), part)
		v.Segment = ""
	case v.Segment != "" && f.refusedBy(w, t):
		v.Peer, v.Owner = near, w.ownerOf(near)
		v.Reason = fmt.Sprintf("%s refuses what comes from %s: %s", or(near, "the server"), v.Segment, part)
	case v.Segment != "":
		v.Reason = w.placed(f, v) + "; " + part
	case v.Owner != "":
		v.Reason = fmt.Sprintf("it arises in %s, all of %s; %s", listed(v.Segments), v.Owner, part)
	default:
		v.Share = 0
		v.Reason = fmt.Sprintf("undetermined: it shows in %s alike; %s", listed(v.Segments), part)
		if near != "" {
			v.Peer, v.Owner = near, w.ownerOf(near)
			v.Reason += fmt.Sprintf("; what they share is %s", near)
		}
	}
}

// placed says for one segment which side of the probe it is on.
func (w *Watch) placed(f *fault, v *Verdict) string {
	where := fmt.Sprintf("%d %% of the affected %s went through it", int(100*v.Share), f.unit())
	if v.Share == 1 {
		where = fmt.Sprintf("all affected %s went through it", f.unit())
	}
	switch {
	case f.calls:
	case f.lead().Signal == SignalLossBehind:
		where += ", and were whole as they passed the probe: they are lost behind it"
	case f.lead().Signal == SignalLatency:
		where += ", as the round trips of RTCP tell"
	case v.Direction == fromPeer.String():
		where += ", and were impaired when they came in from it"
	case v.Direction == toPeer.String():
		where += ", and were impaired before they passed the probe towards it"
	}
	return where
}

// refusedBy reports registrations that were answered with a refusal.
func (f *fault) refusedBy(w *Watch, t *toll) bool {
	if f.lead().Signal != SignalRegistrationsFailed {
		return false
	}
	n, denied := 0, 0
	for i := range t.units {
		if u := &t.units[i]; u.last != 0 {
			n++
			if w.locator.calls[u.unit].denied {
				denied++
			}
		}
	}
	return n > 0 && denied*5 >= n*4
}

// verdictByLabels is what is said where the locator knows no units: what the
// alert's labels say.
func (w *Watch) verdictByLabels(f *fault) Verdict {
	if f.shown.Verdict.Reason != "" {
		return f.shown.Verdict // known from before
	}
	a := &f.alerts[0]
	v := Verdict{Segment: a.Label(string(BySegment)), Direction: a.Label(string(ByDirection)), Share: 1}
	f.peer = a.Label(string(ByPeer))
	if v.Segment == "" {
		v.Share, v.Direction = 0, ""
		v.Reason = "undetermined: no call is known that shows where it arises"
		return v
	}
	v.Segments, v.Reason = []string{v.Segment}, "its alert is about this segment; no call is known that tells more"
	if w.cfg.Directory != nil {
		if s := w.cfg.Directory.Segments[v.Segment]; s != nil {
			v.Owner = s.Owner
		}
	}
	return v
}

// operator is who answers for the probe.
func (w *Watch) operator() string {
	if w.cfg.Directory == nil {
		return ""
	}
	return w.cfg.Directory.Operator
}

// ownerOf is who runs a peer, "" unknown.
func (w *Watch) ownerOf(peer string) string {
	if w.cfg.Directory == nil || w.cfg.Directory.Peers[peer] == nil {
		return ""
	}
	return w.cfg.Directory.Peers[peer].Owner
}

// unit is what a fault counts.
func (f *fault) unit() string { return f.lead().Figures.Unit }

func or(a, b string) string { return cmp.Or(a, b) }

// listed names the first few of a list.
func listed(names []string) string {
	const most = 5
	text := strings.Join(names[:min(most, len(names))], ", ")
	if n := len(names) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}
