package capture

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
)

// testReport is an SR with a negative loss, a description and VoIP metrics.
func testReport() []byte {
	return bytesOf(
		// SR: version 2, 1 block; 12 words follow
		0x81, 200, uint16(12), uint32(0x11223344), // SSRC
		uint32(3916733675), uint32(1764527184), uint32(144252), uint32(500), uint32(80000), // NTP, RTP, packets, octets
		uint32(0xc7328a09), 25, "\xff\xff\xff", uint32(28813), uint32(7), uint32(2632639317), uint32(34209), // lost -1
		// SDES: 1 chunk; 4 words follow
		0x81, 202, uint16(4), uint32(0x11223344), 1, 7, "a@b.org", "\x00\x00\x00",
		// XR: 10 words follow
		0x80, 207, uint16(10), uint32(0x11223344),
		7, 0, uint16(8), uint32(0xc7328a09), 3, 4, 5, 6, uint16(700), uint16(800), uint16(90), uint16(100),
		0xec, 0xc4, 12, 16, 88, 127, 41, 40, 0xf4, 0, uint16(60), uint16(120), uint16(240), // signal -20, noise -60
	)
}

// What Homer reads of a report, by the rules of the RFC and not by our reader.
func TestRTCPToJSON(t *testing.T) {
	text, ok := appendRTCPJSON(nil, testReport())
	if !ok {
		t.Fatal("no report")
	}
	var got any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var want any
	err := json.Unmarshal([]byte(`{
		"sender_information": {"ntp_timestamp_sec":3916733675, "ntp_timestamp_usec":1764527184, "rtp_timestamp":144252, "packets":500, "octets":80000},
		"ssrc":287454020, "type":200, "report_count":1,
		"report_blocks": [{"source_ssrc":3341978121, "fraction_lost":25, "packets_lost":16777215, "highest_seq_no":28813, "ia_jitter":7, "lsr":2632639317, "dlsr":34209}],
		"report_blocks_xr": {"type":7, "id":3341978121, "fraction_lost":3, "fraction_discard":4, "burst_density":5, "gap_density":6,
			"burst_duration":700, "gap_duration":800, "round_trip_delay":90, "end_system_delay":100},
		"voip_metrics": {"ssrc":3341978121, "loss_rate":3, "discard_rate":4, "burst_density":5, "gap_density":6,
			"burst_duration":700, "gap_duration":800, "round_trip_delay":90, "end_system_delay":100, "signal_level":-20, "noise_level":-60,
			"rerl":12, "gmin":16, "r_factor":88, "ext_r_factor":127, "mos_cq":4.0, "mos_lq":4.1, "rx_config":244, "jb_nominal":60, "jb_maximum":120, "jb_abs_max":240},
		"sdes_ssrc":287454020, "sdes_report_count":1, "sdes_information":[{"type":1, "text":"a@b.org"}]
	}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// There and back again, nothing is lost.
func TestRTCPJSONRoundTrip(t *testing.T) {
	for name, compound := range map[string][]byte{
		"SR, SDES, XR":       testReport(),
		"RR without a block": bytesOf(0x80, 201, uint16(1), uint32(7)),
		"RR with two blocks": bytesOf(0x82, 201, uint16(13), uint32(7),
			uint32(1), uint32(2), uint32(3), uint32(4), uint32(5), uint32(6),
			uint32(7), uint32(0xff000008), uint32(9), uint32(10), uint32(11), uint32(12)),
	} {
		text, ok := appendRTCPJSON(nil, compound)
		if !ok {
			t.Errorf("%s: no report", name)
			continue
		}
		var r rtcpReport
		if !r.readJSON(text) {
			t.Errorf("%s: cannot read %s", name, text)
			continue
		}
		if got := r.appendCompound(nil); !bytes.Equal(got, compound) {
			t.Errorf("%s: got\n% x, want\n% x", name, got, compound)
		}
	}
}

func TestRTCPWithoutReport(t *testing.T) {
	for name, compound := range map[string][]byte{
		"BYE": bytesOf(0x81, 203, uint16(1), uint32(7)), "SDES alone": bytesOf(0x81, 202, uint16(2), uint32(7), uint32(0)),
		"short": bytesOf(0x80, 201, uint16(2), uint32(7)), "nothing": nil, "RTP": testRTP(1),
	} {
		if text, ok := appendRTCPJSON(nil, compound); ok {
			t.Errorf("%s: got %s", name, text)
		}
	}
}

// rtcpJSONCases are what programs write. The shapes are theirs; where they were
// recorded or read is said. The wanted packets are worked out by hand and read
// back by pion's decoder.
var rtcpJSONCases = []struct {
	name string
	json string
	want []rtcp.Packet
}{
	{
		"captagent and heplify: one report", // sipcapture/heplify-server pull request 542
		`{"cid":"3ac1636a05283d1f4f8647f7f9115b9b@10.50.193.161","report_blocks":[{"dlsr":34209,"fraction_lost":0,"highest_seq_no":28813,"ia_jitter":7,"lsr":2632639317,"packets_lost":0,"source_ssrc":3341962185}],"report_count":1,"sdes_information":[{"sdes_chunk_ssrc":837588258,"text":"sip:1@example.com","type":1}],"sdes_report_count":1,"sender_information":{"ntp_timestamp_sec":3916733675,"ntp_timestamp_usec":1764527184,"octets":80000,"packets":500,"rtp_timestamp":144252},"ssrc":837588258,"type":200}`,
		[]rtcp.Packet{
			&rtcp.SenderReport{SSRC: 837588258, NTPTime: 3916733675<<32 | 1764527184, RTPTime: 144252, PacketCount: 500, OctetCount: 80000,
				Reports: []rtcp.ReceptionReport{{SSRC: 3341962185, LastSequenceNumber: 28813, Jitter: 7, LastSenderReport: 2632639317, Delay: 34209}}},
			&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 837588258, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "sip:1@example.com"}}}}},
		},
	},
	{
		"heplify: the type is the compound's last, zeros stand for no block and no metrics",
		`{"sender_information":{"ntp_timestamp_sec":3953771345,"ntp_timestamp_usec":0,"rtp_timestamp":2944344000,"packets":2,"octets":320},"ssrc":3571175962,"type":202,"report_count":1,"report_blocks":[{"source_ssrc":0,"fraction_lost":0,"packets_lost":0,"highest_seq_no":0,"ia_jitter":0,"lsr":0,"dlsr":0}],"report_blocks_xr":{"type":0,"id":0,"fraction_lost":0,"fraction_discard":0,"burst_density":0,"gap_density":0,"burst_duration":0,"gap_duration":0,"round_trip_delay":0,"end_system_delay":0},"sdes_ssrc":0}`,
		[]rtcp.Packet{&rtcp.SenderReport{SSRC: 3571175962, NTPTime: 3953771345 << 32, RTPTime: 2944344000, PacketCount: 2, OctetCount: 320}},
	},
	{
		"heplify: a receiver report, with sender information of zeros and no blocks at all",
		`{"sender_information":{"ntp_timestamp_sec":0,"ntp_timestamp_usec":0,"rtp_timestamp":0,"packets":0,"octets":0},"ssrc":9,"type":201,"report_count":0,"report_blocks":null,"report_blocks_xr":{"type":0,"id":0},"sdes_ssrc":0}`,
		[]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 9, ProfileExtensions: []byte{}}},
	},
	{
		"captagent: a comma too many", // sipwise/rtpengine issue 282 and captagent's templates
		`{ "ssrc":5,"type":201, "report_blocks":[{"source_ssrc":6,"highest_seq_no":7,"fraction_lost":128,"ia_jitter":8,"packets_lost":16777214,"lsr":9,"dlsr":10}],"report_count":1,}`,
		[]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 5, ProfileExtensions: []byte{},
			Reports: []rtcp.ReceptionReport{{SSRC: 6, LastSequenceNumber: 7, FractionLost: 128, Jitter: 8, TotalLost: 0xfffffe, LastSenderReport: 9, Delay: 10}}}},
	},
	{
		"Asterisk: texts for numbers, signed SSRCs, Unix time in seconds and microseconds", // main/rtp_engine.c
		`{"ssrc":-2,"type":200,"report_count":1,"sender_information":{"ntp_timestamp_sec":"1700000000","ntp_timestamp_usec":"500000","rtp_timestamp":160,"packets":10,"octets":1600},"report_blocks":[{"source_ssrc":-1,"fraction_lost":3,"packets_lost":-4,"highest_seq_no":55,"ia_jitter":6,"lsr":"4000000000","dlsr":65536}]}`,
		[]rtcp.Packet{&rtcp.SenderReport{SSRC: 0xfffffffe, NTPTime: (1700000000+2208988800)<<32 | 1<<31, RTPTime: 160, PacketCount: 10, OctetCount: 1600,
			Reports: []rtcp.ReceptionReport{{SSRC: 0xffffffff, FractionLost: 3, TotalLost: 0xfffffc, LastSequenceNumber: 55, Jitter: 6, LastSenderReport: 4000000000, Delay: 65536}}}},
	},
	{
		"hepgen: numbers with a sign, and one with more bits than there are", // frame 8 of sipcapture/hep-wireshark's capture
		`{"sender_information":{"ntp_timestamp_sec":3650797214,"packets":106,"ntp_timestamp_usec":13217348104192,"octets":16960,"rtp_timestamp":16960},"ssrc":451916597,"type":200,"report_blocks":[{"source_ssrc":898343773,"highest_seq_no":20881,"fraction_lost":0,"ia_jitter":1,"packets_lost":0,"lsr":-1097006646,"dlsr":7733}],"report_count":0}`,
		[]rtcp.Packet{&rtcp.SenderReport{SSRC: 451916597, NTPTime: 3650797214<<32 | 1733734400, RTPTime: 16960, PacketCount: 106, OctetCount: 16960,
			Reports: []rtcp.ReceptionReport{{SSRC: 898343773, LastSequenceNumber: 20881, Jitter: 1, LastSenderReport: 3197960650, Delay: 7733}}}},
	},
	{
		"a clock that counts from the sender's start is none of Asterisk's",
		`{"ssrc":1,"type":200,"sender_information":{"ntp_timestamp_sec":86400,"ntp_timestamp_usec":500000,"rtp_timestamp":1,"packets":1,"octets":1},"report_blocks":[]}`,
		[]rtcp.Packet{&rtcp.SenderReport{SSRC: 1, NTPTime: 86400<<32 | 500000, RTPTime: 1, PacketCount: 1, OctetCount: 1}},
	},
	{
		"a loss that was printed as an unsigned number of 32 bits",
		`{"ssrc":1,"type":201,"report_blocks":[{"source_ssrc":2,"packets_lost":4294967291}]}`,
		[]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1, ProfileExtensions: []byte{}, Reports: []rtcp.ReceptionReport{{SSRC: 2, TotalLost: 0xfffffb}}}},
	},
	{
		"a loss beyond 24 bits is the largest that there is",
		`{"ssrc":1,"type":201,"report_blocks":[{"source_ssrc":2,"packets_lost":99999999,"fraction_lost":300}]}`,
		[]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1, ProfileExtensions: []byte{}, Reports: []rtcp.ReceptionReport{{SSRC: 2, TotalLost: 0x7fffff, FractionLost: 255}}}},
	},
	{
		"captagent's extended report",
		`{"ssrc":1,"type":201,"report_blocks":[],"extended_report_information":{"type":7, "identifier":2, "loss_rate":3, "discard_rate":4, "burst_rate":5, "gap_rate":6, "burst_duration":7, "gap_duration":8, "round_trip_delay":9, "end_sys_delay":10, "signal_lev":11, "noise_lev":12, "RERL":13, "Gmin":14, "R_fact":15, "ext_R_fact":16, "MOS_LQ":41, "MOS_CQ":40, "RX_conf":[{"PLC":1, "JB_adapt":2, "JB_rate":3}], "JB_nom":17, "JB_max":18, "JB_abs_max":19}}`,
		[]rtcp.Packet{
			&rtcp.ReceiverReport{SSRC: 1, ProfileExtensions: []byte{}},
			&rtcp.ExtendedReport{SenderSSRC: 1, Reports: []rtcp.ReportBlock{&rtcp.VoIPMetricsReportBlock{
				XRHeader: rtcp.XRHeader{BlockType: rtcp.VoIPMetricsReportBlockType, BlockLength: 8},
				SSRC:     2, LossRate: 3, DiscardRate: 4, BurstDensity: 5, GapDensity: 6, BurstDuration: 7, GapDuration: 8, RoundTripDelay: 9, EndSystemDelay: 10,
				SignalLevel: 11, NoiseLevel: 12, RERL: 13, Gmin: 14, RFactor: 15, ExtRFactor: 16, MOSLQ: 41, MOSCQ: 40, JBNominal: 17, JBMaximum: 18, JBAbsMax: 19}}},
		},
	},
	{
		"heplify's ten members: the rest is unavailable (RFC 3611 4.7)",
		`{"ssrc":1,"type":207,"report_blocks_xr":{"type":7,"id":2,"fraction_lost":3,"burst_duration":4}}`,
		[]rtcp.Packet{
			&rtcp.ReceiverReport{SSRC: 1, ProfileExtensions: []byte{}},
			&rtcp.ExtendedReport{SenderSSRC: 1, Reports: []rtcp.ReportBlock{&rtcp.VoIPMetricsReportBlock{
				XRHeader: rtcp.XRHeader{BlockType: rtcp.VoIPMetricsReportBlockType, BlockLength: 8},
				SSRC:     2, LossRate: 3, BurstDuration: 4, SignalLevel: 127, NoiseLevel: 127, RERL: 127, Gmin: 16, RFactor: 127, ExtRFactor: 127, MOSLQ: 127, MOSCQ: 127}}},
		},
	},
}

func TestRTCPFromJSON(t *testing.T) {
	for _, tt := range rtcpJSONCases {
		var r rtcpReport
		if !r.readJSON([]byte(tt.json)) {
			t.Errorf("%s: cannot read it", tt.name)
			continue
		}
		got, err := rtcp.Unmarshal(r.appendCompound(nil))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestRTCPJSONRefused(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{`, `{"type":200`, `{"type":200]x`, `null`, `"type"`, `}`, `{"a":` + string(bytes.Repeat([]byte("["), 100)) + `}`, `{"text":"no end}`, `{"type":#}`,
	} {
		var r rtcpReport
		if r.readJSON([]byte(text)) && len(r.appendCompound(nil)) > 0 {
			t.Errorf("%q became a report", text)
		}
	}
}

// Tables that are full take no more.
func TestRTCPJSONBounds(t *testing.T) {
	block, item := `{"source_ssrc":1,"packets_lost":2},`, `{"type":1,"text":"`+string(bytes.Repeat([]byte("x"), 300))+`"},`
	text := `{"type":201,"ssrc":1,"report_blocks":[` + string(bytes.Repeat([]byte(block), 40)) + `],"sdes_information":[` + string(bytes.Repeat([]byte(item), 12)) + `]}`
	var r rtcpReport
	if !r.readJSON([]byte(text)) {
		t.Fatal("cannot read it")
	}
	packets, err := rtcp.Unmarshal(r.appendCompound(nil))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(packets[0].(*rtcp.ReceiverReport).Reports); n != 31 {
		t.Errorf("got %d blocks, want 31", n)
	}
	items := packets[1].(*rtcp.SourceDescription).Chunks[0].Items
	if len(items) != maxSDESItems || len(items[0].Text) != 255 {
		t.Errorf("got %d items of %d octets", len(items), len(items[0].Text))
	}
}
