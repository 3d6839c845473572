package main

import (
	"encoding/binary"
	"math/rand/v2"
)

// dropper loses frames as an overloaded probe does: they were on the wire and
// are not in the file, and the file's interface statistics say how many.
type dropper struct {
	drops  []drop
	counts []int64 // by drop
	r      *rand.Rand
	total  int64
	told   int64
	toldAt int64
}

// statisticsEvery is how often statistics are written while frames get lost.
const statisticsEvery = 1_000_000_000

// takes reports whether a frame is lost.
func (d *dropper) takes(at int64) bool {
	for i := range d.drops {
		if d.drops[i].when.open(at) && d.drops[i].share.hit(d.r) {
			d.counts[i]++
			d.total++
			return true
		}
	}
	return false
}

// dropStatistics writes what was lost so far, where that has not been said.
func (c *captureWriter) dropStatistics(at int64) {
	d := c.drops
	if d.total == d.told || at < d.toldAt+statisticsEvery {
		return
	}
	d.told, d.toldAt = d.total, at
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 5)
	b = le.AppendUint32(b, 40)
	b = le.AppendUint32(b, 0) // interface
	b = le.AppendUint32(b, uint32(uint64(at)>>32))
	b = le.AppendUint32(b, uint32(at))
	b = append(b, 5, 0, 8, 0) // isb_ifdrop, since the beginning
	b = le.AppendUint64(b, uint64(d.total))
	b = append(b, 0, 0, 0, 0) // opt_endofopt
	b = le.AppendUint32(b, 40)
	_, _ = c.w.Write(b)
}
