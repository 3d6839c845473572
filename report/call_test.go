package report

import (
	"strings"
	"testing"
)

func TestCallInFull(t *testing.T) {
	c := lossyCall()
	c.Ladder = dialogue().Ladder[:1]
	c.Media = c.Media[:1]
	c.Findings = c.Findings[1:2]
	c.Media[0].MOS.Reason = new("conversational quality unknown")
	c.Media[0].Timeline = steps().Timeline[:2]
	got := written(func(b *strings.Builder) { Call(b, c, Style{Width: 80}) })
	want := strings.Join([]string{
		"Call c2  carol → bob",
		"result      answered, talked 00:10, ended by the caller",
		"times       2026-03-20 14:03:11.000 UTC, ringing +0.500 s, answered +3.000 s,",
		"            ended +13.000 s; PDD 0.500 s",
		"from        carol <sip:alice@example.com>",
		"to          bob",
		"call-id     one@192.0.2.1",
		"transport   UDP",
		"",
		"! Caller's voice (198.18.0.1:4000 → 203.0.113.9:6000) lost 4.8 % in bursts of up",
		"  to 7 packets before this capture point: MOS 3.10, worst at 14:03:25 (MOS",
		"  2.10).",
		"",
		"Findings",
		"! → loss: 4.8 % lost.",
		"    24 lost of 500",
		"",
		"Signalling",
		"                           198.18.0.1:5060               203.0.113.9:5060",
		"    0.000    +0.000                │────────── INVITE ──────────▶│",
		"                                   │ audio 198.18.0.1:4000 PCMU sendrecv",
		"    4.000    +4.000                │════ RTP PCMU, MOS !3.10 ═══▶│",
		"                                   │ 198.18.0.1:4000 → 203.0.113.9:6000, 476 pa…",
		"",
		"→ From the caller: 198.18.0.1:4000 → 203.0.113.9:6000",
		"carries     PCMU, 8000 Hz, 20 ms a packet, payload types 0, SSRC 0x0000000a,",
		"            bound by: announced",
		"packets     476 in 10.000 s, 500 expected, 24 lost (4.8 %)",
		"jitter      mean 2.1 ms, at most 9.5 ms; longest pause between packets 0 ms",
		"buffer      too late for a fixed buffer of 60 ms 0, for an adaptive one of",
		"            40–200 ms 0",
		"score       MOS-LQ 3.10 (bad), model G.107, R 80; conversational quality",
		"            unknown; worst interval 2.10 at 14:03:25",
		"marks       DSCP 46",
	}, "\n") + "\n"
	if head, _, found := strings.Cut(got, "  lost    "); !found {
		t.Error("no timeline")
	} else {
		compare(t, head, want)
	}
}

func TestStreamsTable(t *testing.T) {
	var streams Streams
	streams.Add(loose(1))
	inferred := lossyCall().Media[0]
	inferred.Start, inferred.ClockInferred, inferred.Trust = at(2), true, "suspect"
	streams.Add(inferred)
	got := written(func(b *strings.Builder) { streams.Write(b, Style{}) })
	want := strings.Join([]string{
		"START     LENGTH  SOURCE           DESTINATION       SSRC        CALL  CODEC                  PACKETS  LOST  LOSS%  LATE  DUP+REORD  JITTER  MAX  DELTA    MOS",
		"2026-03-20 UTC",
		"14:03:12   00:12  198.18.0.1:4000  203.0.113.9:6000  0x0000000a  →     PCMU (clock inferred)      476    24   4.8?     0          0     2.1  9.5      0  !3.10",
		"14:03:14   00:10  192.0.2.1:4000   192.0.2.9:6001    0x0000000a  –     PCMU                       499     1    0.2     0          0     2.1  9.5      0   4.29",
		"",
	}, "\n")
	compare(t, got, want)
	var none Streams
	if got := written(func(b *strings.Builder) { none.Write(b, Style{}) }); !strings.HasPrefix(got, "No RTP streams to show.") {
		t.Errorf("no streams give %q", got)
	}
}
