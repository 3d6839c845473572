package dialog

import "slices"

// findUnanswered is the one finding that is not about media.
const findUnanswered = "no_answer_to_bye"

// FindingCodes lists the code of every finding there is, the call's own first.
func FindingCodes() []string {
	return []string{
		findUnanswered,
		findNoMedia, findMediaNotCaptured, findMediaElsewhere, findOneWayAudio, findLateMedia, findMediaAfterBye,
		findCodecMismatch, findPTimeMismatch, findNATMismatch, findMediaSwitched, findSSRCChange,
		findDSCP, findSignallingDSCP, findMarkingChanged, findRouteChanged,
		findLoss, findBurstLoss, findJitter, findLatePackets, findDuplicates, findReordering, findClockSkew, findRestart,
		findRemoteLoss, findUnheard, findHighLatency, findLowMOS, findCaptureLoss,
	}
}

// heeded takes out the findings that the configuration does not want to hear of.
func (m *media) heeded(list []Finding) []Finding {
	if len(m.cfg.IgnoreFindings) == 0 {
		return list
	}
	return slices.DeleteFunc(list, func(f Finding) bool { return m.ignores(f.Code) })
}

func (m *media) ignores(code string) bool { return slices.Contains(m.cfg.IgnoreFindings, code) }
