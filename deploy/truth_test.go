package deploy

import (
	"encoding/json"
	"strings"
	"testing"
)

// truth is what callgen says it made, summed up.
type truth struct {
	rtp, lost, reordered map[string]float64 // packets by segment
	dispositions         map[string]float64
	sip                  float64
}

// segmentOf is the segment of testdata/site.yaml that a stream belongs to.
func segmentOf(src, dst string) string {
	ends := src + " " + dst
	switch {
	case !strings.Contains(ends, "10.20."):
		return "other"
	case strings.Contains(ends, "203.0.113."):
		return "south"
	case strings.Contains(ends, "198.51.100."):
		return "north"
	}
	return "other"
}

// readTruth adds up callgen's truth file.
func readTruth(t *testing.T, name string) *truth {
	t.Helper()
	s := &truth{rtp: map[string]float64{}, lost: map[string]float64{}, reordered: map[string]float64{}, dispositions: map[string]float64{}}
	for line := range strings.Lines(read(t, name)) {
		var r struct {
			Type, Disposition, Src, Dst string
			Packets, Lost, Reordered    float64
			SIPMessages                 float64 `json:"sip_messages"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		switch r.Type {
		case "call":
			s.dispositions[r.Disposition]++
		case "stream":
			segment := segmentOf(r.Src, r.Dst)
			s.rtp[segment] += r.Packets
			s.lost[segment] += r.Lost
			s.reordered[segment] += r.Reordered
		case "total":
			s.sip = r.SIPMessages
		}
	}
	if s.sip == 0 || s.rtp["north"] == 0 || s.lost["south"] == 0 {
		t.Fatalf("%s has no traffic to speak of: %+v", name, s)
	}
	return s
}

// totals are expressions and what they must come to.
func (s *truth) totals() map[string]float64 {
	want := map[string]float64{
		// Every message counts for its receiver's peer.
		`sum(earshot_sip_requests_total{job="earshot",direction="to_peer"}) + sum(earshot_sip_responses_total{job="earshot",direction="to_peer"})`: s.sip,
	}
	for segment, n := range s.rtp {
		want[`sum(earshot_rtp_packets_total{job="earshot",segment="`+segment+`"})`] = n
		if s.reordered[segment] > 0 {
			continue // a packet that comes after its interval was counted as lost is taken off later losses
		}
		want[`sum(earshot_rtp_lost_packets_total{job="earshot",segment="`+segment+`"})`] = s.lost[segment]
	}
	for disposition, n := range s.dispositions {
		want[`sum(earshot_sip_calls_total{job="earshot",direction="to_peer",outcome="`+disposition+`"})`] = n
	}
	return want
}

// foreignTotals are the same under the names of other tools.
func (s *truth) foreignTotals() map[string]float64 {
	return map[string]float64{
		`sum(heplify_method_response{direction="dst"})`:                               s.sip,
		`sum({job="as-sip-exporter",__name__=~"sip_exporter_([a-z]+|[0-9]+)_total"})`: s.sip,
		`sum(sip_exporter_rtp_packets_total)`:                                         s.rtp["north"] + s.rtp["south"] + s.rtp["other"],
		`sum(sip_exporter_rtp_packets_lost_total{carrier="south"})`:                   s.lost["south"],
		`sum(heplify_packets_total{type="rtp"})`:                                      s.rtp["north"] + s.rtp["south"] + s.rtp["other"],
	}
}
