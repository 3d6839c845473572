package report

import (
	"cmp"
	"slices"
	"strings"

	"earshot/dialog"
)

// severity orders findings by what they do to the people on the call.
type severity uint8

const (
	severityNote    severity = iota // worth knowing; nobody need have heard it
	severityWarning                 // heard, or about to be
	severityFault                   // the call was hurt
)

// kind is how findings of one code are shown. Kinds lie in order of urgency:
// of two findings the one that is listed first is told first.
type kind struct {
	code     string
	word     string
	severity severity
}

var kinds = []kind{
	{"one_way_audio", "one-way audio", severityFault},
	{"no_media", "no media", severityFault},
	{"low_mos", "low MOS", severityFault},
	{"loss", "loss", severityFault},
	{"burst_loss", "burst loss", severityFault},
	{"late_packets", "late packets", severityFault},
	{"remote_loss", "loss after", severityFault},
	{"codec_mismatch", "codec mismatch", severityFault},
	{"not_heard", "not heard", severityWarning},
	{"late_media", "late media", severityWarning},
	{"high_latency", "latency", severityWarning},
	{"jitter", "jitter", severityWarning},
	{"no_answer_to_bye", "BYE unanswered", severityWarning},
	{"dtmf_lost", "DTMF lost", severityWarning},
	{"clock_skew", "clock skew", severityWarning},
	{"capture_loss", "capture loss", severityWarning},
	{"reordering", "reordering", severityNote},
	{"duplicates", "duplicates", severityNote},
	{"ptime_mismatch", "ptime mismatch", severityNote},
	{"restart", "restart", severityNote},
	{"ssrc_change", "SSRC change", severityNote},
	{"nat_mismatch", "NAT mismatch", severityNote}, // what it does to the call has findings of its own
	{"media_after_bye", "media after BYE", severityNote},
	{"marking_changed", "marking changed", severityNote},
	{"route_changed", "route changed", severityNote},
	{"dscp_not_ef", "DSCP not EF", severityNote},
	{"signalling_dscp_not_cs3", "SIP not CS3", severityNote},
	{"media_switched", "switched to fax", severityNote},
	{"media_elsewhere", "media elsewhere", severityNote},
	{"media_not_captured", "media not captured", severityNote},
}

// kindOf returns a code's place in kinds; len(kinds) for a code that is new to
// this package.
func kindOf(code string) int {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.code == code })
	if i < 0 {
		return len(kinds)
	}
	return i
}

// word is a code in words.
func word(code string) string {
	if i := kindOf(code); i < len(kinds) {
		return kinds[i].word
	}
	return clean(strings.ReplaceAll(code, "_", " "), 40)
}

// severityOf grades a code; one that is new to this package is a warning.
func severityOf(code string) severity {
	if i := kindOf(code); i < len(kinds) {
		return kinds[i].severity
	}
	return severityWarning
}

// mark says the severity without colour.
func (s severity) mark() string { return [...]string{"·", "~", "!"}[s] }

func (s severity) color() color { return [...]color{faint, fair, bad}[s] }

// String is the severity in a word.
func (s severity) String() string { return [...]string{"note", "warning", "fault"}[s] }

// byUrgency returns a call's findings, the most urgent first, and of one kind
// that about the stream with the worst score.
func byUrgency(c *dialog.CallRecord) []dialog.Finding {
	sorted := slices.Clone(c.Findings)
	slices.SortStableFunc(sorted, func(a, b dialog.Finding) int {
		return cmp.Or(
			-cmp.Compare(severityOf(a.Code), severityOf(b.Code)),
			cmp.Compare(kindOf(a.Code), kindOf(b.Code)),
			cmp.Compare(rank(streamOf(c, a.Stream)), rank(streamOf(c, b.Stream))),
		)
	})
	return sorted
}

// severityOfCall grades a call by its findings and by how it came out.
func severityOfCall(c *dialog.CallRecord) severity {
	worst := severityNote
	for _, f := range c.Findings {
		worst = max(worst, severityOf(f.Code))
	}
	status := 0
	if c.FinalStatus != nil {
		status = *c.FinalStatus
	}
	return max(worst, severityOfOutcome(c.Disposition, status))
}

// severityOfOutcome grades how a call came out. A server that fails, or that
// nobody hears of (status 0, 408), is a fault; a request that is refused for
// what it asks, such as a number that doesn't exist, need not be one.
func severityOfOutcome(d dialog.Disposition, status int) severity {
	switch {
	case d != dialog.Failed:
		return severityNote
	case status >= 400 && status < 500 && status != 408:
		return severityWarning
	}
	return severityFault
}

// codes are the distinct codes of a call's findings, the most urgent first.
func codes(c *dialog.CallRecord) []string {
	var distinct []string
	for _, f := range byUrgency(c) {
		if !slices.Contains(distinct, f.Code) {
			distinct = append(distinct, f.Code)
		}
	}
	return distinct
}
