package main

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
)

// group starts the calls of one traffic description. It is an actor that fires
// at every call's start.
type group struct {
	*traffic
	id   uint64
	left int
	r    *rand.Rand
}

func newGroup(e *engine, t *traffic, id int) *group {
	g := &group{traffic: t, id: uint64(id), left: t.calls}
	g.r = e.random(g.id, 1)
	return g
}

// fire starts one call and returns the time of the next.
func (g *group) fire(e *engine, now int64) int64 {
	if g.left == 0 {
		return done
	}
	g.left--
	n := e.calls
	e.calls++
	newCall(e, g, n, nil).begin(e, now)
	if g.left == 0 {
		return done
	}
	return e.tick(now + int64(g.interval(g.r)))
}

// callerAddr and calleeAddr place call n's agents. Callers are spread over their
// network, callees share the gateways.
func (g *group) callerAddr(n int, v6 bool) netip.Addr {
	return place(g.callerNet, n%min(60000, hostsIn(g.callerNet)), v6, 0xa)
}

func (g *group) calleeAddr(n int, v6 bool) netip.Addr {
	return place(g.calleeNet, n%g.gateways, v6, 0xb)
}

// serverAddr places proxies (0) and B2BUAs (1) at the top of the callees' network.
func (g *group) serverAddr(n int, v6 bool) netip.Addr {
	size := 1 << (32 - g.calleeNet.Bits())
	return place(g.calleeNet, size-4-n, v6, 0xb)
}

// place is the nth host of a network; in IPv6 it has the same number in a /64 of
// the documentation range.
func place(net netip.Prefix, n int, v6 bool, side byte) netip.Addr {
	b := net.Addr().As4()
	v4 := binary.BigEndian.Uint32(b[:]) + uint32(n) + 1
	if !v6 {
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, v4)))
	}
	a := [16]byte{0x20, 0x01, 0x0d, 0xb8, 0, side}
	binary.BigEndian.PutUint32(a[12:], v4)
	return netip.AddrFrom16(a)
}
