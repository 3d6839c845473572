package report

import (
	"fmt"
	"strings"

	"earshot/dialog"
)

// streamTitle names a stream in one line.
func streamTitle(s *dialog.StreamRecord) string {
	who := "Stream of no call"
	switch s.Direction {
	case caller.direction():
		who = "→ From the caller"
	case callee.direction():
		who = "← From the callee"
	}
	return fmt.Sprintf("%s: %s → %s", who, s.Src, s.Dst)
}

// streamFacts is what was measured of a stream, line by line. The terminal and
// the page show the same.
func streamFacts(s *dialog.StreamRecord) []fact {
	list := []fact{
		{"carries", carries(s)},
		{"packets", packets(s)},
		{"jitter", jitter(s)},
		{"buffer", fmt.Sprintf("too late for a fixed buffer of 60 ms %s, for an adaptive one of 40–200 ms %s", count(s.Late.Fixed60MS), count(s.Late.Adaptive))},
	}
	if s.Bursts.Count > 0 {
		list = append(list, fact{"bursts", fmt.Sprintf("%d, %s %% bad within them, %.0f ms each; between them %s %% bad; BurstR %.2f",
			s.Bursts.Count, percentage(s.Bursts.Density), s.Bursts.DurationMS, percentage(s.Gaps.Density), s.BurstRatio)})
	}
	list = append(list, fact{"score", scoreFact(s)})
	if marks := marks(s); marks != "" {
		list = append(list, fact{"marks", marks})
	}
	if far := farEnd(s.RTCP); far != "" {
		list = append(list, fact{"far end", far})
	}
	if s.Trust == "suspect" {
		list = append(list, fact{"trust", "suspect: " + clean(s.TrustReason, maxText)})
	}
	return list
}

func carries(s *dialog.StreamRecord) string {
	list := []string{codecOf(s)}
	if s.ClockRate != nil {
		clock := fmt.Sprintf("%d Hz", *s.ClockRate)
		if s.ClockInferred {
			clock += " (inferred from the timestamps)"
		}
		list = append(list, clock)
	}
	if s.PTimeMS != nil {
		list = append(list, fmt.Sprintf("%g ms a packet", *s.PTimeMS))
	}
	list = append(list, "payload types "+integers(s.PayloadTypes), "SSRC "+clean(s.SSRC, 16))
	if s.SRTP {
		list = append(list, "SRTP")
	}
	if s.BitrateBPS != nil {
		list = append(list, fmt.Sprintf("%.1f kbit/s on the wire", *s.BitrateBPS/1000))
	}
	list = append(list, "bound by: "+string(s.Binding))
	return strings.Join(list, ", ")
}

func packets(s *dialog.StreamRecord) string {
	text := fmt.Sprintf("%s in %s, %s expected, %s lost (%s %%)", count(s.Packets), seconds(&s.DurationMS), count(s.Expected), count(s.Lost), lossText(s))
	for _, n := range [...]struct {
		n    uint64
		what string
	}{
		{s.Duplicates, "duplicate"}, {s.Reordered, "reordered packet"}, {s.Restarts, "restart"},
		{s.ComfortNoise, "comfort-noise packet"}, {s.Silences, "silence"}, {s.Events, "telephone-event"},
		{uint64(s.CodecChanges), "codec change"},
	} {
		if n.n > 0 {
			text += ", " + plural(n.n, n.what)
		}
	}
	return text
}

func jitter(s *dialog.StreamRecord) string {
	text := fmt.Sprintf("mean %s ms, at most %s ms; longest pause between packets %.0f ms",
		milliseconds(s.JitterMS.Mean), milliseconds(s.JitterMS.Max), s.DeltaMaxMS)
	if s.SkewPPM != nil {
		text += fmt.Sprintf("; clock %+.0f ppm", *s.SkewPPM)
	}
	return text
}

// scoreFact is the score with its model and everything it rests on.
func scoreFact(s *dialog.StreamRecord) string {
	m := &s.MOS
	if m.LQ == nil {
		reason := "unknown"
		if m.Reason != nil {
			reason = clean(*m.Reason, maxText)
		}
		return "not computable: " + reason
	}
	text := fmt.Sprintf("MOS-LQ %s (%s), model %s", score(*m.LQ), bandOf(m.LQ), modelOf(m))
	for _, v := range [...]struct {
		name, unit string
		v          *float64
	}{{"R", "", m.RLQ}, {"Ie", "", m.Ie}, {"Bpl", "", m.Bpl}, {"Ppl", " %", m.Ppl}, {"BurstR", "", m.BurstR}} {
		if v.v != nil {
			text += fmt.Sprintf(", %s %.4g%s", v.name, *v.v, v.unit)
		}
	}
	if m.PLC != nil {
		text += ", concealment " + clean(*m.PLC, 60)
	}
	if m.Confidence != nil {
		text += ", confidence " + clean(*m.Confidence, 8)
	}
	switch {
	case m.CQ != nil && m.DelayMS != nil && m.DelaySource != nil:
		text += fmt.Sprintf("; MOS-CQ %s at %.0f ms one-way delay (%s)", score(*m.CQ), *m.DelayMS, clean(*m.DelaySource, 16))
	case m.Reason != nil:
		text += "; " + clean(*m.Reason, maxText)
	}
	if s.MOSMin != nil && s.MOSMinAt != 0 {
		text += fmt.Sprintf("; worst interval %s at %s", score(*s.MOSMin), clockTime(s.MOSMinAt, false))
	}
	return text
}

func marks(s *dialog.StreamRecord) string {
	var list []string
	for _, m := range [...]struct {
		name   string
		values []int
	}{{"DSCP", s.DSCP}, {"VLAN priority", s.VLAN}, {"TTL", s.TTL}} {
		if len(m.values) > 0 {
			list = append(list, m.name+" "+integers(m.values))
		}
	}
	return strings.Join(list, ", ")
}

// farEnd is what the receiver reported: a second witness beside our figures.
func farEnd(r *dialog.RTCPRecord) string {
	if r == nil {
		return ""
	}
	list := []string{fmt.Sprintf("%s, %s", plural(uint64(r.Reports), "receiver report"), plural(uint64(r.SenderReports), "sender report"))}
	if r.LossRatio != nil {
		list = append(list, fmt.Sprintf("loss %s %%", percentage(*r.LossRatio)))
	}
	if r.JitterMS != nil {
		list = append(list, fmt.Sprintf("jitter %s ms", milliseconds(*r.JitterMS)))
	}
	if r.RTTMS != nil {
		text := fmt.Sprintf("round trip %s ms", milliseconds(*r.RTTMS))
		if r.NearMS != nil && r.FarMS != nil {
			text += fmt.Sprintf(" (%s to the sender, %s to the receiver)", milliseconds(*r.NearMS), milliseconds(*r.FarMS))
		}
		list = append(list, text)
	}
	if x := r.XR; x != nil {
		list = append(list, fmt.Sprintf("XR: loss %s %%, discarded %s %%", percentage(x.LossRatio), percentage(x.DiscardRatio)))
		if x.MOSLQ != nil {
			list = append(list, "XR MOS-LQ "+score(*x.MOSLQ))
		}
	}
	return strings.Join(list, "; ")
}
