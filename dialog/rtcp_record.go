package dialog

// rtcpOf writes what the far ends said of a stream, nil where they said
// nothing readable.
func (m *media) rtcpOf(s *stream, clockRate int) *RTCPRecord {
	sender, x := m.speakerOf(s), m.witnessOf(s)
	if sender != nil && sender.reports == 0 && sender.near.n == 0 {
		sender = nil // it only spoke of others
	}
	if sender == nil && x == nil {
		return nil
	}
	rec := &RTCPRecord{}
	if sender != nil {
		rec.SenderReports = sender.reports
		if sender.reports > 0 {
			rec.SenderPackets = new(sender.sent)
		}
		if ms, ok := sender.near.meanMS(); ok {
			rec.NearMS = new(ms)
		}
	}
	if x != nil {
		x.record(rec, clockRate)
	}
	if rec.NearMS != nil && rec.FarMS != nil {
		rec.RTTMS = new(*rec.NearMS + *rec.FarMS)
	}
	return rec
}

// record writes what the receiver reported. Its jitter is counted in the
// stream's clock, and stays unknown where that is.
func (x *witness) record(rec *RTCPRecord, clockRate int) {
	rec.Reports = x.blocks
	rec.XR = x.xr
	if ms, ok := x.far.meanMS(); ok {
		rec.FarMS = new(ms)
	}
	if x.blocks == 0 {
		return
	}
	if ratio, ok := x.lossRatio(); ok {
		rec.LossRatio = new(ratio)
	}
	rec.Lost = new(int64(x.lost))
	rec.FractionLostMax = new(x.worstRatio)
	if clockRate > 0 {
		rec.JitterMS = new(float64(x.jitter) * 1000 / float64(clockRate))
		rec.JitterMaxMS = new(float64(x.jitterMax) * 1000 / float64(clockRate))
	}
}
