package dialog

import (
	"github.com/pion/rtcp"

	"earshot/rtpstats"
)

// extended takes the blocks of an extended report (RFC 3611) that say something
// of delay or of the ear.
func (w *word) extended(s *speaker, blocks []rtcp.ReportBlock) {
	for _, b := range blocks {
		switch b := b.(type) {
		case *rtcp.ReceiverReferenceTimeReportBlock:
			if s != nil {
				s.stamps.add(rtpstats.MiddleNTP(b.NTPTimestamp), w.at)
			}
		case *rtcp.DLRRReportBlock:
			for _, r := range b.Reports {
				if r.LastRR != 0 {
					w.roundTrip(s, nil, r.SSRC, r.LastRR, r.DLRR)
				}
			}
		case *rtcp.VoIPMetricsReportBlock:
			if x := w.witness(b.SSRC); x != nil {
				x.xr = voipMetrics(b)
			}
		}
	}
}

// voipMetrics writes a VoIP metrics block (RFC 3611 4.7) as a record.
func voipMetrics(b *rtcp.VoIPMetricsReportBlock) *XRRecord {
	v := rtpstats.ReadVoIPMetrics(b)
	return &XRRecord{
		LossRatio:       v.LossRatio,
		DiscardRatio:    v.DiscardRatio,
		BurstDensity:    v.BurstDensity,
		GapDensity:      v.GapDensity,
		BurstMS:         v.BurstMS,
		GapMS:           v.GapMS,
		RTTMS:           v.RTTMS,
		EndSystemMS:     v.EndSystemMS,
		R:               v.R,
		MOSLQ:           v.MOSLQ,
		MOSCQ:           v.MOSCQ,
		BufferNominalMS: v.BufferNominalMS,
	}
}
