package alerting

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// complete checks what the keys of a rule mean together, and fills in what it
// leaves out.
func (d *rulesDecoder) complete(r *ruleDraft) {
	if r.Signal == "" {
		d.errorf(r.node, "rule %q has no signal", r.Name)
		return
	}
	info := r.info()
	d.needs(r, "figure", r.Signal == SignalProbe)
	d.needs(r, "codes", r.Signal == SignalFinding)
	d.needs(r, "statuses", r.Signal == SignalSIPCause)
	d.dimensioned(r, info)
	d.measurable(r, info)
	d.bounded(r)
	d.limited(r, info)
	if r.MinTime > 0 && info.source != fromIntervals {
		d.errorf(r.at["min"], "rule %q: min time is media time, which %s does not measure", r.Name, r.Signal)
	}
	if r.MinUnits < 0 {
		r.MinUnits = 10
		if info.source == fromProbe || r.Measure.Kind == MeasureCount || r.Measure.Kind == MeasureFactor {
			r.MinUnits = 1
		}
	}
	slices.SortFunc(r.By, func(a, b Dimension) int { return slices.Index(dimensions, a) - slices.Index(dimensions, b) })
}

// needs checks a key that one signal must have and the others must not.
func (d *rulesDecoder) needs(r *ruleDraft, key string, needed bool) {
	switch n := r.at[key]; {
	case needed && n == nil:
		d.errorf(r.node, "rule %q: signal %s needs %q", r.Name, r.Signal, key)
	case !needed && n != nil:
		d.errorf(n, "rule %q: signal %s has no use for %q", r.Name, r.Signal, key)
	}
}

func (d *rulesDecoder) dimensioned(r *ruleDraft, info *signalInfo) {
	f := &r.Where
	switch info.source {
	case fromProbe:
		for _, key := range []string{"by", "where"} {
			d.needs(r, key, false)
		}
	case fromCalls, fromRegistrations:
		if (r.by(ByDirection) || len(f.Directions) > 0) && !r.by(ByPeer) && len(f.Peers) == 0 {
			d.errorf(r.node, "rule %q: %s have a direction only towards a peer: put peer into by, or into where", r.Name, unitWords[info.source])
		}
		if info.source == fromRegistrations && (r.by(ByCodec) || len(f.Codecs)+len(f.NotCodecs) > 0) {
			d.errorf(r.node, "rule %q: registrations have no codec", r.Name)
		}
		if info.source == fromRegistrations && (r.by(ByTrunk) || len(f.Trunks)+len(f.NotTrunks) > 0) {
			d.errorf(r.node, "rule %q: registrations have no trunk", r.Name)
		}
	}
}

func (d *rulesDecoder) measurable(r *ruleDraft, info *signalInfo) {
	ok, want := true, ""
	switch r.Measure.Kind {
	case MeasureShare:
		ok, want = !info.uncommon && (info.source != fromProbe || shareable(r.Figure)), "count or factor"
		if r.Figure == figureLag {
			want = "a percentile"
		}
	case MeasureCount:
		ok, want = r.Figure != figureLag, "a percentile"
	case MeasureFactor:
		ok, want = info.source != fromIntervals && info.source != fromProbe, "share, count or a percentile"
	case MeasurePercentile:
		ok, want = info.bounds != nil || r.Figure == figureLag, "share, count or factor"
	}
	if !ok {
		at := r.at["measure"]
		if at == nil {
			at = r.node
		}
		d.errorf(at, "rule %q: %s cannot be measured so, want %s", r.Name, r.Signal, want)
	}
	if n := r.at["baseline"]; n != nil && r.Measure.Kind != MeasureFactor {
		d.errorf(n, "rule %q: baseline is for measure factor", r.Name)
	}
	if r.Measure.Kind != MeasureFactor {
		r.Baseline = 0
	} else if r.Baseline < 2*r.Window {
		d.errorf(r.node, "rule %q: the baseline of %s is shorter than twice the window of %s", r.Name, FormatSpan(r.Baseline), FormatSpan(r.Window))
	}
}

// bounded checks the bound, which needs the word that fits the measure, and
// presets where the fault is over: half the share, count or factor; nine
// tenths of a percentile, or a tenth of a MOS above it.
func (d *rulesDecoder) bounded(r *ruleDraft) {
	key, other := "above", "below"
	if r.below() {
		key, other = other, key
	}
	if n := r.at[other]; n != nil {
		d.errorf(n, "rule %q: want %q here, since the other values are the good ones", r.Name, key)
		return
	}
	n := r.at[key]
	if n == nil {
		d.errorf(r.node, "rule %q has no %q", r.Name, key)
		return
	}
	if r.Measure.Kind == MeasureShare && r.Bound >= 1 {
		d.errorf(n, "rule %q: %s is %g, and a share is 0 to below 1 (0.05 is 5 %%)", r.Name, key, r.Bound)
	}
	if r.at["resolve"] == nil {
		switch {
		case r.below():
			r.Resolve = r.Bound + 0.1
		case r.Measure.Kind == MeasurePercentile:
			r.Resolve = 0.9 * r.Bound
		default:
			r.Resolve = r.Bound / 2
		}
	}
	if r.beyond(r.Resolve, r.Bound) {
		d.errorf(r.at["resolve"], "rule %q: resolve is %g, which is still %s %g", r.Name, r.Resolve, key, r.Bound)
	}
}

// limited takes the limit from the profile where the rule has none.
func (d *rulesDecoder) limited(r *ruleDraft, info *signalInfo) {
	p := d.profileNamed(r.Profile)
	if p == nil {
		var names []string
		for _, p := range d.set.Profiles {
			names = append(names, p.Name)
		}
		d.errorf(r.at["profile"], "rule %q: there is no profile %q%s", r.Name, r.Profile, spelling.Hint(r.Profile, names))
		return
	}
	n := r.at["limit"]
	if info.limit == "" {
		if n != nil {
			d.errorf(n, "rule %q: signal %s has no limit", r.Name, r.Signal)
		}
		return
	}
	k := limitKeyOf(info.limit)
	if n == nil {
		r.Limit = p.Limits[info.limit]
		return
	}
	d.number(n, "limit", k.least, k.largest)
}

// labelNames are what Prometheus allows.
var labelNames = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// ownLabels are those that alerts have anyway.
var ownLabels = []string{labelAlert, labelSignal, labelSeverity, string(BySegment), string(ByDirection), string(ByCodec), string(ByTrunk), string(ByPeer)}

func (d *rulesDecoder) labelName(n *yaml.Node, name, _ string) {
	switch {
	case !labelNames.MatchString(name) || len(name) > 64:
		d.errorf(n, "label %q: want up to 64 of the characters a-z A-Z 0-9 _, not beginning with a digit", name)
	case slices.Contains(ownLabels, name) || len(name) > 1 && name[:2] == "__":
		d.errorf(n, "label %q is one that alerts have anyway: take another name", name)
	}
}
