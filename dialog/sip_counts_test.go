package dialog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"earshot/sipparse"
	"earshot/topology"
)

// hopOf is a hop between two addresses of flows.
func hopOf(src, dst, transport string) Hop {
	return Hop{Src: netip.MustParseAddrPort(src), Dst: netip.MustParseAddrPort(dst), Transport: transport}
}

// writeCounts writes counts one a line, with the names of the plan's peers.
func writeCounts(plan *topology.Plan, list []SIPCount) string {
	var lines []string
	for _, c := range list {
		lines = append(lines, fmt.Sprintf("%s %s %s %d %s %d", plan.Peers()[c.Peer], c.Direction, c.Method, c.Code, c.Transport, c.Count))
	}
	return strings.Join(lines, "\n")
}

func TestSIPCounts(t *testing.T) {
	plan := sitePlan(t)
	table := NewTable(Config{})
	table.SetPlan(plan)
	const phone, carrier, stranger = "192.0.2.1:5060", "192.0.2.2:5060", "203.0.113.9:5060"
	say := func(n int, hop Hop, m sipparse.Message) {
		for range n {
			m.CallID, m.CSeq = "c", 1
			table.SIP(epoch, hop, &m)
		}
	}
	request := func(method string) sipparse.Message { return sipparse.Message{Method: method, CSeqMethod: method} }
	response := func(status int, method string) sipparse.Message {
		return sipparse.Message{StatusCode: status, CSeqMethod: method}
	}
	say(2, hopOf(phone, carrier, "udp"), request("INVITE"))
	say(1, hopOf(carrier, phone, "udp"), response(486, "INVITE"))
	say(3, hopOf(stranger, phone, "wss"), request("FROB"))
	say(1, hopOf(phone, stranger, "wss"), response(555, "FROB"))
	say(1, hopOf(phone, stranger, "carrier pigeon"), response(498, "")) // no RFC has 498
	say(1, hopOf(phone, phone, "tls"), response(-5, "BYE"))
	want := `
		other to_peer OTHER 555 wss 1
		other to_peer OTHER 999 other 1
		other from_peer OTHER 0 wss 3
		phones to_peer BYE 999 tls 1
		phones to_peer INVITE 486 udp 1
		phones to_peer OTHER 0 wss 3
		phones from_peer BYE 999 tls 1
		phones from_peer INVITE 0 udp 2
		phones from_peer OTHER 555 wss 1
		phones from_peer OTHER 999 other 1
		carrier to_peer INVITE 0 udp 2
		carrier from_peer INVITE 486 udp 1`
	wantLines(t, "counts", writeCounts(plan, table.SIPCounts(nil)), want)

	// Another plan: the carrier comes first, the phones are nobody any more.
	other, err := topology.New(topology.Config{Peers: []topology.PeerConfig{
		{Name: "carrier", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.2/32")}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table.SetPlan(other)
	say(1, hopOf(carrier, phone, "udp"), response(486, "INVITE"))
	wantLines(t, "counts by another plan", writeCounts(other, table.SIPCounts(nil)), `
		other to_peer BYE 999 tls 1
		other to_peer INVITE 486 udp 2
		other to_peer OTHER 0 wss 3
		other to_peer OTHER 555 wss 1
		other to_peer OTHER 999 other 1
		other from_peer BYE 999 tls 1
		other from_peer INVITE 0 udp 2
		other from_peer OTHER 0 wss 3
		other from_peer OTHER 555 wss 1
		other from_peer OTHER 999 other 1
		carrier to_peer INVITE 0 udp 2
		carrier from_peer INVITE 486 udp 2`)
	if totals := table.Totals(); totals.SIPCountsFolded != 0 || totals.SIPMessages != 10 {
		t.Errorf("got %d folded of %d messages, want none of 10", totals.SIPCountsFolded, totals.SIPMessages)
	}
}

// TestSIPCountsCap: a full table counts everything new as other, and loses nothing.
func TestSIPCountsCap(t *testing.T) {
	n := newSIPCounts()
	sent := uint64(0)
	for peer := range topology.PeerID(20) {
		for _, status := range registeredStatuses {
			for method := range methodNames {
				n.add(newSIPKey(peer, topology.ToPeer, method, int(status), int(peer)%len(transports)), 3)
				sent += 3
			}
		}
	}
	// 20 peers, 75 statuses, 15 methods: 22,500 kinds.
	list := n.appendTo(nil)
	var counted uint64
	for _, c := range list {
		counted += c.Count
	}
	if counted != sent {
		t.Errorf("counted %d messages of %d", counted, sent)
	}
	if most := maxSIPCounts + len(transports); len(list) < maxSIPCounts || len(list) > most {
		t.Errorf("got %d kinds, want %d and at most the %d of others more", len(list), maxSIPCounts, len(transports))
	}
	kinds := 20 * len(registeredStatuses) * len(methodNames)
	if want := uint64(3 * (kinds - maxSIPCounts)); n.folded != want {
		t.Errorf("got %d folded, want %d", n.folded, want)
	}
	if !slices.IsSortedFunc(list, func(a, b SIPCount) int { return a.compare(&b) }) {
		t.Error("not sorted")
	}
}
