package report

import (
	"net/netip"
	"time"

	"earshot/dialog"
)

// at is a capture time, in seconds after 2026-03-20 14:03:10 UTC.
func at(s float64) dialog.Time {
	return dialog.Time(time.Date(2026, 3, 20, 14, 3, 10, 0, time.UTC).UnixNano() + int64(s*1e9))
}

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// voice is a stream of ten seconds of PCMU: 500 packets expected, lost missing.
func voice(id, direction, src, dst string, lost uint64, mos float64) *dialog.StreamRecord {
	runs := make([]uint32, 10)
	if lost > 0 {
		runs[6] = 1 // one run of 7
	}
	return &dialog.StreamRecord{
		Type: "stream", ID: id, Call: new("c1"), Binding: dialog.BindingAnnounced, Direction: direction,
		Src: addr(src), Dst: addr(dst), SSRC: "0x0000000a", Media: "audio", Codec: new("PCMU"), ClockRate: new(8000),
		PayloadTypes: []int{0}, PTimeMS: new(20.0), Start: at(4), End: at(14), DurationMS: 10_000,
		Packets: 500 - lost, Expected: 500, Lost: lost, LossRatio: float64(lost) / 500, LossRuns: runs,
		JitterMS: dialog.JitterRecord{Last: 1, Mean: 2.14, Max: 9.5},
		MOS:      dialog.MOSRecord{Model: new("G.107"), LQ: new(mos), RLQ: new(80.0)},
		DSCP:     []int{46}, Trust: "ok",
	}
}

// goodCall is a call of ten seconds that nobody complains of.
func goodCall() *dialog.CallRecord {
	return &dialog.CallRecord{
		Type: "call", ID: "c1", CallIDs: []string{"one@192.0.2.1"}, From: "alice", To: "bob", FromURI: "sip:alice@example.com",
		Start: at(0), Ringing: at(0.5), Answer: at(4), End: at(14), DurationMS: new(10_000.0), PDDMS: new(500.0),
		Disposition: dialog.Answered, FinalStatus: new(200), EndedBy: dialog.EndedByCaller, Transport: "udp",
		MOSWorst: new(4.38),
		Media: []*dialog.StreamRecord{
			voice("s1", "from_caller", "198.18.0.1:4000", "203.0.113.9:6000", 0, 4.41),
			voice("s2", "from_callee", "203.0.113.9:6000", "198.18.0.1:4000", 0, 4.38),
		},
	}
}

// lossyCall is one whose caller's voice lost 24 packets of 500.
func lossyCall() *dialog.CallRecord {
	c := goodCall()
	c.ID, c.From, c.Start, c.Ringing, c.MOSWorst = "c2", "carol", at(1), at(1.5), new(3.1)
	c.Media[0] = voice("s1", "from_caller", "198.18.0.1:4000", "203.0.113.9:6000", 24, 3.1)
	c.Media[0].MOSMin, c.Media[0].MOSMinAt = new(2.1), at(15)
	c.Findings = []dialog.Finding{
		{Code: "dscp_not_ef", Text: "Not marked.", Evidence: "DSCP 0", Stream: "s2"},
		{Code: "loss", Text: "4.8 % lost.", Evidence: "24 lost of 500", Stream: "s1"},
		{Code: "burst_loss", Text: "Runs.", Evidence: "1 run", Stream: "s1"},
	}
	return c
}

// failedCall never came to be.
func failedCall(status int, reason string) *dialog.CallRecord {
	return &dialog.CallRecord{
		Type: "call", ID: "c3", From: "dave", To: "erin", Start: at(2), End: at(2.25),
		Disposition: dialog.Failed, FinalStatus: new(status), Reason: reason, EndedBy: dialog.EndedByCallee,
	}
}
