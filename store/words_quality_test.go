package store

import (
	"fmt"
	"slices"
	"testing"

	"earshot/dialog"
)

// What words find of quality is what the columns say, at and around every bound.
func TestQualityWords(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	var calls []*dialog.CallRecord
	var list []dialog.Record
	scores := []*float64{nil}
	for _, b := range append(mosBounds, 1, 4.4) {
		scores = append(scores, ptr(b-0.01), ptr(b), ptr(b+0.01))
	}
	losses := []float64{0}
	for _, b := range lossBounds {
		losses = append(losses, b-0.0001, b, b+0.0001)
	}
	outcomes := Dispositions()
	for i := range 600 {
		c := makeCall(i, noon, nil)
		c.ID = fmt.Sprintf("%016x", i)
		c.Media = c.Media[:min(1, len(c.Media))]
		c.MOSWorst, c.Disposition = scores[i%len(scores)], outcomes[i%len(outcomes)]
		c.FinalStatus = []*int{nil, ptr(200), ptr(486), ptr(503)}[i/7%4]
		if len(c.Media) > 0 {
			c.Media[0].LossRatio = losses[i%len(losses)]
		}
		calls, list = append(calls, c), append(list, c)
	}
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(q Query) {
		t.Helper()
		var want []string
		for _, c := range slices.Backward(calls) {
			lost := len(c.Media) > 0 && c.Media[0].LossRatio > q.LossAbove
			if (q.MOSBelow == 0 || c.MOSWorst != nil && *c.MOSWorst < q.MOSBelow) && (q.LossAbove == 0 || lost) &&
				(q.Disposition == "" || c.Disposition == q.Disposition) && (q.Status == 0 || c.FinalStatus != nil && *c.FinalStatus == q.Status) {
				want = append(want, c.ID)
			}
		}
		if got := found(t, dir, &q); !slices.Equal(got, want) {
			t.Errorf("%+v: got %d, want %d", q, len(got), len(want))
		}
	}
	for _, score := range scores[1:] {
		check(Query{MOSBelow: max(1, *score)})
	}
	for _, loss := range losses[1:] {
		check(Query{LossAbove: loss})
	}
	for _, d := range outcomes {
		check(Query{Disposition: d, LossAbove: 0.03})
		check(Query{Disposition: d, MOSBelow: 3.3})
	}
	for _, status := range []int{200, 486, 503, 404} {
		check(Query{Status: status})
	}
}
