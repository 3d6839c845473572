package alerting

import (
	"testing"
	"time"
)

func TestEightAnswers(t *testing.T) {
	f := &Fault{Signals: []Signal{SignalLoss}, Verdict: Verdict{Segment: "trunk-b"}, Began: time.Date(2026, 1, 6, 8, 50, 0, 0, time.UTC)}
	c := &Case{Number: 1, Subject: subjectOf(f), Description: describe(f), Business: businessImpact(f)}
	list := answers(c, f, nil, f.Began)
	if len(list) != 8 {
		t.Fatalf("got %d answers, want 8", len(list))
	}
	for i, a := range list {
		if a.Number != i+1 || a.Question == "" || a.Text == "" {
			t.Errorf("answer %d: got %+v", i+1, a)
		}
	}
	if got := relate(c, []*Case{{Number: 2}}); len(got) != 0 {
		t.Errorf("got %v, want no relation to a case of nothing", got)
	}
}
