package main

import (
	"context"
	"fmt"
	"time"

	"earshot/alerting"
	"earshot/web"
)

var _ web.Hooks = deskAPI{}

// Foreign takes alerts of other systems; the answer comes when what became of
// them is kept.
func (d deskAPI) Foreign(ctx context.Context, alerts []alerting.ForeignAlert, ours int) (alerting.ForeignTaken, error) {
	var taken alerting.ForeignTaken
	var err error
	asked := d.ask(ctx, func(now time.Time) { taken, err = d.foreign(now, alerts, ours) })
	if asked != nil {
		return alerting.ForeignTaken{}, asked
	}
	return taken, err
}

// foreign takes alerts and keeps their outcome. Where the disk refuses that,
// nothing was taken.
func (d *caseDesk) foreign(now time.Time, alerts []alerting.ForeignAlert, ours int) (alerting.ForeignTaken, error) {
	if _, err := d.keep(now); err != nil {
		return alerting.ForeignTaken{}, fmt.Errorf("nothing was done, because the disk takes no changes: %w", err)
	}
	taken, err := d.desk.Foreign(now, alerts, ours)
	if err != nil {
		d.refused++
		return alerting.ForeignTaken{}, err
	}
	if _, err := d.keep(now); err != nil {
		return alerting.ForeignTaken{}, d.takeBack(now, err)
	}
	return taken, nil
}

// Intake says how labels of other systems' alerts are understood.
func (d deskAPI) Intake() *alerting.Intake { return d.intake.Load() }
