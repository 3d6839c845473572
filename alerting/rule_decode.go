package alerting

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/dialog"
	"earshot/spelling"
	"earshot/topology"
)

// The bounds of a rule's times.
const (
	minWindow = 10 * time.Second
	maxWindow = 24 * time.Hour
	maxSpan   = 7 * 24 * time.Hour
)

var ruleKeys = []string{
	"name", "signal", "figure", "codes", "statuses", "by", "where", "profile", "limit", "measure", "above", "below", "resolve",
	"window", "for", "resolve_for", "baseline", "min", "severity", "labels", "annotations",
}

// ruleDraft is a rule being read: which keys were there, and where.
type ruleDraft struct {
	Rule
	node *yaml.Node
	at   map[string]*yaml.Node
}

func (d *rulesDecoder) rule(n *yaml.Node, before []Rule) Rule {
	r := ruleDraft{node: n, at: map[string]*yaml.Node{}}
	r.Profile, r.Window, r.For, r.ResolveFor, r.Baseline = VoIPReady, 5*time.Minute, time.Minute, 5*time.Minute, time.Hour
	r.MinUnits, r.MinAffected, r.Severity = -1, 1, Low
	mistakes := len(d.wrong)
	d.mapping(n, "a rule", ruleKeys, func(key string, v *yaml.Node) bool {
		r.at[key] = v
		return d.what(&r, key, v) || d.when(&r, key, v) || d.said(&r, key, v)
	})
	if r.Name == "" && r.at["name"] == nil {
		d.errorf(n, "a rule has no name")
	}
	if r.Name != "" && named(before, r.Name) {
		d.errorf(n, "rule %q is there twice", r.Name)
	}
	if len(d.wrong) == mistakes {
		d.complete(&r)
	}
	return r.Rule
}

// what reads the keys that say what a rule watches and where.
func (d *rulesDecoder) what(r *ruleDraft, key string, v *yaml.Node) bool {
	switch key {
	case "name":
		r.Name = d.name(v, "a rule's name")
	case "signal":
		r.Signal = Signal(d.choice(v, "signal", signalNames()))
	case "figure":
		r.Figure = d.choice(v, "figure", figureNames)
	case "codes":
		known := dialog.FindingCodes()
		r.Codes = d.texts(v, "codes", func(n *yaml.Node, code string) {
			if !slices.Contains(known, code) {
				d.errorf(n, "there is no finding %q%s", code, spelling.Hint(code, known))
			}
		})
	case "statuses":
		d.list(v, "statuses", 100, func(n *yaml.Node) { d.status(r, n) })
	case "by":
		var known []string
		for _, dim := range dimensions {
			known = append(known, string(dim))
		}
		for _, name := range d.texts(v, "by", func(n *yaml.Node, _ string) { d.choice(n, "by", known) }) {
			r.By = append(r.By, Dimension(name))
		}
	case "where":
		d.where(&r.Where, v)
	default:
		return false
	}
	return true
}

// status reads 503, 500-599 or 5xx.
func (d *rulesDecoder) status(r *ruleDraft, n *yaml.Node) {
	text, ok := d.text(n, "a status")
	if !ok {
		return
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	if class, ok := strings.CutSuffix(strings.ToLower(text), "xx"); ok {
		first, last = class+"00", class+"99"
	}
	from, err := strconv.Atoi(first)
	to, err2 := strconv.Atoi(last)
	if err != nil || err2 != nil || from < 300 || to > 699 || from > to {
		d.errorf(n, "status %q: want 300 to 699, as 503, 500-504 or 5xx", text)
		return
	}
	r.Statuses = append(r.Statuses, StatusRange{from, to})
}

var whereKeys = []string{"segment", "not_segment", "peer", "not_peer", "codec", "not_codec", "trunk", "not_trunk", "direction"}

func (d *rulesDecoder) where(f *Filter, n *yaml.Node) {
	lists := []*[]string{&f.Segments, &f.NotSegments, &f.Peers, &f.NotPeers, &f.Codecs, &f.NotCodecs, &f.Trunks, &f.NotTrunks}
	d.mapping(n, "where", whereKeys, func(key string, v *yaml.Node) bool {
		i := slices.Index(whereKeys, key)
		switch {
		case key == "direction":
			known := []string{topology.ToPeer.String(), topology.FromPeer.String(), topology.Unknown.String()}
			f.Directions = d.texts(v, key, func(n *yaml.Node, _ string) { d.choice(n, "direction", known) })
		case i < 0:
			return false
		default:
			*lists[i] = d.texts(v, key, nil)
		}
		return true
	})
}

// when reads the keys of the condition and its times.
func (d *rulesDecoder) when(r *ruleDraft, key string, v *yaml.Node) bool {
	switch key {
	case "profile":
		r.Profile, _ = d.text(v, "profile")
	case "limit":
		r.Limit = d.number(v, "limit", 0, 1e6)
	case "measure":
		d.measure(r, v)
	case "above", "below":
		r.Bound = d.number(v, key, 0, 1e9)
	case "resolve":
		r.Resolve = d.number(v, key, 0, 1e9)
	case "window":
		r.Window = d.span(v, key, minWindow, maxWindow)
	case "for":
		r.For = d.span(v, key, 0, maxSpan)
	case "resolve_for":
		r.ResolveFor = d.span(v, key, 0, maxSpan)
	case "baseline":
		r.Baseline = d.span(v, key, time.Minute, maxSpan)
	case "min":
		d.sample(r, v)
	default:
		return false
	}
	return true
}

// measure reads share, count, factor, or a percentile: p95, p99.9.
func (d *rulesDecoder) measure(r *ruleDraft, v *yaml.Node) {
	known := []string{"share", "count", "factor", "p95"}
	text, ok := d.text(v, "measure")
	if !ok {
		return
	}
	switch text {
	case "share":
		r.Measure.Kind = MeasureShare
	case "count":
		r.Measure.Kind = MeasureCount
	case "factor":
		r.Measure.Kind = MeasureFactor
	default:
		digits, isP := strings.CutPrefix(text, "p")
		p, err := strconv.ParseFloat(digits, 64)
		if !isP || err != nil || !(p > 0 && p < 100) {
			d.errorf(v, "measure is %q, want share, count, factor or a percentile like p95%s", text, spelling.Hint(text, known))
			return
		}
		r.Measure = Measure{MeasurePercentile, p}
	}
}

var sampleKeys = []string{"units", "affected", "time"}

func (d *rulesDecoder) sample(r *ruleDraft, n *yaml.Node) {
	d.mapping(n, "min", sampleKeys, func(key string, v *yaml.Node) bool {
		switch key {
		case "units":
			r.MinUnits = d.integer(v, "min units", 1, 1e9)
		case "affected":
			r.MinAffected = d.integer(v, "min affected", 0, 1e9)
		case "time":
			r.MinTime = d.span(v, "min time", 0, maxSpan)
		default:
			return false
		}
		return true
	})
}

// said reads the keys of what an alert says.
func (d *rulesDecoder) said(r *ruleDraft, key string, v *yaml.Node) bool {
	switch key {
	case "severity":
		d.severities(r, v)
	case "labels":
		r.Labels = d.pairs(v, "labels", d.labelName)
	case "annotations":
		r.Annotations = d.pairs(v, "annotations", func(n *yaml.Node, _, text string) { d.placeholders(n, text) })
	default:
		return false
	}
	return true
}

// severities reads one severity, or steps by impact; a step without
// conditions is for all that no other step fits.
func (d *rulesDecoder) severities(r *ruleDraft, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		r.Severity = d.severity(n)
		return
	}
	d.list(n, "severity", 20, func(n *yaml.Node) {
		var s SeverityStep
		d.mapping(n, "a step of severity", []string{"severity", "share", "affected", "users", "sites"}, func(key string, v *yaml.Node) bool {
			switch key {
			case "severity":
				s.Severity = d.severity(v)
			case "share":
				s.Share = d.number(v, "share", 0, 1)
			case "affected":
				s.Affected = d.integer(v, "affected", 0, 1e9)
			case "users":
				s.Users = d.integer(v, "users", 0, maxUsers)
			case "sites":
				s.Sites = d.integer(v, "sites", 0, maxSites)
			default:
				return false
			}
			return true
		})
		if s.Severity == 0 {
			d.errorf(n, "a step of severity has no severity")
		}
		r.Steps = append(r.Steps, s)
	})
}

func (d *rulesDecoder) severity(n *yaml.Node) Severity {
	sev, err := ParseSeverity(n.Value)
	if err != nil {
		d.errorf(n, "%v", err)
		return Low
	}
	return sev
}

// pairs reads names with texts.
func (d *rulesDecoder) pairs(n *yaml.Node, what string, check func(n *yaml.Node, name, text string)) map[string]string {
	list := map[string]string{}
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*20 {
		d.errorf(n, "%s is %s, want a mapping of at most 20 names to texts", what, KindOf(n))
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		text, ok := d.text(n.Content[i+1], name)
		if !ok {
			continue
		}
		if _, twice := list[name]; twice {
			d.errorf(n.Content[i], "%q is there twice in %s", name, what)
		}
		check(n.Content[i], name, text)
		list[name] = text
	}
	return list
}
