package web

import (
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/topology"
)

// signalling writes what SIP did, by peer.
func (p *page) signalling(m *Metrics, l *layout, snap *pipeline.Snapshot) {
	m.sip.update(snap, l, &m.folded)
	m.sip.write(p)
	p.family("earshot_sip_calls_total", counter,
		"Ended calls by how they came out and what released them; each counts for its caller's peer (from_peer) and its callee's (to_peer).")
	l.eachPeer(func(peer *peer) {
		for _, c := range *peer.shown.Load() {
			p.count(c.labels, c.count.Load())
		}
	})
	p.activeCalls(l, snap.View)
	p.family("earshot_sip_talk_seconds_total", counter, "Time from answer to end of the calls that ended.")
	l.eachPeer(func(peer *peer) { p.seconds(peer.labels, peer.talk.Load()) })
	p.family("earshot_sip_retransmissions_total", counter, "Retransmitted SIP messages of ended calls and transactions.")
	l.eachPeer(func(peer *peer) { p.count(peer.labels, peer.retransmissions.Load()) })
	p.family("earshot_sip_registrations_total", counter, "Finished registrations (RFC 6076 4.2), challenges inside.")
	l.eachPeer(func(peer *peer) {
		for o := range outcomes {
			p.count(peer.registrationLabels[o], peer.registrations[o].Load())
		}
	})
	for _, h := range [...]struct {
		name, help string
		of         func(*peer) *histogram
	}{
		{"earshot_sip_post_dial_delay_seconds", "First INVITE to the first 180, 183 or 200, of answered calls.",
			func(peer *peer) *histogram { return peer.postDial }},
		{"earshot_sip_setup_seconds", "First INVITE to the first response other than 100, of answered calls (RFC 6076 4.3.1).",
			func(peer *peer) *histogram { return peer.setup }},
		{"earshot_sip_register_delay_seconds", "First REGISTER to its 2xx (RFC 6076 4.1).",
			func(peer *peer) *histogram { return peer.registerTime }},
	} {
		p.family(h.name, histogramMetric, h.help)
		l.eachPeer(func(peer *peer) { p.histogram(peer.labels, h.of(peer)) })
	}
}

// activeCalls writes the calls that go on, 0 included.
func (p *page) activeCalls(l *layout, view *dialog.View) {
	p.family("earshot_sip_active_calls", gauge, "Calls that go on; each counts for its caller's peer (from_peer) and its callee's (to_peer).")
	active, total := map[peerWay]uint64{}, 0
	if view != nil {
		total = activeCallsOf(view)
		for _, a := range view.Active {
			active[peerWay{l.of(view.Plan).peerNumber(a.Peer).name, a.Direction}] += uint64(max(0, a.Calls))
		}
	}
	for i := range l.peers {
		peer := &l.peers[i]
		p.count(peer.to.labels, active[peerWay{peer.name, topology.ToPeer}])
		p.count(peer.from.labels, active[peerWay{peer.name, topology.FromPeer}])
	}
	p.one("earshot_active_calls", gauge, "Calls that go on, each once.", float64(total))
}

// activeCallsOf counts the calls that go on; one that is ending is over.
func activeCallsOf(view *dialog.View) int {
	n := 0
	for i := range view.Calls {
		if view.Calls[i].State != dialog.StateEnding {
			n++
		}
	}
	return n
}
