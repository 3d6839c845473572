package pipeline

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"earshot/dialog"
)

// realStream is what other tools said of one stream of a real capture: packets
// and losses by the phones and the packet filter, jitter by tshark (0: not
// compared). Each case's README has the tools' own words.
type realStream struct {
	path       string // "source>destination SSRC"
	direction  string
	codec      string
	packets    uint64
	lost       uint64
	duplicates uint64
	copies     uint64
	mean, max  float64 // jitter, ms
	remoteLost int64   // the far end's last report; -1: none
}

// realCall is what is known of one call.
type realCall struct {
	from, to, disposition string
	status, legs          int
	endedBy               string
}

// realCases are captures of sipp, baresip, kamailio and rtpengine in network
// namespaces: testdata/real-*.
var realCases = []struct {
	name         string
	sip, rtcp    uint64 // tshark's count of messages, and of RTCP packets that stand alone
	calls        []realCall
	streams      []realStream
	transactions []string
	findings     []string // distinct codes of all calls, by name
}{
	{
		name: "sipp", sip: 18,
		calls: slices.Repeat([]realCall{{"sipp", "service", "answered", 200, 1, "caller"}}, 3),
		streams: []realStream{
			{"10.9.1.2:6000>10.9.2.2:6000 0xdee0ee8f", "from_caller", "PCMA", 236, 0, 0, 0, 2.181, 14.548, -1},
			{"10.9.2.2:6000>10.9.1.2:6000 0xdee0ee8f", "from_callee", "PCMA", 236, 0, 0, 0, 3.038, 14.599, -1},
			{"10.9.1.2:6004>10.9.2.2:6000 0xdee0ee8f", "from_caller", "PCMA", 236, 0, 0, 0, 0.665, 3.866, -1},
			{"10.9.2.2:6000>10.9.1.2:6004 0xdee0ee8f", "from_callee", "PCMA", 236, 0, 0, 0, 1.197, 10.318, -1},
			{"10.9.1.2:6008>10.9.2.2:6000 0xdee0ee8f", "from_caller", "PCMA", 236, 0, 0, 0, 0.412, 0.906, -1},
			{"10.9.2.2:6000>10.9.1.2:6008 0xdee0ee8f", "from_callee", "PCMA", 236, 0, 0, 0, 0.439, 0.914, -1},
			// The last packet of an event is sent three times: two duplicates.
			{"10.9.1.2:6000>10.9.2.2:6000 0x0e05384e", "from_caller", "telephone-event", 10, 0, 2, 0, 0, 0, -1},
			{"10.9.2.2:6000>10.9.1.2:6000 0x0e05384e", "from_callee", "telephone-event", 10, 0, 2, 0, 0, 0, -1},
			{"10.9.1.2:6004>10.9.2.2:6000 0x0e05384e", "from_caller", "telephone-event", 10, 0, 2, 0, 0, 0, -1},
			{"10.9.2.2:6000>10.9.1.2:6004 0x0e05384e", "from_callee", "telephone-event", 10, 0, 2, 0, 0, 0, -1},
			{"10.9.1.2:6008>10.9.2.2:6000 0x0e05384e", "from_caller", "telephone-event", 10, 0, 2, 0, 0, 0, -1},
			{"10.9.2.2:6000>10.9.1.2:6008 0x0e05384e", "from_callee", "telephone-event", 10, 0, 2, 0, 0, 0, -1},
		},
		findings: []string{"codec_mismatch", "dscp_not_ef"}, // PCMA where PCMU alone was answered; sipp marks nothing
	},
	{
		name: "opus", sip: 6, rtcp: 6,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:47472>10.9.2.2:44220 0xb39fddd4", "from_caller", "opus", 400, 0, 0, 0, 1.431, 6.126, 0},
			{"10.9.2.2:44220>10.9.1.2:47472 0xe164a715", "from_callee", "opus", 400, 0, 0, 0, 1.234, 1.785, 0},
		},
	},
	{
		name: "g722", sip: 6, rtcp: 6,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:1290>10.9.2.2:2924 0xa06733b4", "from_caller", "G722", 388, 0, 0, 0, 2.234, 10.134, 0},
			{"10.9.2.2:2924>10.9.1.2:1290 0x254078d2", "from_callee", "G722", 389, 0, 0, 0, 2.297, 10.526, 0},
		},
	},
	{
		name: "ipv6", sip: 6, rtcp: 6,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:45640>10.9.2.2:35072 0x0f70d972", "from_caller", "PCMU", 400, 0, 0, 0, 0.989, 1.866, 0},
			{"10.9.2.2:35072>10.9.1.2:45640 0xd533441b", "from_callee", "PCMU", 401, 0, 0, 0, 1.065, 2.311, 0},
		},
	},
	{
		name: "begun-late", sip: 4, rtcp: 5,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:31964>10.9.2.2:3806 0x6b4909ac", "from_caller", "PCMU", 355, 0, 0, 0, 1.049, 1.499, 0},
			{"10.9.2.2:3806>10.9.1.2:31964 0x1b263477", "from_callee", "PCMU", 355, 0, 0, 0, 1.044, 1.340, 0},
		},
	},
	{
		// Every packet twice: jitter is that of the same call captured once, at one of the two interfaces.
		name: "any", sip: 6, rtcp: 6,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:32208>10.9.2.2:13090 0x72f011eb", "from_caller", "opus", 397, 0, 0, 397, 2.352, 5.641, 0},
			{"10.9.2.2:13090>10.9.1.2:32208 0x7548f9e7", "from_callee", "opus", 398, 0, 0, 398, 2.515, 7.051, 0},
		},
	},
	{
		// Behind a packet filter that dropped all 401 packets of the callee.
		name: "one-way", sip: 6, rtcp: 6,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:43766>10.9.2.2:9442 0x8783634e", "from_caller", "PCMU", 401, 0, 0, 0, 1.418, 4.183, 0},
		},
		findings: []string{"one_way_audio"},
	},
	{
		// The same call before that filter.
		name: "unheard", sip: 6, rtcp: 6,
		calls: []realCall{{"alice", "bob", "answered", 200, 1, "caller"}},
		streams: []realStream{
			{"10.9.1.2:43766>10.9.2.2:9442 0x8783634e", "from_caller", "PCMU", 401, 0, 0, 0, 1.417, 4.180, 0},
			{"10.9.2.2:9442>10.9.1.2:43766 0x38a7f945", "from_callee", "PCMU", 401, 0, 0, 0, 1.581, 5.293, -1},
		},
		findings: []string{"not_heard"},
	},
	{
		// The packet filter dropped 19 of alice's 701 on the way to the proxy, 17 of bob's 701. rtpengine took in 681
		// and 684; one more came after the call was deleted.
		name: "proxy", sip: 29, rtcp: 14,
		calls: []realCall{{"alice", "bob", "answered", 200, 2, "callee"}},
		streams: []realStream{
			{"10.9.1.2:26206>10.9.3.2:30008 0xee9f1b5a", "from_caller", "PCMU", 701 - 19, 19, 0, 0, 1.479, 1.962, 36},
			{"10.9.3.2:30000>10.9.2.2:21726 0xee9f1b5a", "from_caller", "PCMU", 681, 19, 0, 0, 1.480, 1.987, 36},
			{"10.9.2.2:21726>10.9.3.2:30000 0x0eecd9ec", "from_callee", "PCMU", 701 - 17, 17, 0, 0, 1.496, 1.941, 11},
			{"10.9.3.2:30008>10.9.1.2:26206 0x0eecd9ec", "from_callee", "PCMU", 684, 17, 0, 0, 1.508, 1.955, 11},
		},
		transactions: slices.Repeat([]string{"REGISTER 200"}, 4),
		findings:     []string{"loss", "remote_loss"},
	},
	{
		name: "failures", sip: 56,
		calls: []realCall{
			{"alice", "bob", "busy", 486, 2, "callee"},
			{"alice", "nobody", "failed", 404, 1, "callee"},
			{"alice", "nobody", "failed", 404, 1, "callee"},
			{"alice", "bob", "cancelled", 487, 2, "caller"},
			{"alice", "bob", "no_answer", 408, 2, "timeout"},
			{"alice", "tom", "busy", 486, 2, "callee"},
		},
		transactions: []string{"REGISTER 200", "REGISTER 200", "REGISTER 401"},
	},
}

// all is a Sink that keeps every record.
type all struct {
	calls        []*dialog.CallRecord
	streams      map[string]*dialog.StreamRecord
	transactions []string
}

func (a *all) Record(r dialog.Record) {
	switch r := r.(type) {
	case *dialog.CallRecord:
		a.calls = append(a.calls, r)
	case *dialog.StreamRecord:
		a.streams[fmt.Sprintf("%s>%s %s", r.Src, r.Dst, r.SSRC)] = r
	case *dialog.TransactionRecord:
		a.transactions = append(a.transactions, fmt.Sprintf("%s %d", r.Method, status(r.FinalStatus)))
	}
}

// findings lists the distinct codes of all calls.
func (a *all) findings() []string {
	var codes []string
	for _, c := range a.calls {
		for _, f := range c.Findings {
			codes = append(codes, f.Code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func replayReal(t *testing.T, name string) (*all, Summary) {
	t.Helper()
	got := &all{streams: map[string]*dialog.StreamRecord{}}
	return got, replayInto(t, Config{}, got, "../testdata/real-"+name+"/input.pcap.gz")
}

func TestRealTraffic(t *testing.T) {
	for _, tt := range realCases {
		t.Run(tt.name, func(t *testing.T) {
			got, sum := replayReal(t, tt.name)
			equal(t, tt.name, "SIP messages", sum.SIPMessages, tt.sip)
			equal(t, tt.name, "RTCP packets", sum.RTCPPackets, tt.rtcp)
			equal(t, tt.name, "streams", len(got.streams), len(tt.streams))
			equal(t, tt.name, "calls", len(got.calls), len(tt.calls))
			// None of these phones marks its SIP: tshark shows DSCP 0 in every case.
			codes := append(slices.Clone(tt.findings), "signalling_dscp_not_cs3")
			slices.Sort(codes)
			equal(t, tt.name, "findings", fmt.Sprint(got.findings()), fmt.Sprint(codes))
			equal(t, tt.name, "transactions", fmt.Sprint(got.transactions), fmt.Sprint(tt.transactions))
			slices.SortFunc(got.calls, func(a, b *dialog.CallRecord) int { return int(a.Start - b.Start) })
			for i, want := range tt.calls[:min(len(tt.calls), len(got.calls))] {
				c := got.calls[i]
				have := realCall{c.From, c.To, string(c.Disposition), status(c.FinalStatus), len(c.Legs), string(c.EndedBy)}
				equal(t, tt.name, fmt.Sprintf("call %d", i), have, want)
			}
			for _, want := range tt.streams {
				compareReal(t, want, got.streams[want.path])
			}
		})
	}
}

func compareReal(t *testing.T, want realStream, r *dialog.StreamRecord) {
	t.Helper()
	if r == nil {
		t.Errorf("%s: no such stream", want.path)
		return
	}
	equal(t, want.path, "direction", string(r.Direction), want.direction)
	equal(t, want.path, "codec", *r.Codec, want.codec)
	equal(t, want.path, "packets", r.Packets, want.packets)
	equal(t, want.path, "lost", r.Lost, want.lost)
	equal(t, want.path, "duplicates", r.Duplicates, want.duplicates)
	equal(t, want.path, "capture copies", r.CaptureCopies, want.copies)
	if want.mean > 0 && (math.Abs(r.JitterMS.Mean-want.mean) > 0.0015 || math.Abs(r.JitterMS.Max-want.max) > 0.0025) {
		t.Errorf("%s: jitter %.3f, at most %.3f ms; want %.3f and %.3f", want.path, r.JitterMS.Mean, r.JitterMS.Max, want.mean, want.max)
	}
	if want.remoteLost >= 0 && (r.RTCP == nil || r.RTCP.Lost == nil || *r.RTCP.Lost != want.remoteLost) {
		t.Errorf("%s: RTCP says %+v, want %d lost", want.path, r.RTCP, want.remoteLost)
	}
}

// On the proxy the loss before it is ours to see, what was lost behind it the
// receiver's to report; each is said once, of the hop where it arose.
func TestRealLossBeforeAndAfter(t *testing.T) {
	got, _ := replayReal(t, "proxy")
	c := got.calls[0]
	var said []string
	for _, f := range c.Findings {
		for _, r := range c.Media {
			if r.ID == f.Stream {
				said = append(said, fmt.Sprintf("%s %s>%s", f.Code, r.Src, r.Dst))
			}
		}
	}
	slices.Sort(said)
	want := []string{
		"loss 10.9.1.2:26206>10.9.3.2:30008",
		"loss 10.9.2.2:21726>10.9.3.2:30000",
		"remote_loss 10.9.3.2:30000>10.9.2.2:21726",
	}
	if !slices.Equal(said, want) {
		t.Errorf("findings %q, want %q", said, want)
	}
	for _, r := range c.Media { // ping between these namespaces takes 0.05 to 0.6 ms
		if r.RTCP.RTTMS == nil || *r.RTCP.RTTMS <= 0 || *r.RTCP.RTTMS > 1 {
			t.Errorf("%s>%s: round trip %v ms, want some tenths", r.Src, r.Dst, r.RTCP.RTTMS)
		}
	}
}
