package store

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// noon is when the tests take place.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(t time.Time) dialog.Time { return dialog.Time(t.UnixNano()) }

func ptr[T any](v T) *T { return &v }

// mixed spreads the bits of a number (splitmix64's finaliser), so that calls
// are as different from each other as real ones, and the same in every run.
func mixed(i int) uint64 {
	z := uint64(i)*0x9e3779b97f4a7c15 + 0x1234567
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// phone is the address of one of 20,000 phones, number one of as many numbers.
func phone(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 20, byte(i % 20000 >> 8), byte(i % 20000)}), 5060)
}

func number(i int) string { return fmt.Sprintf("+4930%07d", i%20000*137) }

var (
	sbc     = netip.MustParseAddrPort("192.0.2.10:5060")
	carrier = netip.MustParseAddrPort("203.0.113.7:5060")
)

// testPlan has the segments and peers of the calls below.
func testPlan(t testing.TB) *topology.Plan {
	t.Helper()
	p, err := topology.New(topology.Config{
		Peers: []topology.PeerConfig{
			{Name: "ours", Networks: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}},
			{Name: "carrier-a", Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}},
		},
		Segments: []topology.SegmentConfig{
			{Name: "trunk-a", Near: []string{"ours"}, Far: []string{"carrier-a"}},
			{Name: "access", Near: []string{"ours"}},
		},
	}, []string{"edge"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// makeCall makes the i-th call, which ends then: one leg, two streams. Every
// thousandth lost packets, every hundredth was busy.
func makeCall(i int, end time.Time, plan *topology.Plan) *dialog.CallRecord {
	z := mixed(i)
	c := &dialog.CallRecord{
		Type: "call", ID: fmt.Sprintf("%016x", z), CallIDs: []string{fmt.Sprintf("%020x@10.20.0.1", z)},
		From: number(int(z % 20000)), To: number(int(z >> 20 % 20000)),
		Start: at(end.Add(-3 * time.Minute)), End: at(end), Disposition: dialog.Answered, FinalStatus: ptr(200),
		EndedBy: dialog.EndedByCaller, Transport: "udp", UserAgents: []string{"PolyEdge-E350-UA/8.1.1", "MediaGateway/7.20"},
		Legs:    []dialog.LegRecord{{Src: phone(int(z % 20000)), Dst: sbc, CallID: fmt.Sprintf("%020x@10.20.0.1", z), FromTag: fmt.Sprintf("%08x", uint32(z)), ToTag: fmt.Sprintf("%08x", z>>32), Transport: "udp"}},
		Offered: []string{"PCMA", "PCMU", "telephone-event"}, AnsweredCodecs: []string{"PCMA", "telephone-event"},
		MOSWorst: ptr(4.36), Plan: plan, SegmentFromCaller: 1, SegmentFromCallee: 1, PeerFrom: 1, PeerTo: 2,
	}
	c.FromURI, c.ToURI = "sip:"+c.From+"@example.com", "sip:"+c.To+"@example.net"
	if i%100 == 99 {
		c.Disposition, c.FinalStatus, c.MOSWorst = dialog.Busy, ptr(486), nil
		return c
	}
	c.Answer, c.DurationMS = at(end.Add(-3*time.Minute+2*time.Second)), ptr(178000.0)
	c.Media = []*dialog.StreamRecord{makeStream(c, z, true), makeStream(c, z+1, false)}
	if i%1000 == 500 {
		s := c.Media[0]
		s.Lost, s.LossRatio, s.MOS.LQ, c.MOSWorst = 890, 0.1, ptr(2.5), ptr(2.5)
		c.Findings = []dialog.Finding{{Code: "loss", Text: "10 % of the packets from the caller were lost.", Evidence: "890 of 8900", Stream: s.ID}}
	}
	c.Streams = []string{c.Media[0].ID, c.Media[1].ID}
	return c
}

func makeStream(c *dialog.CallRecord, z uint64, fromCaller bool) *dialog.StreamRecord {
	here := netip.AddrPortFrom(c.Legs[0].Src.Addr(), uint16(16384+z%8192*2))
	there := netip.AddrPortFrom(sbc.Addr(), uint16(20000+z>>16%16384*2))
	s := &dialog.StreamRecord{
		Type: "stream", ID: fmt.Sprintf("%016x", mixed(int(z))), Call: &c.ID, Binding: dialog.BindingAnnounced, Direction: "from_caller",
		Src: here, Dst: there, SSRC: fmt.Sprintf("0x%08x", uint32(z)), Media: "audio", Codec: ptr("PCMA"), ClockRate: ptr(8000), PayloadTypes: []int{8},
		PTimeMS: ptr(20.0), Start: c.Answer, End: c.End, DurationMS: 178000, Packets: 8900, Bytes: 1940200, BitrateBPS: ptr(87200.0), Expected: 8900,
		LossRuns: make([]uint32, 10), JitterMS: dialog.JitterRecord{Last: float64(z%1000) / 1000, Mean: float64(z>>10%1000) / 900, Max: float64(z >> 20 % 3000 / 500)},
		DeltaMaxMS: 21 + float64(z%100)/50, SkewPPM: ptr(float64(z%60) - 30), BurstRatio: 1, Gaps: dialog.PeriodRecord{Count: 1, DurationMS: 178000},
		MOS:  dialog.MOSRecord{Model: ptr("G.107"), LQ: ptr(4.36), RLQ: ptr(92.4), Ie: ptr(0.0), Bpl: ptr(25.1), PLC: ptr("native"), Ppl: ptr(0.0), BurstR: ptr(1.0), Buffer: ptr("adaptive"), Confidence: ptr("A"), Reason: ptr("conversational quality unknown: no round trip was measured and no delay declared")},
		DSCP: []int{46}, TTL: []int{62}, Trust: "ok", MOSMin: ptr(4.36), MOSMinAt: c.Answer,
		RTCP: &dialog.RTCPRecord{Reports: 35, SenderReports: 36, LossRatio: ptr(0.0), Lost: ptr(int64(0)), FractionLostMax: ptr(0.0), JitterMS: ptr(float64(z%64) / 8), RTTMS: ptr(float64(z>>8%4000) / 100)},
	}
	if !fromCaller {
		s.Direction, s.Src, s.Dst = "from_callee", there, here
	}
	return s
}

// openTest opens a store with room for everything.
func openTest(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(Config{Dir: dir, Days: 90, TotalBytes: 1 << 40, Notice: func(n Notice) { t.Log(n.Text, n.File, n.Err) }}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// found runs a query and returns the ids of the records.
func found(t testing.TB, dir string, q *Query) []string {
	t.Helper()
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var ids []string
	err = r.Find(t.Context(), q, func(f *Found) error {
		rec, err := f.Record()
		switch x := rec.(type) {
		case *dialog.CallRecord:
			ids = append(ids, x.ID)
		case *dialog.StreamRecord:
			ids = append(ids, x.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
