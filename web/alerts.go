package web

import (
	"net/http"
	"strconv"
	"time"

	"earshot/alerting"
)

// The paths of alerts and rules answer as Prometheus' HTTP API does, so that
// what reads that can read this: Grafana's alert lists, scripts for it.

// promAnswer is the envelope of Prometheus' API.
type promAnswer struct {
	Status string `json:"status"` // "success"
	Data   any    `json:"data"`
}

// promAlerts is the data of /api/v1/alerts.
type promAlerts struct {
	Alerts []promAlert `json:"alerts"`
}

// promAlert is an alert as Prometheus shows it.
type promAlert struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	State       alerting.State    `json:"state"`
	ActiveAt    time.Time         `json:"activeAt"`
	Value       string            `json:"value"`
}

// AlertList is all alerts in full: /api/v1/alerts?format=earshot.
type AlertList struct {
	Alerts []alerting.Alert `json:"alerts"`
}

// The values of the parameter format, the preset first.
const (
	formatPrometheus = "prometheus"
	formatEarshot    = "earshot"
)

// alerts lists those that are pending or firing.
func (s *Server) alerts() []alerting.Alert {
	list := []alerting.Alert{}
	if s.probe.Alerts == nil {
		return list
	}
	for _, a := range s.probe.Alerts() {
		if a.State == alerting.Pending || a.State == alerting.Firing {
			list = append(list, a)
		}
	}
	return list
}

func (s *Server) getAlerts(w http.ResponseWriter, r *http.Request) {
	full, err := wantsFull(r)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/alerts?format=earshot")
		return
	}
	if !full {
		data := promAlerts{Alerts: []promAlert{}}
		for _, a := range s.alerts() {
			data.Alerts = append(data.Alerts, asPrometheus(&a))
		}
		s.answer(w, r, &promAnswer{"success", data})
		return
	}
	if !may(w, r, readOnly) { // the examples are calls
		return
	}
	s.answer(w, r, &AlertList{s.alerts()})
}

// wantsFull reports whether a request wants our own form. Parameters that
// clients of Prometheus send are let pass, as Prometheus does.
func wantsFull(r *http.Request) (bool, error) {
	format := r.URL.Query().Get("format")
	return format == formatEarshot, oneOf("format", format, formatPrometheus, formatEarshot)
}

func asPrometheus(a *alerting.Alert) promAlert {
	p := promAlert{
		Labels: labelMap(a.Labels), Annotations: labelMap(a.Annotations), State: a.State, ActiveAt: a.Started.UTC(),
		Value: strconv.FormatFloat(a.Figures.Value, 'e', -1, 64),
	}
	p.Labels["severity"] = a.Severity.String()
	return p
}

func labelMap(labels []alerting.Label) map[string]string {
	m := make(map[string]string, len(labels)+1)
	for _, l := range labels {
		m[l.Name] = l.Value
	}
	return m
}
