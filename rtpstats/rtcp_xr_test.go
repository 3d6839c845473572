package rtpstats

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
)

// xrDatagram is an extended report with one VoIP metrics block (RFC 3611 4.7),
// whose loss figures are those of the RFC's example by its definitions.
func xrDatagram() []byte {
	return []byte{
		0x80, 0xcf, 0x00, 0x0a, // PT=207 XR, 44 octets
		0x00, 0x00, 0x00, 0x01, // sender's SSRC
		0x07, 0x00, 0x00, 0x08, // BT=7, block length 8
		0x00, 0x00, 0x00, 0x02, // SSRC of source
		0x0c, 0x0c, 0x55, 0x0a, // loss 12/256, discard 12/256, burst density 85/256, gap density 10/256
		0x00, 0x78, 0x00, 0xff, // burst 120 ms, gap 255 ms
		0x00, 0x28, 0x00, 0x50, // round trip 40 ms, end system 80 ms
		0xec, 0xba, 0x3c, 0x10, // signal -20, noise -70, RERL 60, Gmin 16
		0x5d, 0x7f, 0x29, 0x7f, // R 93, external R unknown, MOS-LQ 4.1, MOS-CQ unknown
		0xf5, 0x00, 0x00, 0x3c, // PLC standard, JBA adaptive, rate 5; nominal 60 ms
		0x00, 0x78, 0x00, 0xc8, // maximum 120 ms, absolute maximum 200 ms
	}
}

func TestReadVoIPMetrics(t *testing.T) {
	block := voipBlock(t, xrDatagram())
	got := ReadVoIPMetrics(block)
	want := VoIPMetrics{
		SSRC: 2, LossRatio: 0.046875, DiscardRatio: 0.046875, BurstDensity: 0.33203125, GapDensity: 0.0390625,
		BurstMS: 120, GapMS: 255, RTTMS: 40, EndSystemMS: 80,
		SignalDBm0: new(-20), NoiseDBm0: new(-70), RERLDB: new(60), Gmin: 16,
		R: new(93), MOSLQ: new(4.1), PLC: PLCStandard, BufferAdaptive: new(true), BufferRate: 5,
		BufferNominalMS: 60, BufferMaximumMS: 120, BufferAbsMaximumMS: 200,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func TestReadVoIPMetricsUnknowns(t *testing.T) {
	got := ReadVoIPMetrics(&rtcp.VoIPMetricsReportBlock{
		SignalLevel: 127, NoiseLevel: 127, RERL: 127, RFactor: 127, ExtRFactor: 120, MOSLQ: 127, MOSCQ: 9,
		RXConfig: 0x40, // PLC disabled, JBA unknown
	})
	if diff := cmp.Diff(VoIPMetrics{PLC: PLCDisabled}, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	got = ReadVoIPMetrics(&rtcp.VoIPMetricsReportBlock{SignalLevel: 3, RFactor: 0, MOSLQ: 10, MOSCQ: 50, RXConfig: 0x20})
	want := VoIPMetrics{
		SignalDBm0: new(3), NoiseDBm0: new(0), RERLDB: new(0), R: new(0), ExtR: new(0),
		MOSLQ: new(1.0), MOSCQ: new(5.0), BufferAdaptive: new(false),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func voipBlock(t *testing.T, b []byte) *rtcp.VoIPMetricsReportBlock {
	t.Helper()
	pkts, damaged := ParseRTCP(b)
	if len(pkts) != 1 || damaged {
		t.Fatalf("got %d packets, damaged %v", len(pkts), damaged)
	}
	xr, ok := pkts[0].(*rtcp.ExtendedReport)
	if !ok || len(xr.Reports) != 1 {
		t.Fatalf("got %v, want an extended report with one block", pkts[0])
	}
	block, ok := xr.Reports[0].(*rtcp.VoIPMetricsReportBlock)
	if !ok {
		t.Fatalf("got %T, want VoIP metrics", xr.Reports[0])
	}
	return block
}
