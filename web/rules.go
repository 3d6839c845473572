package web

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// promGroups is the data of /api/v1/rules.
type promGroups struct {
	Groups []promGroup `json:"groups"`
}

// promGroup is a group of rules as Prometheus shows it. We have one.
type promGroup struct {
	Name           string     `json:"name"`
	File           string     `json:"file"`
	Rules          []promRule `json:"rules"`
	Interval       float64    `json:"interval"` // s
	Limit          int        `json:"limit"`
	EvaluationTime float64    `json:"evaluationTime"`
	LastEvaluation time.Time  `json:"lastEvaluation"`
}

// promRule is a rule as Prometheus shows it.
type promRule struct {
	State          alerting.State    `json:"state"` // the worst of its alerts
	Name           string            `json:"name"`
	Query          string            `json:"query"`         // in words: it is no PromQL
	Duration       float64           `json:"duration"`      // s that it must hold
	KeepFiringFor  float64           `json:"keepFiringFor"` // s that it must be over
	Labels         map[string]string `json:"labels"`
	Annotations    map[string]string `json:"annotations"`
	Alerts         []promAlert       `json:"alerts"`
	Health         string            `json:"health"`
	EvaluationTime float64           `json:"evaluationTime"`
	LastEvaluation time.Time         `json:"lastEvaluation"`
	Type           string            `json:"type"`
}

// ruleGroup names the one group that there is.
const ruleGroup = "earshot"

func (s *Server) getRules(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if err := oneOf("type", q.Get("type"), "alert", "record"); err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/rules?type=alert")
		return
	}
	data := promGroups{Groups: []promGroup{}}
	if s.probe.Rules != nil && q.Get("type") != "record" && chosen(q, "rule_group[]", ruleGroup) {
		data.Groups = append(data.Groups, s.ruleGroup(q))
	}
	s.answer(w, r, &promAnswer{"success", data})
}

// chosen reports whether a list of parameters has a name, or there is none.
func chosen(q url.Values, parameter, name string) bool {
	return len(q[parameter]) == 0 || slices.Contains(q[parameter], name)
}

func (s *Server) ruleGroup(q url.Values) promGroup {
	at := time.Unix(0, s.probe.snapshot().At).UTC()
	g := promGroup{Name: ruleGroup, File: ruleGroup, Interval: 1, Rules: []promRule{}, LastEvaluation: at}
	alerts := s.alerts()
	set := s.probe.Rules()
	if set == nil {
		return g
	}
	for i := range set.Rules {
		rule := &set.Rules[i]
		if !chosen(q, "rule_name[]", rule.Name) {
			continue
		}
		p := promRule{
			State: alerting.Inactive, Name: rule.Name, Query: ruleQuery(rule), Duration: rule.For.Seconds(), KeepFiringFor: rule.ResolveFor.Seconds(),
			Labels: map[string]string{}, Annotations: orEmpty(rule.Annotations), Alerts: []promAlert{},
			Health: "ok", LastEvaluation: at, Type: "alerting",
		}
		maps.Copy(p.Labels, rule.Labels)
		if len(rule.Steps) == 0 { // else it is each alert's, by its impact
			p.Labels["severity"] = rule.Severity.String()
		}
		for j := range alerts {
			if a := &alerts[j]; a.Rule == rule.Name {
				p.State = max(p.State, a.State)
				p.Alerts = append(p.Alerts, asPrometheus(a))
			}
		}
		if q.Get("exclude_alerts") == "true" {
			p.Alerts = []promAlert{}
		}
		g.Rules = append(g.Rules, p)
	}
	return g
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// ruleQuery says what a rule looks for: "share(loss > 1) > 0.05 by (segment) over 5m".
func ruleQuery(r *alerting.Rule) string {
	signal := string(r.Signal)
	if r.Figure != "" {
		signal += "." + r.Figure
	}
	measure, beyond := "share", ">"
	limit := ""
	if r.Limit != 0 {
		limit = " > " + number64(r.Limit)
		if r.Signal == alerting.SignalMOS {
			limit = " < " + number64(r.Limit)
		}
	}
	switch r.Measure.Kind {
	case alerting.MeasurePercentile:
		measure, limit = "p"+number64(r.Measure.Percentile), ""
		if r.Signal == alerting.SignalMOS {
			beyond = "<"
		}
	case alerting.MeasureCount:
		measure = "count"
	case alerting.MeasureFactor:
		measure = "factor"
	}
	text := fmt.Sprintf("%s(%s%s) %s %s", measure, signal, limit, beyond, number64(r.Bound))
	if len(r.By) > 0 {
		var names []string
		for _, d := range r.By {
			names = append(names, string(d))
		}
		text += " by (" + strings.Join(names, ", ") + ")"
	}
	return text + " over " + alerting.FormatSpan(r.Window)
}

func number64(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
