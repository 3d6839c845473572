package report

import (
	"fmt"
	"slices"
	"strings"

	"earshot/dialog"
)

// maxSentences bounds a verdict, what a person takes in at one glance: each
// direction, and one more for what happened beyond this point.
const maxSentences = 3

// Verdict says in a few sentences what was wrong with a call, in which
// direction, how bad and when; "" for a call that nobody complains of. It says
// only what findings and figures hold; notes, such as a missing mark on the
// packets, are left to the list of findings.
func Verdict(c *dialog.CallRecord) string {
	var sentences []string
	if c.Disposition == dialog.Failed {
		sentences = append(sentences, failure(c))
	}
	var told []string // streams that a sentence was spent on
	for _, f := range byUrgency(c) {
		if severityOf(f.Code) == severityNote || f.Stream != "" && slices.Contains(told, f.Stream) {
			continue
		}
		s := streamOf(c, f.Stream)
		if s == nil || !ofTransport(f.Code) {
			sentences = append(sentences, clean(f.Text, 2*maxText))
			continue
		}
		told = append(told, f.Stream)
		sentences = append(sentences, impairment(c, s))
	}
	return strings.Join(sentences[:min(len(sentences), maxSentences)], " ")
}

// failure is why a call never came to be.
func failure(c *dialog.CallRecord) string {
	var b strings.Builder
	b.WriteString("The call failed")
	if c.FinalStatus == nil {
		b.WriteString(": nobody answered the INVITE")
		if c.Retransmissions > 0 {
			fmt.Fprintf(&b, " (%s)", plural(uint64(c.Retransmissions), "retransmission"))
		}
		return b.String() + "."
	}
	fmt.Fprintf(&b, ": %d", *c.FinalStatus)
	if reason := clean(c.Reason, maxText); reason != "" {
		b.WriteString(" " + reason)
	}
	if c.End > c.Start && c.Start > 0 {
		fmt.Fprintf(&b, " after %s", span(c.End.Timestamp().Sub(c.Start.Timestamp())))
	}
	return b.String() + "."
}

// ofTransport reports findings that one sentence about their stream tells
// together: what happened to its packets on the way.
func ofTransport(code string) bool {
	switch code {
	case "loss", "burst_loss", "low_mos", "late_packets", "remote_loss", "jitter", "capture_loss":
		return true
	}
	return false
}

func streamOf(c *dialog.CallRecord, id string) *dialog.StreamRecord {
	for _, s := range c.Media {
		if id != "" && s.ID == id {
			return s
		}
	}
	return nil
}

// impairment is a sentence about one stream: "Caller's voice (192.0.2.1:4000 →
// 198.51.100.2:6000) lost 4.8 % in bursts of up to 7 packets before this
// capture point: MOS 3.1, worst at 14:03:25 (MOS 2.1)."
func impairment(c *dialog.CallRecord, s *dialog.StreamRecord) string {
	var found []string
	for _, f := range c.Findings {
		if f.Stream == s.ID {
			found = append(found, f.Code)
		}
	}
	has := func(code string) bool { return slices.Contains(found, code) }
	var clauses []string
	if has("loss") || has("burst_loss") || has("low_mos") && s.Lost > 0 && s.Trust != "suspect" {
		clauses = append(clauses, lossClause(s))
	}
	if r := s.RTCP; has("remote_loss") && r != nil && r.LossRatio != nil {
		clauses = append(clauses, fmt.Sprintf("lost %s %% after it, by the receiver's reports", percentage(*r.LossRatio-s.LossRatio)))
		if len(clauses) == 1 {
			clauses[0] = fmt.Sprintf("lost %s %% after this capture point, by the receiver's reports", percentage(*r.LossRatio-s.LossRatio))
		}
	}
	if late := s.Late.Adaptive; late > 0 && s.Expected > 0 && (has("late_packets") || has("low_mos")) {
		clauses = append(clauses, fmt.Sprintf("had %s %% of its packets come too late to be played", percentage(float64(late)/float64(s.Expected))))
	}
	if has("jitter") {
		clauses = append(clauses, fmt.Sprintf("arrived unevenly (jitter %s ms, at most %s ms)", milliseconds(s.JitterMS.Mean), milliseconds(s.JitterMS.Max)))
	}
	if has("capture_loss") {
		clauses = append(clauses, fmt.Sprintf("misses %s packets, but its figures are not to be trusted: %s", count(s.Lost), clean(s.TrustReason, maxText)))
	}
	if len(clauses) == 0 {
		clauses = append(clauses, fmt.Sprintf("sounded bad without a loss: %s does so by itself", codecOf(s)))
	}
	return voiceOf(s) + " " + sentenceList(clauses) + scoreClause(s, has("remote_loss")) + "."
}

// lossClause says how much was lost, and in what pieces.
func lossClause(s *dialog.StreamRecord) string {
	pieces := ""
	switch longest := longestRun(s); {
	case longest == 10:
		pieces = " in bursts of 10 packets and more"
	case longest > 1:
		pieces = fmt.Sprintf(" in bursts of up to %d packets", longest)
	}
	return fmt.Sprintf("lost %s %%%s before this capture point", percentage(s.LossRatio), pieces)
}

// longestRun is the longest run of lost packets; 10 means 10 and more.
func longestRun(s *dialog.StreamRecord) int {
	for i := len(s.LossRuns) - 1; i >= 0; i-- {
		if s.LossRuns[i] > 0 {
			return i + 1
		}
	}
	return 0
}

// scoreClause is what it did to the ear; lossBeyond says that the far ear had
// it worse than the score at this point tells.
func scoreClause(s *dialog.StreamRecord, lossBeyond bool) string {
	if s.MOS.LQ == nil {
		return ""
	}
	text := ": MOS " + score(*s.MOS.LQ)
	if lossBeyond {
		text = ": MOS up to here " + score(*s.MOS.LQ)
	}
	if model := modelOf(&s.MOS); scaleMark(model) != "" {
		text += " on " + model + "'s scale"
	}
	if s.MOSMin != nil && s.MOSMinAt != 0 && *s.MOSMin < *s.MOS.LQ {
		text += fmt.Sprintf(", worst at %s (MOS %s)", clockTime(s.MOSMinAt, false), score(*s.MOSMin))
	}
	return text
}

// voiceOf names a stream: "Caller's voice (192.0.2.1:4000 → 198.51.100.2:6000)".
func voiceOf(s *dialog.StreamRecord) string {
	what := "voice"
	if s.Media == "video" {
		what = "video"
	}
	who := "The stream's"
	switch s.Direction {
	case caller.direction():
		who = "Caller's"
	case callee.direction():
		who = "Callee's"
	}
	return fmt.Sprintf("%s %s (%s → %s)", who, what, s.Src, s.Dst)
}

// sentenceList joins clauses: "a, b and c".
func sentenceList(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}
