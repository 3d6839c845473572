package alerting

import (
	"cmp"
	"net/netip"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// The presets of a wire watch, and its bounds.
const (
	defaultWireLearn  = 30 * time.Minute
	defaultWirePlaces = 4000

	wireDay     = int64(24 * time.Hour)
	maxWireTold = 100 // changes that wait for Take
)

// WireConfig is what a wire watch needs.
type WireConfig struct {
	Directory *Directory    // tenants of segments; nil knows none
	Learn     time.Duration // how long what is heard of a sender is usual, and no change; 0: 30 min
	MaxPlaces int           // senders by segment; 0: 4000. About 2 kB each
}

// WireWatch notices what changes on the wire: for each segment and each peer
// that sends in it the addresses, codecs, packet times, markings, TTLs and user
// agents that are usual, a new one that holds for some traffic, and the end of
// a usual one. One goroutine drives it, in packet time; the same packets give
// the same changes.
//
// A single stream is no change, and neither is what comes and goes all the time.
// What was learnt is forgotten with the process.
type WireWatch struct {
	cfg    WireConfig
	now    int64
	places map[wireKey]*wirePlace
	order  []*wirePlace // as they came
	told   []NetworkChange
	stats  WireStats
}

// WireStats counts what a wire watch did and had no room for.
type WireStats struct {
	Places  int    // senders by segment
	Told    uint64 // changes
	Muted   uint64 // changes not told: the same thing came and went too often, or too many waited
	Refused uint64 // streams and calls of senders that found no room
	Diffuse uint64 // times that a sender showed so many values of one kind that none of them is usual
}

// NewWireWatch returns a watch that has seen nothing.
func NewWireWatch(cfg WireConfig) *WireWatch {
	cfg.Learn = cmp.Or(cfg.Learn, defaultWireLearn)
	cfg.MaxPlaces = cmp.Or(cfg.MaxPlaces, defaultWirePlaces)
	return &WireWatch{cfg: cfg, places: map[wireKey]*wirePlace{}}
}

// SetDirectory takes other tenants of segments.
func (w *WireWatch) SetDirectory(d *Directory) { w.cfg.Directory = d }

// Observe takes one interval of one stream: of its first one the sender, the
// codec and the user agent.
func (w *WireWatch) Observe(o *dialog.Observation) {
	if !o.First || o.Packets < minJudged {
		return
	}
	p := w.place(o.Plan, o.Plan.Segments()[o.Segment], o.Plan.Peer(o.Src.Addr()))
	if p == nil {
		return
	}
	u := wireUnit{w, p, o.StreamStart}
	u.take(wireAddress, o.Src.Addr().Unmap().String())
	if o.Codec != "" {
		u.take(wireCodec, spelt(o.Codec))
	}
	if o.UserAgent != "" {
		u.take(wireAgent, o.UserAgent)
	}
}

// Record takes what ended: of streams the packet time, marking and TTL, of
// calls who signalled from where.
func (w *WireWatch) Record(rec dialog.Record) {
	switch r := rec.(type) {
	case *dialog.StreamRecord:
		w.stream(r)
	case *dialog.CallRecord:
		w.call(r)
	}
}

func (w *WireWatch) stream(r *dialog.StreamRecord) {
	if r.Media != "audio" || r.Packets < minJudged {
		return
	}
	p := w.place(r.Plan, r.Plan.Segments()[r.SegmentID], r.Plan.Peer(r.Src.Addr()))
	if p == nil {
		return
	}
	u := wireUnit{w, p, int64(r.Start)}
	if r.PTimeMS != nil {
		u.take(wirePTime, short(*r.PTimeMS)+" ms")
	}
	u.takeAll(wireDSCP, r.DSCP)
	u.takeAll(wireTTL, r.TTL)
}

// call takes the hosts that a call was signalled between.
func (w *WireWatch) call(r *dialog.CallRecord) {
	for i := range r.Legs {
		l := &r.Legs[i]
		segment, _ := r.Plan.Segment(&topology.Flow{Src: l.Src.Addr(), Dst: l.Dst.Addr()})
		name := r.Plan.Segments()[segment]
		for _, addr := range [...]netip.Addr{l.Src.Addr(), l.Dst.Addr()} {
			if p := w.place(r.Plan, name, r.Plan.Peer(addr)); p != nil {
				u := wireUnit{w, p, int64(r.Start)}
				u.take(wireHost, addr.Unmap().String())
			}
		}
	}
}

// Tick tells the time, once per second of packet time.
func (w *WireWatch) Tick(at int64) { w.now = max(w.now, at) }

// Take returns the changes that were noticed since the last Take, in the order
// in which they were.
func (w *WireWatch) Take() []NetworkChange {
	list := w.told
	w.told = nil
	return list
}

// Stats returns the counters.
func (w *WireWatch) Stats() WireStats {
	s := w.stats
	s.Places = len(w.order)
	return s
}

// wireKey names a sender in a segment.
type wireKey struct{ segment, peer string }

// wirePlace is what is usual of one sender in one segment.
type wirePlace struct {
	wireKey
	traits [wireTraits]wireTrait
}

// place returns that of a segment and a peer, nil where there is no room.
func (w *WireWatch) place(plan *topology.Plan, segment string, peer topology.PeerID) *wirePlace {
	key := wireKey{segment, plan.Peers()[peer]}
	if p := w.places[key]; p != nil {
		return p
	}
	if len(w.order) >= w.cfg.MaxPlaces {
		w.stats.Refused++
		return nil
	}
	p := &wirePlace{wireKey: key}
	w.places[key] = p
	w.order = append(w.order, p)
	return p
}

// tell notes a change, unless too many wait already.
func (w *WireWatch) tell(p *wirePlace, at int64, text string) {
	if len(w.told) >= maxWireTold {
		w.stats.Muted++
		return
	}
	w.stats.Told++
	n := NetworkChange{At: time.Unix(0, at).UTC(), Author: MonitorAuthor, Text: p.who() + ": " + text, Segment: p.segment, Seen: true}
	if facts := w.cfg.Directory.facts(p.segment); facts != nil {
		n.Tenant = facts.Tenant
	}
	w.told = append(w.told, n)
}

// who names the sender.
func (p *wirePlace) who() string {
	if p.peer == topology.OtherName {
		return "senders without a peer's name"
	}
	return "peer " + p.peer
}
