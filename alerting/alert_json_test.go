package alerting

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawInstant is any time to the nanosecond, in UTC as alerts have it, or none.
func drawInstant(t *rapid.T, name string) time.Time {
	ns := rapid.Int64Range(0, 4e18).Draw(t, name)
	if ns%7 == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func drawFigures(t *rapid.T) Figures {
	return Figures{
		Value: rapid.Float64Range(0, 1e6).Draw(t, "value"), Bound: rapid.Float64Range(0, 1).Draw(t, "bound"),
		Window: time.Duration(rapid.Int64Range(1, 86400).Draw(t, "window")) * time.Second,
		Unit:   rapid.SampledFrom(unitWords[:]).Draw(t, "unit"),
		Total:  rapid.IntRange(0, 1e6).Draw(t, "total"), Affected: rapid.IntRange(0, 1e6).Draw(t, "affected"),
		Share: rapid.Float64Range(0, 1).Draw(t, "share"), Usual: rapid.Float64Range(0, 1e4).Draw(t, "usual"),
	}
}

// What is read again equals what was written.
func TestAlertJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Change{
			At: drawInstant(t, "at"), From: State(rapid.IntRange(0, 3).Draw(t, "from")), To: State(rapid.IntRange(0, 3).Draw(t, "to")),
			Cause: rapid.SampledFrom([]Cause{CauseMeasured, CauseWorse, CauseNoData, CauseRuleEnded}).Draw(t, "cause"),
			Alert: Alert{
				Fingerprint: Fingerprint(rapid.Uint64().Draw(t, "fingerprint")), Rule: "loss", Signal: SignalLoss,
				Labels:      []Label{{"alertname", "loss"}, {"segment", rapid.String().Draw(t, "segment")}},
				Annotations: []Label{{"summary", "Packet loss"}},
				State:       State(rapid.IntRange(0, 3).Draw(t, "state")), Severity: Severity(rapid.IntRange(0, 4).Draw(t, "severity")),
				NoData: rapid.Bool().Draw(t, "no data"), Started: drawInstant(t, "started"), Fired: drawInstant(t, "fired"),
				Resolved: drawInstant(t, "resolved"), Figures: drawFigures(t), Worst: drawFigures(t),
				Examples: []Example{{Stream: "s", Call: "c", At: drawInstant(t, "example"), Value: rapid.Float64Range(0, 100).Draw(t, "of")}},
			},
		}
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Change
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\nread as %+v\nwant    %+v", text, got, want)
		}
	})
}

// A database and the API have these words, so they must stay.
func TestAlertJSONWords(t *testing.T) {
	a := Alert{
		Fingerprint: 0x2a, Rule: "loss", Signal: SignalLoss, State: Firing, Severity: High,
		Started: time.Date(2026, 1, 6, 9, 0, 0, 0, time.UTC), Fired: time.Date(2026, 1, 6, 9, 1, 0, 0, time.UTC),
		Figures: Figures{Value: 0.5, Bound: 0.1, Window: 10 * time.Minute, Unit: "streams", Total: 8, Affected: 4, Share: 0.5},
	}
	want := `{"fingerprint":"000000000000002a","rule":"loss","signal":"loss","labels":null,"annotations":null,` +
		`"state":"firing","severity":"high","no_data":false,"started":"2026-01-06T09:00:00Z","fired":"2026-01-06T09:01:00Z",` +
		`"figures":{"value":0.5,"bound":0.1,"unit":"streams","total":8,"affected":4,"share":0.5,"usual":0,"window_seconds":600},` +
		`"worst":{"value":0,"bound":0,"unit":"","total":0,"affected":0,"share":0,"usual":0,"window_seconds":0},"examples":null}`
	got, err := json.Marshal(&a)
	if err != nil || string(got) != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
	for _, bad := range []string{`{"state":"fireing"}`, `{"fingerprint":"2a"}`, `{"fingerprint":"00000000000000zz"}`, `{"severity":"huge"}`} {
		if err := json.Unmarshal([]byte(bad), &a); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
