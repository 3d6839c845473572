package rtpstats

// gmin is RFC 3611's Gmin: so many good packets in a row end a burst.
const gmin = 16

// burstState is where the burst/gap machine stands.
type burstState uint8

const (
	inGap   burstState = iota // since the start, or after gmin good packets
	pending                   // one bad packet, not known yet whether it begins a burst
	inBurst                   // at least two bad packets less than gmin apart
)

// burstMachine divides outcomes, given in sequence order, into bursts and gaps
// (RFC 3611 4.7.2) while they stream by. A burst begins and ends with a bad
// packet and holds no gmin good ones in a row; an isolated bad packet belongs
// to the gap; the edges of the session count as good. RFC 3611 A.2's counters
// are not used: they miscount the first loss and never count the tail.
type burstMachine struct {
	state burstState
	run   uint64 // good packets since the last bad one

	gap, gapBad     uint64 // the open gap
	burst, burstBad uint64 // the open burst, up to its last bad packet

	bursts, gaps              uint32 // closed ones
	burstPackets, burstBadSum uint64
	gapPackets, gapBadSum     uint64

	packets, bad uint64 // all outcomes
	badRuns      uint64 // runs of consecutive bad outcomes
	lastBad      bool
}

// good takes n good outcomes in a row.
func (m *burstMachine) good(n uint64) {
	if n == 0 {
		return
	}
	m.packets += n
	m.run += n
	m.lastBad = false
	switch {
	case m.state == inGap:
		m.gap += n
	case m.run < gmin:
		return
	case m.state == pending: // the bad packet was an isolated one
		m.gap += 1 + m.run
		m.gapBad++
		m.state = inGap
	default:
		m.closeBurst()
		m.gap = m.run
		m.state = inGap
	}
}

// lose takes n bad outcomes in a row.
func (m *burstMachine) lose(n uint64) {
	if n == 0 {
		return
	}
	m.packets += n
	m.bad += n
	if !m.lastBad {
		m.badRuns++
	}
	m.lastBad = true
	if m.state == inGap {
		m.state = pending
		m.run = 0
		n--
	}
	if n > 0 && m.state == pending {
		m.closeGap()
		m.burst, m.burstBad = m.run+2, 2
		m.state = inBurst
		m.run = 0
		n--
	}
	if n > 0 {
		m.burst += m.run + n
		m.burstBad += n
		m.run = 0
	}
}

func (m *burstMachine) closeGap() {
	if m.gap > 0 {
		m.gaps++
		m.gapPackets += m.gap
		m.gapBadSum += m.gapBad
	}
	m.gap, m.gapBad = 0, 0
}

func (m *burstMachine) closeBurst() {
	m.bursts++
	m.burstPackets += m.burst
	m.burstBadSum += m.burstBad
	m.burst, m.burstBad = 0, 0
}

// close ends the session. It is called on a copy, so that a report leaves the
// live machine as it was.
func (m *burstMachine) close() {
	switch m.state {
	case pending:
		m.gap += 1 + m.run
		m.gapBad++
	case inBurst:
		m.closeBurst()
		m.gap = m.run
	}
	m.closeGap()
}

// report closes a copy of the machine and gives its figures; ptimeMS is the
// packet time that turns packets into milliseconds.
func (m burstMachine) report(ptimeMS float64) BurstGap {
	m.close()
	r := BurstGap{
		Bursts: m.bursts, Gaps: m.gaps,
		BurstPackets: m.burstPackets, BurstBad: m.burstBadSum,
		GapPackets: m.gapPackets, GapBad: m.gapBadSum,
		BurstRatio: m.ratio(),
	}
	if m.burstPackets > 0 {
		r.BurstDensity = float64(m.burstBadSum) / float64(m.burstPackets)
		r.BurstMS = float64(m.burstPackets) / float64(m.bursts) * ptimeMS
	}
	if m.gapPackets > 0 {
		r.GapDensity = float64(m.gapBadSum) / float64(m.gapPackets)
		r.GapMS = float64(m.gapPackets) / float64(m.gaps) * ptimeMS
	}
	return r
}

// ratio is G.107's BurstR: the mean length of the bad runs over the mean that
// random loss of the same rate would give, 1/(1-Ppl); never below 1.
func (m *burstMachine) ratio() float64 {
	if m.badRuns == 0 {
		return 1
	}
	mean := float64(m.bad) / float64(m.badRuns)
	return max(1, mean*(1-float64(m.bad)/float64(m.packets)))
}

// lossRunCounter builds the distribution of consecutive losses.
type lossRunCounter struct {
	open uint64 // the run that has not ended
	LossRuns
}

// lose takes n consecutive losses.
func (l *lossRunCounter) lose(n uint64) { l.open += n }

// good takes any number of received packets: it ends the open run.
func (l *lossRunCounter) good() {
	if l.open == 0 {
		return
	}
	l.Runs++
	l.Longest = max(l.Longest, uint32(min(l.open, 1<<32-1)))
	l.Count[min(l.open, uint64(len(l.Count)))-1]++
	l.open = 0
}

// report ends the open run on a copy.
func (l lossRunCounter) report() LossRuns {
	l.good()
	return l.LossRuns
}
