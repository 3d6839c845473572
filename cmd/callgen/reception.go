package main

// reception is what a receiver can know of one stream: RFC 3550 A.3 counts and
// A.8 jitter. The tap keeps one for the truth, the far receiver another for its
// RTCP reports. Sequence numbers are the generator's own, never wrapped.
type reception struct {
	packets, unique, duplicates, reordered, restarts int64
	closed                                           int64 // expected of the segments before the last restart

	segment          int
	first, highest   int64 // of the current segment
	segmentPackets   int64 // of the current segment, duplicates included
	prevAt           int64 // reference for jitter: the media packet before
	prevTS           uint32
	prevIndex        int64
	referenced       bool
	clock            float64
	samples          int64 // RTP timestamp units per packet, to tell silence from loss
	jitter, sum, max float64
	updates          int64
	deltaMax         int64
	firstAt, lastAt  int64
	cn, evs          int64
	wireBytes        int64
	lastEventTS      uint32
	events           int64
}

// add counts one arrival.
func (r *reception) add(at int64, f *flight, wire int64) {
	if r.packets == 0 {
		r.firstAt = at
		r.segment, r.first, r.highest = f.segment, f.index, f.index
	}
	if f.segment != r.segment {
		r.restart(f)
	}
	r.packets++
	r.segmentPackets++
	r.lastAt = at
	r.wireBytes += wire
	switch {
	case f.duplicate:
		r.duplicates++
	default:
		r.unique++
		if f.index < r.highest {
			r.reordered++
		}
	}
	r.highest = max(r.highest, f.index)
	r.time(at, f)
}

// restart opens a new count and a new jitter reference; the running jitter stays.
func (r *reception) restart(f *flight) {
	r.closed += r.highest - r.first + 1
	r.restarts++
	r.segment, r.first, r.highest = f.segment, f.index, f.index
	r.segmentPackets = 0
	r.referenced = false
}

// time runs RFC 3550 A.8 in arrival order over media packets; telephone-events
// and comfort noise end the reference, so that the next media packet opens a new one.
func (r *reception) time(at int64, f *flight) {
	switch f.kind {
	case comfortNoise:
		r.cn++
		r.referenced = false
		return
	case telephoneEvent:
		r.evs++
		if r.events == 0 || f.ts != r.lastEventTS {
			r.events++
			r.lastEventTS = f.ts
		}
		r.referenced = false
		return
	}
	if r.referenced {
		r.interarrival(at, f)
	}
	r.prevAt, r.prevTS, r.prevIndex, r.referenced = at, f.ts, f.index, true
}

func (r *reception) interarrival(at int64, f *flight) {
	dts := int64(int32(f.ts - r.prevTS))
	d := float64(at-r.prevAt)*r.clock/1e9 - float64(dts)
	if d < 0 {
		d = -d
	}
	r.jitter += (d - r.jitter) / 16
	r.sum += r.jitter
	r.max = max(r.max, r.jitter)
	r.updates++
	if dts == (f.index-r.prevIndex)*r.samples && !f.marker { // else a silence lies between
		r.deltaMax = max(r.deltaMax, at-r.prevAt)
	}
}

// expected is RFC 3550 A.3 summed over restarts.
func (r *reception) expected() int64 {
	if r.packets == 0 {
		return 0
	}
	return r.closed + r.highest - r.first + 1
}

func (r *reception) lost() int64 { return r.expected() - r.unique }

func (r *reception) ms(units float64) float64 { return units * 1000 / r.clock }

func (r *reception) meanJitter() float64 {
	if r.updates == 0 {
		return 0
	}
	return r.sum / float64(r.updates)
}
