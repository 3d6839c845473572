package alerting

import (
	"testing"
	"time"
)

// at is a time of the day that the scenes are about.
func sceneAt(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", "2026-01-06 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// g729Fault is a fault of one codec on one trunk that goes on.
func g729Fault() *Fault {
	from, now := sceneAt("08:50:10"), sceneAt("09:00:00")
	return &Fault{
		ID: "f1", Signals: []Signal{SignalLoss, SignalMOS}, Severity: High,
		Began: from, Fired: sceneAt("08:52:30"), Seen: now,
		Verdict: Verdict{Segment: "trunk-b", Direction: "from_peer", Share: 1, Reason: "all affected streams pass it, and behind the SBC the same packets are missing"},
		Factors: []Factor{{FactorSegment, "trunk-b"}, {FactorCodec, "G729"}},
		Impact:  Impact{Calls: 41, CallsTotal: 43, Streams: 41, Users: 38, Sites: []string{"berlin", "hamburg", "munich"}, Share: 41.0 / 43},
		Contrast: []Contrast{
			{Factor{FactorCodec, "G729"}, 41, 143}, {Factor{FactorCodec, "PCMA"}, 0, 412},
			{Factor{FactorSegment, "trunk-a"}, 0, 300}, {Factor{FactorSegment, "trunk-b"}, 41, 155}, {Factor{FactorSegment, "trunk-c"}, 0, 100},
			{Factor{FactorSite, "berlin"}, 20, 290}, {Factor{FactorSite, "hamburg"}, 14, 170}, {Factor{FactorSite, "munich"}, 7, 95},
		},
		Spells: []FaultSpell{{From: from}},
		Alerts: []Alert{{
			Rule: "loss", Signal: SignalLoss, State: Firing, Severity: High, Figures: Figures{Affected: 41}, Worst: Figures{Unit: "calls", Affected: 41, Total: 155, Window: 10 * time.Minute},
			Annotations: []Label{{"description", "26 % of the media time of 155 streams lost more than 1 % of their packets in 10m; 41 streams were hit."}},
		}},
		Examples: []Example{{Call: "aaaa1111", At: sceneAt("08:51:05"), Value: 14.2}, {Call: "bbbb2222", At: sceneAt("08:53:00"), Value: 12}},
		Good:     []Example{{Call: "cccc3333", At: sceneAt("08:51:10")}},
		Levels:   []Level{{SignalLoss, 1, 8.1, 14.2}, {SignalMOS, 3.6, 3.1, 2.2}},
		Inside:   Traffic{from, now, 43, 41}, Outside: Traffic{from, now, 512, 0},
		Before: Traffic{sceneAt("08:00:00"), from, 210, 1},
		Hours:  []Traffic{{sceneAt("08:00:00"), from, 210, 1}, {from, now, 43, 41}},
	}
}

func TestEightAnswers(t *testing.T) {
	f := g729Fault()
	c := &Case{Number: 1, Severity: High, Owner: "carrier-b", Segment: "trunk-b"}
	list := answers(c, f, nil, sceneAt("09:00:00"))
	if len(list) != 8 {
		t.Fatalf("got %d answers, want 8", len(list))
	}
	for i, a := range list {
		if a.Number != i+1 || a.Question != Questions[i] || a.Text == "" {
			t.Errorf("answer %d: got %+v", i+1, a)
		}
	}
}
