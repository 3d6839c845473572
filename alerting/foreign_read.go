package alerting

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Intake says how alerts of other systems are understood. The zero value has
// the presets.
type Intake struct {
	SeverityLabel string              // "" is "severity"
	TenantLabel   string              // "" is "tenant"
	SegmentLabel  string              // "" is "segment"
	Severities    map[string]Severity // by the value of the label in lower case, beside the presets
}

// intakeSeverities are the words that are common in rules.
var intakeSeverities = map[string]Severity{
	"page": Critical, "critical": Critical, "emergency": Critical, "disaster": Critical, "p1": Critical, "1": Critical,
	"high": High, "error": High, "major": High, "p2": High, "2": High,
	"medium": Medium, "warning": Medium, "warn": Medium, "average": Medium, "minor": Medium, "p3": Medium, "3": Medium,
	"low": Low, "info": Low, "informational": Low, "none": Low, "notice": Low, "p4": Low, "4": Low,
}

// OwnLabel and OwnValue mark the alerts that Earshot itself sends: where they
// come back they are passed over, else a case would open another one for ever.
const (
	OwnLabel = "monitor"
	OwnValue = MonitorAuthor
)

// webhook is what Alertmanager posts (version 4), and Grafana in its likeness
// (version 1).
type webhook struct {
	Version  string         `json:"version"`
	GroupKey string         `json:"groupKey"`
	Status   string         `json:"status"`
	Cut      int            `json:"truncatedAlerts"`
	Alerts   []webhookAlert `json:"alerts"`
}

type webhookAlert struct {
	Status      string            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Starts      time.Time         `json:"startsAt"`
	Ends        time.Time         `json:"endsAt"`
	URL         string            `json:"generatorURL"`
	Fingerprint string            `json:"fingerprint"`
}

// MaxForeign bounds the alerts of one telling.
const MaxForeign = 10_000

// Read reads the webhook of an Alertmanager, or of what speaks like one. The
// error says what the sender has to change. Alerts of Earshot's own are counted
// and left out.
func (in *Intake) Read(source string, body []byte) (alerts []ForeignAlert, ours int, err error) {
	var w webhook
	if err := json.Unmarshal(body, &w); err != nil {
		return nil, 0, fmt.Errorf("this is not what Alertmanager's webhook sends: %w", err)
	}
	switch {
	case w.GroupKey == "":
		return nil, 0, errors.New(`there is no "groupKey": alerts have to come as Alertmanager's webhook sends them, version 4`)
	case len(w.Alerts) == 0:
		return nil, 0, errors.New(`there are no "alerts" in it`)
	case len(w.Alerts) > MaxForeign:
		return nil, 0, fmt.Errorf("%d alerts at once are more than %d: group by more labels, or set max_alerts", len(w.Alerts), MaxForeign)
	case w.Cut > 0:
		return nil, 0, fmt.Errorf("%d alerts were left out (max_alerts): each of them counts, so set max_alerts to 0", w.Cut)
	}
	for i := range w.Alerts {
		one := &w.Alerts[i]
		if one.Labels[OwnLabel] == OwnValue {
			ours++
			continue
		}
		a, err := in.alert(source, w.GroupKey, one)
		if err != nil {
			return nil, 0, fmt.Errorf("alert %d of %d: %w", i+1, len(w.Alerts), err)
		}
		alerts = append(alerts, a)
	}
	return alerts, ours, nil
}

func (in *Intake) alert(source, group string, w *webhookAlert) (ForeignAlert, error) {
	a := ForeignAlert{
		Source: source, Group: clip(group, maxForeignText), Fingerprint: clip(oneLine(w.Fingerprint), 64), Starts: plain(w.Starts),
		Labels: bounded(w.Labels), Annotations: bounded(w.Annotations), URL: clip(w.URL, maxForeignText),
	}
	switch {
	case a.Fingerprint == "":
		return a, errors.New(`it has no "fingerprint"`)
	case w.Starts.IsZero():
		return a, errors.New(`it has no "startsAt"`)
	}
	switch w.Status {
	case "firing":
	case "resolved":
		// Some senders leave the time out; the alert is over all the same.
		if a.Ends = plain(w.Ends); w.Ends.Before(w.Starts) {
			a.Ends = a.Starts
		}
	default:
		return a, fmt.Errorf(`its "status" is %q, want firing or resolved`, clip(w.Status, 40))
	}
	a.Severity = in.severity(w.Labels)
	a.Tenant = oneLine(w.Labels[orElse(in.TenantLabel, "tenant")])
	a.Segment = oneLine(w.Labels[orElse(in.SegmentLabel, "segment")])
	return a, nil
}

// severity understands the label; what says nothing is medium.
func (in *Intake) severity(labels map[string]string) Severity {
	word := strings.ToLower(strings.TrimSpace(labels[orElse(in.SeverityLabel, "severity")]))
	if s, ok := in.Severities[word]; ok {
		return s
	}
	if s, ok := intakeSeverities[word]; ok {
		return s
	}
	return Medium
}

func orElse(s, preset string) string {
	if s == "" {
		return preset
	}
	return s
}

// bounded keeps the first labels by name, each of bounded length.
func bounded(m map[string]string) map[string]string {
	kept := make(map[string]string, min(len(m), maxForeignLabels))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if len(kept) == maxForeignLabels {
			break
		}
		kept[clip(name, 200)] = clip(m[name], maxForeignText)
	}
	return kept
}

// clip makes valid text of at most so many octets.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// oneLine makes a line of any text.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, clip(s, maxLine))
	return strings.Join(strings.Fields(s), " ")
}
