package rtpstats

import "math"

// standardClocks are the rates that an unannounced payload type may have.
var standardClocks = [...]uint32{8000, 16000, 24000, 32000, 44100, 48000, 90000}

// frameTimesMS are the packet times of real codecs; a clock that makes the
// timestamp step one of them is believed sooner.
var frameTimesMS = [...]float64{0.125, 1, 2.5, 4, 5, 10, 20, 30, 40, 60, 80, 100, 120}

const (
	oddStepPenalty = 0.15 // of a clock that gives an unusual packet time, in ln(rate)
	clockTolerance = 0.35 // largest distance of the measured rate, in ln(rate)
)

// rateEstimate fits timestamps against arrival times by least squares and finds
// the most common step.
type rateEstimate struct {
	n                    float64
	meanX, meanY         float64
	sxx, sxy             float64
	firstAt              int64
	ts                   uint32
	sum                  float64 // unwrapped timestamp
	step, stepN          uint32
	zeroSteps, moreSteps uint32
	seq                  uint16
}

// add takes a packet of the payload type in question.
func (r *rateEstimate) add(p *Packet) {
	if r.n == 0 {
		r.firstAt = p.At
	} else {
		r.addStep(p)
	}
	r.ts, r.seq = p.Timestamp, p.Seq
	r.n++
	x := float64(p.At-r.firstAt) * 1e-9
	dx := x - r.meanX
	r.meanX += dx / r.n
	r.meanY += (r.sum - r.meanY) / r.n
	r.sxx += dx * (x - r.meanX)
	r.sxy += dx * (r.sum - r.meanY)
}

// addStep votes for the most common timestamp step between neighbours
// (Boyer-Moore) and counts the frames that took several packets.
func (r *rateEstimate) addStep(p *Packet) {
	step := p.Timestamp - r.ts
	r.sum += float64(int32(step))
	if p.Seq-r.seq != 1 {
		return
	}
	switch {
	case step == 0:
		r.zeroSteps++
		return
	case step == r.step:
		r.stepN++
	case r.stepN == 0:
		r.step, r.stepN = step, 1
	default:
		r.stepN--
	}
	r.moreSteps++
}

// clock snaps the measured rate to a standard one; 0 where none is near.
func (r *rateEstimate) clock() uint32 {
	if r.n < 3 || r.sxx <= 0 || r.sxy <= 0 {
		return 0
	}
	rate := r.sxy / r.sxx
	best, bestScore := uint32(0), clockTolerance
	for _, c := range standardClocks {
		score := math.Abs(math.Log(rate / float64(c)))
		if c != 90000 && !isFrameTime(float64(r.step)*1000/float64(c)) {
			score += oddStepPenalty
		}
		if score < bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

func isFrameTime(ms float64) bool {
	for _, f := range frameTimesMS {
		if math.Abs(ms-f) < f/100 {
			return true
		}
	}
	return false
}
