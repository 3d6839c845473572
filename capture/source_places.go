package capture

import (
	"path/filepath"
	"strings"
)

// places numbers the points that packets were captured at: one for each
// interface of each file, in the order of their first packets. A file that
// begins after another has ended takes over the points of the same interfaces,
// so that a capture in rotated pieces has the points of the whole one.
type places struct {
	slots []place
}

// place is one point.
type place struct {
	key    interfaceKey
	file   string // that was seen first
	series string // of the file that was seen last
	taken  bool
}

// noPoint marks an interface that has given no packet yet.
const noPoint = 0xFFFF

// set turns the number of an interface in its file into the point.
func (s *places) set(p *piece, f *Frame) {
	local := int(f.Point)
	if local >= len(p.points) || p.points[local] == noPoint {
		s.assign(p, local)
	}
	f.Point = p.points[local]
}

// assign gives an interface a point that nobody has now, preferably one that a
// file of the same series had, or a new one.
func (s *places) assign(p *piece, local int) {
	for len(p.points) <= local {
		p.points = append(p.points, noPoint)
	}
	key, series := p.r.iface(uint16(local)), seriesOf(p.name)
	best := -1
	for i := range s.slots {
		slot := &s.slots[i]
		if slot.taken || slot.key != key {
			continue
		}
		if slot.series == series {
			best = i
			break
		}
		if best < 0 {
			best = i
		}
	}
	if best < 0 && len(s.slots) < noPoint {
		s.slots = append(s.slots, place{key: key, file: p.name})
		best = len(s.slots) - 1
	}
	if best < 0 {
		best = noPoint - 1 // the last point stands for all beyond
	}
	s.slots[best].series, s.slots[best].taken = series, true
	p.points[local] = uint16(best)
}

// release frees the points of a file that has ended.
func (s *places) release(p *piece) {
	for _, point := range p.points {
		if point != noPoint {
			s.slots[point].taken = false
		}
	}
}

func (s *places) name(point uint16) string {
	if int(point) >= len(s.slots) {
		return ""
	}
	slot := &s.slots[point]
	if slot.key.name == "" {
		return filepath.Base(slot.file)
	}
	return filepath.Base(slot.file) + ":" + slot.key.name
}

// seriesOf returns what the names of a rotated set have in common: all but the digits.
func seriesOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, name)
}
