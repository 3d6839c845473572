package store

import (
	"slices"
	"strings"

	"earshot/dialog"
	"earshot/topology"
)

// Kinds of rows.
const (
	kindCall   = "call"
	kindStream = "stream" // of no call
)

// row is one record as a day file holds it. What is nil becomes NULL.
type row struct {
	kind, id    string
	start, end  dialog.Time
	disposition any
	status      any
	mos, loss   any
	caller      string
	callee      string
	findings    string // codes with commas around each: ",loss,jitter,"
	segments    [2]string
	peers       [2]string
	tenants     tenantPair
	words       string
	body        []byte
}

func (r *row) day() Day { return dayOfRecord(r.end, r.start) }

// callRow makes the row of a call.
func callRow(p *packer, w *wordList, tenant func(string) string, c *dialog.CallRecord) row {
	r := row{
		kind: kindCall, id: c.ID, start: c.Start, end: c.End, disposition: string(c.Disposition),
		status: orNull(c.FinalStatus), mos: orNull(c.MOSWorst),
		caller: c.From, callee: c.To, body: p.call(c),
		segments: [2]string{segmentName(c.Plan, c.SegmentFromCaller), segmentName(c.Plan, c.SegmentFromCallee)},
		peers:    [2]string{peerName(c.Plan, c.PeerFrom), peerName(c.Plan, c.PeerTo)},
	}
	if s := worstLoss(c.Media); s != nil {
		r.loss = s.LossRatio
	}
	if codes := codesOf(c.Findings); len(codes) > 0 {
		r.findings = "," + strings.Join(codes, ",") + ","
	}
	r.tenants = tenantsOf(tenant, r.segments[0], r.segments[1])
	r.words = w.ofCall(c, &r)
	return r
}

// streamRow makes the row of a stream of no call.
func streamRow(p *packer, w *wordList, tenant func(string) string, s *dialog.StreamRecord) row {
	r := row{
		kind: kindStream, id: s.ID, start: s.Start, end: s.End, mos: orNull(s.MOS.LQ), loss: s.LossRatio, body: p.stream(s),
		segments: [2]string{segmentName(s.Plan, s.SegmentID), ""},
	}
	r.tenants = tenantsOf(tenant, r.segments[0], r.segments[0])
	r.words = w.ofStream(s, &r)
	return r
}

func orNull[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

func worstLoss(media []*dialog.StreamRecord) *dialog.StreamRecord {
	var worst *dialog.StreamRecord
	for _, s := range media {
		if worst == nil || s.LossRatio > worst.LossRatio {
			worst = s
		}
	}
	return worst
}

// codesOf lists the codes of findings, each once.
func codesOf(list []dialog.Finding) []string {
	var codes []string
	for i := range list {
		if !slices.Contains(codes, list[i].Code) {
			codes = append(codes, list[i].Code)
		}
	}
	return codes
}

// segmentName is the segment's name by the plan that held; "" without a plan.
func segmentName(p *topology.Plan, id topology.SegmentID) string {
	if names := p.Segments(); p != nil && int(id) < len(names) {
		return names[id]
	}
	return ""
}

func peerName(p *topology.Plan, id topology.PeerID) string {
	if names := p.Peers(); p != nil && int(id) < len(names) {
		return names[id]
	}
	return ""
}
