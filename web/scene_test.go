package web

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/rtpstats"
	"earshot/topology"
)

const second = int64(time.Second)

// testNow is a moment after the scene.
var testNow = time.Unix(0, sceneAt).Add(1500 * time.Millisecond)

// sceneAt is the packet time of the scene: 2026-01-05 12:00:00 UTC.
const sceneAt = 1767614400 * second

// scenePlan has two peers, a segment between them, and one that names a VLAN only.
func scenePlan(t testing.TB) *topology.Plan {
	t.Helper()
	return plan(t, topology.Config{
		Peers: []topology.PeerConfig{lan(), carrier()},
		Segments: []topology.SegmentConfig{
			{Name: "trunk", Near: []string{"lan"}, Far: []string{"carrier"}},
			{Name: "vlan7", VLANs: []uint16{7}},
		},
	}, "core")
}

func lan() topology.PeerConfig {
	return topology.PeerConfig{Name: "lan", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
}

func carrier() topology.PeerConfig {
	return topology.PeerConfig{Name: "carrier", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
}

func plan(t testing.TB, cfg topology.Config, points ...string) *topology.Plan {
	t.Helper()
	p, err := topology.New(cfg, points)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newMetrics(t testing.TB, cfg MetricsConfig) *Metrics {
	t.Helper()
	m, err := NewMetrics(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// heard is an interval of 5 s of a stream towards the carrier: 250 packets of
// which 5 were lost.
func heard() *dialog.Observation {
	return &dialog.Observation{
		Src: netip.MustParseAddrPort("10.0.0.1:4000"), Dst: netip.MustParseAddrPort("192.0.2.1:5000"), SSRC: 0xa,
		StreamStart: sceneAt - 60*second, Call: "c1", Segment: 1, Direction: topology.ToPeer,
		Start: sceneAt - 5*second, End: sceneAt, Media: rtpstats.MediaAudio, Codec: "PCMA",
		Packets: 245, Expected: 250, Lost: 5, Late: 2, Reordered: 1,
		JitterMS: 4, DelayVariationMS: 45, MOS: 3.9, MOSCQ: 3.7,
		RTCP:    dialog.RTCPObservation{Reports: 1, Lost: 8, JitterMS: 6, RTTMS: 80},
		Located: dialog.Located{Before: 5, After: 3},
	}
}

// answered is a call from the lan to the carrier that the callee ended.
func answered() *dialog.CallRecord {
	return &dialog.CallRecord{
		Type: "call", ID: "c1", Start: dialog.Time(sceneAt - 70*second), Answer: dialog.Time(sceneAt - 60*second), End: dialog.Time(sceneAt),
		DurationMS: new(60000.0), SetupMS: new(180.0), PDDMS: new(1200.0), DisconnectMS: new(12.0),
		Disposition: dialog.Answered, EndedBy: dialog.EndedByCallee, FinalStatus: new(200), Retransmissions: 2,
		SegmentFromCaller: 1,
		Legs:              []dialog.LegRecord{{Src: netip.MustParseAddrPort("10.0.0.9:5060"), Dst: netip.MustParseAddrPort("192.0.2.9:5060")}},
		Findings:          []dialog.Finding{{Code: "one_way_audio"}, {Code: "dscp_not_ef"}, {Code: "marking_changed"}, {Code: "low_mos"}},
	}
}

func registered(status *int) *dialog.TransactionRecord {
	return &dialog.TransactionRecord{
		Type: "transaction", Method: "REGISTER", Src: netip.MustParseAddrPort("10.0.0.1:5060"), Dst: netip.MustParseAddrPort("192.0.2.9:5060"),
		FinalStatus: status, ResponseMS: new(30.0),
	}
}

// sceneProbe is a probe with something in every place that metrics show.
func sceneProbe() Probe {
	return Probe{
		Snapshot: func() *pipeline.Snapshot { return sceneSnapshot() },
		Stages:   sceneStages,
		Interfaces: func() []capture.InterfaceStats {
			return []capture.InterfaceStats{{Name: "eth0", Up: true, Packets: 1000, Drops: 3, RingUsed: .25}}
		},
		HEP: func() []capture.HEPStats { return []capture.HEPStats{{Packets: 50, Bytes: 25000, Connections: 2}} },
		Senders: func() []capture.HEPSenderStats {
			return []capture.HEPSenderStats{{Connected: true, Sent: 40, Buffered: 7}}
		},
		ExtractRecent: func(id string, w io.Writer) (int, error) {
			if id != "c1" {
				return 0, nil
			}
			n, err := w.Write([]byte("\x0a\x0d\x0d\x0a")) // block type of a pcapng section header
			return n, err
		},
		Records:     testRecords{},
		Desk:        newTestDesk(),
		Outbox:      &testOutbox{},
		Attachments: testFiles{},
		Rules:       sceneRules,
		Alerts:      func() []alerting.Alert { return []alerting.Alert{sceneAlert()} },
		Watch:       func() alerting.Stats { return alerting.Stats{Rules: 2, Sets: 3, Streams: 5, Suspect: 7} },
		SenderNames: []string{"homer:9060"},
		Points:      []string{"core"},
		Version:     "v1.2.3",
		Started:     time.Unix(0, sceneAt).Add(-time.Hour),
	}
}

func sceneSnapshot() *pipeline.Snapshot {
	return &pipeline.Snapshot{
		At: sceneAt,
		Totals: dialog.Totals{
			Calls: 3, Streams: 6, SIPMessages: 30, RTCPPackets: 4, RTCPTypes: map[string]uint64{"sr": 3, "rr": 1},
			SIPResponses: map[int]uint64{100: 3, 200: 6, 404: 1}, Refused: map[string]uint64{"calls": 2},
			KPI: dialog.KPI{Answered: 2},
		},
		SIP: []dialog.SIPCount{
			{Peer: 2, Direction: topology.ToPeer, Method: "INVITE", Transport: "udp", Count: 3},
			{Peer: 2, Direction: topology.FromPeer, Method: "INVITE", Code: 200, Transport: "udp", Count: 2},
			{Peer: 2, Direction: topology.FromPeer, Method: "OTHER", Code: 299, Transport: "udp", Count: 1},
		},
		View: &dialog.View{
			At: sceneAt,
			Calls: []dialog.CallView{
				{ID: "c1", State: "answered", Start: dialog.Time(sceneAt - 30*second), MOSWorst: 3.1, LossRatio: .02, SegmentID: 1},
				{ID: "c2", State: "ringing", Start: dialog.Time(sceneAt - 3*second)},
				{ID: "c3", State: "answered", Start: dialog.Time(sceneAt - 90*second), MOSWorst: 4.2, SegmentID: 1},
			},
			Streams: []dialog.StreamView{
				{ID: "s1", Call: "c1", Codec: "PCMA", SegmentID: 1, Direction: topology.ToPeer, MOS: 3.1, LossRatio: .02, Start: dialog.Time(sceneAt - 29*second)},
				{ID: "s2", Call: "c1", Codec: "pcma", SegmentID: 1, Direction: topology.FromPeer, MOS: 4.3, Start: dialog.Time(sceneAt - 28*second)},
				{ID: "s3", Call: "c3", Codec: "x-private", SegmentID: 1, Direction: topology.ToPeer, MOS: 0, LossRatio: .5, Start: dialog.Time(sceneAt - 80*second)},
				{ID: "s4", Call: "c3", Codec: "", SegmentID: 1, Direction: topology.FromPeer, MOS: 4.2, Start: dialog.Time(sceneAt - 81*second)},
			},
			Active: []dialog.ActiveCalls{{Peer: 1, Direction: topology.FromPeer, Calls: 3}, {Peer: 2, Direction: topology.ToPeer, Calls: 3}},
		},
	}
}

func sceneStages() pipeline.Stages {
	return pipeline.Stages{
		Lanes: []pipeline.LaneStage{
			{At: sceneAt, Packets: 1000, Bytes: 200000, SIP: 30, RTCP: 4, RTP: 900, Lost: 3, ShedRTP: 5, ShedMessages: 7, RingUsed: .5,
				Passed: map[string]uint64{"stun": 9}},
			{At: sceneAt - second, Packets: 500, Bytes: 100000, RTP: 500},
		},
		Shards: []pipeline.ShardStage{
			{At: sceneAt - 2*second, Table: rtpstats.Counters{Streams: 4, RefusedStreams: 11}},
		},
		Correlator: pipeline.CorrelatorStage{At: sceneAt - 2*second, Unparsed: 1},
	}
}

// populated is Metrics that have seen something of everything.
func populated(t testing.TB) *Metrics {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t), Limits: map[string]uint64{"calls": 100}, Interfaces: 1, Senders: 1, Shards: 1, ConfigHash: "abc"})
	m.Attach(sceneProbe())
	m.Observe(heard())
	m.Record(answered())
	m.Record(registered(new(200)))
	m.Record(registered(nil))
	m.Record(&dialog.StreamRecord{Type: "stream", Media: "audio", Unmeasured: "nobody knows"})
	return m
}
