package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
)

// engine runs the actors in the order of capture time and writes what they emit.
type engine struct {
	wheel
	out        *captureWriter
	truth      *truthWriter
	seed       uint64
	interfaces int
	now        int64
	buf        []byte // the frame being built
	err        error  // the first failure of an actor
	totals     totals

	hosts   map[netip.Addr]*host
	ports   map[netip.Addr]*portPool
	calls   int // started so far; numbers them
	payload map[bodyKey]*bodies
	encaps  map[string]*encapsulation
	copies  []copied
}

// totals counts what the capture holds; copies the capture's second sightings.
type totals struct {
	rtp, rtcp, sip, tcp, copies int64
}

// copied is a frame that a second tap port is about to deliver again.
type copied struct {
	at    int64
	iface uint32
	frame []byte
}

// copyDelay is how much later a second mirror port delivers the same frame.
const copyDelay = 6_000

func newEngine(out *captureWriter, truth *truthWriter, seed uint64) *engine {
	e := &engine{
		out: out, truth: truth, seed: seed,
		hosts: map[netip.Addr]*host{}, ports: map[netip.Addr]*portPool{},
		payload: map[bodyKey]*bodies{}, encaps: map[string]*encapsulation{},
	}
	for _, enc := range newTunnels().encapsulations() {
		e.encaps[enc.name] = enc
	}
	return e
}

// run lets the actors act until none is left.
func (e *engine) run() error {
	for e.err == nil {
		x, ok := e.pop()
		if !ok {
			break
		}
		e.now = x.at
		if x.at = x.a.fire(e, x.at); x.at != done {
			e.enter(x)
		}
	}
	e.flushCopies(int64(^uint64(0) >> 1))
	return e.err
}

// fail ends the run with the first error.
func (e *engine) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// tick rounds a time down to the capture format's resolution, so that the truth
// is reckoned from the very times in the file.
func (e *engine) tick(at int64) int64 { return at - at%e.out.resolution }

// emit writes a frame at the present moment.
func (e *engine) emit(at int64, p *path, frame []byte) {
	if len(e.copies) > 0 {
		e.flushCopies(at)
	}
	e.out.write(at, p.iface, frame, p.keep)
	if p.copy {
		e.copies = append(e.copies, copied{at + copyDelay, p.iface, append([]byte(nil), frame...)})
	}
}

// flushCopies writes the second sightings that are due; the constant delay keeps
// them in order.
func (e *engine) flushCopies(until int64) {
	n := 0
	for ; n < len(e.copies) && e.copies[n].at <= until; n++ {
		c := &e.copies[n]
		e.out.write(c.at, c.iface, c.frame, 0)
		e.totals.copies++
	}
	e.copies = e.copies[:copy(e.copies, e.copies[n:])]
}

// add enters an actor; one that comes too late acts at once.
func (e *engine) add(at int64, a actor) { e.wheel.add(max(at, e.now), a) }

// ifaceTowards is the capture interface that sees packets towards the caller's
// side, or away from it.
func (e *engine) ifaceTowards(caller bool) uint32 {
	if caller && e.interfaces > 1 {
		return 1
	}
	return 0
}

// later has something done at a moment to come.
func (e *engine) later(at int64, build func(e *engine, at int64)) {
	e.add(e.tick(at), deferred(build))
}

// deferred is a single act.
type deferred func(e *engine, at int64)

func (d deferred) fire(e *engine, now int64) int64 {
	d(e, now)
	return done
}

// random returns a generator of its own for one purpose; equal keys give equal ones.
func (e *engine) random(keys ...uint64) *rand.Rand { return rand.New(e.source(keys...)) }

func (e *engine) source(keys ...uint64) *rand.PCG {
	hi, lo := e.seed, uint64(0x9e3779b97f4a7c15)
	for _, k := range keys {
		hi = mixBits(hi ^ k)
		lo = mixBits(lo + hi)
	}
	return rand.NewPCG(hi, lo)
}

// mixBits is SplitMix64's finalizer: neighbouring seeds give unrelated streams.
func mixBits(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (e *engine) bodiesOf(c *codec, ms int, srtp bool) *bodies {
	k := bodyKey{c, ms, srtp}
	b := e.payload[k]
	if b == nil {
		b = newBodies(k)
		e.payload[k] = b
	}
	return b
}

// host returns the machine with an address, the same one each time.
func (e *engine) host(ip netip.Addr) *host {
	h := e.hosts[ip]
	if h == nil {
		b := ip.As16()
		x := mixBits(uint64(b[12])<<24 | uint64(b[13])<<16 | uint64(b[14])<<8 | uint64(b[15]) | uint64(b[5])<<32)
		h = &host{ip: ip, mac: [6]byte{2, 0, b[12], b[13], b[14], b[15]}, id: uint16(x), ttl: 64 - uint8(x>>16%6)}
		e.hosts[ip] = h
	}
	return h
}

// portPool hands out a host's RTP ports: fresh ones in turn, then those given
// back, the longest free first.
type portPool struct {
	next, limit int
	free        []uint16
}

const firstMediaPort = 16384

// mediaPort takes an even port on a host; 0 where none is left.
func (e *engine) mediaPort(ip netip.Addr, limit int) uint16 {
	p := e.ports[ip]
	if p == nil {
		p = &portPool{limit: limit}
		e.ports[ip] = p
	}
	if p.next < p.limit {
		p.next++
		return uint16(firstMediaPort + 2*(p.next-1))
	}
	if len(p.free) == 0 {
		e.fail(fmt.Errorf("-media-ports %d: every RTP port of %s is in use: want more ports or -gateways", p.limit, ip))
		return 0
	}
	port := p.free[0]
	p.free = p.free[:copy(p.free, p.free[1:])]
	return port
}

func (e *engine) releasePort(ep endpoint) {
	if p := e.ports[ep.ip]; p != nil {
		p.free = append(p.free, ep.port)
	}
}
