package dialog

import (
	"fmt"
	"net/netip"
)

// The codes of findings about media. They are a contract with users' scripts.
const (
	findNoMedia          = "no_media"
	findMediaNotCaptured = "media_not_captured" // no RTP at all in the capture: nothing is known of the call's
	findMediaElsewhere   = "media_elsewhere"    // nothing wrong: another call of the same ends has it
	findOneWayAudio      = "one_way_audio"
	findLateMedia        = "late_media"
	findMediaAfterBye    = "media_after_bye"
	findCodecMismatch    = "codec_mismatch"
	findPTimeMismatch    = "ptime_mismatch"
	findNATMismatch      = "nat_mismatch"
	findDSCP             = "dscp_not_ef"
	findSignallingDSCP   = "signalling_dscp_not_cs3"
	findMarkingChanged   = "marking_changed"
	findRouteChanged     = "route_changed"
	findLoss             = "loss"
	findBurstLoss        = "burst_loss"
	findJitter           = "jitter"
	findLatePackets      = "late_packets"
	findDuplicates       = "duplicates"
	findReordering       = "reordering"
	findClockSkew        = "clock_skew"
	findRestart          = "restart"
	findSSRCChange       = "ssrc_change"
	findRemoteLoss       = "remote_loss"
	findUnheard          = "not_heard" // its receiver reports, and speaks of no stream
	findHighLatency      = "high_latency"
	findLowMOS           = "low_mos"
	findCaptureLoss      = "capture_loss"
	findMediaSwitched    = "media_switched" // audio gave way to fax by T.38, within a stream
)

// maxFindings bounds what one call may be accused of.
const maxFindings = 64

// diagnosis collects what was wrong with a call's media.
type diagnosis struct {
	m       *media
	limits  *Limits
	call    *call
	rec     *CallRecord
	streams []*stream  // rec.Media's, in the same order
	saidNAT netip.Addr // the host whose NAT was named last
	list    []Finding
}

// findings says what was wrong with the media of a call that is over.
func (m *media) findings(c *call, rec *CallRecord, streams []*stream) []Finding {
	d := &diagnosis{m: m, limits: &m.limits, call: c, rec: rec, streams: streams}
	d.presence()
	for i, s := range streams {
		r := rec.Media[i]
		d.agreement(s, r)
		d.network(s, r)
		d.quality(r)
	}
	d.marking()
	d.latency()
	d.ssrcChanges()
	d.sayOnce()
	return d.list
}

// add makes a finding; r is the stream that it concerns, nil for the call.
func (d *diagnosis) add(code string, r *StreamRecord, text, evidence string) {
	if len(d.list) == maxFindings {
		return
	}
	f := Finding{Code: code, Text: text, Evidence: evidence}
	if r != nil {
		f.Stream = r.ID
	}
	d.list = append(d.list, f)
}

// voice names a side for people.
func (s side) String() string {
	if s == caller {
		return "caller"
	}
	return "callee"
}

// seconds writes a duration in ns for people.
func seconds(ns int64) string { return fmt.Sprintf("%.1f s", float64(ns)/float64(second)) }
