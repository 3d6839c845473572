package web

import (
	"errors"
	"math"
	"strings"
	"testing"

	"earshot/dialog"
	"earshot/pipeline"
	"earshot/rtpstats"
	"earshot/topology"
)

// expect compares samples of a page; names have their labels sorted.
func expect(t *testing.T, m *Metrics, want map[string]float64) {
	t.Helper()
	got := samples(t, written(t, m, Text))
	for name, v := range want {
		if have, ok := got[name]; !ok {
			t.Errorf("%s is missing, want %v", name, v)
		} else if math.Abs(have-v) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, have, v)
		}
	}
}

// TestZero: what the configuration names is there at 0 before anything happens.
func TestZero(t *testing.T) {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t)})
	expect(t, m, map[string]float64{
		`earshot_rtp_packets_total{direction="to_peer", point="core", segment="trunk"}`:                            0,
		`earshot_rtp_packets_total{direction="from_peer", point="core", segment="trunk"}`:                          0,
		`earshot_rtp_packets_total{direction="unknown", point="core", segment="vlan7"}`:                            0,
		`earshot_rtp_packets_total{direction="unknown", point="core", segment="other"}`:                            0,
		`earshot_rtp_impaired_seconds_total{band="bad", direction="to_peer", segment="trunk", trust="suspect"}`:    0,
		`earshot_rtp_interval_mos_count{direction="to_peer", segment="trunk"}`:                                     0,
		`earshot_sip_calls_total{direction="to_peer", outcome="answered", peer="carrier", release_cause="caller"}`: 0,
		`earshot_sip_calls_total{direction="from_peer", outcome="failed", peer="other", release_cause="503"}`:      0,
		`earshot_sip_requests_total{direction="from_peer", method="INVITE", peer="lan", transport="udp"}`:          0,
		`earshot_sip_registrations_total{direction="from_peer", outcome="failed", peer="lan"}`:                     0,
		`earshot_sip_active_calls{direction="to_peer", peer="carrier"}`:                                            0,
		`earshot_capture_dropped_packets_total{stage="kernel"}`:                                                    0,
		`earshot_parse_errors_total{layer="hep", reason="key"}`:                                                    0,
		`earshot_parse_errors_total{layer="packet", reason="bad_header"}`:                                          0,
		`earshot_evictions_total{table="fragments"}`:                                                               0,
		`earshot_refused_total{table="streams"}`:                                                                   0,
		`earshot_config_reloads_total{result="failure"}`:                                                           0,
		`earshot_rtp_unmeasured_streams_total{reason="too_short"}`:                                                 0,
		`earshot_calls_media_anomalies_total{kind="one_way", segment="trunk"}`:                                     0,
		`earshot_loss_located_packets_total{direction="from_peer", segment="trunk", where="before_point"}`:         0,
		`earshot_rtcp_reported_lost_packets_total{direction="from_peer", segment="trunk", source="rtcp"}`:          0,
	})
	if text := written(t, m, Text); strings.Contains(text, `segment="vlan7",direction="to_peer"`) {
		t.Error("a segment that names no networks has directions")
	}
}

// TestObservation: an interval is counted where it belongs, by hand.
func TestObservation(t *testing.T) {
	m := populated(t)
	at, way := `{direction="to_peer", point="core", segment="trunk"}`, `{direction="to_peer", segment="trunk"}`
	expect(t, m, map[string]float64{
		"earshot_rtp_packets_total" + at:           245,
		"earshot_rtp_expected_packets_total" + at:  250,
		"earshot_rtp_lost_packets_total" + at:      5,
		"earshot_rtp_late_packets_total" + at:      2,
		"earshot_rtp_reordered_packets_total" + at: 1,
		"earshot_rtp_duplicate_packets_total" + at: 0,

		// MOS 3.9: some users are dissatisfied.
		`earshot_rtp_impaired_seconds_total{band="fair", direction="to_peer", segment="trunk", trust="ok"}`: 5,

		// 5 of 250 is 0.02: above 0.01, not above 0.03.
		`earshot_rtp_interval_loss_ratio_bucket{direction="to_peer", le="0.01", segment="trunk"}`: 0,
		`earshot_rtp_interval_loss_ratio_bucket{direction="to_peer", le="0.03", segment="trunk"}`: 1,
		"earshot_rtp_interval_loss_ratio_sum" + way:                                               .02,
		"earshot_rtp_stream_jitter_seconds_sum" + way:                                             .004,
		"earshot_rtp_delay_variation_seconds_sum" + way:                                           .045,
		"earshot_rtp_interval_mos_sum" + way:                                                      3.9,
		"earshot_rtp_interval_mos_cq_sum" + way:                                                   3.7,

		`earshot_rtcp_reported_lost_packets_total{direction="to_peer", segment="trunk", source="rtcp"}`:    8,
		`earshot_rtcp_round_trip_seconds_sum{direction="to_peer", segment="trunk", source="rtcp"}`:         .08,
		`earshot_rtcp_reported_jitter_seconds_sum{direction="to_peer", segment="trunk", source="rtcp"}`:    .006,
		`earshot_loss_located_packets_total{direction="to_peer", segment="trunk", where="before_point"}`:   5,
		`earshot_loss_located_packets_total{direction="to_peer", segment="trunk", where="after_point"}`:    3,
		`earshot_loss_located_packets_total{direction="from_peer", segment="trunk", where="before_point"}`: 0,
	})
}

// TestCall: a call counts once at each end.
func TestCall(t *testing.T) {
	m := populated(t)
	expect(t, m, map[string]float64{
		`earshot_sip_calls_total{direction="from_peer", outcome="answered", peer="lan", release_cause="callee"}`:   1,
		`earshot_sip_calls_total{direction="to_peer", outcome="answered", peer="carrier", release_cause="callee"}`: 1,
		`earshot_sip_calls_total{direction="to_peer", outcome="answered", peer="lan", release_cause="callee"}`:     0,
		`earshot_sip_talk_seconds_total{direction="to_peer", peer="carrier"}`:                                      60,
		`earshot_sip_post_dial_delay_seconds_sum{direction="to_peer", peer="carrier"}`:                             1.2,
		`earshot_sip_setup_seconds_sum{direction="from_peer", peer="lan"}`:                                         .18,
		`earshot_sip_retransmissions_total{direction="to_peer", peer="carrier"}`:                                   2,
		`earshot_sip_registrations_total{direction="to_peer", outcome="succeeded", peer="carrier"}`:                1,
		`earshot_sip_registrations_total{direction="to_peer", outcome="failed", peer="carrier"}`:                   1,
		`earshot_sip_register_delay_seconds_count{direction="to_peer", peer="carrier"}`:                            1,
		`earshot_calls_media_anomalies_total{kind="one_way", segment="trunk"}`:                                     1,
		`earshot_calls_media_anomalies_total{kind="dscp_mismatch", segment="trunk"}`:                               1, // two findings of one kind
		`earshot_rtp_unmeasured_streams_total{reason="other"}`:                                                     1,
		`earshot_records_total{type="call"}`:                                                                       1,
		`earshot_records_total{type="transaction"}`:                                                                2,
	})
}

func TestOutcome(t *testing.T) {
	call := func(change func(*dialog.CallRecord)) *dialog.CallRecord {
		r := answered()
		change(r)
		return r
	}
	unanswered := func(d dialog.Disposition, by dialog.EndedBy, status *int) *dialog.CallRecord {
		return &dialog.CallRecord{Disposition: d, EndedBy: by, FinalStatus: status}
	}
	tests := []struct {
		name           string
		call           *dialog.CallRecord
		outcome, cause string
	}{
		{"the caller hung up", call(func(r *dialog.CallRecord) { r.EndedBy = dialog.EndedByCaller }), "answered", "caller"},
		{"nobody answered the BYE", call(func(r *dialog.CallRecord) { r.DisconnectMS = nil }), "answered", "bye_unanswered"},
		{"no BYE at all", call(func(r *dialog.CallRecord) { r.EndedBy = dialog.EndedByTimeout }), "answered", "timeout"},
		{"began before the capture", call(func(r *dialog.CallRecord) { r.Truncated = true }), "partial", "callee"},
		{"outlived the probe", call(func(r *dialog.CallRecord) {
			r.Truncated, r.Disposition, r.EndedBy = true, dialog.InProgress, dialog.EndedByCapture
		}), "in_progress", "probe_stopped"},
		{"busy", unanswered(dialog.Busy, dialog.EndedByCallee, new(486)), "busy", "486"},
		{"a status that nobody registered", unanswered(dialog.Failed, dialog.EndedByCallee, new(499)), "failed", "other"},
		{"cancelled, no final response", unanswered(dialog.Cancelled, dialog.EndedByCaller, nil), "cancelled", "caller"},
		{"nobody is there", unanswered(dialog.Failed, dialog.EndedByTimeout, nil), "failed", "timeout"},
	}
	for _, tt := range tests {
		if o, c := outcomeOf(tt.call), causeOf(tt.call); o != tt.outcome || c != tt.cause {
			t.Errorf("%s: %s, %s; want %s, %s", tt.name, o, c, tt.outcome, tt.cause)
		}
	}
}

// TestNeverDecreases: packets that come after all are taken off later losses.
func TestNeverDecreases(t *testing.T) {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t)})
	total := 0.0
	for _, step := range []struct {
		lost int32
		want float64
	}{
		{10, 10}, {-4, 10}, {3, 10}, {-2, 10}, {2, 10}, {1, 10}, {5, 15}, {0, 15},
	} {
		o := heard()
		o.Lost = step.lost
		m.Observe(o)
		got := samples(t, written(t, m, Text))[`earshot_rtp_lost_packets_total{direction="to_peer", point="core", segment="trunk"}`]
		if got != step.want || got < total {
			t.Errorf("after %d: %v, want %v", step.lost, got, step.want)
		}
		total = got
	}
	// 10 - 4 + 3 - 2 + 2 + 1 + 5 = 15.
	if total != 15 {
		t.Errorf("%v lost in all, want 15", total)
	}
}

// TestSuspect: what the capture lost is not the network's.
func TestSuspect(t *testing.T) {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t)})
	o := heard()
	o.Suspect = true
	o.Located = dialog.Located{Undetermined: 5}
	m.Observe(o)
	at, way := `{direction="to_peer", point="core", segment="trunk"}`, `{direction="to_peer", segment="trunk"}`
	expect(t, m, map[string]float64{
		"earshot_rtp_packets_total" + at:          245,
		"earshot_rtp_expected_packets_total" + at: 0,
		"earshot_rtp_lost_packets_total" + at:     0,
		`earshot_rtp_impaired_seconds_total{band="fair", direction="to_peer", segment="trunk", trust="suspect"}`: 5,
		`earshot_rtp_impaired_seconds_total{band="fair", direction="to_peer", segment="trunk", trust="ok"}`:      0,
		"earshot_rtp_interval_mos_count" + way:                                                           0,
		"earshot_rtp_interval_loss_ratio_count" + way:                                                    0,
		"earshot_rtp_stream_jitter_seconds_count" + way:                                                  0,
		`earshot_loss_located_packets_total{direction="to_peer", segment="trunk", where="undetermined"}`: 5,
	})
}

func TestVideoIsNotHeard(t *testing.T) {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t)})
	o := heard()
	o.Media, o.MOS, o.MOSCQ = rtpstats.MediaVideo, 0, 0
	m.Observe(o)
	expect(t, m, map[string]float64{
		`earshot_rtp_packets_total{direction="to_peer", point="core", segment="trunk"}`:                           245,
		`earshot_rtp_impaired_seconds_total{band="unmeasured", direction="to_peer", segment="trunk", trust="ok"}`: 0,
	})
}

func TestBands(t *testing.T) {
	// G.107 table B.1: R 80 is MOS 4.03, R 70 is MOS 3.60.
	for mos, want := range map[float64]band{4.5: good, 4.03: good, 4.02: fair, 3.6: fair, 3.59: bad, 1: bad, 0: unmeasured} {
		if got := bandOf(mos); got != want {
			t.Errorf("MOS %v: %s, want %s", mos, bandNames[got], bandNames[want])
		}
	}
}

// TestProbe: what snapshots, stages and the kernel say.
func TestProbe(t *testing.T) {
	m := populated(t)
	expect(t, m, map[string]float64{
		`earshot_capture_packets_total`:                                                                                     1500,
		`earshot_capture_bytes_total`:                                                                                       300000,
		`earshot_capture_voice_packets_total{kind="rtp"}`:                                                                   1400,
		`earshot_capture_dropped_packets_total{stage="kernel"}`:                                                             3,
		`earshot_capture_dropped_packets_total{stage="ring"}`:                                                               5,
		`earshot_capture_dropped_packets_total{stage="queue"}`:                                                              7,
		`earshot_capture_dropped_packets_total{stage="table_full"}`:                                                         11,
		`earshot_capture_passed_packets_total{reason="stun"}`:                                                               9,
		`earshot_interface_dropped_packets_total{interface="eth0", point="core"}`:                                           3,
		`earshot_interface_up{interface="eth0", point="core"}`:                                                              1,
		`earshot_ring_used_ratio{stage="lane_rtp"}`:                                                                         .5,
		`earshot_shard_lag_seconds{shard="0"}`:                                                                              2,
		`earshot_correlator_lag_seconds`:                                                                                    2,
		`earshot_tracked{table="calls"}`:                                                                                    3,
		`earshot_tracked{table="streams"}`:                                                                                  4,
		`earshot_tracked_limit{table="calls"}`:                                                                              100,
		`earshot_refused_total{table="calls"}`:                                                                              2,
		`earshot_refused_total{table="streams"}`:                                                                            11,
		`earshot_parse_errors_total{layer="sip", reason="no_call_id"}`:                                                      1,
		`earshot_rtcp_reports_total{type="sr"}`:                                                                             3,
		`earshot_hep_packets_total`:                                                                                         50,
		`earshot_hep_sender_packets_total{destination="homer:9060"}`:                                                        40,
		`earshot_sip_active_calls{direction="from_peer", peer="lan"}`:                                                       3,
		`earshot_active_calls`:                                                                                              3,
		`earshot_rtp_streams{codec="PCMA", direction="to_peer", point="core", segment="trunk"}`:                             1,
		`earshot_rtp_streams{codec="PCMA", direction="from_peer", point="core", segment="trunk"}`:                           1,
		`earshot_rtp_streams{codec="other", direction="to_peer", point="core", segment="trunk"}`:                            1,
		`earshot_rtp_streams{codec="unknown", direction="from_peer", point="core", segment="trunk"}`:                        1,
		`earshot_sip_requests_total{direction="to_peer", method="INVITE", peer="carrier", transport="udp"}`:                 3,
		`earshot_sip_responses_total{code="200", direction="from_peer", method="INVITE", peer="carrier", transport="udp"}`:  2,
		`earshot_sip_responses_total{code="other", direction="from_peer", method="other", peer="carrier", transport="udp"}`: 1,
		`earshot_config_hash_info{hash="abc"}`:                                                                              1,
	})
}

// TestLag: packet time is compared with the wall clock.
func TestLag(t *testing.T) {
	m := populated(t)
	got := samples(t, string(m.page(Text, testNow).b))
	if lag := got["earshot_event_lag_seconds"]; lag != 1.5 {
		t.Errorf("lag %v, want 1.5", lag)
	}
}

func TestReloaded(t *testing.T) {
	m := populated(t)
	m.Reloaded("def", nil)
	m.Reloaded("ghi", errors.New("broken"))
	expect(t, m, map[string]float64{
		`earshot_config_reloads_total{result="success"}`: 1,
		`earshot_config_reloads_total{result="failure"}`: 1,
		`earshot_config_hash_info{hash="def"}`:           1,
	})
}

// TestSIPCounts: counts grow with the snapshots', whatever a reload does to the
// peers' numbers.
func TestSIPCounts(t *testing.T) {
	before, after := scenePlan(t), plan(t, topology.Config{Peers: []topology.PeerConfig{carrier()}}, "core")
	snap := &pipeline.Snapshot{Plan: before, SIP: []dialog.SIPCount{
		{Peer: 1, Direction: topology.ToPeer, Method: "INVITE", Transport: "udp", Count: 5},
		{Peer: 2, Direction: topology.ToPeer, Method: "INVITE", Transport: "udp", Count: 7},
	}}
	m := newMetrics(t, MetricsConfig{Plan: before})
	m.Attach(Probe{Snapshot: func() *pipeline.Snapshot { return snap }})
	series := func(peer string) string {
		return `earshot_sip_requests_total{direction="to_peer", method="INVITE", peer="` + peer + `", transport="udp"}`
	}
	expect(t, m, map[string]float64{series("lan"): 5, series("carrier"): 7, series("other"): 0})
	if err := m.SetPlan(after); err != nil {
		t.Fatal(err)
	}
	expect(t, m, map[string]float64{series("carrier"): 7, series("other"): 0})
	// The pipeline has the new plan too: lan is gone, and its counts are other's.
	snap = &pipeline.Snapshot{Plan: after, SIP: []dialog.SIPCount{
		{Peer: 0, Direction: topology.ToPeer, Method: "INVITE", Transport: "udp", Count: 6},
		{Peer: 1, Direction: topology.ToPeer, Method: "INVITE", Transport: "udp", Count: 8},
	}}
	expect(t, m, map[string]float64{series("carrier"): 8, series("other"): 1})
	if _, there := samples(t, written(t, m, Text))[series("lan")]; there {
		t.Error("a peer that is gone has series")
	}
}

// TestSetPlan: series of what both plans name go on, and observations go by the
// plan that they were made with.
func TestSetPlan(t *testing.T) {
	before := scenePlan(t)
	after := plan(t, topology.Config{
		Peers:    []topology.PeerConfig{carrier(), lan()},
		Segments: []topology.SegmentConfig{{Name: "vlan7", VLANs: []uint16{7}}, {Name: "trunk", Near: []string{"lan"}, Far: []string{"carrier"}}},
	}, "core")
	m := newMetrics(t, MetricsConfig{Plan: before})
	observe := func(p *topology.Plan, segment topology.SegmentID) {
		o := heard()
		o.Plan, o.Segment = p, segment
		m.Observe(o)
	}
	observe(before, 1)
	if err := m.SetPlan(after); err != nil {
		t.Fatal(err)
	}
	observe(before, 1) // on its way when the plan changed
	observe(after, 2)
	expect(t, m, map[string]float64{
		`earshot_rtp_packets_total{direction="to_peer", point="core", segment="trunk"}`:  3 * 245,
		`earshot_rtp_packets_total{direction="unknown", point="core", segment="vlan7"}`:  0,
		`earshot_rtp_packets_total{direction="unknown", point="core", segment="other"}`:  0,
		`earshot_rtp_packets_total{direction="unknown", point="other", segment="other"}`: 0,
	})
	observe(after, 99)
	expect(t, m, map[string]float64{`earshot_rtp_packets_total{direction="unknown", point="core", segment="other"}`: 245})
}
