package report

import (
	"strings"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/pipeline"
)

func overview() Overview {
	return Overview{
		Files:   []string{"/home/someone/site/a.pcap", "b.pcapng"},
		Elapsed: 2 * time.Second,
		Summary: pipeline.Summary{
			Packets: 1000, Bytes: 214_000, First: int64(at(0)), Last: int64(at(99)),
			SIPMessages: 21, RTCPPackets: 12, RTPPackets: 900, TruncatedPackets: 2, CaptureDrops: 1,
			Skipped: map[string]uint64{"arp": 3, "stun": 60, "icmp": 3}, Refused: map[string]uint64{"calls": 7},
			UnparsedSIP: 1,
			Totals: dialog.Totals{
				Calls: 10, Streams: 18, Transactions: 1, UnparsedSIP: 1, DamagedSIP: 1,
				SIPRequests: map[string]uint64{"INVITE": 10, "BYE": 6}, SIPResponses: map[int]uint64{486: 1, 200: 12},
				KPI: dialog.KPI{
					Attempts: 10, Answered: 6, Redirected: 2, Effective: 7, Ineffective: 1, Completed: 5, UserFault: 1,
					TalkMS: 180_000, PDDMS: dialog.Distribution{Count: 4, Sum: 1000, Max: 400},
				},
			},
		},
	}
}

// ASR 6/10, NER (6+1)/10, SER 6/(10-2), SEER 7/(10-2), ISA 1/10, SCR 5/10
// (E.425; RFC 6076 4.6 to 4.9), ACD 180 s / 6, PDD 1000 ms / 4.
func TestOverview(t *testing.T) {
	got := written(func(b *strings.Builder) { overview().Write(b, Style{}) })
	want := strings.Join([]string{
		"",
		"files       a.pcap, b.pcapng",
		"packets     1,000 (214.0 kB), 2026-03-20 14:03:10 to 14:04:49 UTC (1 min 39 s)",
		"of those    900 RTP, 12 RTCP, 21 SIP messages",
		"found       10 calls, 18 streams, 1 other transaction",
		"calls       10 attempts, 6 answered, ASR 60.0 %, NER 70.0 %, SER 75.0 %, SEER 87.5 %, ISA 10.0 %, SCR 50.0 %",
		"times       ACD 30 s, PDD 250 ms (at most 400)",
		"skipped     60 stun, 3 arp, 3 icmp",
		"~ trouble   1 packet lost by the capture itself, 2 packets cut by the snap length, 2 SIP-like messages without a Call-ID, 1 damaged SIP message read as far as it went",
		"~ refused   tables were full: 7 calls",
		"took        2 s, 500 packets/s",
		"",
	}, "\n")
	compare(t, got, want)
	quiet := overview()
	quiet.Quiet = true
	if got := written(func(b *strings.Builder) { quiet.Write(b, Style{}) }); got != "" {
		t.Errorf("quiet says %q", got)
	}
	stopped := Overview{Interrupted: true}
	if got := written(func(b *strings.Builder) { stopped.Write(b, Style{}) }); !strings.Contains(got, "~ Interrupted") {
		t.Errorf("interrupted says %q", got)
	}
}

func TestSummaryRecord(t *testing.T) {
	const want = `{"type":"summary","files":["a.pcap","b.pcapng"],"packets":1000,"bytes":214000,` +
		`"first":"2026-03-20T14:03:10.000000000Z","last":"2026-03-20T14:04:49.000000000Z",` +
		`"calls":10,"streams":18,"transactions":1,"sip_messages":21,"rtp_packets":900,"rtcp_packets":12,` +
		`"skipped":{"arp":3,"icmp":3,"stun":60},"truncated_packets":2,"capture_copies":0,"capture_drops":1,"tcp_gaps":0,"resyncs":0,` +
		`"unparsed_sip":2,"unparsed_rtcp":0,"damaged_sip":1,"refused":{"calls":7},` +
		`"sip_requests":{"BYE":6,"INVITE":10},"sip_responses":{"200":12,"486":1},` +
		`"kpi":{"attempts":10,"answered":6,"redirected":2,"effective":7,"ineffective":1,"completed":5,"user_fault":1,"talk_ms":180000,` +
		`"setup_ms":{"count":0,"sum":0,"max":0},"pdd_ms":{"count":4,"sum":1000,"max":400},"disconnect_ms":{"count":0,"sum":0,"max":0},` +
		`"registers":0,"register_failures":0,"register_ms":{"count":0,"sum":0,"max":0}},"interrupted":false}`
	o := overview()
	if got := string(o.AppendJSON([]byte("x"))); got != "x"+want {
		t.Errorf("got  %s\nwant x%s", got, want)
	}
	o.Elapsed = time.Hour // wall time is in no record
	if got := string(o.AppendJSON(nil)); got != want {
		t.Errorf("wall time changes the record: %s", got)
	}
	empty := string(Overview{}.AppendJSON(nil))
	if !strings.Contains(empty, `"files":[],`) || !strings.Contains(empty, `"first":null,`) || !strings.Contains(empty, `"skipped":{}`) {
		t.Errorf("an empty run gives %s", empty)
	}
}
