package rtpstats

// skewLine is a least-squares line through the smallest transit of each window:
// its slope is the sender's clock against the capture's. Where timing was
// re-based, a new segment begins; the segments share their slope.
type skewLine struct {
	n            uint32 // points of the open segment
	meanX, meanY float64
	sxx, sxy     float64 // centred sums of the open segment
	allXX, allXY float64 // of the closed ones
	points       uint32
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
	l.meanY += (y - l.meanY) / float64(l.n)
	l.sxx += dx * (x - l.meanX)
	l.sxy += dx * (y - l.meanY)
}

// cut begins a new segment.
func (l *skewLine) cut() {
	l.allXX += l.sxx
	l.allXY += l.sxy
	l.n, l.meanX, l.meanY, l.sxx, l.sxy = 0, 0, 0, 0, 0
}

// ppm gives the skew in parts per million, positive where the sender is fast,
// and whether three points over ten seconds or more bear it.
func (l skewLine) ppm() (float64, bool) {
	l.cut()
	if l.points < 3 || l.last-l.first < 10 || l.allXX == 0 {
		return 0, false
	}
	return -l.allXY / l.allXX * 1e3, true // ms per s, so 1e-3
}
