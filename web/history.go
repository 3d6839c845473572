package web

import (
	"sync"
	"time"

	"earshot/dialog"
	"earshot/pipeline"
)

// history keeps what the last seconds counted, for rates that people look at.
// (Metrics have no rates: whoever scrapes them reckons his own.)
type history struct {
	mu      sync.Mutex
	samples []counted // oldest first, about a second apart
}

// counted is what had been counted at one moment.
type counted struct {
	at        time.Time
	totals    Totals
	drops     drops
	responses [7]uint64 // by class; [0] is of strange ones
}

// rateSpan is the span of rates.
const rateSpan = 5 * time.Second

// sampleEvery is how far samples are apart.
const sampleEvery = time.Second

// take adds a sample, unless the last one is younger than half a second.
func (h *history) take(c counted) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.samples); n > 0 && c.at.Sub(h.samples[n-1].at) < sampleEvery/2 {
		return
	}
	h.samples = append(h.samples, c)
	for len(h.samples) > 1 && c.at.Sub(h.samples[1].at) >= rateSpan {
		h.samples = h.samples[1:]
	}
}

// before returns the sample that is rateSpan older than c, or the oldest there
// is, and how much older it is in seconds; 0 where there is none.
func (h *history) before(c *counted) (counted, float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.samples) == 0 {
		return *c, 0
	}
	first := h.samples[0]
	return first, c.at.Sub(first.at).Seconds()
}

// countNow reads what has been counted.
func countNow(p *Probe, now time.Time) counted {
	stages, snap := p.stages(), p.snapshot()
	c := counted{at: now, drops: dropsOf(&stages)}
	c.totals = totalsOf(&stages, snap)
	for status, n := range snap.Totals.SIPResponses {
		class := status / 100
		if class < 1 || class > 6 {
			class = 0
		}
		c.responses[class] += n
	}
	return c
}

func totalsOf(stages *pipeline.Stages, snap *pipeline.Snapshot) Totals {
	t := Totals{
		SIPMessages: snap.Totals.SIPMessages, RTCPPackets: snap.Totals.RTCPPackets,
		Calls: snap.Totals.Calls, Answered: snap.Totals.KPI.Answered, Streams: snap.Totals.Streams,
	}
	for i := range stages.Lanes {
		t.Packets += stages.Lanes[i].Packets
		t.Bytes += stages.Lanes[i].Bytes
		t.RTPPackets += stages.Lanes[i].RTP
	}
	return t
}

// rate is events a second; 0 over no time, and where a count began anew.
func rate(now, then uint64, seconds float64) float64 {
	if seconds <= 0 || now < then {
		return 0
	}
	return float64(now-then) / seconds
}

func ratesOf(now, then *counted, seconds float64) Rates {
	n, t := &now.totals, &then.totals
	return Rates{
		Packets:     rate(n.Packets, t.Packets, seconds),
		Bytes:       rate(n.Bytes, t.Bytes, seconds),
		SIPMessages: rate(n.SIPMessages, t.SIPMessages, seconds),
		RTPPackets:  rate(n.RTPPackets, t.RTPPackets, seconds),
		RTCPPackets: rate(n.RTCPPackets, t.RTCPPackets, seconds),
		Calls:       rate(n.Calls, t.Calls, seconds),
	}
}

func dropRates(now, then *counted, seconds float64) Drops {
	n, t := &now.drops, &then.drops
	return Drops{
		Kernel:    rate(n.kernel, t.kernel, seconds),
		Ring:      rate(n.ring, t.ring, seconds),
		Queue:     rate(n.queue, t.queue, seconds),
		TableFull: rate(n.tableFull, t.tableFull, seconds),
	}
}

// classNames are the classes of SIP responses (RFC 3261 7.2).
var classNames = [7]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx"}

// summary is the probe at a glance.
func (s *Server) summary(now time.Time) *Summary {
	c := countNow(&s.probe, now)
	then, seconds := s.history.before(&c)
	snap := s.probe.snapshot()
	sum := &Summary{
		Version: s.probe.Version, Started: timeOf(s.probe.Started), At: dialog.Time(snap.At), LagSeconds: eventLag(snap, now),
		Ready: true, Rates: ratesOf(&c, &then, seconds), Totals: c.totals,
		Drops:     Drops{float64(c.drops.kernel), float64(c.drops.ring), float64(c.drops.queue), float64(c.drops.tableFull)},
		DropRates: dropRates(&c, &then, seconds),
		Segments:  s.metrics.segments(snap.At),
		Worst:     []Stream{},
		Responses: map[string]float64{},
	}
	if err := s.ready(now); err != nil {
		sum.Ready, sum.Reason = false, err.Error()
	}
	for class := 1; class < len(classNames); class++ {
		sum.Responses[classNames[class]] = rate(c.responses[class], then.responses[class], seconds)
	}
	if snap.View != nil {
		sum.ActiveCalls, sum.ActiveStreams = activeCallsOf(snap.View), len(snap.View.Streams)
		sum.Worst = s.worst(snap.View)
	}
	return sum
}

// timeOf returns a wall-clock time as packet times are written.
func timeOf(t time.Time) dialog.Time {
	if t.IsZero() {
		return 0
	}
	return dialog.Time(t.UnixNano())
}

// segments is how the segments sound at a packet time, "other" last.
func (m *Metrics) segments(at int64) []SegmentFigures {
	l := m.layout.Load()
	list := []SegmentFigures{}
	for i := range l.segments {
		s := &l.segments[(i+1)%len(l.segments)]
		for d, w := range s.ways {
			if w == nil {
				continue
			}
			f := SegmentFigures{Segment: s.name, Direction: directionName(d)}
			f.Last, f.Minute = w.recent.figures(at)
			list = append(list, f)
		}
	}
	return list
}
