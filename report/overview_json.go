package report

import (
	"encoding/json"
	"math"

	"earshot/dialog"
)

// summaryRecord is the last record of the JSON output. Wall time is not in it:
// the same capture gives the same bytes.
type summaryRecord struct {
	Type             string            `json:"type"`
	Files            []string          `json:"files"`
	Packets          uint64            `json:"packets"`
	Bytes            uint64            `json:"bytes"`
	First            dialog.Time       `json:"first"`
	Last             dialog.Time       `json:"last"`
	Calls            uint64            `json:"calls"`
	Streams          uint64            `json:"streams"`
	Transactions     uint64            `json:"transactions"`
	SIPMessages      uint64            `json:"sip_messages"`
	RTPPackets       uint64            `json:"rtp_packets"`
	RTCPPackets      uint64            `json:"rtcp_packets"`
	Skipped          map[string]uint64 `json:"skipped"`
	TruncatedPackets uint64            `json:"truncated_packets"`
	CaptureCopies    uint64            `json:"capture_copies"`
	CaptureDrops     uint64            `json:"capture_drops"`
	TCPGaps          uint64            `json:"tcp_gaps"`
	Resyncs          uint64            `json:"resyncs"`
	UnparsedSIP      uint64            `json:"unparsed_sip"`
	UnparsedRTCP     uint64            `json:"unparsed_rtcp"`
	DamagedSIP       uint64            `json:"damaged_sip"`
	Refused          map[string]uint64 `json:"refused"`
	SIPRequests      map[string]uint64 `json:"sip_requests"`
	SIPResponses     map[int]uint64    `json:"sip_responses"`
	KPI              kpiRecord         `json:"kpi"`
	Interrupted      bool              `json:"interrupted"`
}

// kpiRecord is RFC 6076's raw counts: they add up over files and hours, which
// ratios don't.
type kpiRecord struct {
	Attempts         uint64             `json:"attempts"`
	Answered         uint64             `json:"answered"`
	Redirected       uint64             `json:"redirected"`
	Effective        uint64             `json:"effective"`
	Ineffective      uint64             `json:"ineffective"`
	Completed        uint64             `json:"completed"`
	UserFault        uint64             `json:"user_fault"`
	TalkMS           float64            `json:"talk_ms"`
	SetupMS          distributionRecord `json:"setup_ms"`
	PDDMS            distributionRecord `json:"pdd_ms"`
	DisconnectMS     distributionRecord `json:"disconnect_ms"`
	Registers        uint64             `json:"registers"`
	RegisterFailures uint64             `json:"register_failures"`
	RegisterMS       distributionRecord `json:"register_ms"`
}

type distributionRecord struct {
	Count uint64  `json:"count"`
	Sum   float64 `json:"sum"`
	Max   float64 `json:"max"`
}

// AppendJSON appends the summary record as one JSON object, without a line feed.
func (o Overview) AppendJSON(dst []byte) []byte {
	sum, t := &o.Summary, &o.Summary.Totals
	line, err := json.Marshal(summaryRecord{
		Type: "summary", Files: baseNames(o.Files),
		Packets: sum.Packets, Bytes: sum.Bytes, First: dialog.Time(sum.First), Last: dialog.Time(sum.Last),
		Calls: t.Calls, Streams: t.Streams, Transactions: t.Transactions,
		SIPMessages: sum.SIPMessages, RTPPackets: sum.RTPPackets, RTCPPackets: sum.RTCPPackets,
		Skipped: orEmpty(sum.Skipped), TruncatedPackets: sum.TruncatedPackets,
		CaptureCopies: sum.CaptureCopies, CaptureDrops: sum.CaptureDrops, TCPGaps: sum.TCPGaps, Resyncs: sum.Resyncs,
		UnparsedSIP: sum.UnparsedSIP + t.UnparsedSIP, UnparsedRTCP: t.UnparsedRTCP, DamagedSIP: t.DamagedSIP,
		Refused: orEmpty(sum.Refused), SIPRequests: orEmpty(t.SIPRequests), SIPResponses: orEmpty(t.SIPResponses),
		KPI: kpiOf(&t.KPI), Interrupted: o.Interrupted,
	})
	if err != nil {
		panic(err) // a struct of numbers, texts and maps of numbers always marshals
	}
	return append(dst, line...)
}

func kpiOf(k *dialog.KPI) kpiRecord {
	return kpiRecord{
		Attempts: k.Attempts, Answered: k.Answered, Redirected: k.Redirected,
		Effective: k.Effective, Ineffective: k.Ineffective, Completed: k.Completed, UserFault: k.UserFault,
		TalkMS: micro(k.TalkMS), SetupMS: distributionOf(k.SetupMS), PDDMS: distributionOf(k.PDDMS), DisconnectMS: distributionOf(k.DisconnectMS),
		Registers: k.Registers, RegisterFailures: k.RegisterFailures, RegisterMS: distributionOf(k.RegisterMS),
	}
}

func distributionOf(d dialog.Distribution) distributionRecord {
	return distributionRecord{Count: d.Count, Sum: micro(d.Sum), Max: micro(d.Max)}
}

// micro rounds to six decimals, as every other record does.
func micro(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// orEmpty makes a map that is nil print as {}, so that readers need not ask.
func orEmpty[K comparable](m map[K]uint64) map[K]uint64 {
	if m == nil {
		return map[K]uint64{}
	}
	return m
}
