package report

import (
	"strings"
	"testing"

	"earshot/dialog"
)

func TestVerdict(t *testing.T) {
	remote := goodCall()
	remote.Media[0].RTCP = &dialog.RTCPRecord{LossRatio: new(0.031)}
	remote.Findings = []dialog.Finding{{Code: "remote_loss", Stream: "s1"}}
	uneven := goodCall()
	uneven.Media[1].Late.Adaptive = 10 // of 500
	uneven.Findings = []dialog.Finding{{Code: "jitter", Stream: "s2"}, {Code: "late_packets", Stream: "s2"}}
	sensor := lossyCall()
	sensor.Media[0].Trust, sensor.Media[0].TrustReason = "suspect", "the capture dropped packets"
	sensor.Findings = []dialog.Finding{{Code: "capture_loss", Stream: "s1"}}
	sensor.Media[0].MOSMin = nil
	wide := lossyCall()
	wide.Media[0].MOS.Model = new("G.107.1")
	oneWay := goodCall()
	oneWay.Findings = []dialog.Finding{
		{Code: "no_answer_to_bye", Text: "The caller hung up and the other side never confirmed it."},
		{Code: "one_way_audio", Text: "One-way audio: nothing was heard from the callee.", Stream: "s1"},
		{Code: "late_media", Text: "A second thing."},
		{Code: "clock_skew", Text: "A fourth thing."},
	}
	marked := goodCall()
	marked.Findings = []dialog.Finding{{Code: "dscp_not_ef", Text: "Not marked."}}
	codec := goodCall()
	codec.Media[0].MOS.LQ = new(3.2)
	codec.Findings = []dialog.Finding{{Code: "low_mos", Stream: "s1"}}
	unheard := failedCall(0, "")
	unheard.FinalStatus, unheard.Retransmissions = nil, 6

	const callersVoice = "Caller's voice (198.18.0.1:4000 → 203.0.113.9:6000) "
	const calleesVoice = "Callee's voice (203.0.113.9:6000 → 198.18.0.1:4000) "
	tests := []struct {
		name string
		call *dialog.CallRecord
		want string
	}{
		{"good", goodCall(), ""},
		{"a note alone", marked, ""},
		{"loss in bursts", lossyCall(), callersVoice + "lost 4.8 % in bursts of up to 7 packets before this capture point: MOS 3.10, worst at 14:03:25 (MOS 2.10)."},
		{"wideband", wide, callersVoice + "lost 4.8 % in bursts of up to 7 packets before this capture point: MOS 3.10 on G.107.1's scale, worst at 14:03:25 (MOS 2.10)."},
		{"loss beyond the tap", remote, callersVoice + "lost 3.1 % after this capture point, by the receiver's reports: MOS up to here 4.41."},
		{"late and uneven", uneven, calleesVoice + "had 2.0 % of its packets come too late to be played and arrived unevenly (jitter 2.1 ms, at most 9.5 ms): MOS 4.38."},
		{"the capture's own loss", sensor, callersVoice + "misses 24 packets, but its figures are not to be trusted: the capture dropped packets: MOS 3.10."},
		{"three at most, the worst first", oneWay, "One-way audio: nothing was heard from the callee. A second thing. The caller hung up and the other side never confirmed it."},
		{"the codec alone", codec, callersVoice + "sounded bad without a loss: PCMU does so by itself: MOS 3.20."},
		{"failed", failedCall(503, "Service Unavailable"), "The call failed: 503 Service Unavailable after 250 ms."},
		{"never answered", unheard, "The call failed: nobody answered the INVITE (6 retransmissions)."},
		{"hostile reason", failedCall(500, "\x1b[2Jgone\nfishing"), "The call failed: 500 gone fishing after 250 ms."},
	}
	for _, tt := range tests {
		if got := Verdict(tt.call); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

// Of 30 bad calls the 20 worst are told, the worst first, and how many more.
func TestVerdictsAreBounded(t *testing.T) {
	var calls Calls
	for i := range 30 {
		c := lossyCall()
		c.From, c.MOSWorst = string(rune('a'+i%26))+"-user", new(3.5-float64(i)/100)
		calls.Add(c)
	}
	calls.Add(goodCall())
	var b strings.Builder
	calls.Write(&b, Style{})
	_, told, _ := strings.Cut(b.String(), "What was wrong\n")
	if n := strings.Count(told, "Caller's voice"); n != 20 {
		t.Errorf("%d verdicts, want 20", n)
	}
	if !strings.HasPrefix(told, "! 14:03:11 c2  d-user → bob\n") { // the last added, i = 29, has the lowest score
		t.Errorf("the worst call isn't first: %.80q", told)
	}
	if !strings.Contains(told, "… and 10 calls more: --finding CODE") {
		t.Errorf("nothing about the rest in %q", told)
	}
}
