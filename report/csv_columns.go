package report

import (
	"strconv"
	"strings"

	"earshot/dialog"
)

var callColumnsCSV = []field[*dialog.CallRecord]{
	{"id", func(c *CSV, r *dialog.CallRecord) { c.cell(r.ID) }},
	{"call_ids", func(c *CSV, r *dialog.CallRecord) { c.texts(r.CallIDs) }},
	{"from", func(c *CSV, r *dialog.CallRecord) { c.text(r.From) }},
	{"to", func(c *CSV, r *dialog.CallRecord) { c.text(r.To) }},
	{"from_uri", func(c *CSV, r *dialog.CallRecord) { c.text(r.FromURI) }},
	{"to_uri", func(c *CSV, r *dialog.CallRecord) { c.text(r.ToURI) }},
	{"start", func(c *CSV, r *dialog.CallRecord) { c.time(r.Start) }},
	{"ringing", func(c *CSV, r *dialog.CallRecord) { c.time(r.Ringing) }},
	{"answer", func(c *CSV, r *dialog.CallRecord) { c.time(r.Answer) }},
	{"end", func(c *CSV, r *dialog.CallRecord) { c.time(r.End) }},
	{"duration_ms", func(c *CSV, r *dialog.CallRecord) { c.number(r.DurationMS) }},
	{"setup_ms", func(c *CSV, r *dialog.CallRecord) { c.number(r.SetupMS) }},
	{"pdd_ms", func(c *CSV, r *dialog.CallRecord) { c.number(r.PDDMS) }},
	{"disconnect_ms", func(c *CSV, r *dialog.CallRecord) { c.number(r.DisconnectMS) }},
	{"disposition", func(c *CSV, r *dialog.CallRecord) { c.cell(string(r.Disposition)) }},
	{"final_status", func(c *CSV, r *dialog.CallRecord) { c.integer(r.FinalStatus) }},
	{"reason", func(c *CSV, r *dialog.CallRecord) { c.text(r.Reason) }},
	{"ended_by", func(c *CSV, r *dialog.CallRecord) { c.cell(string(r.EndedBy)) }},
	{"transport", func(c *CSV, r *dialog.CallRecord) { c.text(r.Transport) }},
	{"user_agents", func(c *CSV, r *dialog.CallRecord) { c.texts(r.UserAgents) }},
	{"retransmissions", func(c *CSV, r *dialog.CallRecord) { c.count(uint64(r.Retransmissions)) }},
	{"legs", func(c *CSV, r *dialog.CallRecord) { c.count(uint64(len(r.Legs))) }},
	{"offered", func(c *CSV, r *dialog.CallRecord) { c.texts(r.Offered) }},
	{"answered_codecs", func(c *CSV, r *dialog.CallRecord) { c.texts(r.AnsweredCodecs) }},
	{"holds", func(c *CSV, r *dialog.CallRecord) { c.count(uint64(r.Holds)) }},
	{"hold_ms", func(c *CSV, r *dialog.CallRecord) { c.number(&r.HoldMS) }},
	{"transfers", func(c *CSV, r *dialog.CallRecord) { c.count(uint64(len(r.Transfers))) }},
	{"streams", func(c *CSV, r *dialog.CallRecord) { c.count(uint64(len(r.Streams))) }},
	{"mos_worst", func(c *CSV, r *dialog.CallRecord) { c.number(r.MOSWorst) }},
	{"findings", func(c *CSV, r *dialog.CallRecord) { c.texts(codes(r)) }},
	{"truncated", func(c *CSV, r *dialog.CallRecord) { c.cell(strconv.FormatBool(r.Truncated)) }},
	{"verdict", func(c *CSV, r *dialog.CallRecord) { c.cell(Verdict(r)) }},
}

// voiceColumnsCSV are a call's columns for each direction, of the stream that
// stands for it (speaks).
var voiceColumnsCSV = []field[*dialog.StreamRecord]{
	{"stream", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.ID) }},
	{"codec", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.Codec) }},
	{"packets", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Packets) }},
	{"expected", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Expected) }},
	{"lost", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Lost) }},
	{"loss_ratio", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.LossRatio) }},
	{"late", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Late.Adaptive) }},
	{"jitter_mean_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.JitterMS.Mean) }},
	{"jitter_max_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.JitterMS.Max) }},
	{"mos_model", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.MOS.Model) }},
	{"mos_lq", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOS.LQ) }},
	{"mos_cq", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOS.CQ) }},
	{"mos_min", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOSMin) }},
	{"mos_reason", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.MOS.Reason) }},
	{"trust", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.Trust) }},
}

var streamColumnsCSV = []field[*dialog.StreamRecord]{
	{"id", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.ID) }},
	{"call", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.Call) }},
	{"binding", func(c *CSV, s *dialog.StreamRecord) { c.cell(string(s.Binding)) }},
	{"direction", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.Direction) }},
	{"src", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.Src.String()) }},
	{"dst", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.Dst.String()) }},
	{"ssrc", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.SSRC) }},
	{"media", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.Media) }},
	{"codec", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.Codec) }},
	{"clock_rate", func(c *CSV, s *dialog.StreamRecord) { c.integer(s.ClockRate) }},
	{"clock_inferred", func(c *CSV, s *dialog.StreamRecord) { c.cell(strconv.FormatBool(s.ClockInferred)) }},
	{"payload_types", func(c *CSV, s *dialog.StreamRecord) { c.integers(s.PayloadTypes) }},
	{"ptime_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(s.PTimeMS) }},
	{"start", func(c *CSV, s *dialog.StreamRecord) { c.time(s.Start) }},
	{"end", func(c *CSV, s *dialog.StreamRecord) { c.time(s.End) }},
	{"duration_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.DurationMS) }},
	{"packets", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Packets) }},
	{"bytes", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Bytes) }},
	{"bitrate_bps", func(c *CSV, s *dialog.StreamRecord) { c.number(s.BitrateBPS) }},
	{"expected", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Expected) }},
	{"lost", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Lost) }},
	{"loss_ratio", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.LossRatio) }},
	{"duplicates", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Duplicates) }},
	{"reordered", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Reordered) }},
	{"restarts", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Restarts) }},
	{"jitter_mean_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.JitterMS.Mean) }},
	{"jitter_max_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.JitterMS.Max) }},
	{"delta_max_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.DeltaMaxMS) }},
	{"skew_ppm", func(c *CSV, s *dialog.StreamRecord) { c.number(s.SkewPPM) }},
	{"late_fixed_60ms", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Late.Fixed60MS) }},
	{"late_adaptive", func(c *CSV, s *dialog.StreamRecord) { c.count(s.Late.Adaptive) }},
	{"bursts", func(c *CSV, s *dialog.StreamRecord) { c.count(uint64(s.Bursts.Count)) }},
	{"burst_density", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.Bursts.Density) }},
	{"burst_ms", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.Bursts.DurationMS) }},
	{"burst_ratio", func(c *CSV, s *dialog.StreamRecord) { c.number(&s.BurstRatio) }},
	{"mos_model", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.MOS.Model) }},
	{"mos_lq", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOS.LQ) }},
	{"mos_cq", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOS.CQ) }},
	{"r_lq", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOS.RLQ) }},
	{"mos_reason", func(c *CSV, s *dialog.StreamRecord) { c.optional(s.MOS.Reason) }},
	{"mos_min", func(c *CSV, s *dialog.StreamRecord) { c.number(s.MOSMin) }},
	{"mos_min_at", func(c *CSV, s *dialog.StreamRecord) { c.time(s.MOSMinAt) }},
	{"dscp", func(c *CSV, s *dialog.StreamRecord) { c.integers(s.DSCP) }},
	{"ttl", func(c *CSV, s *dialog.StreamRecord) { c.integers(s.TTL) }},
	{"srtp", func(c *CSV, s *dialog.StreamRecord) { c.cell(strconv.FormatBool(s.SRTP)) }},
	{"trust", func(c *CSV, s *dialog.StreamRecord) { c.cell(s.Trust) }},
	{"trust_reason", func(c *CSV, s *dialog.StreamRecord) { c.text(s.TrustReason) }},
}

// texts adds a list with "; " between.
func (c *CSV) texts(list []string) {
	cleaned := make([]string, len(list))
	for i, v := range list {
		cleaned[i] = clean(v, 256)
	}
	c.cell(tame(strings.Join(cleaned, "; ")))
}

func (c *CSV) optional(v *string) {
	if v == nil {
		c.cell("")
		return
	}
	c.text(*v)
}

// number adds a number with at most six decimals, nothing where it is unknown.
func (c *CSV) number(v *float64) {
	if v == nil {
		c.cell("")
		return
	}
	c.cell(strconv.FormatFloat(micro(*v), 'f', -1, 64))
}

func (c *CSV) count(n uint64) { c.cell(strconv.FormatUint(n, 10)) }

func (c *CSV) integer(v *int) {
	if v == nil {
		c.cell("")
		return
	}
	c.cell(strconv.Itoa(*v))
}

// integers adds a list with spaces between.
func (c *CSV) integers(list []int) {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = strconv.Itoa(v)
	}
	c.cell(strings.Join(texts, " "))
}

// time adds a time as the JSON has it, nothing where it is unknown.
func (c *CSV) time(t dialog.Time) {
	if t == 0 {
		c.cell("")
		return
	}
	c.cell(t.Timestamp().Format("2006-01-02T15:04:05.000000000Z"))
}
