package dialog

import "strconv"

// stream writes a stream record; the fields and their order are StreamRecord's.
func (o *object) stream(r *StreamRecord, opts JSONOptions) {
	o.begin("")
	o.identity(r)
	o.counts(r)
	o.timing(r)
	o.mos(&r.MOS)
	o.numberOrNull("mos_min", r.MOSMin)
	o.time("mos_min_at", r.MOSMinAt)
	o.ints("dscp", r.DSCP)
	o.ints("vlan", r.VLAN)
	o.ints("ttl", r.TTL)
	o.rtcp(r.RTCP)
	o.boolean("srtp", r.SRTP)
	o.text("trust", r.Trust)
	if r.TrustReason != "" {
		o.text("trust_reason", r.TrustReason)
	}
	if opts.Intervals {
		o.open("intervals")
		for i := range r.Timeline {
			o.next(i)
			o.interval(&r.Timeline[i])
		}
		o.shut()
	}
	o.end()
}

func (o *object) identity(r *StreamRecord) {
	o.text("type", r.Type)
	o.text("id", r.ID)
	o.textOrNull("call", r.Call)
	o.text("binding", string(r.Binding))
	o.text("direction", r.Direction)
	o.addrPort("src", r.Src)
	o.addrPort("dst", r.Dst)
	o.text("ssrc", r.SSRC)
	o.text("media", r.Media)
	o.textOrNull("codec", r.Codec)
	o.integerOrNull("clock_rate", r.ClockRate)
	o.ints("payload_types", r.PayloadTypes)
	o.boolean("clock_inferred", r.ClockInferred)
	o.integer("codec_changes", int64(r.CodecChanges))
	o.numberOrNull("ptime_ms", r.PTimeMS)
	o.integer("ptime_changes", int64(r.PTimeChanges))
	o.time("start", r.Start)
	o.time("end", r.End)
	o.number("duration_ms", r.DurationMS)
}

func (o *object) counts(r *StreamRecord) {
	o.unsigned("packets", r.Packets)
	o.unsigned("bytes", r.Bytes)
	o.numberOrNull("bitrate_bps", r.BitrateBPS)
	o.unsigned("expected", r.Expected)
	o.unsigned("lost", r.Lost)
	o.number("loss_ratio", r.LossRatio)
	o.integer("cumulative_lost", r.CumulativeLost)
	o.unsigned("duplicates", r.Duplicates)
	o.unsigned("capture_copies", r.CaptureCopies)
	o.unsigned("reordered", r.Reordered)
	o.unsigned("restarts", r.Restarts)
	o.open("loss_runs")
	for i, n := range r.LossRuns {
		o.next(i)
		o.b = strconv.AppendUint(o.b, uint64(n), 10)
	}
	o.shut()
	o.unsigned("comfort_noise", r.ComfortNoise)
	o.unsigned("silences", r.Silences)
	o.unsigned("events", r.Events)
	o.unsigned("event_packets", r.EventPackets)
}

func (o *object) timing(r *StreamRecord) {
	o.begin("jitter_ms")
	o.number("last", r.JitterMS.Last)
	o.number("mean", r.JitterMS.Mean)
	o.number("max", r.JitterMS.Max)
	o.end()
	o.number("delta_max_ms", r.DeltaMaxMS)
	o.numberOrNull("skew_ppm", r.SkewPPM)
	o.begin("late")
	o.unsigned("fixed_60ms", r.Late.Fixed60MS)
	o.unsigned("adaptive", r.Late.Adaptive)
	o.end()
	o.period("bursts", r.Bursts)
	o.period("gaps", r.Gaps)
	o.number("burst_ratio", r.BurstRatio)
}

func (o *object) period(name string, p PeriodRecord) {
	o.begin(name)
	o.unsigned("count", uint64(p.Count))
	o.number("density", p.Density)
	o.number("duration_ms", p.DurationMS)
	o.end()
}

func (o *object) mos(m *MOSRecord) {
	o.begin("mos")
	o.textOrNull("model", m.Model)
	o.numberOrNull("lq", m.LQ)
	o.numberOrNull("cq", m.CQ)
	o.numberOrNull("r_lq", m.RLQ)
	o.numberOrNull("r_cq", m.RCQ)
	o.numberOrNull("ie", m.Ie)
	o.numberOrNull("bpl", m.Bpl)
	o.textOrNull("plc", m.PLC)
	o.numberOrNull("ppl", m.Ppl)
	o.numberOrNull("burst_r", m.BurstR)
	o.numberOrNull("delay_ms", m.DelayMS)
	o.textOrNull("delay_source", m.DelaySource)
	o.textOrNull("buffer", m.Buffer)
	o.textOrNull("confidence", m.Confidence)
	o.textOrNull("reason", m.Reason)
	o.end()
}

func (o *object) rtcp(r *RTCPRecord) {
	if r == nil {
		o.key("rtcp")
		o.null()
		return
	}
	o.begin("rtcp")
	o.integer("reports", int64(r.Reports))
	o.integer("sender_reports", int64(r.SenderReports))
	o.numberOrNull("loss_ratio", r.LossRatio)
	o.key("lost")
	if r.Lost == nil {
		o.null()
	} else {
		o.b = strconv.AppendInt(o.b, *r.Lost, 10)
	}
	o.numberOrNull("fraction_lost_max", r.FractionLostMax)
	o.numberOrNull("jitter_ms", r.JitterMS)
	o.numberOrNull("jitter_max_ms", r.JitterMaxMS)
	o.numberOrNull("rtt_ms", r.RTTMS)
	o.numberOrNull("near_ms", r.NearMS)
	o.numberOrNull("far_ms", r.FarMS)
	o.key("sender_packets")
	if r.SenderPackets == nil {
		o.null()
	} else {
		o.b = strconv.AppendUint(o.b, *r.SenderPackets, 10)
	}
	o.xr(r.XR)
	o.end()
}

func (o *object) xr(x *XRRecord) {
	if x == nil {
		o.key("xr")
		o.null()
		return
	}
	o.begin("xr")
	o.number("loss_ratio", x.LossRatio)
	o.number("discard_ratio", x.DiscardRatio)
	o.number("burst_density", x.BurstDensity)
	o.number("gap_density", x.GapDensity)
	o.integer("burst_ms", int64(x.BurstMS))
	o.integer("gap_ms", int64(x.GapMS))
	o.integer("rtt_ms", int64(x.RTTMS))
	o.integer("end_system_ms", int64(x.EndSystemMS))
	o.integerOrNull("r", x.R)
	o.numberOrNull("mos_lq", x.MOSLQ)
	o.numberOrNull("mos_cq", x.MOSCQ)
	o.integer("buffer_nominal_ms", int64(x.BufferNominalMS))
	o.end()
}

func (o *object) interval(i *IntervalRecord) {
	o.begin("")
	o.time("start", i.Start)
	o.unsigned("packets", uint64(i.Packets))
	o.integer("lost", int64(i.Lost))
	o.unsigned("late", uint64(i.Late))
	o.number("jitter_ms", i.JitterMS)
	o.numberOrNull("mos", i.MOS)
	if i.Suspect {
		o.boolean("suspect", true)
	}
	o.end()
}
