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
	{"late_media", "late media", severityWarning},
	{"high_latency", "latency", severityWarning},
	{"jitter", "jitter", severityWarning},
	{"nat_mismatch", "NAT mismatch", severityWarning},
	{"no_answer_to_bye", "BYE unanswered", severityWarning},
	{"dtmf_lost", "DTMF lost", severityWarning},
	{"clock_skew", "clock skew", severityWarning},
	{"capture_loss", "capture loss", severityWarning},
	{"reordering", "reordering", severityNote},
	{"duplicates", "duplicates", severityNote},
	{"ptime_mismatch", "ptime mismatch", severityNote},
	{"restart", "restart", severityNote},
	{"ssrc_change", "SSRC change", severityNote},
	{"media_after_bye", "media after BYE", severityNote},
	{"marking_changed", "marking changed", severityNote},
	{"route_changed", "route changed", severityNote},
	{"dscp_not_ef", "DSCP not EF", severityNote},
	{"signalling_dscp_not_cs3", "SIP not CS3", severityNote},
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

// byUrgency returns the findings, the most urgent first; equals stay as they
// came, which is the order of the call's streams.
func byUrgency(list []dialog.Finding) []dialog.Finding {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b dialog.Finding) int {
		return cmp.Or(
			-cmp.Compare(severityOf(a.Code), severityOf(b.Code)),
			cmp.Compare(kindOf(a.Code), kindOf(b.Code)),
		)
	})
	return sorted
}

// worstSeverity grades a call; false where nothing was found.
func worstSeverity(list []dialog.Finding) (worst severity, found bool) {
	for _, f := range list {
		worst, found = max(worst, severityOf(f.Code)), true
	}
	return worst, found
}

// codes are the distinct codes of the findings, the most urgent first.
func codes(list []dialog.Finding) []string {
	var distinct []string
	for _, f := range byUrgency(list) {
		if !slices.Contains(distinct, f.Code) {
			distinct = append(distinct, f.Code)
		}
	}
	return distinct
}
