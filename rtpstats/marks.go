package rtpstats

// markList holds the distinct DSCP values, VLAN priorities and TTLs of a
// stream in order of appearance, at most MaxDistinct of each.
type markList struct {
	dscp, vlan, ttl distinct
	changes         uint32
}

// distinct is a small set in order of appearance.
type distinct struct {
	values [MaxDistinct]uint8
	n      uint8
}

func (d *distinct) add(v uint8) {
	for _, have := range d.values[:d.n] {
		if have == v {
			return
		}
	}
	if int(d.n) < len(d.values) {
		d.values[d.n] = v
		d.n++
	}
}

func (d *distinct) slice() []uint8 { return d.values[:d.n] }

// markOf packs what routers on the way may change. The two ECN bits are left
// out: they change with congestion, not with the path.
func markOf(p *Packet) uint32 {
	return uint32(p.TOS>>2) | uint32(p.TTL)<<8 | uint32(p.Link&(LinkVLAN|LinkPriority|LinkNoTOS|LinkNoTTL))<<16
}

// add notes a mark, as far as it is known.
func (l *markList) add(m uint32) {
	link := uint8(m >> 16)
	if link&LinkNoTOS == 0 {
		l.dscp.add(uint8(m))
	}
	if link&LinkNoTTL == 0 {
		l.ttl.add(uint8(m >> 8))
	}
	if link&LinkVLAN != 0 {
		l.vlan.add(link & LinkPriority)
	}
}

// change notes that the mark became m.
func (l *markList) change(m uint32) {
	l.changes++
	l.add(m)
}
