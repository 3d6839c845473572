package report

import (
	"encoding/csv"
	"strings"
	"testing"

	"earshot/dialog"
)

// table reads what was written back, as a spreadsheet would.
func table(t *testing.T, text string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			if _, twice := m[name]; twice {
				t.Fatalf("two columns %q", name)
			}
			m[name] = row[i]
		}
		list = append(list, m)
	}
	return list
}

func TestCSVCalls(t *testing.T) {
	var b strings.Builder
	c := NewCSV(&b, false)
	lossy := lossyCall()
	lossy.From, lossy.To = "+4912345", `"quoted", and more`
	lossy.CallIDs = []string{"=cmd|' /C calc'!A0", "two"}
	lossy.UserAgents = []string{"line\r\nbreak"}
	c.Call(lossy)
	failed := failedCall(503, "@SUM(A1)")
	failed.Findings = []dialog.Finding{{Code: "loss"}, {Code: "one_way_audio"}, {Code: "loss"}}
	c.Call(failed)
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(b.String(), "\r\n"); lines != 3 || strings.Count(b.String(), "\n") != 3 {
		t.Errorf("%d lines end in CR LF, want 3: %q", lines, b.String())
	}
	rows := table(t, b.String())
	for name, want := range map[string]string{
		"id": "c2", "call_ids": "'=cmd|' /C calc'!A0; two", "from": "'+4912345", "to": `"quoted", and more`,
		"user_agents": "line  break", "start": "2026-03-20T14:03:11.000000000Z", "duration_ms": "10000", "setup_ms": "",
		"final_status": "200", "disposition": "answered", "findings": "loss; burst_loss; dscp_not_ef", "truncated": "false",
		"caller_lost": "24", "caller_loss_ratio": "0.048", "caller_jitter_mean_ms": "2.14", "caller_mos_lq": "3.1", "caller_mos_model": "G.107",
		"callee_lost": "0", "callee_mos_lq": "4.38", "callee_trust": "ok", "caller_mos_min": "2.1",
	} {
		if got := rows[0][name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"reason": "'@SUM(A1)", "caller_lost": "", "callee_codec": "", "findings": "one_way_audio; loss", "answer": "", "final_status": "503",
	} {
		if got := rows[1][name]; got != want {
			t.Errorf("failed call: %s is %q, want %q", name, got, want)
		}
	}
}

func TestCSVStreams(t *testing.T) {
	var b strings.Builder
	c := NewCSV(&b, true)
	s := lossyCall().Media[0]
	s.Codec, s.PayloadTypes, s.SkewPPM = new("-G7"), []int{0, 101}, new(-3.25)
	c.Stream(s)
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	row := table(t, b.String())[0]
	for name, want := range map[string]string{
		"id": "s1", "call": "c1", "binding": "announced", "direction": "from_caller", "src": "198.18.0.1:4000", "ssrc": "0x0000000a",
		"codec": "'-G7", "payload_types": "0 101", "skew_ppm": "-3.25", "packets": "476", "lost": "24", "mos_min_at": "2026-03-20T14:03:25.000000000Z", "mos_cq": "",
	} {
		if got := row[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
