package dialog

import (
	"net/netip"
	"slices"
)

// party is whose stream it is that RTCP speaks of.
type party struct {
	leg   *leg // nil where nobody announced the port, and nobody said
	from  side
	named bool // by a correlation id alone: nobody announced the port
}

func (p party) other() party {
	p.from = p.from.other()
	return p
}

// learn takes what another datagram shows; an announced port goes before a
// correlation id.
func (p *party) learn(o party) {
	if o.leg == nil || o.named && p.leg != nil && !p.named {
		return
	}
	*p = o
}

// senderOf finds who sent a datagram: the other party than the one that
// announced to receive it, else the one of the named call that is known to be
// at either address. Where neither is, nobody guesses.
func senderOf(to *endpoint, named *dialogSet, src, dst netip.Addr) party {
	if to != nil {
		return party{leg: to.line.leg, from: to.line.side.other()}
	}
	if named == nil {
		return party{}
	}
	for _, l := range named.legs {
		for _, who := range [2]side{caller, callee} {
			if l.receivesAt(who, src) || l.receivesAt(who.other(), dst) {
				return party{leg: l, from: who, named: true}
			}
		}
	}
	for _, l := range named.legs {
		switch {
		case l.src.Addr() == src || l.dst.Addr() == dst:
			return party{leg: l, from: caller, named: true}
		case l.dst.Addr() == src || l.src.Addr() == dst:
			return party{leg: l, from: callee, named: true}
		}
	}
	return party{}
}

// receivesAt reports whether one of a side's m-lines named an address, with
// whatever port.
func (l *leg) receivesAt(who side, a netip.Addr) bool {
	return slices.ContainsFunc(l.media.lines[who], func(line *mline) bool {
		return slices.ContainsFunc(line.announced, func(have netip.AddrPort) bool { return have.Addr() == a })
	})
}
