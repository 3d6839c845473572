package rtpstats

import "math"

// steadySteps equal timestamp steps in a row establish a packet time.
const steadySteps = 4

// longestPTimeUS is the longest packet time believed, µs: Opus goes to 120 ms,
// and AMR's silence descriptors come every 160 ms.
const longestPTimeUS = 120_000

// ptimeTable counts timestamp steps between neighbouring sequence numbers, in
// microseconds so that a clock change does not mix units. Runs of equal steps
// are counted in the hot stream and come here only when they end.
type ptimeTable struct {
	steps       [4]stepCount
	established uint32 // µs, 0 while unknown
	changes     uint32
}

type stepCount struct {
	us    uint32
	count uint32
}

// stepUS turns timestamp ticks into microseconds; 0 for what is no packet time.
func stepUS(ticks uint32, msPerTick float64) uint32 {
	us := math.Round(float64(int32(ticks)) * msPerTick * 1e3)
	if !(us > 0 && us <= longestPTimeUS) {
		return 0
	}
	return uint32(us)
}

// change ends the run of equal steps and begins one of step.
func (t *ptimeTable) change(s *hotStream, c *coldStream, step uint32) {
	t.fold(stepUS(s.step, s.msPerTick), s.stepRun)
	s.step, s.stepRun = step, 1
	if t.silence(s, step) {
		c.silences++
	}
}

// endRun counts the run of equal steps and forgets it: the next step has
// nothing to be compared with.
func (t *ptimeTable) endRun(s *hotStream) {
	t.fold(stepUS(s.step, s.msPerTick), s.stepRun)
	s.step, s.stepRun = 0, 0
}

// fold adds n steps of us; the rarest one makes room where all slots are taken.
func (t *ptimeTable) fold(us, n uint32) {
	if us == 0 || n == 0 {
		return
	}
	least := 0
	for i := range t.steps {
		if t.steps[i].us == us {
			t.steps[i].count += n
			return
		}
		if t.steps[i].count < t.steps[least].count {
			least = i
		}
	}
	t.steps[least] = stepCount{us, n}
}

// establish takes the packet time that steadySteps packets agree on.
func (t *ptimeTable) establish(s *hotStream, c *coldStream) {
	us := stepUS(s.step, s.msPerTick)
	if us == 0 || us == t.established || s.flags&videoOrOther != 0 {
		return
	}
	if t.established != 0 {
		t.changes++
		if us >= 2*t.established && c.silences > 0 {
			c.silences-- // the first long step was no silence, but the new packet time
		}
	}
	t.established = us
}

// silence reports whether a timestamp step between neighbours is so long that the
// sender must have been silent (DTX): a packet a little longer is no silence.
func (t *ptimeTable) silence(s *hotStream, step uint32) bool {
	return t.ahead(s, step) >= 2*t.ptime()
}

// talking reports whether the step is just what the packets between explain;
// gap is negative for an overtaken packet.
func (t *ptimeTable) talking(s *hotStream, step uint32, gap int32) bool {
	return t.ahead(s, step) <= t.ptime()*(float64(gap)+0.5)
}

// ahead is the time that the timestamp went on, µs; nothing for media whose
// packets have no common length.
func (t *ptimeTable) ahead(s *hotStream, step uint32) float64 {
	if s.flags&videoOrOther != 0 {
		return 0
	}
	return float64(int32(step)) * s.msPerTick * 1e3
}

// ptime is the packet time in force, the longest possible one where unknown, µs.
func (t *ptimeTable) ptime() float64 {
	if t.established == 0 {
		return longestPTimeUS
	}
	return float64(t.established)
}

// mostCommon gives the packet time in ms with the open run of s counted too.
func (t ptimeTable) mostCommon(s *hotStream) float64 {
	if s.flags&videoOrOther != 0 {
		return 0
	}
	t.fold(stepUS(s.step, s.msPerTick), s.stepRun)
	best := stepCount{}
	for _, c := range t.steps {
		if c.count > best.count {
			best = c
		}
	}
	return float64(best.us) / 1e3
}
