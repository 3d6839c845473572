package dialog

import "slices"

// What one hop of a call did to a stream is heard on all hops behind it. It is
// said once, where it was first seen: the next hop's owner is not to blame.

// lessMOS is how much worse a stream must sound than one hop before for that to
// be said of this hop as well.
const lessMOS = 0.1

// sayOnce takes out the findings that repeat, one hop further, what was said
// of the same voice; what the receiver reports to have lost belongs to the hop
// nearest to it.
func (d *diagnosis) sayOnce() {
	var repeated []int
	for i, f := range d.list {
		s := d.indexOf(f.Stream)
		if s < 0 {
			continue
		}
		before := d.hopBefore(d.streams[s])
		if before < 0 {
			continue
		}
		told := slices.IndexFunc(d.list, func(o Finding) bool { return o.Code == f.Code && o.Stream == d.rec.Media[before].ID })
		switch {
		case told < 0:
		case f.Code == findRemoteLoss:
			repeated = append(repeated, told)
		case !d.worse(f.Code, s, before):
			repeated = append(repeated, i)
		}
	}
	slices.Sort(repeated)
	for _, i := range slices.Backward(slices.Compact(repeated)) {
		d.list = slices.Delete(d.list, i, i+1)
	}
}

func (d *diagnosis) indexOf(id string) int {
	return slices.IndexFunc(d.rec.Media, func(r *StreamRecord) bool { return id != "" && r.ID == id })
}

// hopBefore finds the stream that a relay took in to send s: the same SSRC, to
// the host that s comes from, or where the relay has another address on either
// side the one on the nearest hop before; -1 where there is none.
func (d *diagnosis) hopBefore(s *stream) int {
	before := -1
	for i, o := range d.streams {
		if o == s || o.key.ssrc != s.key.ssrc || o.from != s.from || !o.overlaps(s) {
			continue
		}
		if o.key.dst.Addr() == s.key.src.Addr() {
			return i
		}
		if o.upstream(s) && (before < 0 || d.streams[before].upstream(o)) {
			before = i
		}
	}
	return before
}

// worse reports whether a stream is clearly worse off than one hop before in
// what a finding is about.
func (d *diagnosis) worse(code string, s, before int) bool {
	here, there := d.rec.Media[s], d.rec.Media[before]
	switch code {
	case findLoss:
		return here.LossRatio-there.LossRatio > d.limits.LossRatio
	case findBurstLoss:
		return d.streams[s].report.LossRuns.Longest > d.streams[before].report.LossRuns.Longest
	case findLatePackets:
		return ratio(here.Late.Adaptive, here.Expected)-ratio(there.Late.Adaptive, there.Expected) > d.limits.LossRatio
	case findJitter:
		return here.JitterMS.Mean-there.JitterMS.Mean >= d.limits.JitterMS
	case findLowMOS:
		return *here.MOS.LQ < *there.MOS.LQ-lessMOS
	case findDSCP:
		return !slices.Equal(here.DSCP, there.DSCP)
	case findCodecMismatch:
		return !slices.Equal(here.PayloadTypes, there.PayloadTypes)
	case findReordering:
		return here.Reordered > 2*there.Reordered
	case findDuplicates:
		return here.Duplicates > 2*there.Duplicates
	case findRestart, findSSRCChange, findClockSkew, findPTimeMismatch, findCaptureLoss:
		return false
	}
	return true
}
