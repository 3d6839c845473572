package report

import (
	"io"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/dialog"
)

// Alerts writes a table of alerts in the order given: when each fired and was
// over, where, and how much was affected at its worst. It writes nothing where
// there are none.
func Alerts(w io.Writer, s Style, alerts []alerting.Alert) {
	if len(alerts) == 0 {
		return
	}
	g := grid{columns: alertColumns(), rows: len(alerts), row: func(i int, cells []cell) { alertCells(&alerts[i], cells) }}
	g.above = func(i int) string {
		today := begun(&alerts[i]).Format(time.DateOnly)
		if i == 0 || today != begun(&alerts[i-1]).Format(time.DateOnly) {
			return today + " UTC"
		}
		return ""
	}
	g.write(w, s)
}

func alertColumns() []column {
	return []column{
		{title: "SINCE"},
		{title: "STATE", least: 6},
		{title: "SEVERITY"},
		{title: "RULE", least: 10},
		{title: "WHERE", least: 12, first: true},
		{title: "AFFECTED", right: true, leave: 2},
		{title: "SHARE", right: true, leave: 3},
		{title: "OVER", leave: 1},
	}
}

func alertCells(a *alerting.Alert, cells []cell) {
	cells[0] = cell{text: timeOfDay(begun(a))}
	cells[1] = cell{text: a.State.String()}
	if a.NoData {
		cells[1].text += ", no data"
	}
	cells[2] = cell{a.Severity.String(), urgency(a.Severity)}
	cells[3] = cell{text: clean(a.Rule, 60)}
	cells[4] = cell{text: alertPlace(a)}
	cells[5] = cell{text: strconv.Itoa(a.Worst.Affected) + " of " + strconv.Itoa(a.Worst.Total) + " " + a.Worst.Unit}
	cells[6] = cell{text: percentage(a.Worst.Share) + " %"}
	cells[7] = cell{text: none, color: faint}
	if !a.Resolved.IsZero() {
		cells[7] = cell{text: timeOfDay(a.Resolved)}
	}
}

// begun is when an alert fired, or became pending where it has not.
func begun(a *alerting.Alert) time.Time {
	if a.Fired.IsZero() {
		return a.Started.UTC()
	}
	return a.Fired.UTC()
}

func timeOfDay(t time.Time) string { return clockTime(dialog.Time(t.UnixNano()), false) }

// urgency is how a severity is painted.
func urgency(s alerting.Severity) color {
	switch s {
	case alerting.Critical, alerting.High:
		return bad
	case alerting.Medium:
		return fair
	}
	return noColor
}

// alertPlace names the labels that say where: the values speak for themselves.
func alertPlace(a *alerting.Alert) string {
	var parts []string
	for _, name := range []alerting.Dimension{alerting.BySegment, alerting.ByTrunk, alerting.ByPeer, alerting.ByDirection, alerting.ByCodec} {
		if v := a.Label(string(name)); v != "" {
			parts = append(parts, strings.ReplaceAll(clean(v, 60), "_", " "))
		}
	}
	if len(parts) == 0 {
		return none
	}
	return strings.Join(parts, ", ")
}
