package web

import (
	"context"
	"slices"
	"sync"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// testDesk is alerting's desk in memory, one caller at a time.
type testDesk struct {
	mu    sync.Mutex
	desk  *alerting.Desk
	audit []alerting.AuditEntry
	now   func() time.Time
	fails error // what keeping meets
	done  int   // commands that were obeyed
}

func newTestDesk() *testDesk {
	return &testDesk{desk: alerting.NewDesk(alerting.DeskConfig{}), now: func() time.Time { return testNow }}
}

func (d *testDesk) Do(_ context.Context, c alerting.Command) (*alerting.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails != nil {
		return nil, d.fails
	}
	made, err := d.desk.Do(d.now(), c)
	j := d.desk.Take()
	d.audit = append(d.audit, j.Audit...)
	if err != nil {
		return nil, err
	}
	d.done++
	if made != nil {
		made = d.desk.Read(made, d.now())
	}
	return made, nil
}

func (d *testDesk) Cases(_ context.Context, q *store.CaseQuery) ([]*alerting.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []*alerting.Case
	for _, c := range slices.Backward(d.desk.Cases()) {
		if q.Matches(c) && (q.Limit == 0 || len(list) < q.Limit) {
			list = append(list, d.desk.Read(c, d.now()))
		}
	}
	return list, nil
}

func (d *testDesk) Case(_ context.Context, n int) (*alerting.Case, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.desk.Case(n); c != nil {
		return d.desk.Read(c, d.now()), nil
	}
	return nil, store.ErrNoCase
}

func (d *testDesk) Audit(_ context.Context, q *store.AuditQuery) ([]alerting.AuditEntry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []alerting.AuditEntry
	for _, e := range slices.Backward(d.audit) {
		if (q.Case == 0 || e.Case == q.Case) && (q.Who == "" || e.Who == q.Who) && (q.Before == 0 || e.Seq < q.Before) &&
			!e.At.Before(q.Since) && (q.Limit == 0 || len(list) < q.Limit) {
			list = append(list, e)
		}
	}
	return list, nil
}

func (d *testDesk) Changes(_ context.Context, q *store.ChangeQuery) ([]*alerting.NetworkChange, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []*alerting.NetworkChange
	for _, n := range slices.Backward(d.desk.Changes()) {
		if q.Matches(n) && (q.Before == 0 || n.ID < q.Before) && (q.Limit == 0 || len(list) < q.Limit) {
			list = append(list, n)
		}
	}
	return list, nil
}

func (d *testDesk) Open() []*alerting.Case {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []*alerting.Case
	for _, c := range d.desk.Cases() {
		if c.Status == alerting.StatusOpen {
			list = append(list, d.desk.Read(c, d.now()))
		}
	}
	return list
}

func (d *testDesk) Figures() DeskFigures {
	d.mu.Lock()
	defer d.mu.Unlock()
	return DeskFigures{DeskStats: d.desk.Stats(), Refused: 4, Failed: 2, Waiting: 1}
}

// crowdedDesk has open cases of many owners.
type crowdedDesk struct {
	*testDesk
	owners []string
}

func (d *crowdedDesk) Open() []*alerting.Case {
	var list []*alerting.Case
	for i, owner := range d.owners {
		list = append(list, &alerting.Case{Number: i + 1, Owner: owner, Severity: alerting.Low, Status: alerting.StatusOpen, SubStatus: alerting.SubNew})
	}
	return list
}

// sceneRules are two rules, as a site would write them.
func sceneRules() *alerting.RuleSet {
	set, err := alerting.ParseRules([]byte(`
defaults: false
rules:
  - name: loss-on-trunks
    signal: loss
    by: [segment, direction]
    measure: share
    above: 0.05
    resolve: 0.02
    window: 5m
    for: 2m
    resolve_for: 5m
    severity: [{severity: critical, share: 0.2}, {severity: high}]
    annotations: {summary: "loss on {segment}"}
  - name: low-score
    signal: mos
    measure: p10
    below: 3.5
    resolve: 3.7
    window: 90s
    for: 30s
    resolve_for: 4m
    labels: {team: voice}
`))
	if err != nil {
		panic(err) // a test cannot go on without
	}
	return set
}

// sceneAlert fires since ten minutes before the scene.
func sceneAlert() alerting.Alert {
	at := time.Unix(0, sceneAt).UTC()
	return alerting.Alert{
		Fingerprint: 0xabc, Rule: "loss-on-trunks", Signal: alerting.SignalLoss, State: alerting.Firing, Severity: alerting.Critical,
		Labels:      []alerting.Label{{Name: "alertname", Value: "loss-on-trunks"}, {Name: "direction", Value: "to_peer"}, {Name: "segment", Value: "trunk"}, {Name: "signal", Value: "loss"}},
		Annotations: []alerting.Label{{Name: "summary", Value: "loss on trunk"}},
		Started:     at.Add(-12 * time.Minute), Fired: at.Add(-10 * time.Minute),
		Figures:  alerting.Figures{Value: 0.25, Bound: 0.05, Window: 5 * time.Minute, Unit: "streams", Total: 40, Affected: 10, Share: 0.25},
		Examples: []alerting.Example{{Stream: "s1", Call: "c1", At: at, Value: 12}},
	}
}
