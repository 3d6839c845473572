package main

// faultTruth is one fault of a site scenario as a line of the truth file.
type faultTruth struct {
	Type      string   `json:"type"`
	Name      string   `json:"name"`
	What      whatSpec `json:"what"`
	Segments  []string `json:"segments"`
	Peers     []string `json:"peers"`
	Owner     string   `json:"owner"`
	Expect    string   `json:"expect"`
	Cases     int      `json:"cases"`
	Severity  string   `json:"severity,omitempty"`
	Codec     string   `json:"codec,omitempty"`
	UserAgent string   `json:"user_agent,omitempty"`
	Direction string   `json:"direction"`
	Share     float64  `json:"share"`
	From      string   `json:"from"`
	To        string   `json:"to"`
	OnMS      int64    `json:"on_ms,omitempty"`
	OffMS     int64    `json:"off_ms,omitempty"`
	First     *string  `json:"first"`
	Last      *string  `json:"last"`

	Affected    affectedTruth   `json:"affected"`
	Busiest     busiestTruth    `json:"busiest"`
	OfSegment   busiestTruth    `json:"busiest_segment"`
	Unaffected  unaffectedTruth `json:"unaffected"`
	SameSegment unaffectedTruth `json:"unaffected_same_segment"`
}

// affectedTruth counts what a fault touched.
type affectedTruth struct {
	Calls        int64 `json:"calls"`
	Streams      int64 `json:"streams"`
	Packets      int64 `json:"packets"`
	Transactions int64 `json:"transactions"`
}

// unaffectedTruth counts the comparable traffic that a fault did not touch.
type unaffectedTruth struct {
	Calls   int64 `json:"calls"`
	Streams int64 `json:"streams"`
}

// segmentTruth is a segment with its owner.
type segmentTruth struct {
	Type    string `json:"type"`
	Segment string `json:"segment"`
	Peer    string `json:"peer"`
	Owner   string `json:"owner"`
}

// timeTruth is a maintenance window, or a time in which the probe lost frames.
type timeTruth struct {
	Type    string `json:"type"`
	Segment string `json:"segment,omitempty"`
	From    string `json:"from"`
	To      string `json:"to"`
	Dropped int64  `json:"dropped,omitempty"`
}

// writeTruth writes the segments, and how the faults went.
func (w *siteWorld) writeTruth(t *truthWriter, drops *dropper) {
	for _, s := range w.segments() {
		t.write(segmentTruth{"segment", s.segment, s.peer, s.owner})
	}
	for _, m := range w.upkeep {
		t.write(timeTruth{"maintenance", m.segment, stamp(m.when.from), stamp(m.when.to), 0})
	}
	for i := range w.changes {
		t.write(w.changes[i].truth())
	}
	for i, d := range w.drops {
		t.write(timeTruth{"capture_drops", "", stamp(d.when.from), stamp(d.when.to), drops.counts[i]})
	}
	for _, f := range w.faults {
		t.write(f.truth())
	}
}

func (f *fault) truth() *faultTruth {
	a := &f.account
	t := &faultTruth{
		Type: "fault", Name: f.name, What: f.spec.What, Owner: f.owner, Expect: f.expect,
		UserAgent: f.agent, Direction: f.direction, Share: float64(f.share) / 100,
		From: stamp(f.when.from), To: stamp(f.when.to), OnMS: f.when.on / 1e6, OffMS: f.when.off / 1e6,
		Affected:    affectedTruth{a.calls, a.streams, a.packets, a.transactions},
		Unaffected:  unaffectedTruth{a.unaffectedCalls, a.unaffectedStreams},
		SameSegment: unaffectedTruth{a.sameSegment, a.sameSegStream},
	}
	if f.expect == "case" {
		t.Cases, t.Severity = 1, f.severity
	}
	t.Busiest, t.OfSegment = a.busiest()
	if f.codec != nil {
		t.Codec = f.codec.encoding
	}
	for _, s := range f.segments() {
		t.Segments, t.Peers = append(t.Segments, s.segment), append(t.Peers, s.peer)
	}
	if a.first != 0 {
		t.First, t.Last = stampPtr(a.first), stampPtr(a.last)
	}
	return t
}

// closed counts a call that is over for the faults that did not touch it though
// they could be compared: it began (or, for faults of packets, talked) while they
// were at work.
func (r *route) closed(c *call) {
	for i, f := range r.w.faults {
		if f.storm != 0 || f.barred != 0 || f.answered && r.answer == 0 || r.struck[i] {
			continue
		}
		from, to := r.answer, r.end
		if f.perCall {
			from, to = r.start, r.start
		}
		if !f.when.meets(from, to) {
			continue
		}
		streams := int64(len(c.truth.Streams))
		f.account.unaffectedCalls++
		f.account.unaffectedStreams += streams
		if f.sameSegment(r) {
			f.account.sameSegment++
			f.account.sameSegStream += streams
		}
	}
}
