package rtpstats

import "math"

// What a skew must rest on before it is shown.
const (
	skewPoints   = 4  // windows
	skewSpan     = 15 // s between the first and the last
	skewErrorPPM = 50 // standard error of the slope
)

// skewLine is a least-squares line through the smallest transit of each window:
// its slope is the sender's clock against the capture's. Where timing was
// re-based, a new segment begins; the segments share their slope.
type skewLine struct {
	n            uint32 // points of the open segment
	meanX, meanY float64
	points       uint32  // of all segments
	segments     uint32  // closed ones that hold points
	sxx, sxy     float64 // centred sums of the open segment
	syy          float64
	allXX, allXY float64 // of the closed ones
	allYY        float64
	first, last  float64 // extent of all points, s
}

// add takes a window's smallest transit y, ms, at x seconds.
func (l *skewLine) add(x, y float64) {
	if l.points == 0 {
		l.first = x
	}
	l.last = max(l.last, x)
	l.points++
	l.n++
	dx := x - l.meanX
	l.meanX += dx / float64(l.n)
	dy := y - l.meanY
	l.meanY += dy / float64(l.n)
	l.syy += dy * (y - l.meanY)
	l.sxx += dx * (x - l.meanX)
	l.sxy += dx * (y - l.meanY)
}

// cut begins a new segment.
func (l *skewLine) cut() {
	l.allXX += l.sxx
	l.allXY += l.sxy
	l.allYY += l.syy
	if l.n > 0 {
		l.segments++
	}
	l.n, l.meanX, l.meanY, l.sxx, l.sxy, l.syy = 0, 0, 0, 0, 0, 0
}

// ppm gives the skew in parts per million, positive where the sender is fast,
// and whether enough points bear it out: short streams with jitter or long
// silences give a slope too, but not of a clock.
func (l skewLine) ppm() (float64, bool) {
	l.cut()
	free := int(l.points) - int(l.segments) - 1 // a mean for each segment and one slope
	if l.points < skewPoints || free < 2 || l.last-l.first < skewSpan || l.allXX == 0 {
		return 0, false
	}
	slope := l.allXY / l.allXX // ms per s: thousandths
	residual := max(0, l.allYY-slope*l.allXY)
	if err := math.Sqrt(residual / float64(free) / l.allXX); err*1e3 > skewErrorPPM {
		return 0, false
	}
	return -slope * 1e3, true
}
