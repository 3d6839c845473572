package main

// burstGap splits a sequence of heard and lost packets into bursts and gaps
// (RFC 3611 4.7.2, Gmin 16): a burst begins and ends with a loss, holds at least
// two, and no sixteen packets in a row within it came through.
type burstGap struct {
	burst, burstLost, bursts int64
	gap, gapLost, gaps       int64

	open   int64 // packets of the gap or the burst in progress, up to the last loss
	losses int64 // losses of the burst in progress; 1 may still be a gap's lonely loss
	run    int64 // packets heard since the last loss
}

const gmin = 16

// add appends one packet.
func (b *burstGap) add(heard bool) {
	if heard {
		b.run++
		if b.run >= gmin && b.losses > 0 {
			b.settle()
		}
		return
	}
	if b.losses == 0 { // the gap before stays open: this loss may belong to it
		b.open, b.losses, b.run = b.open+b.run, 1, 0
		return
	}
	if b.losses == 1 { // a second within Gmin: the first began a burst
		b.closeGap(b.open)
		b.open = 1
	}
	b.open += b.run + 1
	b.losses++
	b.run = 0
}

// settle ends the burst in progress, or gives a lonely loss to its gap.
func (b *burstGap) settle() {
	if b.losses == 1 {
		b.open++
		b.gapLost++
	} else {
		b.burst += b.open
		b.burstLost += b.losses
		b.bursts++
		b.open = 0
	}
	b.losses = 0
}

func (b *burstGap) closeGap(packets int64) {
	if packets > 0 {
		b.gap += packets
		b.gaps++
	}
}

// report is the state as if the sequence ended here.
func (b burstGap) report() burstGap {
	if b.losses > 0 {
		b.settle()
	}
	b.closeGap(b.open + b.run)
	return b
}
